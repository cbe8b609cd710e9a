package dev.lathe.results;

import dev.lathe.graph.Graph;
import dev.lathe.graph.MemoryPlan;
import dev.lathe.graph.MemoryPlanner;
import dev.lathe.results.SvgPlot.Axis;
import java.util.ArrayList;
import java.util.List;

/** The arena over the schedule: a box for each buffer, from the step that writes it to the last that reads it. */
final class MemoryPicture {
    private static final int COLORS = 5;

    private MemoryPicture() {}

    /** @param bytesPerElement 4 for float32 */
    static String html(Graph graph, int bytesPerElement) {
        MemoryPlan plan = MemoryPlanner.plan(graph, bytesPerElement);
        int steps = graph.nodes().size();
        boolean small = plan.peakBytes() < 1024 * 1024;
        double unit = small ? 1024 : 1024 * 1024;
        SvgPlot plot = new SvgPlot(
                900,
                300,
                new Axis("step of the schedule (0: the input is there)", -0.5, steps + 1.5),
                new Axis("address in %s".formatted(small ? "KiB" : "MiB"), 0, 1.06 * plan.peakBytes() / unit));
        List<MemoryPlan.Buffer> buffers = plan.buffers();
        for (int i = 0; i < buffers.size(); i++) {
            MemoryPlan.Buffer b = buffers.get(i);
            plot.box(
                    b.from() + 0.5,
                    b.to() + 1.5,
                    b.offset() / unit,
                    (b.offset() + b.bytes()) / unit,
                    "b" + i % COLORS,
                    "%s: %s, steps %d to %d"
                            .formatted(names(graph, b), Shown.kib(b.bytes()), b.from() + 1, b.to() + 1));
        }
        plot.horizontal(plan.peakBytes() / unit, "arena " + Shown.kib(plan.peakBytes()), "budget");
        int worst = worst(plan, steps);
        List<String> alive = new ArrayList<>();
        for (MemoryPlan.Buffer b : buffers) {
            if (b.from() <= worst && worst <= b.to()) {
                alive.add("%s (%s)".formatted(names(graph, b), Shown.kib(b.bytes())));
            }
        }
        String where = worst < 0 || worst >= steps
                ? ""
                : ", " + graph.nodes().get(worst).name();
        return plot.render("Memory over the schedule", "memory") + "\n<p class=\"small\">"
                + Html.text(
                        "Most is needed at step %d%s: %s. Activations in float32, planned; operators that work in place share a box."
                                .formatted(worst + 1, where, String.join(" and ", alive)))
                + "</p>\n";
    }

    /** The node at which most bytes are alive, the first of several. */
    private static int worst(MemoryPlan plan, int steps) {
        int worst = 0;
        long most = -1;
        for (int s = -1; s <= steps; s++) {
            long live = 0;
            for (MemoryPlan.Buffer b : plan.buffers()) {
                live += b.from() <= s && s <= b.to() ? b.bytes() : 0;
            }
            if (live > most) {
                most = live;
                worst = s;
            }
        }
        return worst;
    }

    /** The tensors that live in a buffer; of many the first and the last. */
    private static String names(Graph graph, MemoryPlan.Buffer b) {
        List<Integer> t = b.tensors();
        String first = name(graph, t.get(0));
        return t.size() == 1 ? first : first + " … " + name(graph, t.get(t.size() - 1));
    }

    private static String name(Graph graph, int tensor) {
        int inputs = graph.inputs().size();
        return tensor < inputs
                ? graph.inputs().get(tensor).name()
                : graph.nodes().get(tensor - inputs).name();
    }
}

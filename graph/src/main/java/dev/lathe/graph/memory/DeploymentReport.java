package dev.lathe.graph.memory;

import dev.lathe.graph.Graph;
import dev.lathe.graph.memory.DeploymentPlan.Buffer;
import dev.lathe.graph.memory.DeploymentPlan.Region;
import java.util.List;
import java.util.Locale;

/** A plan as text: its totals, the schedule step by step with the bytes that each needs, and the arena. */
public final class DeploymentReport {
    private DeploymentReport() {}

    /**
     * Lines of text.
     *
     * <p>First the arena, the flash and the work done again. Then a line for each region in the order of execution: its
     * steps, the most bytes needed at one of them, what is executed and how. Then a line for each buffer, by its first step:
     * first byte and the byte after the last, steps, what it holds.
     *
     * @param graph the one that was planned
     */
    public static String of(Graph graph, DeploymentPlan plan) {
        StringBuilder text = new StringBuilder();
        line(text, "arena %,d bytes (largest live set %,d)", plan.peakSramBytes(), plan.largestLiveBytes());
        line(text, "flash %,d bytes", plan.flashBytes());
        line(
                text,
                "multiply-accumulates done again %,d (%.1f %% of %,d)",
                plan.extraMacs(),
                100.0 * plan.extraMacs() / Math.max(1, macs(graph)),
                macs(graph));
        line(text, "schedule: steps, most bytes needed, what");
        for (Region r : plan.regions()) {
            long most = 0;
            for (int s = r.firstStep(); s <= r.lastStep(); s++) {
                most = Math.max(most, plan.liveBytesAt(s));
            }
            line(text, "  %-9s %,11d  %s", steps(r.firstStep(), r.lastStep()), most, r.words());
        }
        line(text, "arena: bytes, steps, what");
        for (Buffer b : plan.buffers()) {
            line(
                    text,
                    "  %,11d to %,11d  %-9s  %s%s",
                    b.offset(),
                    b.offset() + b.bytes(),
                    steps(b.firstStep(), b.lastStep()),
                    b.role().name().toLowerCase(Locale.ROOT).replace('_', ' '),
                    names(graph, b.tensors()));
        }
        return text.toString();
    }

    private static long macs(Graph graph) {
        return Network.neededNodes(graph).stream().mapToLong(n -> n.macs()).sum();
    }

    private static void line(StringBuilder text, String format, Object... values) {
        text.append(String.format(Locale.ROOT, format, values)).append('\n');
    }

    private static String steps(int first, int last) {
        return first == last ? Integer.toString(first) : first + " to " + last;
    }

    private static String names(Graph graph, List<Integer> tensors) {
        StringBuilder text = new StringBuilder();
        int inputs = graph.inputs().size();
        for (int t : tensors) {
            text.append(text.isEmpty() ? " " : ", then ")
                    .append(
                            t < inputs
                                    ? graph.inputs().get(t).name()
                                    : graph.nodes().get(t - inputs).name());
        }
        return text.toString();
    }
}

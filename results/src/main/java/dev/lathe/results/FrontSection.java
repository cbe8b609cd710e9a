package dev.lathe.results;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.lathe.base.Json;
import dev.lathe.results.ReportData.CloudPoint;
import dev.lathe.results.ReportData.Member;
import dev.lathe.results.Shown.TimeUnit;
import dev.lathe.results.SvgPlot.Axis;
import java.util.List;
import java.util.Locale;
import java.util.stream.DoubleStream;

/**
 * The front among what was evaluated. It is drawn here with latency against top-1, for readers without script too; the script
 * draws it anew for two other metrics, from the numbers that stand beside it.
 */
final class FrontSection {
    private static final int CLOUD_SHOWN = 2000;
    private static final int MEMORY_CLASSES = 5;

    private final ReportData data;
    private final TimeUnit time;
    private final List<CloudPoint> cloud;
    private final double[] memory;
    private final StringBuilder html = new StringBuilder();

    private FrontSection(ReportData data, TimeUnit time) {
        this.data = data;
        this.time = time;
        this.cloud = Thinned.to(CLOUD_SHOWN, data.cloud());
        this.memory = data.front().stream()
                .mapToDouble(Member::peakActivationBytes)
                .sorted()
                .toArray();
    }

    static String html(ReportData data, TimeUnit time) {
        return new FrontSection(data, time).section();
    }

    private String section() {
        html.append("<section class=\"card\" id=\"front\">\n<h2>Pareto front</h2>\n<p>"
                + Html.text(count(data.front().size(), "network")
                        + " on the front of " + String.format(Locale.ROOT, "%,d", data.evaluations())
                        + " evaluated; optimized: " + String.join(", ", data.objectives()) + ".")
                + "</p>\n");
        if (data.front().isEmpty() && data.cloud().isEmpty()) {
            return html.append("<p>Nothing to draw.</p></section>\n").toString();
        }
        controls();
        legend();
        int hidden = svg(900, 440, "wide");
        svg(400, 400, "narrow");
        html.append(
                "<p class=\"pick\" aria-live=\"polite\">Point at a network, or tap it, to find it in the table.</p>\n");
        html.append("<p class=\"small\">Networks of the front stand where they were measured: latency on the device"
                + " and top-1 of the exported file on the test part, wherever both are in the table. "
                + Html.text(cloudWords())
                + (hidden > 0
                        ? "; <span class=\"hidden\">" + count(hidden, "dot") + "</span> outside the axes are not drawn"
                        : "")
                + ".</p>\n");
        return html.append(Page.json("front-data", json()))
                .append("</section>\n")
                .toString();
    }

    private String cloudWords() {
        return cloud.isEmpty()
                ? "Evaluated networks are not at hand"
                : "Gray dots are %s networks at their predicted latency and predicted accuracy"
                        .formatted(
                                cloud.size() < data.evaluations()
                                        ? String.format(
                                                Locale.ROOT,
                                                "%,d of the %,d evaluated",
                                                cloud.size(),
                                                data.evaluations())
                                        : "all evaluated");
    }

    static String count(int n, String what) {
        return n + " " + what + (n == 1 ? "" : "s");
    }

    /** Shown by the script, which they need. */
    private void controls() {
        html.append("<p class=\"controls\" hidden=\"hidden\">");
        axis("x", "across", Metric.LATENCY);
        axis("y", "up", Metric.TOP1);
        html.append("</p>\n");
    }

    private void axis(String id, String word, Metric first) {
        html.append("<label>%s <select id=\"pick-%s\">".formatted(word, id));
        int i = 0;
        for (Metric m : data.metrics()) {
            html.append("<option value=\"%d\"%s>%s</option>"
                    .formatted(i++, m == first ? " selected=\"selected\"" : "", Html.text(m.label())));
        }
        html.append("</select></label> ");
    }

    private void legend() {
        html.append("<p class=\"legend\"><span>● within budget</span><span>✕ over budget</span>"
                + "<span><i class=\"dot\"></i> evaluated, predicted</span>");
        if (memory.length > 0) {
            html.append("<span class=\"ramp\">peak activations " + Html.text(Shown.kib(memory[0])) + " ");
            for (int i = 0; i < MEMORY_CLASSES; i++) {
                html.append("<i class=\"m%d\"></i>".formatted(i));
            }
            html.append(" " + Html.text(Shown.kib(memory[memory.length - 1])));
            Double budget = data.budgets().get(Metric.PEAK_ACTIVATIONS);
            if (budget != null) {
                html.append(Html.text(" (budget " + Shown.kib(budget) + ")"));
            }
            html.append("</span>");
        }
        html.append("</p>\n");
    }

    /** Draws the front; returns how many dots of the cloud lie outside the axes. */
    private int svg(int width, int height, String cssClass) {
        List<CloudPoint> drawn = cloud.stream()
                .filter(c -> Double.isFinite(c.latencyMs()) && Double.isFinite(c.top1()))
                .toList();
        double[] cloudX =
                drawn.stream().mapToDouble(CloudPoint::latencyMs).sorted().toArray();
        double[] cloudY = drawn.stream().mapToDouble(CloudPoint::top1).sorted().toArray();
        // The front decides what is seen; of the cloud, the far tails may lie outside.
        double[] xs = DoubleStream.concat(
                        DoubleStream.concat(data.front().stream().mapToDouble(Member::latencyMs), budgetShown(cloudX)),
                        tails(cloudX, 0.005, 0.98))
                .map(time::from)
                .toArray();
        double[] ys = DoubleStream.concat(data.front().stream().mapToDouble(Member::top1), tails(cloudY, 0.10, 1))
                .map(v -> 100 * v)
                .toArray();
        Axis x = Axis.over(axisLabel(Metric.LATENCY), xs);
        Axis y = Axis.over(axisLabel(Metric.TOP1), ys);
        // No accuracy is above 100 %; half a marker's room is enough.
        y = new Axis(y.label(), y.low(), Math.min(y.high(), 100 + 0.02 * (100 - Math.min(y.low(), 99))));
        SvgPlot plot = new SvgPlot(width, height, x, y);
        int hidden = 0;
        for (boolean within : new boolean[] {false, true}) {
            hidden += plot.dots(
                    drawn.stream()
                            .filter(c -> c.withinBudget() == within)
                            .map(c -> new double[] {time.from(c.latencyMs()), 100 * c.top1()})
                            .toList(),
                    within ? "inside" : "outside");
        }
        Double budget = data.budgets().get(Metric.LATENCY);
        if (budget != null) {
            plot.vertical(time.from(budget), "budget " + time.shown(budget), "budget");
        }
        for (int i = 0; i < data.front().size(); i++) {
            Member m = data.front().get(i);
            plot.marker(
                    m.withinBudget() ? SvgPlot.Marker.CIRCLE : SvgPlot.Marker.CROSS,
                    time.from(m.latencyMs()),
                    100 * m.top1(),
                    "m" + memoryClass(m.peakActivationBytes()),
                    i,
                    words(i, m));
        }
        if (!data.chosen().isEmpty()) {
            Member m = data.chosen().get(0).member();
            plot.chosen(time.from(m.latencyMs()), 100 * m.top1(), "chosen");
        }
        html.append(plot.render("Pareto front: latency against top-1 accuracy", cssClass) + "\n");
        return hidden;
    }

    private String words(int i, Member m) {
        return "no. %d · top-1 %s · %s · %s · %s"
                .formatted(
                        i + 1,
                        Shown.percent(m.top1()),
                        time.shown(m.latencyMs()),
                        Shown.kib(m.peakActivationBytes()),
                        m.withinBudget() ? "within budget" : "over budget");
    }

    private String axisLabel(Metric metric) {
        boolean measured = data.front().stream().allMatch(m -> m.measuredLatencyMs() != null);
        boolean tested = data.front().stream().allMatch(m -> m.testTop1() != null);
        return switch (metric) {
            case LATENCY ->
                "latency in %s (%s)".formatted(time.symbol(), measured ? "front: measured" : "partly predicted");
            case TOP1 -> "top-1 in %% (%s)".formatted(tested ? "front: test part" : "front: partly predicted");
            case PEAK_SRAM, FLASH -> "%s in %s (planned)".formatted(metric.label(), metric.unit(time));
            default -> "%s in %s".formatted(metric.label(), metric.unit(time));
        };
    }

    private DoubleStream budgetShown(double[] cloudX) {
        double far = cloudX.length == 0 ? Double.POSITIVE_INFINITY : 3 * cloudX[cloudX.length - 1];
        Double budget = data.budgets().get(Metric.LATENCY);
        return budget == null || budget >= far ? DoubleStream.empty() : DoubleStream.of(budget);
    }

    private static DoubleStream tails(double[] sorted, double low, double high) {
        return sorted.length == 0
                ? DoubleStream.empty()
                : DoubleStream.of(
                        sorted[(int) (low * (sorted.length - 1))], sorted[(int) (high * (sorted.length - 1))]);
    }

    private int memoryClass(double bytes) {
        double low = memory[0];
        double high = memory[memory.length - 1];
        return high > low
                ? (int) Math.min(MEMORY_CLASSES - 1, MEMORY_CLASSES * (bytes - low) / (high - low))
                : MEMORY_CLASSES / 2;
    }

    /** What the script draws: metrics in the order of {@link Metric}, values in the units of the axes. */
    private String json() {
        ObjectNode o = Json.json().createObjectNode();
        ArrayNode metrics = o.putArray("metrics");
        for (Metric m : data.metrics()) {
            ObjectNode n = metrics.addObject()
                    .put("label", axisLabel(m))
                    .put("name", m.label())
                    .put("max", m.isMaximized())
                    .put("column", FrontTable.column(data, m));
            Double budget = data.budgets().get(m);
            if (budget != null) {
                n.put("budget", budget * m.factor(time)).put("budgetText", "budget " + m.shown(budget, time));
            }
        }
        ArrayNode front = o.putArray("front");
        for (int i = 0; i < data.front().size(); i++) {
            Member m = data.front().get(i);
            ObjectNode n = front.addObject()
                    .put("within", m.withinBudget())
                    .put("color", memoryClass(m.peakActivationBytes()))
                    .put("words", words(i, m));
            ArrayNode values = n.putArray("values");
            data.metrics().forEach(k -> values.add(m.value(k) * k.factor(time)));
        }
        o.put(
                "chosen",
                data.chosen().isEmpty()
                        ? -1
                        : data.front().indexOf(data.chosen().get(0).member()));
        ArrayNode dots = o.putArray("cloud");
        for (CloudPoint c : cloud) {
            ArrayNode values = dots.addArray();
            for (Metric m : data.metrics()) {
                double v = c.value(m) * m.factor(time);
                if (Double.isFinite(v)) {
                    values.add(rounded(v));
                } else {
                    values.addNull();
                }
            }
            values.add(c.withinBudget() ? 1 : 0);
        }
        try {
            return Json.json()
                    .writer()
                    .without(SerializationFeature.INDENT_OUTPUT)
                    .writeValueAsString(o);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("A tree of texts and numbers can be written", e);
        }
    }

    /** Five digits are more than a screen has points. */
    private static double rounded(double v) {
        return Double.parseDouble(String.format(Locale.ROOT, "%.5g", v));
    }
}

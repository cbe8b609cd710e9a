package dev.lathe.results;

import dev.lathe.results.ReportData.Chosen;
import dev.lathe.results.ReportData.Member;
import dev.lathe.results.Shown.TimeUnit;
import java.util.Map;

/** The title, and the network that the reader most likely wants. */
final class Headline {
    private Headline() {}

    static String html(ReportData data, TimeUnit time) {
        StringBuilder html = new StringBuilder();
        html.append(title("Lathe report", data.title(), data.summary()));
        if (data.chosen().isEmpty()) {
            return html.append("<section class=\"card\"><p>No network was chosen: the front is empty.</p></section>\n")
                    .toString();
        }
        Chosen first = data.chosen().get(0);
        Member m = first.member();
        html.append("<section class=\"card chosen\">\n<h2>" + Html.text(first.role()) + " " + badge(m) + "</h2>\n");
        html.append("<p class=\"arch\">" + Html.text(m.architecture()) + "</p>\n<dl class=\"tiles\">\n");
        tile(
                html,
                "Top-1 accuracy",
                Shown.percent(m.top1()),
                m.testTop1() != null ? "test part, exported file" : "predicted, not tested");
        tile(
                html,
                m.measuredLatencyMs() != null ? "Latency, measured" : "Latency, predicted",
                time.shown(m.latencyMs()),
                (m.spreadMs() != null ? "± " + time.shown(m.spreadMs()) + ", " : "")
                        + budget(data, Metric.LATENCY, time));
        tile(html, "Peak activations", Shown.kib(m.peakActivationBytes()), budget(data, Metric.PEAK_ACTIVATIONS, time));
        tile(
                html,
                "MACs",
                Shown.count(m.macs()),
                data.budgets().containsKey(Metric.MACS) ? budget(data, Metric.MACS, time) : "one image");
        tile(html, "Parameters", Shown.count(m.parameters()), m.onnx() == null ? "not exported" : m.onnx());
        new java.util.TreeMap<>(m.firmware())
                .forEach((metric, bytes) -> tile(
                        html,
                        metric == Metric.FLASH ? "Flash, planned" : "Peak SRAM, planned",
                        metric.shown(bytes, time),
                        budget(data, metric, time)));
        html.append("</dl>\n");
        decisions(html, "What it is", first.decisions(), true);
        for (Chosen c : data.chosen().subList(1, data.chosen().size())) {
            Member o = c.member();
            decisions(
                    html,
                    "%s: top-1 %s, %s, %s"
                            .formatted(
                                    c.role(),
                                    Shown.percent(o.top1()),
                                    time.shown(o.latencyMs()),
                                    Shown.kib(o.peakActivationBytes())),
                    c.decisions(),
                    false);
        }
        return html.append("</section>\n").toString();
    }

    /** The head of any page. */
    static String title(String brand, String title, String lead) {
        return "<header>\n<p class=\"brand\">%s</p>\n<h1>%s</h1>\n<p class=\"lead\">%s</p>\n</header>\n"
                .formatted(Html.text(brand), Html.text(title), Html.text(lead));
    }

    private static String budget(ReportData data, Metric metric, TimeUnit time) {
        Double limit = data.budgets().get(metric);
        return limit == null ? "no budget" : "budget " + metric.shown(limit, time);
    }

    static void tile(StringBuilder html, String name, String value, String note) {
        html.append("<div><dt>%s</dt><dd>%s</dd><dd class=\"small\">%s</dd></div>\n"
                .formatted(Html.text(name), Html.text(value), Html.text(note)));
    }

    static void decisions(StringBuilder html, String title, Map<String, Double> decisions, boolean open) {
        html.append("<details%s><summary>%s</summary>\n<ul class=\"decisions\">\n"
                .formatted(open ? " open=\"open\"" : "", Html.text(title)));
        decisions.forEach((name, value) -> html.append(
                "<li><span>%s</span> <b>%s</b></li>\n".formatted(Html.text(name), Html.text(Shown.plain(value)))));
        html.append("</ul>\n</details>\n");
    }

    private static String badge(Member m) {
        return m.withinBudget()
                ? "<span class=\"badge in\">● within budget</span>"
                : "<span class=\"badge out\">✕ over budget</span>";
    }
}

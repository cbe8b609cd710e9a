package dev.lathe.results;

import dev.lathe.results.ReportData.Member;
import dev.lathe.results.Shown.TimeUnit;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** All networks of the front, to be sorted and taken away. */
final class FrontTable {
    private final ReportData data;
    private final TimeUnit time;
    private final StringBuilder html = new StringBuilder();

    private FrontTable(ReportData data, TimeUnit time) {
        this.data = data;
        this.time = time;
    }

    static String html(ReportData data, TimeUnit time) {
        return new FrontTable(data, time).section();
    }

    private String section() {
        html.append("<section class=\"card\">\n<h2>Networks of the front</h2>\n"
                + "<p class=\"controls\" hidden=\"hidden\"><button type=\"button\" class=\"download\" data-file=\"front.csv\">"
                + "Download as CSV</button></p>\n<div class=\"scroll\"><table id=\"networks\">\n<thead><tr>");
        List<String> heads = new ArrayList<>(List.of(
                "no.",
                "budget",
                "test top-1",
                "validation top-1",
                "predicted top-1",
                "measured, " + time.symbol(),
                "spread",
                "predicted, " + time.symbol(),
                "peak activations",
                "MACs",
                "parameters"));
        firmware(data).forEach(m -> heads.add(m.label() + ", planned"));
        heads.addAll(List.of("of the two axes", "architecture"));
        for (String h : heads) {
            html.append("<th scope=\"col\"><button type=\"button\">" + Html.text(h) + "</button></th>");
        }
        html.append("</tr></thead>\n<tbody>\n");
        for (int i = 0; i < data.front().size(); i++) {
            row(i, data.front().get(i));
        }
        html.append(
                "</tbody>\n</table></div>\n<p class=\"small\">A click on a heading sorts. Of the two axes: ● where no"
                        + " other network of the table is better in both of what the picture shows. Test top-1: "
                        + Html.text(data.tested())
                        + (firmware(data).isEmpty()
                                ? ""
                                : " Peak SRAM and flash: of the network as 8-bit firmware, planned, stack included.")
                        + " Latency: " + Html.text(data.measured()) + "</p>\n</section>\n");
        return html.toString();
    }

    private static List<Metric> firmware(ReportData data) {
        return data.metrics().stream().filter(Metric::isOfFirmware).toList();
    }

    /** Which column of the table shows a metric, from 0. */
    static int column(ReportData data, Metric metric) {
        return switch (metric) {
            case TOP1 -> 2;
            case LATENCY -> 5;
            case PEAK_ACTIVATIONS -> 8;
            case MACS -> 9;
            case PARAMETERS -> 10;
            case PEAK_SRAM, FLASH -> 11 + firmware(data).indexOf(metric);
        };
    }

    private void row(int i, Member m) {
        boolean isChosen = !data.chosen().isEmpty()
                && data.chosen().get(0).member().architecture().equals(m.architecture());
        html.append("<tr data-i=\"%d\"%s>".formatted(i, isChosen ? " class=\"first\"" : ""));
        cell((double) (i + 1), Integer.toString(i + 1));
        cell(m.withinBudget() ? 0.0 : 1.0, m.withinBudget() ? "● within" : "✕ over");
        cell(m.testTop1(), m.testTop1() == null ? "–" : Shown.percent(m.testTop1()));
        cell(m.validationTop1(), m.validationTop1() == null ? "–" : Shown.percent(m.validationTop1()));
        cell(m.predictedTop1(), Shown.percent(m.predictedTop1()));
        cell(m.measuredLatencyMs(), m.measuredLatencyMs() == null ? "–" : digits(m.measuredLatencyMs()));
        cell(m.spreadMs(), m.spreadMs() == null ? "–" : "± " + digits(m.spreadMs()));
        cell(m.predictedLatencyMs(), digits(m.predictedLatencyMs()));
        cell((double) m.peakActivationBytes(), Shown.kib(m.peakActivationBytes()));
        cell((double) m.macs(), Shown.count(m.macs()));
        cell((double) m.parameters(), Shown.count(m.parameters()));
        for (Metric f : firmware(data)) {
            cell(m.value(f), f.shown(m.value(f), time));
        }
        boolean best = isOfTheTwo(m);
        html.append("<td class=\"two\" data-v=\"%d\">%s</td>".formatted(best ? 0 : 1, best ? "●" : ""));
        html.append("<td class=\"arch\" data-v=\"%d\" data-text=\"1\">%s</td></tr>\n"
                .formatted(i, Html.text(m.architecture() + (m.onnx() == null ? "" : "  (" + m.onnx() + ")"))));
    }

    /** Whether no other member is at least as good in latency and in top-1 and better in one. */
    private boolean isOfTheTwo(Member m) {
        return data.front().stream()
                .noneMatch(o -> o.latencyMs() <= m.latencyMs()
                        && o.top1() >= m.top1()
                        && (o.latencyMs() < m.latencyMs() || o.top1() > m.top1()));
    }

    private String digits(double ms) {
        return Shown.digits(time.from(ms));
    }

    private void cell(@Nullable Double value, String shown) {
        // What is not known sorts last.
        html.append(
                "<td data-v=\"%s\">%s</td>".formatted(value == null ? "1e300" : value.toString(), Html.text(shown)));
    }
}

package dev.lathe.results;

import dev.lathe.base.AtomicFiles;
import dev.lathe.results.BlocksReport.Kind;
import dev.lathe.results.BlocksReport.Option;
import dev.lathe.results.Shown.TimeUnit;
import dev.lathe.results.SvgPlot.Axis;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** Which options a device likes, and what they gain: one page that needs nothing besides itself. */
public final class BlocksPage {
    private static final int COLORS = 6;
    /** There are no more letters. */
    private static final int MOST_LETTERS = 26;

    private final BlocksReport report;
    private final TimeUnit time;
    private final StringBuilder html = new StringBuilder(1 << 15);

    private BlocksPage(BlocksReport report) {
        this.report = report;
        this.time = TimeUnit.fit(report.kinds().stream()
                .flatMap(k -> k.options().stream())
                .mapToDouble(o -> Math.abs(o.latencyMs()))
                .max()
                .orElse(0));
    }

    /** The page's text. */
    public static String render(BlocksReport report) {
        return new BlocksPage(report).page();
    }

    /** Writes the page whole or not at all. */
    public static void write(Path file, BlocksReport report) throws IOException {
        AtomicFiles.writeString(file, render(report));
    }

    /** What the options cost and gain, as an SVG document of its own. */
    public static String picture(BlocksReport report) {
        BlocksPage page = new BlocksPage(report);
        List<String> legend = new ArrayList<>();
        for (int i = 0; i < page.lettered().size(); i++) {
            legend.add(letter(i) + " " + page.lettered().get(i).name());
        }
        return Pictures.document(page.title(), page.plot(760), legend);
    }

    private String title() {
        return "What the options of %s cost on %s".formatted(report.space(), report.device());
    }

    private String page() {
        html.append(Headline.title(
                "Lathe blocks",
                title(),
                "%,d networks measured, %,d evaluated".formatted(report.measured(), report.evaluated())));
        costs();
        table();
        html.append("<section class=\"card\">\n"
                + "<h2>How to read this</h2>\n"
                + "<p>Differences are against the first option of the kind, were every decision of the kind to"
                + " take it, with 95 % intervals; they come from an additive model of the networks that were"
                + " measured, which explains "
                + Html.text(Shown.percent(report.latencyExplained())) + " of the variance of latency"
                + (report.top1Explained() == null
                        ? ""
                        : " and " + Html.text(Shown.percent(report.top1Explained())) + " of that of accuracy")
                + ". Relative cost is the latency that an added multiply-accumulate costs there, as a multiple"
                + " of what one costs on average (" + Html.text(Shown.digits(report.usPerThousandMacs()))
                + " µs a thousand): below 1, the device likes the option. Accuracy is of the supernet's"
                + " weights.</p>\n"
                + "<p>"
                + Html.text(report.reduced()) + "</p>\n</section>\n");
        return Page.of(title(), html.toString(), List.of("table.js"), false);
    }

    private List<Kind> lettered() {
        return report.kinds().subList(0, Math.min(MOST_LETTERS, report.kinds().size()));
    }

    private static String letter(int kind) {
        return String.valueOf((char) ('A' + kind));
    }

    private void costs() {
        html.append("<section class=\"card\">\n<h2>%s</h2>\n<p class=\"legend\">"
                .formatted(
                        report.evaluated() > 0
                                ? "What options cost, and what they gain"
                                : "What options cost, and what they compute"));
        for (int i = 0; i < lettered().size(); i++) {
            html.append("<span><i class=\"letter r%d\">%s</i> %s</span>"
                    .formatted(
                            i % COLORS, letter(i), Html.text(lettered().get(i).name())));
        }
        html.append("</p>\n")
                .append(plot(900).render(title(), "wide"))
                .append('\n')
                .append(plot(400).render(title(), "narrow"))
                .append("\n"
                        + "<p class=\"small\">A line is a kind of decision, from its first option, at zero, to its"
                        + " last. Right costs time, up gains ")
                .append(report.evaluated() > 0 ? "accuracy" : "multiply-accumulates")
                .append(". A line along the bottom pays for nothing.</p>\n</section>\n");
    }

    private double gain(Option o) {
        Double top1 = o.top1();
        return top1 == null ? o.macs() / 1e3 : 100 * top1;
    }

    private SvgPlot plot(int width) {
        List<Option> all =
                report.kinds().stream().flatMap(k -> k.options().stream()).toList();
        SvgPlot plot = new SvgPlot(
                width,
                380,
                Axis.over(
                        "more latency in " + time.symbol(),
                        all.stream().mapToDouble(o -> time.from(o.latencyMs())).toArray()),
                Axis.over(
                        report.evaluated() > 0 ? "more top-1 in points" : "more thousand MACs",
                        all.stream().mapToDouble(this::gain).toArray()));
        plot.horizontal(0, "", "budget");
        for (int i = 0; i < lettered().size(); i++) {
            Kind k = lettered().get(i);
            plot.line(
                    k.options().stream()
                            .map(o -> new double[] {time.from(o.latencyMs()), gain(o)})
                            .toList(),
                    "run r" + i % COLORS);
            for (Option o : k.options().subList(1, k.options().size())) {
                plot.letter(
                        letter(i),
                        time.from(o.latencyMs()),
                        gain(o),
                        "r" + i % COLORS,
                        "%s %s instead of %s: %s"
                                .formatted(
                                        k.name(),
                                        Shown.plain(o.value()),
                                        Shown.plain(k.options().get(0).value()),
                                        signed(time.from(o.latencyMs())) + " " + time.symbol()));
            }
        }
        return plot;
    }

    private void table() {
        html.append("<section class=\"card\">\n"
                + "<h2>All options</h2>\n"
                + "<p class=\"controls\" hidden=\"hidden\"><button type=\"button\" class=\"download\""
                + " data-file=\"blocks.csv\">Download as CSV</button></p>\n"
                + "<div class=\"scroll\"><table class=\"plain\">\n"
                + "<thead><tr>");
        for (String h : List.of(
                "",
                "kind",
                "decisions",
                "option",
                "latency",
                "±",
                "relative cost",
                "MACs",
                "top-1",
                "±",
                "share of latency",
                "share of MACs",
                "share of top-1",
                "smaller space")) {
            html.append("<th scope=\"col\"><button type=\"button\">")
                    .append(Html.text(h))
                    .append("</button></th>");
        }
        html.append("</tr></thead>\n<tbody>\n");
        for (int i = 0; i < report.kinds().size(); i++) {
            for (Option o : report.kinds().get(i).options()) {
                row(i, report.kinds().get(i), o);
            }
        }
        html.append("</tbody>\n</table></div>\n</section>\n");
    }

    private void row(int i, Kind k, Option o) {
        boolean isFirst = o.equals(k.options().get(0));
        html.append("<tr><td data-v=\"%d\">%s</td>"
                .formatted(
                        i, i < MOST_LETTERS ? "<i class=\"letter r%d\">%s</i>".formatted(i % COLORS, letter(i)) : ""));
        html.append("<td class=\"long\" data-text=\"1\">")
                .append(Html.text(k.name()))
                .append("</td>");
        number((double) k.decisions(), Integer.toString(k.decisions()));
        number(o.value(), Shown.plain(o.value()));
        number(o.latencyMs(), isFirst ? "–" : signed(time.from(o.latencyMs())) + " " + time.symbol());
        number(o.latencyErrorMs(), isFirst ? "–" : Shown.digits(1.96 * time.from(o.latencyErrorMs())));
        Double cost = o.relativeCost();
        number(cost, cost == null ? "–" : Shown.digits(cost) + verdict(cost));
        number(o.macs(), isFirst ? "–" : (o.macs() < 0 ? "-" : "+") + Shown.count(Math.abs(o.macs())));
        Double top1 = o.top1();
        Double error = o.top1Error();
        number(top1, top1 == null || isFirst ? "–" : signed(100 * top1) + " points");
        number(error, error == null || isFirst ? "–" : Shown.digits(196 * error));
        number(k.latencyShare(), percent(k.latencyShare()));
        number(k.macsShare(), percent(k.macsShare()));
        Double share = k.top1Share();
        number(share, share == null ? "–" : percent(share));
        html.append("<td data-text=\"1\">")
                .append(o.isKept() ? "● kept" : "✕ left out")
                .append("</td></tr>\n");
    }

    private static String verdict(double cost) {
        return cost < 0.8 ? " ▼ liked" : cost > 1.25 ? " ▲ dear" : "";
    }

    private static String percent(double share) {
        return String.format(Locale.ROOT, "%.0f %%", 100 * share);
    }

    private static String signed(double v) {
        return (v < 0 ? "-" : "+") + Shown.digits(Math.abs(v));
    }

    private void number(@Nullable Double v, String shown) {
        html.append("<td data-v=\"%s\">%s</td>".formatted(v == null ? "1e300" : v.toString(), Html.text(shown)));
    }
}

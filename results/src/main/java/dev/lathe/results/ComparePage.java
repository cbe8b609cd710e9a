package dev.lathe.results;

import dev.lathe.base.AtomicFiles;
import dev.lathe.results.ReportData.Member;
import dev.lathe.results.Shown.TimeUnit;
import dev.lathe.results.SvgPlot.Axis;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.SortedSet;
import java.util.TreeSet;

/** Several runs on one page: fronts over each other, hypervolumes in one box, what they were asked, all their networks. */
public final class ComparePage {
    /** More letters than this there are not, and more fronts nobody can tell apart. */
    public static final int MOST_RUNS = 26;

    private static final int COLORS = 6;

    private final List<RunSummary> runs;
    private final TimeUnit time;
    private final List<Metric> metrics;
    private final StringBuilder html = new StringBuilder(1 << 16);

    private ComparePage(List<RunSummary> runs) {
        this.runs = runs;
        this.time = TimeUnit.fit(runs.stream()
                .flatMap(r -> r.front().stream())
                .mapToDouble(Member::latencyMs)
                .max()
                .orElse(0));
        this.metrics = RunSummary.metrics(runs);
    }

    /**
     * The page's text.
     *
     * @param runs 1 to {@value #MOST_RUNS}, in the order in which they get their letters
     */
    public static String render(List<RunSummary> runs) {
        if (runs.isEmpty() || runs.size() > MOST_RUNS) {
            throw new IllegalArgumentException(
                    "A page compares 1 to %d runs, not %d".formatted(MOST_RUNS, runs.size()));
        }
        return new ComparePage(runs).page();
    }

    /** Writes the page whole or not at all. */
    public static void write(Path file, List<RunSummary> runs) throws IOException {
        AtomicFiles.writeString(file, render(runs));
    }

    /** Hypervolume of each run as a share of the box that all have in common. */
    public static List<Double> hypervolumes(List<RunSummary> runs) {
        return CommonHypervolume.of(runs).shares();
    }

    private String page() {
        String title = FrontSection.count(runs.size(), "run") + " compared";
        html.append(Headline.title(
                "Lathe comparison",
                title,
                String.join(", ", runs.stream().map(RunSummary::name).toList())));
        warnings();
        table();
        for (Metric across : metrics) {
            if (across != Metric.TOP1 && across != Metric.MACS) {
                fronts(across);
            }
        }
        differences();
        networks();
        return Page.of(title, html.toString(), List.of("table.js"), false);
    }

    /** Numbers of other data or another device do not mean the same. */
    private void warnings() {
        for (String key : List.of("data", "device")) {
            SortedSet<String> values = new TreeSet<>();
            runs.forEach(r -> values.add(r.setting(key)));
            if (values.size() > 1) {
                html.append(
                        "<section class=\"card\"><p><b>Not the same %s:</b> %s. %s of different runs cannot be compared.</p></section>\n"
                                .formatted(
                                        key,
                                        Html.text(String.join(", ", values)),
                                        key.equals("data") ? "Accuracies" : "Latencies"));
            }
        }
    }

    private static String letter(int run) {
        return String.valueOf((char) ('A' + run));
    }

    private static String key(int run) {
        return "<i class=\"letter r%d\">%s</i>".formatted(run % COLORS, letter(run));
    }

    private void table() {
        CommonHypervolume common = CommonHypervolume.of(runs);
        List<String> box = new ArrayList<>();
        for (int i = 0; i < common.metrics().size(); i++) {
            Metric m = common.metrics().get(i);
            box.add("%s from %s to %s"
                    .formatted(
                            m.label(),
                            m.shown(common.worst().get(i), time),
                            m.shown(common.best().get(i), time)));
        }
        html.append("<section class=\"card\">\n<h2>Runs</h2>\n").append(download("runs.csv"));
        List<String> heads = new ArrayList<>(List.of(
                "",
                "run",
                "space",
                "seed",
                "evaluated",
                "networks",
                "hypervolume, common box",
                "hypervolume, own box"));
        metrics.forEach(m -> heads.add(head(m)));
        heads.add("values");
        head(heads);
        for (int i = 0; i < runs.size(); i++) {
            RunSummary r = runs.get(i);
            html.append("<tr><td data-v=\"%d\">%s</td>".formatted(i, key(i)));
            text(r.name());
            text(r.space());
            text(r.setting("seed"));
            number(r.evaluations(), String.format(Locale.ROOT, "%,d", r.evaluations()));
            number(r.front().size(), Integer.toString(r.front().size()));
            number(
                    common.shares().get(i),
                    String.format(Locale.ROOT, "%.4f", common.shares().get(i)));
            number(
                    r.hypervolume(),
                    Double.isNaN(r.hypervolume()) ? "–" : String.format(Locale.ROOT, "%.4f", r.hypervolume()));
            for (Metric m : metrics) {
                value(m, r.chosen() < 0 ? Double.NaN : r.front().get(r.chosen()).value(m));
            }
            text(r.isExported() ? "measured" : r.front().isEmpty() ? "no front yet" : "predicted");
            html.append("</tr>\n");
        }
        html.append(
                "</tbody>\n</table></div>\n<p class=\"small\">Top-1 and costs are of the network that the run proposes."
                        + " The common box of hypervolume: " + Html.text(String.join("; ", box))
                        + " (the worst of any network here and a tenth of the range more, and the best). A box of its own says nothing"
                        + " about other runs.</p>\n</section>\n");
    }

    private void fronts(Metric across) {
        List<Member> all = runs.stream()
                .flatMap(r -> r.front().stream())
                .filter(m -> !Double.isNaN(m.value(across)))
                .toList();
        if (all.isEmpty()) {
            return;
        }
        Axis x = Axis.over(
                "%s in %s".formatted(across.label(), across.unit(time)),
                all.stream()
                        .mapToDouble(m -> m.value(across) * across.factor(time))
                        .toArray());
        Axis y = Axis.over(
                "top-1 in %", all.stream().mapToDouble(m -> 100 * m.top1()).toArray());
        SvgPlot wide = new SvgPlot(900, 400, x, y);
        SvgPlot narrow = new SvgPlot(400, 400, x, y);
        html.append("<section class=\"card\">\n<h2>Top-1 against %s</h2>\n<p class=\"legend\">"
                .formatted(Html.text(across.label())));
        for (int i = 0; i < runs.size(); i++) {
            html.append(
                    "<span>%s %s</span>".formatted(key(i), Html.text(runs.get(i).name())));
            for (SvgPlot plot : List.of(wide, narrow)) {
                draw(plot, i, across);
            }
        }
        String name = "Top-1 against " + across.label();
        html.append("</p>\n" + wide.render(name, "wide") + "\n" + narrow.render(name, "narrow"));
        html.append(
                "\n<p class=\"small\">Lines join the networks of a run that no other of it beats in both.</p>\n</section>\n");
    }

    private void draw(SvgPlot plot, int run, Metric across) {
        List<Member> front = runs.get(run).front().stream()
                .filter(m -> !Double.isNaN(m.value(across)))
                .toList();
        plot.line(
                front.stream()
                        .filter(m -> front.stream()
                                .noneMatch(o -> o.value(across) <= m.value(across)
                                        && o.top1() >= m.top1()
                                        && (o.value(across) < m.value(across) || o.top1() > m.top1())))
                        .sorted(Comparator.comparingDouble(m -> m.value(across)))
                        .map(m -> new double[] {m.value(across) * across.factor(time), 100 * m.top1()})
                        .toList(),
                "run r" + run % COLORS);
        for (Member m : front) {
            plot.letter(
                    letter(run),
                    m.value(across) * across.factor(time),
                    100 * m.top1(),
                    "r" + run % COLORS,
                    "%s · top-1 %s · %s"
                            .formatted(
                                    runs.get(run).name(),
                                    Shown.percent(m.top1()),
                                    across.shown(m.value(across), time)));
        }
    }

    /** Settings that are not the same in all runs. */
    private void differences() {
        SortedSet<String> keys = new TreeSet<>();
        runs.forEach(r -> keys.addAll(r.experiment().keySet()));
        keys.removeIf(k -> runs.stream().map(r -> r.setting(k)).distinct().count() == 1);
        html.append("<section class=\"card\">\n<h2>What they were asked</h2>\n");
        if (keys.isEmpty()) {
            html.append("<p>All were asked the same.</p></section>\n");
            return;
        }
        html.append("<div class=\"scroll\"><table class=\"plain\"><thead><tr><th scope=\"col\">setting</th>");
        for (int i = 0; i < runs.size(); i++) {
            html.append("<th scope=\"col\">%s</th>".formatted(key(i)));
        }
        html.append("</tr></thead><tbody>\n");
        for (String k : keys) {
            html.append("<tr><td class=\"long\">%s</td>".formatted(Html.text(k)));
            runs.forEach(r -> html.append("<td class=\"long\">%s</td>".formatted(Html.text(r.setting(k)))));
            html.append("</tr>\n");
        }
        html.append(
                "</tbody></table></div>\n<p class=\"small\">Settings that are not listed are the same in all.</p>\n</section>\n");
    }

    private void networks() {
        html.append("<section class=\"card\">\n<h2>All networks</h2>\n").append(download("networks.csv"));
        List<String> heads = new ArrayList<>(List.of("", "run", "budget"));
        metrics.forEach(m -> heads.add(head(m)));
        heads.add("architecture");
        head(heads);
        for (int i = 0; i < runs.size(); i++) {
            for (Member m : runs.get(i).front()) {
                html.append("<tr><td data-v=\"%d\">%s</td>".formatted(i, key(i)));
                text(runs.get(i).name());
                text(m.withinBudget() ? "● within" : "✕ over");
                for (Metric metric : metrics) {
                    value(metric, m.value(metric));
                }
                html.append("<td class=\"arch\" data-text=\"1\">" + Html.text(m.architecture()) + "</td></tr>\n");
            }
        }
        html.append("</tbody>\n</table></div>\n</section>\n");
    }

    private static String head(Metric m) {
        return m.isOfFirmware() ? m.label() + ", planned" : m.label();
    }

    private void value(Metric m, double v) {
        number(v, Double.isNaN(v) ? "–" : m.shown(v, time));
    }

    private static String download(String file) {
        return "<p class=\"controls\" hidden=\"hidden\"><button type=\"button\" class=\"download\" data-file=\"" + file
                + "\">Download as CSV</button></p>\n";
    }

    private void head(List<String> names) {
        html.append("<div class=\"scroll\"><table class=\"plain\">\n<thead><tr>");
        names.forEach(h -> html.append("<th scope=\"col\"><button type=\"button\">" + Html.text(h) + "</button></th>"));
        html.append("</tr></thead>\n<tbody>\n");
    }

    private void text(String s) {
        html.append("<td class=\"long\" data-text=\"1\">" + Html.text(s) + "</td>");
    }

    private void number(double v, String shown) {
        html.append("<td data-v=\"%s\">%s</td>"
                .formatted(Double.isNaN(v) ? "1e300" : Double.toString(v), Html.text(shown)));
    }
}

package dev.lathe.results;

import dev.lathe.base.AtomicFiles;
import dev.lathe.results.ReportData.Chosen;
import dev.lathe.results.ReportData.CloudPoint;
import dev.lathe.results.ReportData.CurvePoint;
import dev.lathe.results.ReportData.Member;
import dev.lathe.results.ReportData.Pair;
import dev.lathe.results.ReportData.Scatter;
import dev.lathe.results.Shown.TimeUnit;
import dev.lathe.results.SvgPlot.Axis;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.stream.DoubleStream;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * A run as one HTML page that needs nothing besides itself: styles, plots and the little script are in it, and its content
 * policy forbids everything else. It is well-formed XML too. The same data give the same bytes.
 */
public final class ReportPage {
    private static final int CLOUD_SHOWN = 2000;
    private static final int CURVE_SHOWN = 500;
    private static final int MEMORY_CLASSES = 5;

    private final ReportData data;
    private final TimeUnit time;
    private final StringBuilder html = new StringBuilder(1 << 17);

    private ReportPage(ReportData data) {
        this.data = data;
        this.time = TimeUnit.fit(data.front().stream()
                .mapToDouble(Member::latencyMs)
                .max()
                .orElseGet(() -> data.cloud().stream()
                        .mapToDouble(CloudPoint::latencyMs)
                        .max()
                        .orElse(0)));
    }

    /** The page's text. */
    public static String render(ReportData data) {
        return new ReportPage(data).page();
    }

    /** Writes the page whole or not at all. */
    public static void write(Path file, ReportData data) throws IOException {
        AtomicFiles.writeString(file, render(data));
    }

    private String page() {
        add("<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\"/>\n");
        add("<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\"/>\n");
        add("<meta name=\"color-scheme\" content=\"light dark\"/>\n");
        add("<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline';"
                + " script-src 'unsafe-inline'\"/>\n");
        add("<title>" + Html.text(data.title()) + " – Lathe</title>\n<style>\n" + resource("report.css"));
        add("</style>\n</head>\n<body>\n<main>\n");
        headline();
        frontPlot();
        frontTable();
        add("<div class=\"pair\">\n");
        hypervolume();
        loss();
        if (data.latencyPredictor() != null) {
            predictor(
                    "Latency predictor", "latency", time.symbol(), time.from(1.0), "measured", data.latencyPredictor());
        }
        if (data.accuracyPredictor() != null) {
            predictor("Accuracy predictor", "top-1", "%", 100, "evaluated", data.accuracyPredictor());
        }
        if (data.rank() != null) {
            add(RankSection.render(data.rank()));
        }
        add("</div>\n");
        facts();
        add("</main>\n<script>\n" + resource("report.js") + "</script>\n</body>\n</html>\n");
        return html.toString();
    }

    private void add(String s) {
        html.append(s);
    }

    private void headline() {
        add("<header>\n<p class=\"brand\">Lathe report</p>\n<h1>" + Html.text(data.title()) + "</h1>\n");
        add("<p class=\"lead\">" + Html.text(data.summary()) + "</p>\n</header>\n");
        if (data.chosen().isEmpty()) {
            add("<section class=\"card\"><p>No network was chosen: the front is empty.</p></section>\n");
            return;
        }
        Chosen first = data.chosen().get(0);
        Member m = first.member();
        add("<section class=\"card chosen\">\n<h2>" + Html.text(first.role()) + " " + badge(m) + "</h2>\n");
        add("<p class=\"arch\">" + Html.text(m.architecture()) + "</p>\n<dl class=\"tiles\">\n");
        tile(
                "Top-1 accuracy",
                Shown.percent(m.top1()),
                m.testTop1() != null ? "test part, exported file" : "predicted, not tested");
        tile(
                m.measuredLatencyMs() != null ? "Latency, measured" : "Latency, predicted",
                time.shown(m.latencyMs()),
                (m.spreadMs() != null ? "± " + time.shown(m.spreadMs()) + ", " : "")
                        + (data.budgets().latencyMs().isPresent()
                                ? "budget "
                                        + time.shown(data.budgets().latencyMs().getAsDouble())
                                : "no budget"));
        tile(
                "Peak activations",
                Shown.kib(m.peakActivationBytes()),
                data.budgets().peakActivationBytes().isPresent()
                        ? "budget "
                                + Shown.kib(data.budgets().peakActivationBytes().getAsDouble())
                        : "no budget");
        tile("MACs", Shown.count(m.macs()), "one image");
        tile("Parameters", Shown.count(m.parameters()), m.onnx() == null ? "not exported" : m.onnx());
        add("</dl>\n");
        decisions("What it is", first.decisions(), true);
        for (Chosen c : data.chosen().subList(1, data.chosen().size())) {
            Member o = c.member();
            decisions(
                    "%s: top-1 %s, %s, %s"
                            .formatted(
                                    c.role(),
                                    Shown.percent(o.top1()),
                                    time.shown(o.latencyMs()),
                                    Shown.kib(o.peakActivationBytes())),
                    c.decisions(),
                    false);
        }
        add("</section>\n");
    }

    private void tile(String name, String value, String note) {
        add("<div><dt>%s</dt><dd>%s</dd><dd class=\"small\">%s</dd></div>\n"
                .formatted(Html.text(name), Html.text(value), Html.text(note)));
    }

    private void decisions(String title, Map<String, Double> decisions, boolean open) {
        add("<details%s><summary>%s</summary>\n<ul class=\"decisions\">\n"
                .formatted(open ? " open=\"open\"" : "", Html.text(title)));
        decisions.forEach((name, value) ->
                add("<li><span>%s</span> <b>%s</b></li>\n".formatted(Html.text(name), Html.text(Shown.plain(value)))));
        add("</ul>\n</details>\n");
    }

    private static String badge(Member m) {
        return m.withinBudget()
                ? "<span class=\"badge in\">● within budget</span>"
                : "<span class=\"badge out\">✕ over budget</span>";
    }

    private void frontPlot() {
        add("<section class=\"card\">\n<h2>Pareto front</h2>\n<p>"
                + Html.text(count(data.front().size(), "network")
                        + " on the front of " + String.format(java.util.Locale.ROOT, "%,d", data.evaluations())
                        + " evaluated; optimized: " + String.join(", ", data.objectives()) + ".")
                + "</p>\n");
        if (data.front().isEmpty() && data.cloud().isEmpty()) {
            add("<p>Nothing to draw.</p></section>\n");
            return;
        }
        double[] memory = data.front().stream()
                .mapToDouble(Member::peakActivationBytes)
                .sorted()
                .toArray();
        legend(memory);
        int hidden = frontSvg(900, 440, "wide", memory);
        frontSvg(400, 400, "narrow", memory);
        add("<p class=\"pick\" aria-live=\"polite\">Point at a network, or tap it, to find it in the table.</p>\n");
        add("<p class=\"small\">Networks of the front stand where they were measured: latency on the device"
                + " and top-1 of the exported file on the test part, wherever both are in the table. Gray dots are"
                + " a sample of all evaluated networks at their predicted latency and predicted accuracy"
                + (hidden > 0 ? "; " + count(hidden, "dot") + " outside the axes are not drawn" : "")
                + ".</p>\n</section>\n");
    }

    private static String count(int n, String what) {
        return n + " " + what + (n == 1 ? "" : "s");
    }

    private void legend(double[] memory) {
        add("<p class=\"legend\"><span>● within budget</span><span>✕ over budget</span>"
                + "<span><i class=\"dot\"></i> evaluated, predicted</span>");
        if (memory.length > 0) {
            add("<span class=\"ramp\">peak activations " + Html.text(Shown.kib(memory[0])) + " ");
            for (int i = 0; i < MEMORY_CLASSES; i++) {
                add("<i class=\"m%d\"></i>".formatted(i));
            }
            add(" " + Html.text(Shown.kib(memory[memory.length - 1])));
            data.budgets().peakActivationBytes().ifPresent(b -> add(Html.text(" (budget " + Shown.kib(b) + ")")));
            add("</span>");
        }
        add("</p>\n");
    }

    /** Draws the front; returns how many dots of the cloud lie outside the axes. */
    private int frontSvg(int width, int height, String cssClass, double[] memory) {
        List<CloudPoint> cloud = thinned(data.cloud(), CLOUD_SHOWN);
        double[] cloudX =
                cloud.stream().mapToDouble(CloudPoint::latencyMs).sorted().toArray();
        double[] cloudY = cloud.stream().mapToDouble(CloudPoint::top1).sorted().toArray();
        // The front decides what is seen; of the cloud, the far tails may lie outside.
        double[] xs = DoubleStream.concat(
                        DoubleStream.concat(data.front().stream().mapToDouble(Member::latencyMs), budgetShown(cloudX)),
                        tails(cloudX, 0.005, 0.98))
                .map(time::from)
                .toArray();
        double[] ys = DoubleStream.concat(data.front().stream().mapToDouble(Member::top1), tails(cloudY, 0.10, 1))
                .map(v -> 100 * v)
                .toArray();
        boolean measured = data.front().stream().allMatch(m -> m.measuredLatencyMs() != null);
        boolean tested = data.front().stream().allMatch(m -> m.testTop1() != null);
        Axis x = Axis.over(
                "latency in %s (%s)".formatted(time.symbol(), measured ? "front: measured" : "partly predicted"), xs);
        Axis y = Axis.over("top-1 in %% (%s)".formatted(tested ? "front: test part" : "front: partly predicted"), ys);
        // No accuracy is above 100 %; half a marker's room is enough.
        y = new Axis(y.label(), y.low(), Math.min(y.high(), 100 + 0.02 * (100 - Math.min(y.low(), 99))));
        SvgPlot plot = new SvgPlot(width, height, x, y);
        int hidden = 0;
        for (boolean within : new boolean[] {false, true}) {
            hidden += plot.dots(
                    cloud.stream()
                            .filter(c -> c.withinBudget() == within)
                            .map(c -> new double[] {time.from(c.latencyMs()), 100 * c.top1()})
                            .toList(),
                    within ? "inside" : "outside");
        }
        data.budgets().latencyMs().ifPresent(b -> plot.vertical(time.from(b), "budget " + time.shown(b), "budget"));
        for (int i = 0; i < data.front().size(); i++) {
            Member m = data.front().get(i);
            plot.marker(
                    m.withinBudget() ? SvgPlot.Marker.CIRCLE : SvgPlot.Marker.CROSS,
                    time.from(m.latencyMs()),
                    100 * m.top1(),
                    "m" + memoryClass(m.peakActivationBytes(), memory),
                    i,
                    "%s · top-1 %s · %s · %s · %s"
                            .formatted(
                                    "no. " + (i + 1),
                                    Shown.percent(m.top1()),
                                    time.shown(m.latencyMs()),
                                    Shown.kib(m.peakActivationBytes()),
                                    m.withinBudget() ? "within budget" : "over budget"));
        }
        if (!data.chosen().isEmpty()) {
            Member m = data.chosen().get(0).member();
            plot.chosen(time.from(m.latencyMs()), 100 * m.top1(), "chosen");
        }
        add(plot.render("Pareto front: latency against top-1 accuracy", cssClass) + "\n");
        return hidden;
    }

    private DoubleStream budgetShown(double[] cloudX) {
        double far = cloudX.length == 0 ? Double.POSITIVE_INFINITY : 3 * cloudX[cloudX.length - 1];
        return data.budgets().latencyMs().stream().filter(b -> b < far);
    }

    private static DoubleStream tails(double[] sorted, double low, double high) {
        return sorted.length == 0
                ? DoubleStream.empty()
                : DoubleStream.of(
                        sorted[(int) (low * (sorted.length - 1))], sorted[(int) (high * (sorted.length - 1))]);
    }

    private static int memoryClass(double bytes, double[] sorted) {
        double low = sorted[0];
        double high = sorted[sorted.length - 1];
        return high > low
                ? (int) Math.min(MEMORY_CLASSES - 1, MEMORY_CLASSES * (bytes - low) / (high - low))
                : MEMORY_CLASSES / 2;
    }

    /** Every k-th of a list, so that at most {@code most} are left; the last one stays. */
    static <T> List<T> thinned(List<T> all, int most) {
        if (all.size() <= most) {
            return all;
        }
        List<T> some = new ArrayList<>(most);
        for (int i = 0; i < most; i++) {
            some.add(all.get((int) ((long) i * (all.size() - 1) / (most - 1))));
        }
        return some;
    }

    private void frontTable() {
        add("<section class=\"card\">\n<h2>Networks of the front</h2>\n<div class=\"scroll\"><table>\n<thead><tr>");
        for (String h : List.of(
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
                "parameters",
                "architecture")) {
            add("<th scope=\"col\"><button type=\"button\">" + Html.text(h) + "</button></th>");
        }
        add("</tr></thead>\n<tbody>\n");
        for (int i = 0; i < data.front().size(); i++) {
            Member m = data.front().get(i);
            boolean isChosen = !data.chosen().isEmpty()
                    && data.chosen().get(0).member().architecture().equals(m.architecture());
            add("<tr data-i=\"%d\"%s>".formatted(i, isChosen ? " class=\"first\"" : ""));
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
            add("<td class=\"arch\" data-v=\"%d\">%s</td></tr>\n"
                    .formatted(i, Html.text(m.architecture() + (m.onnx() == null ? "" : "  (" + m.onnx() + ")"))));
        }
        add("</tbody>\n</table></div>\n<p class=\"small\">A click on a heading sorts. Test top-1: "
                + Html.text(data.tested()) + " Latency: " + Html.text(data.measured()) + "</p>\n</section>\n");
    }

    private String digits(double ms) {
        return Shown.digits(time.from(ms));
    }

    private void cell(@Nullable Double value, String shown) {
        // What is not known sorts last.
        add("<td data-v=\"%s\">%s</td>".formatted(value == null ? "1e300" : value.toString(), Html.text(shown)));
    }

    private void hypervolume() {
        if (data.hypervolume().isEmpty()) {
            return;
        }
        add("<section class=\"card\">\n<h2>Hypervolume over evaluations</h2>\n");
        Axis x = Axis.over("evaluations", ats(data.hypervolume(), data.randomHypervolume()));
        x = new Axis(x.label(), 0, x.high());
        Axis y = Axis.over("hypervolume", values(data.hypervolume(), data.randomHypervolume()));
        SvgPlot plot = new SvgPlot(480, 300, x, y);
        plot.line(curve(data.randomHypervolume()), "random");
        plot.line(curve(data.hypervolume()), "search");
        CurvePoint end = last(data.hypervolume());
        add("<p class=\"legend\"><span class=\"key search\">search, ends at " + Shown.digits(end.value()) + "</span>");
        if (!data.randomHypervolume().isEmpty()) {
            add("<span class=\"key random\">random search, ends at "
                    + Shown.digits(last(data.randomHypervolume()).value()) + "</span>");
        }
        add("</p>\n" + plot.render("Hypervolume over evaluations, search and random search", ""));
        add("\n<p class=\"small\">The volume that the best networks so far dominate, by the values that the search saw;"
                + " larger is better. Both curves have one reference point.</p>\n</section>\n");
    }

    private void loss() {
        if (data.loss().isEmpty()) {
            return;
        }
        List<double[]> raw = curve(data.loss());
        add("<section class=\"card\">\n<h2>Supernet training</h2>\n");
        Axis x = Axis.over("step", ats(data.loss(), List.of()));
        double[] sorted = data.loss().stream()
                .mapToDouble(CurvePoint::value)
                .filter(Double::isFinite)
                .sorted()
                .toArray();
        Axis y = Axis.over("loss", sorted);
        SvgPlot plot = new SvgPlot(
                480, 300, new Axis(x.label(), 0, x.high()), new Axis(y.label(), Math.min(0, y.low()), y.high()));
        List<double[]> smooth = smoothed(raw, Math.max(1, raw.size() / 25));
        plot.line(raw, "faint");
        plot.line(smooth, "search");
        double[] end = smooth.get(smooth.size() - 1);
        add("<p class=\"legend\"><span class=\"key search\">moving mean, ends at " + Shown.digits(end[1])
                + "</span><span class=\"key faint\">one step</span></p>\n");
        add(plot.render("Training loss over steps", "") + "\n</section>\n");
    }

    /** The mean of each point and those up to {@code reach} before it. */
    private static List<double[]> smoothed(List<double[]> points, int reach) {
        List<double[]> smooth = new ArrayList<>(points.size());
        double sum = 0;
        for (int i = 0; i < points.size(); i++) {
            sum += points.get(i)[1];
            if (i > reach) {
                sum -= points.get(i - reach - 1)[1];
            }
            smooth.add(new double[] {points.get(i)[0], sum / Math.min(i + 1, reach + 1)});
        }
        return smooth;
    }

    private void predictor(String title, String what, String unit, double scale, String truth, Scatter scatter) {
        add("<section class=\"card\">\n<h2>" + Html.text(title) + "</h2>\n<p>" + Html.text(scatter.model()) + "; "
                + count(scatter.points().size(), "held-out network") + "</p>\n");
        double[] all = scatter.points().stream()
                .flatMap(p -> Stream.of(p.predicted(), p.actual()))
                .mapToDouble(v -> v * scale)
                .toArray();
        SvgPlot plot = new SvgPlot(
                480,
                340,
                Axis.over("%s %s in %s".formatted(truth, what, unit), all),
                Axis.over("predicted %s in %s".formatted(what, unit), all));
        double low = Arrays.stream(all).min().orElse(0);
        double high = Arrays.stream(all).max().orElse(1);
        plot.line(List.of(new double[] {low, low}, new double[] {high, high}), "budget");
        plot.dots(
                thinned(scatter.points(), CLOUD_SHOWN).stream()
                        .sorted(Comparator.comparingDouble(Pair::actual))
                        .map(p -> new double[] {p.actual() * scale, p.predicted() * scale})
                        .toList(),
                "large");
        add(plot.render(title + ": predicted against " + truth, "") + "\n<ul class=\"metrics\">");
        scatter.metrics()
                .forEach((name, value) -> add("<li><span>%s</span> <b>%s</b></li>"
                        .formatted(Html.text(name), Html.text(Shown.digits(value)))));
        add("</ul>\n<p class=\"small\">On the dashed line the prediction is right.</p>\n</section>\n");
    }

    private void facts() {
        add("<section class=\"card facts\">\n<h2>How this was made</h2>\n<dl>\n");
        data.facts()
                .forEach((name, value) ->
                        add("<div><dt>%s</dt><dd>%s</dd></div>\n".formatted(Html.text(name), Html.text(value))));
        add("</dl>\n</section>\n");
    }

    private static CurvePoint last(List<CurvePoint> curve) {
        return curve.get(curve.size() - 1);
    }

    private static List<double[]> curve(List<CurvePoint> points) {
        return thinned(points, CURVE_SHOWN).stream()
                .filter(p -> Double.isFinite(p.value()))
                .map(p -> new double[] {p.at(), p.value()})
                .toList();
    }

    private static double[] ats(List<CurvePoint> a, List<CurvePoint> b) {
        return Stream.concat(a.stream(), b.stream()).mapToDouble(CurvePoint::at).toArray();
    }

    private static double[] values(List<CurvePoint> a, List<CurvePoint> b) {
        return Stream.concat(a.stream(), b.stream())
                .mapToDouble(CurvePoint::value)
                .filter(Double::isFinite)
                .toArray();
    }

    private static String resource(String name) {
        try (InputStream in = ReportPage.class.getResourceAsStream(name)) {
            if (in == null) {
                throw new IllegalStateException("Resource " + name + " is missing from the jar");
            }
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new IllegalStateException("Resource " + name + " cannot be read", e);
        }
    }
}

package dev.lathe.results;

import dev.lathe.results.ReportData.Pair;
import dev.lathe.results.ReportData.Scatter;
import dev.lathe.results.SvgPlot.Axis;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;

/** What a predictor said of networks that it was not fitted to, with intervals, beside what was found. */
final class PredictorSection {
    private static final int SHOWN = 2000;

    private PredictorSection() {}

    /**
     * @param what is predicted, for example {@code latency}
     * @param factor from the scatter's unit to {@code unit}
     * @param truth what the predictions are compared with, in one word
     */
    static String html(String title, String what, String unit, double factor, String truth, Scatter scatter) {
        List<double[]> intervals = Conformal.intervals(scatter);
        double[] all = scatter.points().stream()
                .flatMap(p -> Stream.of(p.predicted(), p.actual()))
                .mapToDouble(v -> v * factor)
                .toArray();
        SvgPlot plot = new SvgPlot(
                480,
                340,
                Axis.over("%s %s in %s".formatted(truth, what, unit), all),
                Axis.over("predicted %s in %s".formatted(what, unit), all));
        double low = Arrays.stream(all).min().orElse(0);
        double high = Arrays.stream(all).max().orElse(1);
        List<double[]> bars = new ArrayList<>();
        int inside = 0;
        for (int i = 0; i < intervals.size(); i++) {
            double actual = scatter.points().get(i).actual();
            double[] interval = intervals.get(i);
            bars.add(new double[] {actual * factor, interval[0] * factor, interval[1] * factor});
            inside += actual >= interval[0] && actual <= interval[1] ? 1 : 0;
        }
        plot.bars(Thinned.to(SHOWN, bars), "interval");
        plot.line(List.of(new double[] {low, low}, new double[] {high, high}), "budget");
        plot.dots(
                Thinned.to(SHOWN, scatter.points()).stream()
                        .sorted(Comparator.comparingDouble(Pair::actual))
                        .map(p -> new double[] {p.actual() * factor, p.predicted() * factor})
                        .toList(),
                "large");
        StringBuilder html = new StringBuilder("<section class=\"card\">\n<h2>" + Html.text(title) + "</h2>\n<p>"
                + Html.text(scatter.model()) + "; "
                + FrontSection.count(scatter.points().size(), "held-out network")
                + "</p>\n");
        html.append(plot.render(title + ": predicted against " + truth, "") + "\n<ul class=\"metrics\">");
        scatter.metrics()
                .forEach((name, value) -> html.append("<li><span>%s</span> <b>%s</b></li>"
                        .formatted(Html.text(name), Html.text(Shown.digits(value)))));
        html.append("</ul>\n<p class=\"small\">On the dashed line the prediction is right. "
                + Html.text(
                        intervals.isEmpty()
                                ? "There are no intervals: for those of 90 % it takes 10 held-out networks."
                                : "Bars are 90 %% intervals, each from the errors of the other held-out networks (split conformal); %d of %d hold what was %s."
                                        .formatted(inside, intervals.size(), truth))
                + "</p>\n</section>\n");
        return html.toString();
    }
}

package dev.lathe.results;

import dev.lathe.results.ReportData.Member;
import dev.lathe.results.Shown.TimeUnit;
import dev.lathe.results.SvgPlot.Axis;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;

/** Plots as SVG documents of their own, for notebooks and files: a title, a legend, one plot; light, whatever is around them. */
public final class Pictures {
    private static final int WIDTH = 760;
    private static final int HEIGHT = 380;
    private static final int HEAD = 50;
    private static final int COLORS = 6;

    private Pictures() {}

    /**
     * Points that belong together.
     *
     * @param name of the legend
     * @param points each (x, y); those that are not finite are left out
     * @param isJoined whether a line joins them in their order
     */
    public record Series(String name, List<double[]> points, boolean isJoined) {
        public Series {
            points = points.stream()
                    .filter(p -> p.length == 2 && Double.isFinite(p[0]) && Double.isFinite(p[1]))
                    .map(double[]::clone)
                    .toList();
        }

        /** Points without a line. */
        public static Series dots(String name, List<double[]> points) {
            return new Series(name, points, false);
        }

        /** Points that a line joins. */
        public static Series line(String name, List<double[]> points) {
            return new Series(name, points, true);
        }
    }

    /**
     * Points of two quantities.
     *
     * @param xLabel quantity and unit, as {@code yLabel}
     */
    public static String scatter(String title, String xLabel, String yLabel, List<Series> series) {
        SvgPlot plot =
                new SvgPlot(WIDTH, HEIGHT, Axis.over(xLabel, values(series, 0)), Axis.over(yLabel, values(series, 1)));
        for (int i = 0; i < series.size(); i++) {
            Series s = series.get(i);
            if (s.isJoined()) {
                plot.line(s.points(), "r" + i % COLORS);
            }
            plot.dots(s.points(), "r" + i % COLORS);
        }
        return document(title, plot, series.stream().map(Series::name).toList());
    }

    /** Top-1 against latency of the fronts of runs: measured where they were exported, else predicted. */
    public static String fronts(List<RunSummary> runs) {
        TimeUnit time = TimeUnit.fit(runs.stream()
                .flatMap(r -> r.front().stream())
                .mapToDouble(Member::latencyMs)
                .max()
                .orElse(0));
        List<Series> series = new ArrayList<>();
        for (RunSummary r : runs) {
            List<double[]> points = Stream.of(r.front())
                    .flatMap(List::stream)
                    .sorted(Comparator.comparingDouble(Member::latencyMs))
                    .map(m -> new double[] {time.from(m.latencyMs()), 100 * m.top1()})
                    .toList();
            series.add(Series.dots("%s, %s".formatted(r.name(), r.isExported() ? "measured" : "predicted"), points));
        }
        return scatter("Top-1 against latency", "latency in " + time.symbol(), "top-1 in %", series);
    }

    private static double[] values(List<Series> series, int axis) {
        return series.stream()
                .flatMap(s -> s.points().stream())
                .mapToDouble(p -> p[axis])
                .toArray();
    }

    /** A plot below its title and legend. */
    static String document(String title, SvgPlot plot, List<String> legend) {
        int height = plot.height() + HEAD;
        StringBuilder s = new StringBuilder(
                "<svg class=\"lathe-picture\" xmlns=\"http://www.w3.org/2000/svg\" width=\"%d\" height=\"%d\" viewBox=\"0 0 %d %d\" role=\"img\" aria-label=\"%s\">"
                        .formatted(plot.width(), height, plot.width(), height, Html.text(title)));
        s.append("<style>").append(Resources.text("picture.css")).append("</style>");
        s.append("<rect class=\"paper\" width=\"100%\" height=\"100%\"/>");
        s.append("<text class=\"title\" x=\"14\" y=\"22\">")
                .append(Html.text(title))
                .append("</text>");
        int x = 14;
        for (int i = 0; i < legend.size() && x < plot.width(); i++) {
            s.append("<g class=\"r%d\"><circle cx=\"%d\" cy=\"39\" r=\"5\"/></g>".formatted(i % COLORS, x + 5));
            s.append("<text class=\"label\" x=\"%d\" y=\"43\">%s</text>".formatted(x + 15, Html.text(legend.get(i))));
            x += 34 + (int) (6.6 * legend.get(i).length());
        }
        return s.append("<g transform=\"translate(0 %d)\">".formatted(HEAD))
                .append(plot.content())
                .append("</g></svg>\n")
                .toString();
    }
}

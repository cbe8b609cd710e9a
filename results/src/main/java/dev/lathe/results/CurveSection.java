package dev.lathe.results;

import dev.lathe.results.ReportData.CurvePoint;
import dev.lathe.results.SvgPlot.Axis;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/** How search and training went. */
final class CurveSection {
    private static final int SHOWN = 500;

    private CurveSection() {}

    /** Empty where there is no curve. */
    static String hypervolume(List<CurvePoint> search, List<CurvePoint> random) {
        if (search.isEmpty()) {
            return "";
        }
        Axis x = Axis.over("evaluations", ats(search, random));
        SvgPlot plot = new SvgPlot(
                480, 300, new Axis(x.label(), 0, x.high()), Axis.over("hypervolume", values(search, random)));
        plot.line(curve(random), "random");
        plot.line(curve(search), "search");
        StringBuilder html = new StringBuilder("<section class=\"card\">\n<h2>Hypervolume over evaluations</h2>\n");
        html.append("<p class=\"legend\"><span class=\"key search\">search, ends at "
                + Shown.digits(last(search).value()) + "</span>");
        if (!random.isEmpty()) {
            html.append("<span class=\"key random\">random search, ends at "
                    + Shown.digits(last(random).value()) + "</span>");
        }
        return html.append("</p>\n" + plot.render("Hypervolume over evaluations, search and random search", ""))
                .append(
                        "\n<p class=\"small\">The volume that the best networks so far dominate, by the values that the search saw;"
                                + " larger is better. Both curves have one reference point.</p>\n</section>\n")
                .toString();
    }

    /** Empty where there is no curve. */
    static String loss(List<CurvePoint> steps) {
        if (steps.isEmpty()) {
            return "";
        }
        List<double[]> raw = curve(steps);
        Axis x = Axis.over("step", ats(steps, List.of()));
        Axis y = Axis.over("loss", values(steps, List.of()));
        SvgPlot plot = new SvgPlot(
                480, 300, new Axis(x.label(), 0, x.high()), new Axis(y.label(), Math.min(0, y.low()), y.high()));
        List<double[]> smooth = smoothed(raw, Math.max(1, raw.size() / 25));
        plot.line(raw, "faint");
        plot.line(smooth, "search");
        double[] end = smooth.get(smooth.size() - 1);
        return "<section class=\"card\">\n<h2>Supernet training</h2>\n"
                + "<p class=\"legend\"><span class=\"key search\">moving mean, ends at " + Shown.digits(end[1])
                + "</span><span class=\"key faint\">one step</span></p>\n"
                + plot.render("Training loss over steps", "") + "\n</section>\n";
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

    private static CurvePoint last(List<CurvePoint> curve) {
        return curve.get(curve.size() - 1);
    }

    private static List<double[]> curve(List<CurvePoint> points) {
        return Thinned.to(SHOWN, points).stream()
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
}

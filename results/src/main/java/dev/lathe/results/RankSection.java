package dev.lathe.results;

import dev.lathe.results.RankReport.Network;
import dev.lathe.results.SvgPlot.Axis;
import java.util.List;
import java.util.function.ToDoubleFunction;

/** The report page's section on a supernet's ranking: a scatter of both accuracies, the numbers and the verdict. */
final class RankSection {
    private RankSection() {}

    /** The section's markup. */
    static String render(RankReport r) {
        StringBuilder s = new StringBuilder("<section class=\"card rank\">\n<h2>Does the supernet rank right? ");
        s.append(
                r.fitToSearch()
                        ? "<span class=\"badge in\">● fit to search</span>"
                        : "<span class=\"badge out\">✕ not fit to search</span>");
        s.append("</h2>\n<p>").append(Html.text(r.verdict())).append("</p>\n");
        s.append(plot(r)).append("\n<ul class=\"metrics\">");
        r.metrics()
                .forEach((name, value) ->
                        s.append("<li><span>%s</span> <b>%s</b></li>".formatted(Html.text(name), Html.text(value))));
        s.append("</ul>\n<p class=\"small\">A dot is a network; on the dashed line both accuracies are equal. ");
        return s.append(Html.text(r.method())).append("</p>\n</section>\n").toString();
    }

    private static String plot(RankReport r) {
        double[] alone = percent(r, Network::aloneTop1);
        double[] inherited = percent(r, Network::inheritedTop1);
        SvgPlot plot = new SvgPlot(
                480,
                340,
                Axis.over("top-1 in % (trained alone)", alone),
                Axis.over("top-1 in % (inherited)", inherited));
        double low = Math.max(min(alone), min(inherited));
        double high = Math.min(max(alone), max(inherited));
        if (low < high) {
            // The part of the line that both axes hold.
            plot.line(List.of(new double[] {low, low}, new double[] {high, high}), "budget");
        }
        plot.dots(
                r.networks().stream()
                        .map(n -> new double[] {100 * n.aloneTop1(), 100 * n.inheritedTop1()})
                        .toList(),
                "large");
        return plot.render("Inherited against stand-alone accuracy of %d networks".formatted(alone.length), "");
    }

    private static double[] percent(RankReport r, ToDoubleFunction<Network> of) {
        return r.networks().stream().mapToDouble(n -> 100 * of.applyAsDouble(n)).toArray();
    }

    private static double min(double[] v) {
        return java.util.Arrays.stream(v).min().orElse(0);
    }

    private static double max(double[] v) {
        return java.util.Arrays.stream(v).max().orElse(0);
    }
}

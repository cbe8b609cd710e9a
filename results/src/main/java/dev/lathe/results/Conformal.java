package dev.lathe.results;

import dev.lathe.results.ReportData.Pair;
import dev.lathe.results.ReportData.Scatter;
import java.util.List;
import java.util.stream.IntStream;

/**
 * Prediction intervals for held-out networks, by <b>split conformal prediction</b>: the interval of one network is as wide as the
 * residuals of all the others say, so that nine of ten new networks fall into theirs, whatever the predictor.
 *
 * <p>Departure: the calibration set is the held-out set without the network itself, one set for each.
 *
 * @see <a href="https://arxiv.org/abs/1604.04173">Lei et al., Distribution-Free Predictive Inference for Regression, 2018</a>
 */
final class Conformal {
    /** Share of new networks that fall into their intervals. */
    static final double LEVEL = 0.9;

    private Conformal() {}

    /**
     * @return for each point the lower and upper end around its prediction; empty where there are too few points for
     *     {@link #LEVEL}, which takes 10
     */
    static List<double[]> intervals(Scatter scatter) {
        List<Pair> points = scatter.points();
        int n = points.size();
        // Of n - 1 residuals the k-th smallest; n * LEVEL is exact for whole tenths but for rounding.
        int k = (int) Math.ceil(n * LEVEL - 1e-9);
        if (n < 2 || k > n - 1) {
            return List.of();
        }
        double[] residuals = points.stream()
                .mapToDouble(p -> Math.abs(p.actual() - p.predicted()) / (scatter.isRelative() ? p.predicted() : 1))
                .toArray();
        return IntStream.range(0, n)
                .mapToObj(i -> {
                    double[] others = IntStream.range(0, n)
                            .filter(j -> j != i)
                            .mapToDouble(j -> residuals[j])
                            .sorted()
                            .toArray();
                    double predicted = points.get(i).predicted();
                    double half = others[k - 1] * (scatter.isRelative() ? predicted : 1);
                    return new double[] {predicted - half, predicted + half};
                })
                .toList();
    }
}

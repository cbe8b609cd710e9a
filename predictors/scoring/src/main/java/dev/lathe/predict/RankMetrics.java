package dev.lathe.predict;

import java.util.Arrays;
import java.util.stream.IntStream;
import org.hipparchus.stat.correlation.KendallsCorrelation;
import org.hipparchus.stat.correlation.SpearmansCorrelation;

/** Agreement of predictions with measurements: ranks first, since a search compares, then errors. */
public final class RankMetrics {
    private RankMetrics() {}

    /**
     * All measures at once.
     *
     * @param predicted one value a row
     * @param measured one value a row, in the same order
     * @throws IllegalArgumentException if the lengths differ, are below 2, or a value is no finite number
     */
    public static RankQuality of(double[] predicted, double[] measured) {
        check(predicted, measured);
        int n = predicted.length;
        double absolute = 0;
        double square = 0;
        for (int i = 0; i < n; i++) {
            double error = predicted[i] - measured[i];
            absolute += Math.abs(error);
            square += error * error;
        }
        double[] percent = IntStream.range(0, n)
                .filter(i -> measured[i] != 0)
                .mapToDouble(i -> 100 * Math.abs((predicted[i] - measured[i]) / measured[i]))
                .sorted()
                .toArray();
        return new RankQuality(
                n,
                spearman(predicted, measured),
                kendallTauB(predicted, measured),
                absolute / n,
                Math.sqrt(square / n),
                percent.length == 0 ? 0 : (percent[(percent.length - 1) / 2] + percent[percent.length / 2]) / 2);
    }

    /** Spearman's rho; 0 where one side is constant, since a constant ranks nothing. */
    public static double spearman(double[] predicted, double[] measured) {
        check(predicted, measured);
        return constant(predicted) || constant(measured)
                ? 0
                : new SpearmansCorrelation().correlation(predicted, measured);
    }

    /** Kendall's tau-b; 0 where one side is constant. */
    public static double kendallTauB(double[] predicted, double[] measured) {
        check(predicted, measured);
        return constant(predicted) || constant(measured)
                ? 0
                : new KendallsCorrelation().correlation(predicted, measured);
    }

    private static boolean constant(double[] values) {
        for (double v : values) {
            if (v != values[0]) {
                return false;
            }
        }
        return true;
    }

    private static void check(double[] predicted, double[] measured) {
        if (predicted.length != measured.length || predicted.length < 2) {
            throw new IllegalArgumentException(
                    "Agreement takes two equally long rows of at least 2 values, not %d and %d"
                            .formatted(predicted.length, measured.length));
        }
        if (!Arrays.stream(predicted).allMatch(Double::isFinite)
                || !Arrays.stream(measured).allMatch(Double::isFinite)) {
            throw new IllegalArgumentException("Agreement takes finite numbers");
        }
    }
}

package dev.lathe.device;

import java.util.Arrays;
import java.util.random.RandomGenerator;

/**
 * Where a median lies with 95 % confidence, by the percentile bootstrap.
 *
 * @see <a href="https://doi.org/10.1214/aos/1176344552">Efron, Bootstrap methods, Annals of Statistics 1979</a>
 * @param lower end
 * @param upper end
 */
record BootstrapInterval(double lower, double upper) {
    private static final int RESAMPLES = 400;
    private static final double TAIL = 0.025;

    /** @param values at least one */
    static BootstrapInterval ofMedian(double[] values, RandomGenerator random) {
        double[] medians = new double[RESAMPLES];
        double[] drawn = new double[values.length];
        for (int r = 0; r < RESAMPLES; r++) {
            for (int i = 0; i < drawn.length; i++) {
                drawn[i] = values[random.nextInt(values.length)];
            }
            Arrays.sort(drawn);
            medians[r] = InterleavedTimer.quantile(drawn, 0.5);
        }
        Arrays.sort(medians);
        return new BootstrapInterval(
                InterleavedTimer.quantile(medians, TAIL), InterleavedTimer.quantile(medians, 1 - TAIL));
    }

    double width() {
        return upper - lower;
    }
}

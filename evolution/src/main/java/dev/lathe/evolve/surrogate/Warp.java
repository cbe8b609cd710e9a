package dev.lathe.evolve.surrogate;

import java.util.Arrays;

/**
 * A strictly rising map of a metric's values (small ones are good) onto a scale where bad values are not far away: linear up to as
 * far beyond the median as the best value is before it, logarithmic from there on. A network that did not learn says that it is
 * bad; how bad it is should not bend the model where the good ones are.
 *
 * @param knee where the logarithm starts
 * @param unit its scale
 */
record Warp(double knee, double unit) {
    static Warp of(double[] values) {
        double[] sorted = values.clone();
        Arrays.sort(sorted);
        double median = sorted[sorted.length / 2];
        double unit = median - sorted[0];
        return new Warp(median + unit, unit);
    }

    double to(double value) {
        return value <= knee || unit <= 0 ? value : knee + unit * Math.log1p((value - knee) / unit);
    }

    double from(double warped) {
        return warped <= knee || unit <= 0 ? warped : knee + unit * Math.expm1(Math.min(50, (warped - knee) / unit));
    }
}

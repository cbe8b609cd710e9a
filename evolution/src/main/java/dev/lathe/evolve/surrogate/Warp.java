package dev.lathe.evolve.surrogate;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** A strictly rising map of a metric's values (small ones are good) onto a scale on which they are easier to model. */
sealed interface Warp {
    double to(double value);

    double from(double warped);

    /** The logarithm of how fast the warped value rises there: densities on the two scales differ by it. */
    double logSlope(double value);

    /** Those that these values allow. */
    static List<Warp> of(double[] values) {
        List<Warp> all = new ArrayList<>(List.of(Knee.of(values)));
        if (Arrays.stream(values).allMatch(v -> v > 0)) {
            all.add(new Log());
        }
        return all;
    }

    /** The logarithm where it is asked for and the values allow it, otherwise the other kind. */
    static Warp of(double[] values, boolean isLog) {
        return isLog && Arrays.stream(values).allMatch(v -> v > 0) ? new Log() : Knee.of(values);
    }

    /**
     * Linear up to as far beyond the median as the best value is before it, logarithmic from there on: a network that did not
     * learn says that it is bad; how bad it is should not bend the model where the good ones are.
     *
     * @param knee where the logarithm starts
     * @param unit its scale
     */
    record Knee(double knee, double unit) implements Warp {
        static Knee of(double[] values) {
            double[] sorted = values.clone();
            Arrays.sort(sorted);
            double median = sorted[sorted.length / 2];
            double unit = median - sorted[0];
            return new Knee(median + unit, unit);
        }

        private boolean isLinear(double value) {
            return value <= knee || unit <= 0;
        }

        @Override
        public double to(double value) {
            return isLinear(value) ? value : knee + unit * Math.log1p((value - knee) / unit);
        }

        @Override
        public double from(double warped) {
            return isLinear(warped) ? warped : knee + unit * Math.expm1(Math.min(50, (warped - knee) / unit));
        }

        @Override
        public double logSlope(double value) {
            return isLinear(value) ? 0 : -Math.log1p((value - knee) / unit);
        }
    }

    /** The logarithm, for values that are all positive: costs that grow by factors. */
    record Log() implements Warp {
        @Override
        public double to(double value) {
            return Math.log(value);
        }

        @Override
        public double from(double warped) {
            return Math.exp(Math.min(700, warped));
        }

        @Override
        public double logSlope(double value) {
            return -Math.log(value);
        }
    }
}

package dev.lathe.supernet;

import java.util.Objects;

/**
 * Step and offset for values that have been seen: of 24 ranges, each narrower than the last around 0, the one whose rounding has
 * the least squared error. Steadier than the extremes, most of all with few bits.
 *
 * @see <a href="https://arxiv.org/abs/2004.09576">Bhalgat et al., LSQ+, CVPR Workshops 2020</a>, section 3.2
 */
final class StepEstimate {
    private static final int RANGES = 24;
    private static final double NARROWEST = 0.08;
    /** Of values that are all 0: any step will do. */
    private static final double LEAST_BOUND = 1e-5;

    /**
     * @param step s
     * @param offset β
     */
    record Step(double step, double offset) {}

    private StepEstimate() {}

    /** With offset 0. */
    static Step symmetric(float[] values, LearnedStepSize.Grid grid) {
        double bound = LEAST_BOUND;
        for (float v : values) {
            bound = Math.max(bound, Math.abs(v));
        }
        return best(values, -bound, bound, grid, true);
    }

    /** With an offset; the range holds 0, which padding and ReLU give. */
    static Step affine(float[] values, LearnedStepSize.Grid grid) {
        double low = 0;
        double high = LEAST_BOUND;
        for (float v : values) {
            low = Math.min(low, v);
            high = Math.max(high, v);
        }
        return best(values, low, high, grid, false);
    }

    private static Step best(float[] values, double low, double high, LearnedStepSize.Grid grid, boolean isSymmetric) {
        Step best = null;
        double least = Double.POSITIVE_INFINITY;
        for (int i = 0; i < RANGES; i++) {
            double share = 1 - i * (1 - NARROWEST) / (RANGES - 1);
            Step s = isSymmetric
                    ? new Step(share * high / grid.most(), 0)
                    : new Step(share * (high - low) / (grid.most() - grid.least()), share * low);
            double error = error(values, s, grid);
            if (best == null || error < least) {
                least = error;
                best = s;
            }
        }
        return Objects.requireNonNull(best);
    }

    private static double error(float[] values, Step s, LearnedStepSize.Grid grid) {
        double sum = 0;
        for (float v : values) {
            double u = Math.max(grid.least(), Math.min(grid.most(), (v - s.offset()) / s.step()));
            double d = Math.rint(u) * s.step() + s.offset() - v;
            sum += d * d;
        }
        return sum;
    }
}

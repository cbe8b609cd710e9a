package dev.lathe.supernet;

import ai.djl.ndarray.NDArray;
import org.jspecify.annotations.Nullable;

/**
 * Rounding to a grid whose step s and offset β are learnt: {@code x_q = round(clamp((x - β) / s, n, m)) s + β}, the gradient
 * straight through the rounding. With u = (x - β) / s it is by
 *
 * <ul>
 *   <li>s: n where u ≤ n, m where u ≥ m, round(u) - u between;
 *   <li>β: 1 where u ≤ n or u ≥ m, 0 between;
 *   <li>x: 0 where u ≤ n or u ≥ m, 1 between.
 * </ul>
 *
 * @see <a href="https://arxiv.org/abs/1902.08153">Esser et al., Learned Step Size Quantization, ICLR 2020</a>
 * @see <a href="https://arxiv.org/abs/2004.09576">Bhalgat et al., LSQ+, CVPR Workshops 2020</a>
 */
final class LearnedStepSize {
    private final Scalars scalars;

    LearnedStepSize(Scalars scalars) {
        this.scalars = scalars;
    }

    /**
     * @param x what to round; owned by the step's manager, as the result will be
     * @param step positive, one or of a shape that broadcasts to {@code x}
     * @param offset likewise, or null for 0
     * @param grid least and largest whole number
     */
    NDArray quantize(NDArray x, NDArray step, @Nullable NDArray offset, Grid grid) {
        NDArray u = (offset == null ? x : x.sub(offset)).div(step);
        // Clamped by two ReLUs, whose gradient at the edge itself is 0: maximum and minimum share it out there. The
        // first
        // is max(u, n) - n, the second m - min(max(u, n), m).
        NDArray aboveLeast = scalars.add(u, -grid.least()).getNDArrayInternal().relu();
        NDArray belowMost = scalars.add(aboveLeast.neg(), grid.most() - grid.least())
                .getNDArrayInternal()
                .relu();
        NDArray y = scalars.add(wholeNumber(belowMost).neg(), grid.most()).mul(step);
        return offset == null ? y : y.add(offset);
    }

    /** The same without gradient, in fewer passes over the values. */
    NDArray quantizeFixed(NDArray x, NDArray step, @Nullable NDArray offset, Grid grid) {
        NDArray y = (offset == null ? x : x.sub(offset))
                .div(step)
                .round()
                .maximum(scalars.constant(grid.least()))
                .minimum(scalars.constant(grid.most()))
                .muli(step);
        return offset == null ? y : y.addi(offset);
    }

    /** The nearest whole number from {@code least} to {@code most}, its gradient that of the value itself. */
    NDArray wholeNumber(NDArray x, int least, int most) {
        NDArray fixed = x.stopGradient();
        NDArray nearest = fixed.round().maximum(scalars.constant(least)).minimum(scalars.constant(most));
        return x.add(nearest.sub(fixed));
    }

    private static NDArray wholeNumber(NDArray x) {
        NDArray fixed = x.stopGradient();
        return x.add(fixed.round().sub(fixed));
    }

    /** The parameter itself, its gradient times a factor. */
    NDArray withGradientTimes(NDArray p, float factor) {
        NDArray fixed = p.stopGradient();
        return fixed.add(scalars.multiply(p.sub(fixed), factor));
    }

    /**
     * What keeps updates of a step in proportion to those of weights: 1 / √(N m).
     *
     * @param elements N, numbers that share the step
     */
    static float gradientFactor(long elements, Grid grid) {
        return (float) (1 / Math.sqrt((double) elements * grid.most()));
    }

    /**
     * Whole numbers that values are rounded to.
     *
     * @param least n
     * @param most m
     */
    record Grid(int least, int most) {
        /** Weights: as many numbers below 0 as above it, because folding a negative gain turns them round. */
        static Grid weights(int bits) {
            return new Grid(1 - (1 << (bits - 1)), (1 << (bits - 1)) - 1);
        }

        /** Activations whose zero point is 0. */
        static Grid signed(int bits) {
            return new Grid(-(1 << (bits - 1)), (1 << (bits - 1)) - 1);
        }

        /** Activations with an offset. */
        static Grid unsigned(int bits) {
            return new Grid(0, (1 << bits) - 1);
        }
    }
}

package dev.lathe.supernet;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import dev.lathe.graph.Graph;
import dev.lathe.graph.WeightSlice;
import dev.lathe.supernet.QuantizationPoints.Point;

/**
 * Rounds weights and activations of an executor's networks as their integer form does, by quantisers that are parameters of the
 * supernet (LSQ+, see {@link LearnedStepSize}).
 *
 * <p>What is trained is the logarithm of a step, and the offset as a share of the range. An update of AdamW is about as large as the
 * rate whatever the gradient's size; so it changes every step, of numbers as different as weights and logits, by the same
 * share, and a step stays positive. An offset is a whole number of steps and the
 * range holds 0: so 0 is exactly one of the numbers, as it is in the integer form.
 */
final class FakeQuantization {
    private final SharedParameters parameters;
    private final BitWidth width;
    private final LearnedStepSize rounding;

    FakeQuantization(SharedParameters parameters, BitWidth width) {
        this.parameters = parameters;
        this.width = width;
        this.rounding = new LearnedStepSize(parameters.scalars());
    }

    QuantizationPoints points(Graph graph) {
        return QuantizationPoints.of(graph, width);
    }

    /** @param x owned by {@code step} */
    NDArray activation(Point p, NDArray x, NDManager step, boolean train) {
        LearnedStepSize.Grid grid = p.grid();
        NDArray s = parameter(WeightSlice.first(p.step(), 1), step, train).exp();
        NDArray offset = p.isSymmetric() ? null : offset(p, s, step, train);
        if (!train) {
            return rounding.quantizeFixed(x, s, offset, grid);
        }
        float factor = LearnedStepSize.gradientFactor(p.elements(), grid);
        return rounding.quantize(
                x,
                rounding.withGradientTimes(s, factor),
                offset == null ? null : rounding.withGradientTimes(offset, factor),
                grid);
    }

    private NDArray offset(Point p, NDArray s, NDManager step, boolean train) {
        int most = p.grid().most();
        NDArray share = parameter(WeightSlice.first(p.offset(), 1), step, train);
        return rounding.wholeNumber(parameters.scalars().multiply(share, most), -most, 0)
                .mul(s);
    }

    /**
     * @param w values of the slice, outputs first
     * @return owned by {@code step}
     */
    NDArray weight(WeightSlice slice, NDArray w, QuantizationPoints points, NDManager step, boolean train) {
        LearnedStepSize.Grid grid = LearnedStepSize.Grid.weights(points.weightBits(slice));
        long outputs = slice.extent(0);
        long[] shape = new long[slice.rank()];
        java.util.Arrays.fill(shape, 1);
        shape[0] = outputs;
        NDArray s = parameter(QuantizationPoints.weightStep(slice, points.weightBits(slice)), step, train)
                .exp()
                .reshape(new Shape(shape));
        // A whole parameter lives long, and so would what is made of it.
        NDArray local = w.reshape(w.getShape());
        local.attach(step);
        if (!train) {
            return rounding.quantizeFixed(local, s, null, grid);
        }
        float factor = LearnedStepSize.gradientFactor(slice.elements() / outputs, grid);
        return rounding.quantize(local, rounding.withGradientTimes(s, factor), null, grid);
    }

    /** A copy that belongs to the step: a whole parameter lives long, and so would what is made of it. */
    private NDArray parameter(WeightSlice slice, NDManager step, boolean train) {
        NDArray p = parameters.slice(slice, step, train);
        NDArray local = p.reshape(p.getShape());
        local.attach(step);
        return local;
    }
}

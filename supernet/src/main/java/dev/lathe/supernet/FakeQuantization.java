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
 * share, and a step stays positive.
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
        float factor = LearnedStepSize.gradientFactor(p.elements(), grid);
        NDArray s = parameter(WeightSlice.first(p.step(), 1), step, train).exp();
        if (p.isSymmetric()) {
            return rounding.quantize(x, train ? rounding.withGradientTimes(s, factor) : s, null, grid);
        }
        NDArray share = parameter(WeightSlice.first(p.offset(), 1), step, train);
        NDArray offset = parameters.scalars().multiply(share.mul(s), grid.most());
        return train
                ? rounding.quantize(
                        x, rounding.withGradientTimes(s, factor), rounding.withGradientTimes(offset, factor), grid)
                : rounding.quantize(x, s, offset, grid);
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
        if (train) {
            s = rounding.withGradientTimes(s, LearnedStepSize.gradientFactor(slice.elements() / outputs, grid));
        }
        // A whole parameter lives long, and so would what is made of it.
        NDArray local = w.reshape(w.getShape());
        local.attach(step);
        return rounding.quantize(local, s, null, grid);
    }

    /** A copy that belongs to the step: a whole parameter lives long, and so would what is made of it. */
    private NDArray parameter(WeightSlice slice, NDManager step, boolean train) {
        NDArray p = parameters.slice(slice, step, train);
        NDArray local = p.reshape(p.getShape());
        local.attach(step);
        return local;
    }
}

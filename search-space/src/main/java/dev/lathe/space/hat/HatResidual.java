package dev.lathe.space.hat;

import dev.lathe.graph.GraphBuilder;
import dev.lathe.graph.Operator;
import dev.lathe.graph.Tensor;
import dev.lathe.graph.WeightSlice;

/** What ends a block: the sum of its input and its output, then layer normalization. */
final class HatResidual {
    private static final float EPSILON = 1e-5f;

    private final String sum;
    private final String norm;
    private final String scale;
    private final String shift;

    /** @param block name of the block */
    HatResidual(String block) {
        this.sum = block + ".add";
        this.norm = block + ".norm";
        this.scale = norm + ".scale";
        this.shift = norm + ".shift";
    }

    Tensor append(GraphBuilder g, Tensor x, Tensor y) {
        int width = x.shape().last();
        return g.add(
                norm,
                new Operator.LayerNorm(WeightSlice.first(scale, width), WeightSlice.first(shift, width), EPSILON),
                g.add(sum, new Operator.Add(), x, y));
    }
}

package dev.lathe.space.fbnetv3;

import dev.lathe.graph.Activation;
import dev.lathe.graph.GraphBuilder;
import dev.lathe.graph.Operator;
import dev.lathe.graph.Range;
import dev.lathe.graph.Tensor;
import dev.lathe.graph.WeightSlice;
import dev.lathe.space.Layers;

/**
 * Inverted residual of FBNetV3: expand unless by 1, depthwise, squeeze-and-excitation, project; H-swish after all but the last;
 * a residual where the shape stays.
 *
 * @param maxKernel of which the middle is used
 * @param padding of the depthwise convolution, which need not be half the kernel
 */
record FbnetV3Block(int kernel, int maxKernel, int expansion, int stride, int padding, boolean squeezeExcite) {
    Tensor append(GraphBuilder g, Layers layers, String name, Tensor x, int width) {
        int inputs = x.shape().extent(0);
        int inner = inputs * expansion;
        Tensor y = expansion > 1 ? layers.pointwise(name + ".expand", x, inner, Activation.HARD_SWISH) : x;
        String depthwise = name + ".depthwise";
        Range window = Range.middle(kernel, maxKernel);
        WeightSlice weight = WeightSlice.of(depthwise + ".weight", Range.first(inner), Range.first(1), window, window);
        y = g.add(depthwise, new Operator.Conv2d(weight, null, stride, padding, inner), y);
        y = layers.activate(depthwise, layers.batchNorm(depthwise, y), Activation.HARD_SWISH);
        if (squeezeExcite) {
            y = layers.squeezeExcite(name + ".se", y, squeezed(inputs), Activation.HARD_SWISH, Activation.HARD_SIGMOID);
        }
        y = layers.pointwise(name + ".project", y, width, null);
        return x.shape().equals(y.shape()) ? layers.add(name + ".add", x, y) : y;
    }

    /**
     * Width between the two layers of squeeze-and-excitation: a quarter of the block's input (not of the expanded width), to the
     * nearest multiple of 8, the larger of two, and the next where that is below 95 %.
     */
    static int squeezed(int inputs) {
        int quarter = inputs / 4;
        int rounded = Math.max(8, (quarter + 4) / 8 * 8);
        return rounded * 100 < quarter * 95 ? rounded + 8 : rounded;
    }
}

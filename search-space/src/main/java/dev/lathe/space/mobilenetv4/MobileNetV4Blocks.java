package dev.lathe.space.mobilenetv4;

import dev.lathe.graph.Activation;
import dev.lathe.graph.GraphBuilder;
import dev.lathe.graph.Operator;
import dev.lathe.graph.Shape;
import dev.lathe.graph.Tensor;
import dev.lathe.graph.WeightSlice;
import dev.lathe.space.Layers;
import java.util.List;

/**
 * The blocks of MobileNetV4, appended to a graph; maps are (C, H, W). A depthwise kernel is the middle of a {@value
 * #MAX_KERNEL} x {@value #MAX_KERNEL} one, and a width is the leading channels of the largest.
 *
 * @see <a href="https://arxiv.org/abs/2404.10518">Qin et al., MobileNetV4, ECCV 2024</a>
 */
public final class MobileNetV4Blocks {
    static final int MAX_KERNEL = 5;
    private static final float EPSILON = 1e-3f;
    private static final int DIVISOR = 8;

    private final GraphBuilder graph;
    private final Layers layers;
    private final Activation activation;
    private final boolean layerScale;

    /**
     * @param activation non-linearity of all blocks
     * @param layerScale whether each inverted bottleneck ends with a learned factor per channel; attention always does
     */
    public MobileNetV4Blocks(GraphBuilder graph, Activation activation, boolean layerScale) {
        this.graph = graph;
        this.layers = new Layers(graph, EPSILON);
        this.activation = activation;
        this.layerScale = layerScale;
    }

    /** Dense convolution, batch normalization, non-linearity. */
    public Tensor conv(String name, Tensor x, int outputs, int kernel, int stride) {
        return layers.convNorm(name, x, outputs, kernel, kernel, stride, 1, activation);
    }

    /** Fused inverted bottleneck: a dense k x k convolution expands, a 1x1 convolution projects. */
    public Tensor fusedBottleneck(String name, Tensor x, int outputs, int kernel, int expansion, int stride) {
        Tensor y = conv(name + ".expand", x, inner(x, expansion), kernel, stride);
        y = layers.pointwise(name + ".project", y, outputs, null);
        return x.shape().equals(y.shape()) ? layers.add(name + ".add", x, y) : y;
    }

    /**
     * Universal inverted bottleneck: a depthwise convolution at the start without non-linearity, 1x1 expansion, a depthwise
     * convolution in the middle, 1x1 projection without non-linearity; a residual where the shape stays. The middle
     * convolution takes the stride, and the start one where there is no middle.
     *
     * @param startKernel 3 or 5, or 0 for none
     * @param middleKernel 3 or 5, or 0 for none
     * @throws IllegalArgumentException if the stride is above 1 and no depthwise convolution is there to take it
     */
    public Tensor bottleneck(
            String name, Tensor x, int startKernel, int middleKernel, int expansion, int outputs, int stride) {
        if (stride > 1 && startKernel == 0 && middleKernel == 0) {
            throw new IllegalArgumentException(
                    "Block %s has stride %d and no depthwise convolution to take it".formatted(name, stride));
        }
        Tensor y = x;
        if (startKernel > 0) {
            y = layers.depthwise(name + ".start", y, startKernel, MAX_KERNEL, middleKernel > 0 ? 1 : stride, null);
        }
        y = layers.pointwise(name + ".expand", y, inner(x, expansion), activation);
        if (middleKernel > 0) {
            y = layers.depthwise(name + ".middle", y, middleKernel, MAX_KERNEL, stride, activation);
        }
        y = layers.pointwise(name + ".project", y, outputs, null);
        if (layerScale) {
            y = scaled(name, y);
        }
        return x.shape().equals(y.shape()) ? layers.add(name + ".add", x, y) : y;
    }

    /**
     * Mobile multi-query attention with a residual: batch normalization; a query per head, one key and one value for all heads;
     * softmax of the scaled products over all positions; 1x1 projection; layer scale. With a stride, keys and values are made of
     * a map that a depthwise 3x3 convolution has reduced, each its own.
     *
     * @param keyWidth d, the width of one head
     * @param stride of keys and values, 1 or 2
     */
    public Tensor attention(String name, Tensor x, int heads, int keyWidth, int stride) {
        int channels = x.shape().extent(0);
        int rows = x.shape().extent(1);
        int columns = x.shape().extent(2);
        Tensor n = layers.batchNorm(name, x);
        Tensor q = layers.conv(name + ".query", n, heads * keyWidth, 1, 1, 1, 1);
        q = graph.add(name + ".query.heads", new Operator.Reshape(Shape.of(heads, keyWidth, rows * columns)), q);
        q = graph.add(name + ".query.rows", new Operator.Transpose(List.of(0, 2, 1)), q);
        Tensor k = shared(name + ".key", n, keyWidth, stride);
        Tensor v = shared(name + ".value", n, keyWidth, stride);
        Tensor weights =
                graph.add(name + ".scores", new Operator.MatMul(false, (float) (1 / Math.sqrt(keyWidth))), q, k);
        weights = graph.add(name + ".softmax", new Operator.Softmax(), weights);
        Tensor y = graph.add(name + ".mix", new Operator.MatMul(true, 1f), weights, v);
        y = graph.add(name + ".mix.columns", new Operator.Transpose(List.of(0, 2, 1)), y);
        y = graph.add(name + ".mix.map", new Operator.Reshape(Shape.of(heads * keyWidth, rows, columns)), y);
        y = layers.conv(name + ".project", y, channels, 1, 1, 1, 1);
        return layers.add(name + ".add", x, scaled(name, y));
    }

    /** The one key or value, (1, d, positions). */
    private Tensor shared(String name, Tensor x, int keyWidth, int stride) {
        Tensor y = stride > 1 ? layers.depthwise(name + ".reduce", x, 3, 3, stride, null) : x;
        y = layers.conv(name, y, keyWidth, 1, 1, 1, 1);
        int positions = y.shape().extent(1) * y.shape().extent(2);
        return graph.add(name + ".columns", new Operator.Reshape(Shape.of(1, keyWidth, positions)), y);
    }

    /** 1x1 convolution, global average pooling, a layer with batch normalization on the vector, classifier. */
    Tensor head(Tensor x, int width, int features, int classes) {
        Tensor y = layers.pointwise("head", x, width, activation);
        y = graph.add("pool", new Operator.GlobalAveragePool(), y);
        y = layers.linear("features", y, features, false);
        y = layers.activate("features", layers.batchNorm("features", y), activation);
        return layers.linear("classifier", y, classes, true);
    }

    private Tensor scaled(String name, Tensor x) {
        String scale = name + ".scale";
        return graph.add(
                scale,
                new Operator.LayerScale(WeightSlice.first(scale, x.shape().extent(0))),
                x);
    }

    private static int inner(Tensor x, int expansion) {
        return Layers.makeDivisible((double) x.shape().extent(0) * expansion, DIVISOR);
    }
}

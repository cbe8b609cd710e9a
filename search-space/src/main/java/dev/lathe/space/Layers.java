package dev.lathe.space;

import dev.lathe.graph.Activation;
import dev.lathe.graph.GraphBuilder;
import dev.lathe.graph.Operator;
import dev.lathe.graph.Range;
import dev.lathe.graph.Tensor;
import dev.lathe.graph.WeightSlice;
import org.jspecify.annotations.Nullable;

/**
 * The layers that most spaces are made of, appended to a graph. Widths and kernels may be elastic: a layer uses the leading
 * channels, and the middle of the largest kernel. A layer {@code n} names its parameters {@code n.weight}, {@code n.bias}
 * and so on; its normalization is {@code n.norm}.
 */
public final class Layers {
    private final GraphBuilder graph;
    private final float epsilon;

    /** @param epsilon of all normalizations */
    public Layers(GraphBuilder graph, float epsilon) {
        this.graph = graph;
        this.epsilon = epsilon;
    }

    /** The nearest multiple of {@code divisor}, at least {@code divisor}, and never below 90 % of the value. */
    public static int makeDivisible(double value, int divisor) {
        int v = Math.max(divisor, (int) (value + divisor / 2.0) / divisor * divisor);
        return v < 0.9 * value ? v + divisor : v;
    }

    /**
     * A square convolution without bias that keeps the size at stride 1: odd kernel, padding {@code kernel / 2}.
     *
     * @param maxKernel of which the middle {@code kernel} rows and columns are used
     * @param groups 1, or the input's channels for a depthwise convolution
     */
    public Tensor conv(String name, Tensor x, int outputs, int kernel, int maxKernel, int stride, int groups) {
        int inputs = x.shape().extent(0) / groups;
        Range window = Range.middle(kernel, maxKernel);
        WeightSlice weight =
                WeightSlice.of(name + ".weight", Range.first(outputs), Range.first(inputs), window, window);
        return graph.add(name, new Operator.Conv2d(weight, null, stride, kernel / 2, groups), x);
    }

    /** Batch normalization {@code name.norm} of the channels of (C, H, W) or (C). */
    public Tensor batchNorm(String name, Tensor x) {
        int channels = x.shape().extent(0);
        return graph.add(
                name + ".norm",
                new Operator.BatchNorm(
                        WeightSlice.first(name + ".norm.scale", channels),
                        WeightSlice.first(name + ".norm.shift", channels),
                        WeightSlice.first(name + ".norm.mean", channels),
                        WeightSlice.first(name + ".norm.variance", channels),
                        epsilon),
                x);
    }

    /** The non-linearity {@code name.act}; null for none. */
    public Tensor activate(String name, Tensor x, @Nullable Activation function) {
        return function == null ? x : graph.add(name + ".act", new Operator.Activate(function), x);
    }

    /** Convolution, batch normalization, non-linearity. */
    public Tensor convNorm(
            String name,
            Tensor x,
            int outputs,
            int kernel,
            int maxKernel,
            int stride,
            int groups,
            @Nullable Activation function) {
        return activate(name, batchNorm(name, conv(name, x, outputs, kernel, maxKernel, stride, groups)), function);
    }

    /** 1x1 convolution, batch normalization, non-linearity. */
    public Tensor pointwise(String name, Tensor x, int outputs, @Nullable Activation function) {
        return convNorm(name, x, outputs, 1, 1, 1, 1, function);
    }

    /** Depthwise convolution, batch normalization, non-linearity. */
    public Tensor depthwise(
            String name, Tensor x, int kernel, int maxKernel, int stride, @Nullable Activation function) {
        int channels = x.shape().extent(0);
        return convNorm(name, x, channels, kernel, maxKernel, stride, channels, function);
    }

    /**
     * Squeeze-and-excitation: the mean of each channel, two linear layers with bias, a gate per channel.
     *
     * @param squeezed width between the two layers
     * @param inner non-linearity between them
     * @param gate non-linearity that makes the gate
     */
    public Tensor squeezeExcite(String name, Tensor x, int squeezed, Activation inner, Activation gate) {
        Tensor s = graph.add(name + ".squeeze", new Operator.GlobalAveragePool(), x);
        s = linear(name + ".reduce", s, squeezed, true);
        s = activate(name + ".reduce", s, inner);
        s = linear(name + ".expand", s, x.shape().extent(0), true);
        s = activate(name + ".expand", s, gate);
        return graph.add(name, new Operator.Gate(), x, s);
    }

    /** A linear layer on the last axis. */
    public Tensor linear(String name, Tensor x, int outputs, boolean bias) {
        return graph.add(
                name,
                new Operator.Linear(
                        WeightSlice.first(name + ".weight", outputs, x.shape().last()),
                        bias ? WeightSlice.first(name + ".bias", outputs) : null),
                x);
    }

    /** Layer normalization of the last axis. */
    public Tensor layerNorm(String name, Tensor x) {
        int width = x.shape().last();
        return graph.add(
                name,
                new Operator.LayerNorm(
                        WeightSlice.first(name + ".scale", width), WeightSlice.first(name + ".shift", width), epsilon),
                x);
    }

    /** x + y. */
    public Tensor add(String name, Tensor x, Tensor y) {
        return graph.add(name, new Operator.Add(), x, y);
    }
}

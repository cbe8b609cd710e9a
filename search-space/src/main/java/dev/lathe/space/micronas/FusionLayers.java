package dev.lathe.space.micronas;

import dev.lathe.graph.Activation;
import dev.lathe.graph.GraphBuilder;
import dev.lathe.graph.Operator;
import dev.lathe.graph.Tensor;
import dev.lathe.graph.WeightSlice;

/**
 * The layers of a sensor-fusion cell.
 *
 * @param name of the cell, with which the names of its parameters start
 * @param sensors columns of its input
 * @param isReducing whether it halves them
 */
record FusionLayers(String name, int sensors, boolean isReducing) {
    private static final float EPSILON = 1e-5f;
    private static final Operator RELU = new Operator.Activate(Activation.RELU);
    private static final Operator ADD = new Operator.Add();

    /**
     * @param x (C, T, sensors)
     * @param bottleneck channels of the convolution over the sensors; of no effect where no kernel is on
     * @param channels channels of the output
     * @param kernels which of the parallel convolutions are on
     */
    Tensor append(GraphBuilder g, Tensor x, int bottleneck, int channels, boolean[] kernels) {
        int step = isReducing ? 2 : 1;
        Tensor narrow = null;
        Tensor sum = null;
        for (int k = 0; k < kernels.length; k++) {
            if (kernels[k]) {
                if (narrow == null) {
                    // An even window over all sensors can be padded alike on both sides only where it halves them.
                    int window = isReducing ? sensors : sensors | 1;
                    narrow = convolve(g, name + ".bottleneck", x, bottleneck, 1, window, 1, step, (window - 1) / 2);
                }
                int kernel = (int) MicroNasSpace.KERNELS[k];
                Tensor y = convolve(g, name + ".kernel" + kernel, narrow, channels, kernel, 1, 1, 1, 0);
                sum = sum == null ? y : g.add(name + ".sum" + kernel, ADD, sum, y);
            }
        }
        Tensor past = convolve(g, name + ".residual", x, channels, 1, step, 1, step, isReducing ? sensors % 2 : 0);
        return sum == null ? past : g.add(name + ".add", ADD, sum, past);
    }

    /** Convolution, batch normalization, ReLU; the padding in time keeps the length at stride 1. */
    static Tensor convolve(
            GraphBuilder g,
            String name,
            Tensor x,
            int channels,
            int kernelTime,
            int kernelSensors,
            int strideTime,
            int strideSensors,
            int paddingSensors) {
        WeightSlice weight =
                WeightSlice.first(name + ".weight", channels, x.shape().extent(0), kernelTime, kernelSensors);
        Tensor y = g.add(
                name,
                new Operator.Conv2d(weight, null, strideTime, strideSensors, kernelTime / 2, paddingSensors, 1),
                x);
        String norm = name + ".norm";
        y = g.add(
                norm,
                new Operator.BatchNorm(
                        WeightSlice.first(norm + ".scale", channels),
                        WeightSlice.first(norm + ".shift", channels),
                        WeightSlice.first(norm + ".mean", channels),
                        WeightSlice.first(norm + ".variance", channels),
                        EPSILON),
                y);
        return g.add(name + ".relu", RELU, y);
    }

    /** A 1x1 convolution to the classes and the mean over time and sensors. */
    static Tensor head(GraphBuilder g, Tensor x, int classes) {
        WeightSlice weight = WeightSlice.first("head.weight", classes, x.shape().extent(0), 1, 1);
        Tensor y = g.add("head", new Operator.Conv2d(weight, WeightSlice.first("head.bias", classes), 1, 0, 1), x);
        return g.add("logits", new Operator.GlobalAveragePool(), y);
    }
}

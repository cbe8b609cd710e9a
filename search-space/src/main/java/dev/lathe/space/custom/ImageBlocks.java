package dev.lathe.space.custom;

import dev.lathe.graph.Activation;
import dev.lathe.graph.GraphBuilder;
import dev.lathe.graph.Operator;
import dev.lathe.graph.Range;
import dev.lathe.graph.Tensor;
import dev.lathe.graph.WeightSlice;
import dev.lathe.space.Layers;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * Layers on images (C, H, W). A convolution {@code n} is the node {@code n.conv} with the parameter {@code n.weight}, its
 * normalization {@code n.norm}, its non-linearity {@code n.relu} and so on.
 */
final class ImageBlocks {
    static final float EPSILON = 1e-5f;

    private ImageBlocks() {}

    record Conv(
            String name,
            Whole outputs,
            Whole kernel,
            Whole stride,
            boolean norm,
            @Nullable Activation activation) implements Block {
        @Override
        public Tensor append(GraphBuilder g, Point p, Tensor x) {
            image(x);
            return conv(g, name, x, outputs.of(p), kernel.of(p), kernel.most(), stride.of(p), false, norm, activation);
        }
    }

    record Depthwise(
            String name,
            Whole kernel,
            Whole stride,
            @Nullable Activation activation) implements Block {
        @Override
        public Tensor append(GraphBuilder g, Point p, Tensor x) {
            image(x);
            int channels = x.shape().extent(0);
            return conv(g, name, x, channels, kernel.of(p), kernel.most(), stride.of(p), true, true, activation);
        }
    }

    /** Expansion (none at ratio 1), depthwise convolution, gate (none at ratio 0), projection, residual where shapes allow. */
    record InvertedResidual(
            String name,
            Whole outputs,
            Whole kernel,
            Expression expand,
            Whole stride,
            Expression squeeze,
            @Nullable Activation activation,
            boolean residual)
            implements Block {
        @Override
        public Tensor append(GraphBuilder g, Point p, Tensor x) {
            image(x);
            double ratio = expand.value(p.values());
            int inner = Whole.of(x.shape().extent(0) * ratio, outputs.divisor());
            Tensor y = x;
            if (ratio == 1) {
                inner = x.shape().extent(0);
            } else {
                y = conv(g, name + ".expand", y, inner, 1, 1, 1, false, true, activation);
            }
            y = conv(
                    g,
                    name + ".depthwise",
                    y,
                    inner,
                    kernel.of(p),
                    kernel.most(),
                    stride.of(p),
                    true,
                    true,
                    activation);
            double share = squeeze.value(p.values());
            if (share > 0) {
                y = new Layers(g, EPSILON)
                        .squeezeExcite(
                                name + ".gate",
                                y,
                                Whole.of(inner * share, outputs.divisor()),
                                Activation.RELU,
                                Activation.HARD_SIGMOID);
            }
            y = conv(g, name + ".project", y, outputs.of(p), 1, 1, 1, false, true, null);
            return residual && x.shape().equals(y.shape()) ? g.add(name + ".add", new Operator.Add(), x, y) : y;
        }
    }

    /** 1x1, k x k and 1x1 convolutions around a residual, which is projected where shapes differ; activation after the sum. */
    record Bottleneck(
            String name,
            Whole outputs,
            Whole middle,
            Whole kernel,
            Whole stride,
            @Nullable Activation activation) implements Block {
        @Override
        public Tensor append(GraphBuilder g, Point p, Tensor x) {
            image(x);
            int inner = middle.of(p);
            int out = outputs.of(p);
            int step = stride.of(p);
            Tensor y = conv(g, name + ".reduce", x, inner, 1, 1, 1, false, true, activation);
            y = conv(g, name + ".middle", y, inner, kernel.of(p), kernel.most(), step, false, true, activation);
            y = conv(g, name + ".project", y, out, 1, 1, 1, false, true, null);
            Tensor shortcut = x.shape().equals(y.shape())
                    ? x
                    : conv(g, name + ".shortcut", x, out, 1, 1, step, false, true, null);
            return activate(g, name, g.add(name + ".add", new Operator.Add(), shortcut, y), activation);
        }
    }

    record Pool(String name, String kind, Whole kernel, Whole stride, int padding) implements Block {
        @Override
        public Tensor append(GraphBuilder g, Point p, Tensor x) {
            image(x);
            if (kind.equals("global")) {
                return g.add(name, new Operator.GlobalAveragePool(), x);
            }
            Operator.PoolKind window = kind.equals("max") ? Operator.PoolKind.MAX : Operator.PoolKind.AVERAGE;
            return g.add(name, Operator.Pool2d.of(window, kernel.of(p), stride.of(p), padding), x);
        }
    }

    private static void image(Tensor x) {
        if (x.shape().rank() != 3) {
            throw new IllegalArgumentException(
                    "it takes an image (channels, rows, columns), but gets %s; put it before pools and patches"
                            .formatted(x.shape()));
        }
    }

    private static Tensor conv(
            GraphBuilder g,
            String name,
            Tensor x,
            int outputs,
            int kernel,
            int mostKernel,
            int stride,
            boolean depthwise,
            boolean norm,
            @Nullable Activation activation) {
        int inputs = x.shape().extent(0);
        Range window = Range.middle(kernel, mostKernel);
        WeightSlice weight = WeightSlice.of(
                name + ".weight", Range.first(outputs), Range.first(depthwise ? 1 : inputs), window, window);
        WeightSlice bias = norm ? null : WeightSlice.first(name + ".bias", outputs);
        Tensor y =
                g.add(name + ".conv", new Operator.Conv2d(weight, bias, stride, kernel / 2, depthwise ? inputs : 1), x);
        if (norm) {
            y = g.add(
                    name + ".norm",
                    new Operator.BatchNorm(
                            WeightSlice.first(name + ".norm.scale", outputs),
                            WeightSlice.first(name + ".norm.shift", outputs),
                            WeightSlice.first(name + ".norm.mean", outputs),
                            WeightSlice.first(name + ".norm.variance", outputs),
                            EPSILON),
                    y);
        }
        return activate(g, name, y, activation);
    }

    static Tensor activate(GraphBuilder g, String name, Tensor x, @Nullable Activation activation) {
        return activation == null
                ? x
                : g.add(name + "." + activation.name().toLowerCase(Locale.ROOT), new Operator.Activate(activation), x);
    }
}

package dev.lathe.device.mcu;

import dev.lathe.graph.Activation;
import dev.lathe.graph.Graph;
import dev.lathe.graph.GraphBuilder;
import dev.lathe.graph.Operator;
import dev.lathe.graph.Operator.PoolKind;
import dev.lathe.graph.Range;
import dev.lathe.graph.Shape;
import dev.lathe.graph.Tensor;
import dev.lathe.graph.WeightSlice;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Networks that hold what the built-in small spaces do not. */
final class OperatorZoo {
    private static final int COLUMNS = 4;
    /** Less than the grid's side, so that far tokens share a row. */
    private static final int CLIP = 2;

    private final GraphBuilder g = new GraphBuilder("zoo");
    private int n;

    private OperatorZoo() {}

    private Tensor conv(Tensor x, int outputs, int ky, int kx, int stride, int groups, @Nullable Activation f) {
        String name = "conv" + n++;
        WeightSlice w = WeightSlice.first(name + ".w", outputs, x.shape().extent(0) / groups, ky, kx);
        Tensor y = g.add(name, new Operator.Conv2d(w, null, stride, stride, ky / 2, kx / 2, groups), x);
        y = norm3(y);
        return f == null ? y : g.add(name + ".act", new Operator.Activate(f), y);
    }

    private Tensor norm3(Tensor x) {
        String name = "batchNorm" + n++;
        int c = x.shape().extent(0);
        return g.add(
                name,
                new Operator.BatchNorm(
                        WeightSlice.first(name + ".scale", c),
                        WeightSlice.first(name + ".shift", c),
                        WeightSlice.first(name + ".mean", c),
                        WeightSlice.first(name + ".variance", c),
                        1e-5f),
                x);
    }

    private Tensor linear(Tensor x, int outputs, boolean bias) {
        String name = "linear" + n++;
        return g.add(
                name,
                new Operator.Linear(
                        WeightSlice.first(name + ".w", outputs, x.shape().last()),
                        bias ? WeightSlice.first(name + ".b", outputs) : null),
                x);
    }

    private Tensor act(Tensor x, Activation f) {
        return g.add("act" + n++, new Operator.Activate(f), x);
    }

    /** Convolutions, pools and squeeze-and-excitation that end in a mean of 16 bits. */
    static Graph convolutional(int height, int width) {
        OperatorZoo z = new OperatorZoo();
        Tensor x = z.g.input("image", 3, height, width);
        x = z.conv(x, 10, 3, 3, 1, 1, Activation.HARD_SWISH);
        Tensor y = z.conv(x, 10, 7, 7, 1, 10, Activation.RELU6);
        y = z.g.add("scale", new Operator.LayerScale(WeightSlice.first("scale", 10)), z.conv(y, 10, 1, 1, 1, 1, null));
        x = z.act(z.g.add("sum", new Operator.Add(), x, y), Activation.RELU);
        Tensor squeeze = z.g.add("squeeze", new Operator.GlobalAveragePool(), x);
        squeeze =
                z.act(z.linear(z.act(z.linear(squeeze, 4, true), Activation.RELU), 10, true), Activation.HARD_SIGMOID);
        x = z.g.add("gate", new Operator.Gate(), x, squeeze);
        Tensor grouped = z.conv(x, 20, 3, 3, 2, 5, Activation.SWISH);
        Tensor multiplied = z.conv(x, 20, 3, 3, 2, 10, Activation.SIGMOID);
        x = z.g.add("sum2", new Operator.Add(), multiplied, grouped);
        x = z.g.add("max", Operator.Pool2d.of(PoolKind.MAX, 3, 1, 1), x);
        x = z.g.add("average", Operator.Pool2d.of(PoolKind.AVERAGE, 3, 1, 1), x);
        x = z.g.add("counted", new Operator.Pool2d(PoolKind.AVERAGE, 3, 3, 1, 1, 1, 1, true, false), x);
        x = z.g.add("zeros", new Operator.Add(), x, z.g.add("zero", new Operator.Zero(), x));
        x = z.act(z.norm3(x), Activation.RELU);
        x = z.conv(x, 20, 5, 5, 2, 20, null);
        x = z.conv(x, 20, 3, 5, 1, 20, Activation.GELU);
        x = z.conv(x, 7, 1, 1, 1, 1, null);
        return z.g.build(z.g.add("logits", new Operator.GlobalAveragePool(), x));
    }

    /**
     * A class token, low-rank queries, keys and values, an odd number of tokens; with one head of keys for all queries, or with
     * relative positions.
     */
    static Graph transformer(boolean singleKey, int rankFactors) {
        OperatorZoo z = new OperatorZoo();
        int tokens = 16;
        int width = 20;
        int heads = 3;
        int d = 12;
        Tensor x = z.g.input("image", 2, 12, 12);
        x = z.patches(x, width);
        x = embedded(z, x, tokens, width);
        tokens++;
        for (int l = 0; l < 2; l++) {
            Tensor u = z.norm(x);
            for (int i = 0; i < rankFactors; i++) {
                u = z.linear(u, 14 - i, false);
            }
            Tensor q = z.split(z.linear(u, heads * d, true), tokens, heads, d);
            int keyHeads = singleKey ? 1 : heads;
            Tensor k = z.split(z.linear(u, keyHeads * d, true), tokens, keyHeads, d);
            Tensor v = z.split(z.linear(u, keyHeads * d, true), tokens, keyHeads, d);
            Tensor s = z.g.add("scores" + l, new Operator.MatMul(true, 0.3f), q, k);
            if (!singleKey) {
                Tensor near = z.g.add(
                        "keys" + l,
                        new Operator.RelativeKeys(table("kv" + l, d), table("kh" + l, d), COLUMNS, CLIP, 0.3f),
                        q);
                s = z.g.add("near" + l, new Operator.Add(), s, near);
            }
            Tensor p = z.g.add("softmax" + l, new Operator.Softmax(), s);
            s = z.g.add("mix" + l, new Operator.MatMul(false, 1f), p, v);
            if (!singleKey) {
                Tensor near = z.g.add(
                        "values" + l,
                        new Operator.RelativeValues(table("vv" + l, d), table("vh" + l, d), COLUMNS, CLIP),
                        p);
                s = z.g.add("both" + l, new Operator.Add(), s, near);
            }
            s = z.g.add("back" + l, new Operator.Transpose(List.of(1, 0, 2)), s);
            s = z.g.add("join" + l, new Operator.Reshape(Shape.of(tokens, heads * d)), s);
            for (int i = 1; i < rankFactors; i++) {
                s = z.linear(s, 10, false);
            }
            x = z.g.add("residual" + l, new Operator.Add(), z.linear(s, width, true), x);
            Tensor m = z.act(z.linear(z.norm(x), 30, true), Activation.GELU);
            x = z.g.add("mlp" + l, new Operator.Add(), x, z.linear(m, width, true));
        }
        x = z.norm(x);
        x = singleKey ? x : z.g.add("rest", new Operator.Slice(0, new Range(1, tokens)), x);
        x = z.g.add("mean", new Operator.MeanTokens(), x);
        return z.g.build(z.linear(x, 5, true));
    }

    private static WeightSlice table(String name, int d) {
        return WeightSlice.first(name, 2 * CLIP + 2, d);
    }

    private static Tensor embedded(OperatorZoo z, Tensor x, int tokens, int width) {
        int all = x.shape().extent(1) * x.shape().extent(2);
        x = z.g.add("flat", new Operator.Reshape(Shape.of(width, all)), x);
        x = z.g.add("tokens", new Operator.Transpose(List.of(1, 0)), x);
        if (all != tokens) {
            throw new IllegalStateException("tokens " + all);
        }
        x = z.g.add("class", new Operator.PrependToken(WeightSlice.first("class", width)), x);
        return z.g.add("position", new Operator.AddTable(WeightSlice.first("position", tokens + 1, width)), x);
    }

    private Tensor patches(Tensor x, int width) {
        WeightSlice w = WeightSlice.first("patch.w", width, x.shape().extent(0), 3, 3);
        return g.add("patch", new Operator.Conv2d(w, WeightSlice.first("patch.b", width), 3, 0, 1), x);
    }

    private Tensor norm(Tensor x) {
        String name = "norm" + n++;
        int w = x.shape().last();
        return g.add(
                name,
                new Operator.LayerNorm(WeightSlice.first(name + ".g", w), WeightSlice.first(name + ".b", w), 1e-5f),
                x);
    }

    private Tensor split(Tensor x, int tokens, int heads, int d) {
        Tensor s = g.add("split" + n++, new Operator.Reshape(Shape.of(tokens, heads, d)), x);
        return g.add("heads" + n++, new Operator.Transpose(List.of(1, 0, 2)), s);
    }
}

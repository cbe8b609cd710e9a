package dev.lathe.graph.memory;

import dev.lathe.graph.Activation;
import dev.lathe.graph.Graph;
import dev.lathe.graph.GraphBuilder;
import dev.lathe.graph.Operator;
import dev.lathe.graph.Shape;
import dev.lathe.graph.Tensor;
import dev.lathe.graph.WeightSlice;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Published networks, and small ones like them, built without a search space. */
final class Networks {
    private final GraphBuilder g;

    private Networks(String name) {
        g = new GraphBuilder(name);
    }

    /**
     * A vision transformer with class token.
     *
     * @param rank of the two factors that replace each linear layer of the blocks; queries, keys and values share the first;
     *     0 for dense layers
     * @param relative whether attention has relative positions on its grid
     */
    record Transformer(
            int side,
            int patch,
            int width,
            int layers,
            int heads,
            int headWidth,
            int ratio,
            int rank,
            int classes,
            boolean relative) {
        int tokens() {
            return (side / patch) * (side / patch) + 1;
        }

        Graph graph() {
            Networks n = new Networks("transformer");
            Tensor x = n.embed(this);
            for (int l = 0; l < layers; l++) {
                x = n.attention("layer" + l, x, this);
                x = n.mlp("layer" + l, x, this);
            }
            x = n.layerNorm("last", x);
            x = n.g.add("mean", new Operator.MeanTokens(), x);
            return n.g.build(n.linear("logits", x, classes));
        }
    }

    private Tensor embed(Transformer v) {
        Tensor x = g.input("image", 3, v.side, v.side);
        x = conv("patches", x, v.width, v.patch, v.patch, 0, 1);
        x = g.add("flat", new Operator.Reshape(Shape.of(v.width, v.tokens() - 1)), x);
        x = g.add("tokens", new Operator.Transpose(List.of(1, 0)), x);
        x = g.add("class", new Operator.PrependToken(WeightSlice.first("class", v.width)), x);
        return g.add("position", new Operator.AddTable(WeightSlice.first("position", v.tokens(), v.width)), x);
    }

    private Tensor attention(String layer, Tensor x, Transformer v) {
        Tensor n = layerNorm(layer + ".attention", x);
        if (v.rank > 0) {
            n = linear(layer + ".shared", n, v.rank);
        }
        Tensor q = heads(layer + ".query", n, v);
        Tensor k = heads(layer + ".key", n, v);
        Tensor value = heads(layer + ".value", n, v);
        Tensor s = g.add(layer + ".scores", new Operator.MatMul(true, 0.125f), q, k);
        WeightSlice vertical = WeightSlice.first(layer + ".vertical", 2 * 3 + 2, v.headWidth);
        WeightSlice horizontal = WeightSlice.first(layer + ".horizontal", 2 * 3 + 2, v.headWidth);
        int columns = v.side / v.patch;
        if (v.relative) {
            Tensor r = g.add(
                    layer + ".relativeKeys", new Operator.RelativeKeys(vertical, horizontal, columns, 3, 0.125f), q);
            s = g.add(layer + ".scores.add", new Operator.Add(), s, r);
        }
        Tensor p = g.add(layer + ".softmax", new Operator.Softmax(), s);
        Tensor o = g.add(layer + ".mix", new Operator.MatMul(false, 1), p, value);
        if (v.relative) {
            Tensor r =
                    g.add(layer + ".relativeValues", new Operator.RelativeValues(vertical, horizontal, columns, 3), p);
            o = g.add(layer + ".mix.add", new Operator.Add(), o, r);
        }
        o = g.add(layer + ".mix.tokens", new Operator.Transpose(List.of(1, 0, 2)), o);
        o = g.add(layer + ".mix.join", new Operator.Reshape(Shape.of(v.tokens(), v.heads * v.headWidth)), o);
        if (v.rank > 0) {
            o = linear(layer + ".project.in", o, v.rank);
        }
        o = linear(layer + ".project", o, v.width);
        return g.add(layer + ".attention.sum", new Operator.Add(), x, o);
    }

    private Tensor heads(String name, Tensor x, Transformer v) {
        Tensor t = linear(name, x, v.heads * v.headWidth);
        t = g.add(name + ".split", new Operator.Reshape(Shape.of(v.tokens(), v.heads, v.headWidth)), t);
        return g.add(name + ".heads", new Operator.Transpose(List.of(1, 0, 2)), t);
    }

    private Tensor mlp(String layer, Tensor x, Transformer v) {
        Tensor y = layerNorm(layer + ".mlp", x);
        if (v.rank > 0) {
            y = linear(layer + ".up.in", y, v.rank);
        }
        y = linear(layer + ".up", y, v.width * v.ratio);
        y = g.add(layer + ".gelu", new Operator.Activate(Activation.GELU), y);
        if (v.rank > 0) {
            y = linear(layer + ".down.in", y, v.rank);
        }
        y = linear(layer + ".down", y, v.width);
        return g.add(layer + ".mlp.sum", new Operator.Add(), x, y);
    }

    /** MobileNetV2 1.0 on square images, (Sandler et al., 2018), table 2. */
    static Graph mobileNetV2(int side, int classes) {
        Networks n = new Networks("mobilenet-v2");
        Tensor x = n.g.input("image", 3, side, side);
        x = n.convNorm("stem", x, 32, 3, 2, 1, Activation.RELU6);
        int[][] stages = {
            {1, 16, 1, 1}, {6, 24, 2, 2}, {6, 32, 3, 2}, {6, 64, 4, 2}, {6, 96, 3, 1}, {6, 160, 3, 2}, {6, 320, 1, 1}
        };
        int block = 0;
        for (int[] s : stages) {
            for (int i = 0; i < s[2]; i++) {
                x = n.inverted("block" + block++, x, s[0], s[1], 3, i == 0 ? s[3] : 1, false);
            }
        }
        x = n.convNorm("last", x, 1280, 1, 1, 1, Activation.RELU6);
        x = n.g.add("pool", new Operator.GlobalAveragePool(), x);
        return n.g.build(n.linear("logits", x, classes));
    }

    /** A network of the size of the largest of Once-for-All's MobileNetV3 space: 5 stages of 4 blocks, some gated. */
    static Graph onceForAll() {
        Networks n = new Networks("once-for-all");
        Tensor x = n.g.input("image", 3, 224, 224);
        x = n.convNorm("stem", x, 24, 3, 2, 1, Activation.HARD_SWISH);
        x = n.inverted("block0", x, 1, 24, 3, 1, false);
        int[][] stages = {{32, 2, 0}, {48, 2, 1}, {96, 2, 0}, {136, 1, 1}, {192, 2, 1}};
        for (int s = 0; s < stages.length; s++) {
            for (int i = 0; i < 4; i++) {
                String name = "stage" + s + ".block" + i;
                x = n.inverted(name, x, 6, stages[s][0], 7, i == 0 ? stages[s][1] : 1, stages[s][2] == 1);
            }
        }
        x = n.convNorm("last", x, 1152, 1, 1, 1, Activation.HARD_SWISH);
        x = n.g.add("pool", new Operator.GlobalAveragePool(), x);
        x = n.linear("feature", x, 1536);
        x = n.g.add("feature.act", new Operator.Activate(Activation.HARD_SWISH), x);
        return n.g.build(n.linear("logits", x, 1000));
    }

    private Tensor inverted(String name, Tensor x, int expand, int out, int kernel, int stride, boolean gated) {
        int in = x.shape().extent(0);
        Tensor y = x;
        if (expand > 1) {
            y = convNorm(name + ".expand", y, in * expand, 1, 1, 1, Activation.RELU6);
        }
        y = convNorm(name + ".depthwise", y, in * expand, kernel, stride, in * expand, Activation.RELU6);
        if (gated) {
            Tensor s = g.add(name + ".squeeze", new Operator.GlobalAveragePool(), y);
            s = linear(name + ".reduce", s, in * expand / 4);
            s = g.add(name + ".reduce.act", new Operator.Activate(Activation.RELU), s);
            s = linear(name + ".excite", s, in * expand);
            s = g.add(name + ".excite.act", new Operator.Activate(Activation.HARD_SIGMOID), s);
            y = g.add(name + ".gate", new Operator.Gate(), y, s);
        }
        y = convNorm(name + ".project", y, out, 1, 1, 1, null);
        return stride == 1 && in == out ? g.add(name + ".sum", new Operator.Add(), x, y) : y;
    }

    private Tensor convNorm(
            String name, Tensor x, int out, int kernel, int stride, int groups, @Nullable Activation function) {
        Tensor y = conv(name, x, out, kernel, stride, kernel / 2, groups);
        y = g.add(
                name + ".norm",
                new Operator.BatchNorm(
                        WeightSlice.first(name + ".norm.scale", out),
                        WeightSlice.first(name + ".norm.shift", out),
                        WeightSlice.first(name + ".norm.mean", out),
                        WeightSlice.first(name + ".norm.variance", out),
                        1e-5f),
                y);
        return function == null ? y : g.add(name + ".act", new Operator.Activate(function), y);
    }

    private Tensor conv(String name, Tensor x, int out, int kernel, int stride, int padding, int groups) {
        int in = x.shape().extent(0) / groups;
        return g.add(
                name,
                new Operator.Conv2d(
                        WeightSlice.first(name + ".weight", out, in, kernel, kernel), null, stride, padding, groups),
                x);
    }

    private Tensor linear(String name, Tensor x, int out) {
        return g.add(
                name,
                new Operator.Linear(
                        WeightSlice.first(name + ".weight", out, x.shape().last()),
                        WeightSlice.first(name + ".bias", out)),
                x);
    }

    private Tensor layerNorm(String name, Tensor x) {
        int width = x.shape().last();
        return g.add(
                name + ".norm",
                new Operator.LayerNorm(
                        WeightSlice.first(name + ".norm.scale", width),
                        WeightSlice.first(name + ".norm.shift", width),
                        1e-5f),
                x);
    }
}

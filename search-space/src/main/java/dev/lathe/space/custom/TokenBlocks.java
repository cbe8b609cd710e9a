package dev.lathe.space.custom;

import dev.lathe.graph.Activation;
import dev.lathe.graph.GraphBuilder;
import dev.lathe.graph.Operator;
import dev.lathe.graph.Shape;
import dev.lathe.graph.Tensor;
import dev.lathe.graph.WeightSlice;
import dev.lathe.space.Layers;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Layers on tokens (T, E) and vectors (C), and those that lead to them. */
final class TokenBlocks {
    private static final float EPSILON = ImageBlocks.EPSILON;

    private TokenBlocks() {}

    /** A linear layer on the last axis. */
    record Linear(
            String name,
            Whole outputs,
            boolean bias,
            @Nullable Activation activation) implements Block {
        @Override
        public Tensor append(GraphBuilder g, Point p, Tensor x) {
            if (x.shape().rank() > 2) {
                throw new IllegalArgumentException(
                        "it takes a vector or tokens, but gets an image %s; put a pool of kind global before it"
                                .formatted(x.shape()));
            }
            Tensor y = new Layers(g, EPSILON).linear(name, x, outputs.of(p), bias);
            return ImageBlocks.activate(g, name, y, activation);
        }
    }

    /**
     * Patches to tokens, with learned positions. Patch sizes share neither convolution nor positions, so the size is part of the
     * names.
     */
    record PatchEmbedding(String name, Whole outputs, Whole size) implements Block {
        @Override
        public Tensor append(GraphBuilder g, Point p, Tensor x) {
            if (x.shape().rank() != 3) {
                throw new IllegalArgumentException("it takes an image, but gets %s".formatted(x.shape()));
            }
            int patch = size.of(p);
            int width = outputs.of(p);
            String n = name + patch;
            Tensor y = g.add(
                    n + ".conv",
                    new Operator.Conv2d(
                            WeightSlice.first(n + ".weight", width, x.shape().extent(0), patch, patch),
                            WeightSlice.first(n + ".bias", width),
                            patch,
                            0,
                            1),
                    x);
            int tokens = y.shape().extent(1) * y.shape().extent(2);
            y = g.add(n + ".flat", new Operator.Reshape(Shape.of(width, tokens)), y);
            y = g.add(n + ".tokens", new Operator.Transpose(List.of(1, 0)), y);
            WeightSlice table = WeightSlice.first(n + ".position", tokens, width);
            return g.add(n + ".position", new Operator.AddTable(table), y);
        }
    }

    /**
     * A pre-norm transformer layer: attention, then an MLP; the width of queries, keys and values is heads x head width.
     *
     * @param mlp hidden units per unit of width
     * @param rank share of the smaller width that the two factors of each MLP matrix have; null for whole matrices
     */
    record Transformer(
            String name,
            Whole heads,
            int headWidth,
            Expression mlp,
            @Nullable Expression rank,
            @Nullable Activation activation)
            implements Block {
        private static final List<String> PARTS = List.of("query", "key", "value");

        @Override
        public Tensor append(GraphBuilder g, Point p, Tensor x) {
            requireTokens(x);
            Layers layers = new Layers(g, EPSILON);
            return multilayer(g, layers, p, attention(g, layers, heads.of(p), x));
        }

        private Tensor attention(GraphBuilder g, Layers layers, int h, Tensor x) {
            int tokens = x.shape().extent(0);
            Tensor n = layers.layerNorm(name + ".attention.norm", x);
            Tensor[] parts = new Tensor[PARTS.size()];
            for (int i = 0; i < parts.length; i++) {
                String part = name + "." + PARTS.get(i);
                Tensor t = layers.linear(part, n, Math.multiplyExact(h, headWidth), true);
                t = g.add(part + ".split", new Operator.Reshape(Shape.of(tokens, h, headWidth)), t);
                parts[i] = g.add(part + ".heads", new Operator.Transpose(List.of(1, 0, 2)), t);
            }
            float scale = (float) (1 / Math.sqrt(headWidth));
            Tensor scores = g.add(name + ".scores", new Operator.MatMul(true, scale), parts[0], parts[1]);
            Tensor weights = g.add(name + ".softmax", new Operator.Softmax(), scores);
            Tensor mixed = g.add(name + ".mix", new Operator.MatMul(false, 1f), weights, parts[2]);
            mixed = g.add(name + ".mix.tokens", new Operator.Transpose(List.of(1, 0, 2)), mixed);
            mixed = g.add(name + ".mix.join", new Operator.Reshape(Shape.of(tokens, h * headWidth)), mixed);
            Tensor y = layers.linear(name + ".project", mixed, x.shape().last(), true);
            return layers.add(name + ".attention.add", x, y);
        }

        private Tensor multilayer(GraphBuilder g, Layers layers, Point p, Tensor x) {
            int width = x.shape().last();
            int hidden = Whole.of(width * mlp.value(p.values()), 1);
            int inner = rank == null ? 0 : Whole.of(rank.value(p.values()) * Math.min(width, hidden), 1);
            Tensor y = layers.layerNorm(name + ".mlp.norm", x);
            y = product(layers, name + ".up", y, inner, hidden);
            y = ImageBlocks.activate(g, name, y, activation);
            y = product(layers, name + ".down", y, inner, width);
            return layers.add(name + ".mlp.add", x, y);
        }

        private Tensor product(Layers layers, String n, Tensor x, int inner, int outputs) {
            if (rank == null) {
                return layers.linear(n, x, outputs, true);
            }
            return layers.linear(n + ".out", layers.linear(n + ".in", x, inner, false), outputs, true);
        }
    }

    record LayerNorm(String name) implements Block {
        @Override
        public Tensor append(GraphBuilder g, Point p, Tensor x) {
            requireTokens(x);
            return new Layers(g, EPSILON).layerNorm(name, x);
        }
    }

    /** The mean over pixels or tokens, if there are any, and a linear layer to the classes. */
    record Classifier(int classes) implements Block {
        @Override
        public Tensor append(GraphBuilder g, Point p, Tensor x) {
            Tensor y = x;
            if (x.shape().rank() == 3) {
                y = g.add("pool", new Operator.GlobalAveragePool(), x);
            } else if (x.shape().rank() == 2) {
                y = g.add("mean", new Operator.MeanTokens(), x);
            }
            return g.add(
                    "logits",
                    new Operator.Linear(
                            WeightSlice.first(
                                    "classifier.weight", classes, y.shape().last()),
                            WeightSlice.first("classifier.bias", classes)),
                    y);
        }
    }

    private static void requireTokens(Tensor x) {
        if (x.shape().rank() != 2) {
            throw new IllegalArgumentException(
                    "it takes tokens (tokens, width), but gets %s; put a patch-embedding before it"
                            .formatted(x.shape()));
        }
    }
}

package dev.lathe.supernet;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import dev.lathe.device.OnnxModel;
import dev.lathe.graph.Activation;
import dev.lathe.graph.Graph;
import dev.lathe.graph.GraphBuilder;
import dev.lathe.graph.Node;
import dev.lathe.graph.OnnxWriter;
import dev.lathe.graph.Operator;
import dev.lathe.graph.Operator.PoolKind;
import dev.lathe.graph.ParameterUse;
import dev.lathe.graph.Range;
import dev.lathe.graph.Shape;
import dev.lathe.graph.Tensor;
import dev.lathe.graph.WeightSlice;
import dev.lathe.space.TaskShape;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Every operator by the executor and, by way of the ONNX writer, by ONNX Runtime: two readers of one graph. */
class OperatorsTest {
    private static final int BATCH = 3;

    private static Tensor conv(GraphBuilder g, String n, Tensor x, int out, int[] window, int groups, boolean bias) {
        return g.add(
                n,
                new Operator.Conv2d(
                        WeightSlice.first(n + ".w", out, x.shape().extent(0) / groups, window[0], window[1]),
                        bias ? WeightSlice.first(n + ".b", out) : null,
                        window[2],
                        window[3],
                        window[4],
                        window[5],
                        groups),
                x);
    }

    private static Tensor batchNorm(GraphBuilder g, String n, Tensor x) {
        int c = x.shape().extent(0);
        return g.add(
                n,
                new Operator.BatchNorm(
                        WeightSlice.first(n + ".s", c),
                        WeightSlice.first(n + ".t", c),
                        WeightSlice.first(n + ".m", c),
                        WeightSlice.first(n + ".v", c),
                        1e-5f),
                x);
    }

    private static Tensor linear(GraphBuilder g, String n, Tensor x, int out) {
        return g.add(
                n,
                new Operator.Linear(
                        WeightSlice.first(n + ".w", out, x.shape().last()), WeightSlice.first(n + ".b", out)),
                x);
    }

    private static Graph convolutional() {
        GraphBuilder g = new GraphBuilder("convolutional");
        Tensor x = g.input("x", 3, 11, 9);
        Tensor y = conv(g, "a", x, 8, new int[] {5, 3, 2, 1, 2, 1}, 1, true);
        y = g.add("a.act", new Operator.Activate(Activation.RELU6), y);
        y = conv(g, "b", y, 8, new int[] {3, 1, 1, 2, 1, 0}, 8, false);
        y = g.add("b.act", new Operator.Activate(Activation.SWISH), y);
        Tensor s = g.add("gap", new Operator.GlobalAveragePool(), y);
        s = linear(g, "down", s, 4);
        s = linear(g, "up", s, 8);
        s = g.add("gate", new Operator.Activate(Activation.HARD_SIGMOID), s);
        y = g.add("se", new Operator.Gate(), y, s);
        Tensor z = conv(g, "c", y, 8, new int[] {1, 1, 1, 1, 0, 0}, 2, true);
        z = g.add("scale", new Operator.LayerScale(WeightSlice.first("ls", 8)), z);
        y = g.add("add", new Operator.Add(), y, z);
        y = g.add("cat", new Operator.Concat(0), y, z, g.add("zero", new Operator.Zero(), z));
        y = g.add("cut", new Operator.Slice(0, new Range(3, 20)), y);
        y = g.add("out", new Operator.Activate(Activation.HARD_SWISH), y);
        return g.build(y);
    }

    private static Graph pools(boolean ceil, int side, int padding) {
        GraphBuilder g = new GraphBuilder("pools");
        Tensor x = g.input("x", 2, side, side + 1);
        List<Tensor> all = new ArrayList<>();
        for (PoolKind kind : PoolKind.values()) {
            for (boolean count : new boolean[] {false, true}) {
                Tensor y = g.add(
                        kind + "" + count, new Operator.Pool2d(kind, 3, 2, 2, 2, padding, padding, count, ceil), x);
                all.add(y);
            }
        }
        return g.build(g.add("cat", new Operator.Concat(0), all.toArray(Tensor[]::new)));
    }

    private static Graph attention() {
        int columns = 3;
        int tokens = 2 * columns + 1;
        int heads = 2;
        int d = 4;
        GraphBuilder g = new GraphBuilder("attention");
        Tensor x = g.input("x", tokens - 1, 8);
        x = g.add("token", new Operator.PrependToken(WeightSlice.first("cls", 8)), x);
        x = g.add("position", new Operator.AddTable(WeightSlice.first("pos", tokens, 8)), x);
        Tensor n = g.add(
                "norm", new Operator.LayerNorm(WeightSlice.first("n.s", 8), WeightSlice.first("n.t", 8), 1e-5f), x);
        Tensor[] qkv = new Tensor[3];
        for (int i = 0; i < 3; i++) {
            int h = i == 0 ? heads : 1;
            Tensor t = linear(g, "p" + i, n, h * d);
            t = g.add("split" + i, new Operator.Reshape(Shape.of(tokens, h, d)), t);
            qkv[i] = g.add("heads" + i, new Operator.Transpose(List.of(1, 0, 2)), t);
        }
        WeightSlice kv = WeightSlice.first("kv", 6, d);
        WeightSlice kh = WeightSlice.first("kh", 6, d);
        Tensor scores = g.add("scores", new Operator.MatMul(true, 0.5f), qkv[0], qkv[1]);
        Tensor relative = g.add("rk", new Operator.RelativeKeys(kv, kh, columns, 2, 0.5f), qkv[0]);
        scores = g.add("sum", new Operator.Add(), scores, relative);
        Tensor p = g.add("soft", new Operator.Softmax(), scores);
        Tensor y = g.add("mix", new Operator.MatMul(false, 1f), p, qkv[2]);
        Tensor rv = g.add(
                "rv",
                new Operator.RelativeValues(WeightSlice.first("vv", 6, d), WeightSlice.first("vh", 6, d), columns, 2),
                p);
        y = g.add("sum2", new Operator.Add(), y, rv);
        y = g.add("back", new Operator.Transpose(List.of(1, 0, 2)), y);
        y = g.add("join", new Operator.Reshape(Shape.of(tokens, heads * d)), y);
        y = g.add("ls", new Operator.LayerScale(WeightSlice.first("factors", 8)), y);
        y = g.add("gelu", new Operator.Activate(Activation.GELU), y);
        y = g.add("patches", new Operator.Slice(0, new Range(1, tokens)), y);
        return g.build(g.add("mean", new Operator.MeanTokens(), y));
    }

    private static Graph translator() {
        GraphBuilder g = new GraphBuilder("translator");
        Tensor source = g.input("source", 5);
        Tensor target = g.input("target", 4);
        Tensor e = g.add("embed", new Operator.Embedding(WeightSlice.first("table", 20, 6), 2.5f), source);
        e = g.add("positions", new Operator.SinusoidalPositions(8), e);
        Tensor t = g.add("embed2", new Operator.Embedding(WeightSlice.first("table", 20, 6), 1f), target);
        Tensor both = g.add("both", new Operator.Concat(0), e, t);
        Tensor q = g.add("q", new Operator.Reshape(Shape.of(1, 4, 6)), t);
        Tensor s = g.add("self", new Operator.MatMul(true, 1f), q, q);
        s = g.add("causal", new Operator.Softmax(true), s);
        Tensor v = g.add("v", new Operator.MatMul(false, 1f), s, q);
        Tensor k = g.add("k", new Operator.Reshape(Shape.of(1, 9, 6)), both);
        Tensor cross = g.add("cross", new Operator.Softmax(), g.add("c", new Operator.MatMul(true, 1f), v, k));
        Tensor out = g.add("out", new Operator.MatMul(false, 1f), cross, k);
        out = g.add("tokens", new Operator.Reshape(Shape.of(4, 6)), out);
        return g.build(g.add("scores", Operator.Linear.tied(WeightSlice.first("table", 20, 6)), out));
    }

    /** Normalization with statistics, the activations that are left, on a vector behind a pooled map. */
    private static Graph head() {
        GraphBuilder g = new GraphBuilder("head");
        Tensor x = g.input("x", 4, 3, 3);
        x = batchNorm(g, "n", x);
        x = g.add("r", new Operator.Activate(Activation.RELU), x);
        x = g.add("gap", new Operator.GlobalAveragePool(), x);
        x = linear(g, "mix", x, 6);
        x = batchNorm(g, "m", x);
        return g.build(g.add("s", new Operator.Activate(Activation.SIGMOID), x));
    }

    static Stream<Graph> graphs() {
        return Stream.of(
                convolutional(),
                pools(false, 7, 0),
                pools(false, 8, 1),
                pools(true, 7, 0),
                pools(true, 8, 0),
                attention(),
                translator(),
                head());
    }

    @Test
    void theGraphsHereHoldEveryOperatorAndActivation() {
        Set<Object> seen = new HashSet<>();
        graphs().flatMap(g -> g.nodes().stream()).map(Node::op).forEach(op -> {
            seen.add(op.getClass());
            if (op instanceof Operator.Activate a) {
                seen.add(a.function());
            }
        });
        assertThat(seen).containsAll(Arrays.asList((Object[]) Operator.class.getPermittedSubclasses()));
        assertThat(seen).contains((Object[]) Activation.values());
    }

    @ParameterizedTest
    @MethodSource("graphs")
    void executorAndOnnxRuntimeAgree(Graph graph) {
        SplittableRandom random = new SplittableRandom(5);
        ParameterLayout layout = ParameterLayout.of(new OneGraph(graph, new TaskShape(1, 1, 1, 2)));
        Map<String, float[]> values = new TreeMap<>();
        Map<String, float[]> statistics = new TreeMap<>();
        layout.entries().forEach((name, entry) -> {
            float[] v = new float[entry.elements()];
            for (int i = 0; i < v.length; i++) {
                v[i] = entry.role() == ParameterUse.Role.RUNNING_VARIANCE
                        ? (float) random.nextDouble(0.5, 2)
                        : (float) random.nextGaussian();
            }
            (entry.role().isTrained() ? values : statistics).put(name, v);
        });
        List<float[]> inputs = new ArrayList<>();
        for (Tensor t : graph.inputs()) {
            float[] v = new float[(int) t.shape().elements() * BATCH];
            for (int i = 0; i < v.length; i++) {
                v[i] = graph.isTokenInput(t) ? random.nextInt(20) : (float) random.nextGaussian() * 3;
            }
            inputs.add(v);
        }
        Map<String, float[]> all = new TreeMap<>(values);
        all.putAll(statistics);
        byte[] file = OnnxWriter.write(graph, use -> all.get(use.slice().parameter()), Map.of());
        float[] theirs;
        try (OnnxModel model = OnnxModel.load(file, graph.name())) {
            theirs = model.run(inputs, BATCH);
        }
        try (SharedParameters p = SharedParameters.of(layout, values);
                NDManager m = p.manager().newSubManager()) {
            List<NDArray> arrays = new ArrayList<>();
            for (int i = 0; i < inputs.size(); i++) {
                int[] e = graph.inputs().get(i).shape().toArray();
                long[] shape = new long[e.length + 1];
                shape[0] = BATCH;
                for (int a = 0; a < e.length; a++) {
                    shape[a + 1] = e[a];
                }
                arrays.add(m.create(inputs.get(i), new ai.djl.ndarray.types.Shape(shape)));
            }
            BatchNormStatistics moments = BatchNormStatistics.of(graph, statistics, m);
            float[] ours = new GraphExecutor(p)
                    .forward(graph, arrays, GraphExecutor.Mode.EVALUATE, moments)
                    .toFloatArray();
            assertThat(ours).hasSameSizeAs(theirs);
            for (int i = 0; i < ours.length; i++) {
                assertThat((double) ours[i]).as(graph.name() + " " + i).isCloseTo(theirs[i], within(1e-4));
            }
        }
    }
}

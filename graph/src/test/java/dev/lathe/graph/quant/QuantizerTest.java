package dev.lathe.graph.quant;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lathe.base.InvalidInputException;
import dev.lathe.base.Seeds;
import dev.lathe.graph.Activation;
import dev.lathe.graph.Graph;
import dev.lathe.graph.GraphBuilder;
import dev.lathe.graph.Operator;
import dev.lathe.graph.Shape;
import dev.lathe.graph.Tensor;
import dev.lathe.graph.WeightProvider;
import dev.lathe.graph.WeightSlice;
import dev.lathe.graph.c.CModel;
import dev.lathe.graph.c.CWriter;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Integers against floats: what they stand for, what is folded, what is refused. */
class QuantizerTest {
    private static final int SIDE = 8;

    private static WeightSlice first(String name, int... extents) {
        return WeightSlice.first(name, extents);
    }

    private static Graph convolutional() {
        GraphBuilder g = new GraphBuilder("conv");
        Tensor x = g.input("image", 2, SIDE, SIDE);
        x = g.add("a", new Operator.Conv2d(first("a", 12, 2, 3, 3), null, 1, 1, 1), x);
        x = g.add(
                "norm",
                new Operator.BatchNorm(first("g", 12), first("h", 12), first("m", 12), first("v", 12), 1e-5f),
                x);
        x = g.add("relu", new Operator.Activate(Activation.RELU), x);
        x = g.add("dw", new Operator.Conv2d(first("dw", 12, 1, 3, 3), first("dwb", 12), 1, 1, 12), x);
        x = g.add("swish", new Operator.Activate(Activation.HARD_SWISH), x);
        x = g.add("pool", new Operator.GlobalAveragePool(), x);
        return g.build(g.add("logits", new Operator.Linear(first("w", 6, 12), first("b", 6)), x));
    }

    private static Graph transformer() {
        GraphBuilder g = new GraphBuilder("vit");
        Tensor x = g.input("image", 1, SIDE, SIDE);
        x = g.add("patch", new Operator.Conv2d(first("p", 16, 1, 2, 2), first("pb", 16), 2, 0, 1), x);
        x = g.add("flat", new Operator.Reshape(Shape.of(16, 16)), x);
        x = g.add("tokens", new Operator.Transpose(List.of(1, 0)), x);
        x = g.add("position", new Operator.AddTable(first("pos", 16, 16)), x);
        Tensor n = g.add("n1", new Operator.LayerNorm(first("n1g", 16), first("n1b", 16), 1e-5f), x);
        Tensor[] qkv = new Tensor[3];
        for (int i = 0; i < 3; i++) {
            Tensor t = g.add("l" + i, new Operator.Linear(first("l" + i, 16, 16), first("lb" + i, 16)), n);
            t = g.add("s" + i, new Operator.Reshape(Shape.of(16, 2, 8)), t);
            qkv[i] = g.add("h" + i, new Operator.Transpose(List.of(1, 0, 2)), t);
        }
        Tensor s = g.add("scores", new Operator.MatMul(true, 0.35f), qkv[0], qkv[1]);
        s = g.add("mix", new Operator.MatMul(false, 1f), g.add("softmax", new Operator.Softmax(), s), qkv[2]);
        s = g.add("back", new Operator.Transpose(List.of(1, 0, 2)), s);
        s = g.add("join", new Operator.Reshape(Shape.of(16, 16)), s);
        s = g.add("project", new Operator.Linear(first("pr", 16, 16), null), s);
        x = g.add("add", new Operator.Add(), x, s);
        n = g.add("n2", new Operator.LayerNorm(first("n2g", 16), first("n2b", 16), 1e-5f), x);
        n = g.add("up", new Operator.Linear(first("up", 32, 16), first("upb", 32)), n);
        n = g.add("gelu", new Operator.Activate(Activation.GELU), n);
        x = g.add("add2", new Operator.Add(), x, g.add("down", new Operator.Linear(first("dn", 16, 32), null), n));
        x = g.add("n3", new Operator.LayerNorm(first("n3g", 16), first("n3b", 16), 1e-5f), x);
        x = g.add("mean", new Operator.MeanTokens(), x);
        return g.build(g.add("logits", new Operator.Linear(first("w", 6, 16), first("b", 6)), x));
    }

    private static WeightProvider weights(long seed) {
        return RandomTrial.weights(seed, 0.3);
    }

    private static List<float[]> samples(Graph graph, int n, long seed) {
        return RandomTrial.inputs(graph, n, Seeds.generator(seed, "samples", 0));
    }

    private static QuantizedGraph quantized(Graph graph, WeightProvider weights) {
        return Quantizer.quantize(graph, weights, Calibration.of(graph, weights, samples(graph, 32, 1), 100));
    }

    /** The published bench's measure: the angle between integer and float logits. */
    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void integerLogitsPointWhereFloatLogitsDo(boolean isTransformer) {
        Graph graph = isTransformer ? transformer() : convolutional();
        for (long seed = 0; seed < 5; seed++) {
            QuantizedGraph q = quantized(graph, weights(seed));
            FloatExecutor floats = new FloatExecutor(graph, weights(seed));
            IntegerExecutor integers = new IntegerExecutor(q);
            double dot = 0;
            double left = 0;
            double right = 0;
            for (float[] x : samples(graph, 20, 2)) {
                float[] a = floats.run(x);
                int[] b = integers.run(x);
                for (int c = 0; c < a.length; c++) {
                    double v = q.logits().real(b[c]);
                    dot += a[c] * v;
                    left += (double) a[c] * a[c];
                    right += v * v;
                }
            }
            assertThat(dot / Math.sqrt(left * right)).as("seed %d", seed).isGreaterThan(0.99);
        }
    }

    @Test
    void batchNormAndReluAreFoldedAndAttentionIsOneStep() {
        QuantizedGraph conv = quantized(convolutional(), weights(1));
        assertThat(conv.steps().get(0).nodes()).containsExactly(0, 1, 2);
        IntegerOperator.Weighted w =
                (IntegerOperator.Weighted) conv.steps().get(0).operator();
        assertThat(w.low()).isEqualTo(w.zeroPoint());
        // The depthwise convolution pads its input with zeros: their number must be 0.
        assertThat(conv.scale(conv.steps().get(0).output()).zeroPoint()).isZero();
        assertThat(conv.scales().get(1)).isNull();
        assertThat(quantized(transformer(), weights(1)).steps().stream()
                        .filter(s -> s.operator() instanceof IntegerOperator.Attention)
                        .map(s -> s.nodes().size()))
                .containsExactly(3);
    }

    @Test
    void weightsUseTheirWholeRangeInEveryChannel() {
        QuantizedGraph q = quantized(convolutional(), weights(3));
        for (QuantizedGraph.Step s : q.steps()) {
            if (s.operator() instanceof IntegerOperator.Weighted w) {
                int k = w.weights().length / w.bias().length;
                for (int o = 0; o < w.bias().length; o++) {
                    int most = 0;
                    for (int i = 0; i < k; i++) {
                        most = Math.max(most, Math.abs(w.weights()[o * k + i]));
                    }
                    assertThat(most).isEqualTo(127);
                }
            }
        }
    }

    @Test
    void channelsWithoutWeightsKeepTheirBias() {
        Graph graph = convolutional();
        WeightProvider dead = use -> {
            float[] v = weights(1).values(use);
            if (use.slice().parameter().equals("g") || use.slice().parameter().equals("w")) {
                java.util.Arrays.fill(v, 0);
            }
            return v;
        };
        int[] logits = new IntegerExecutor(quantized(graph, dead))
                .run(samples(graph, 1, 5).get(0));
        float[] expected =
                new FloatExecutor(graph, dead).run(samples(graph, 1, 5).get(0));
        QuantizedGraph q = quantized(graph, dead);
        for (int c = 0; c < logits.length; c++) {
            assertThat(q.logits().real(logits[c])).isCloseTo(expected[c], org.assertj.core.api.Assertions.within(1e-3));
        }
    }

    @Test
    void aPercentileNarrowsRangesAndKeepsTheMiddle() {
        Graph graph = convolutional();
        Calibration all = Calibration.of(graph, weights(1), samples(graph, 16, 1), 100);
        Calibration most = Calibration.of(graph, weights(1), samples(graph, 16, 1), 99);
        assertThat(most.most(0)).isLessThan(all.most(0)).isGreaterThan(all.most(0) / 4);
        assertThat(most.least(0)).isGreaterThan(all.least(0));
    }

    @ParameterizedTest
    @ValueSource(floats = {Float.NaN, Float.POSITIVE_INFINITY})
    void weightsThatAreNoNumbersAreRefused(float bad) {
        WeightProvider broken = use -> {
            float[] v = weights(1).values(use);
            v[0] = bad;
            return v;
        };
        assertThatThrownBy(() -> quantized(convolutional(), broken))
                .isInstanceOf(InvalidInputException.class)
                .hasMessageContainingAll("Parameter a of node a", Float.toString(bad));
    }

    @Test
    void samplesThatAreNoNumbersOrNoneAreRefused() {
        Graph graph = convolutional();
        float[] nan = new float[2 * SIDE * SIDE];
        nan[3] = Float.NaN;
        assertThatThrownBy(() -> Calibration.of(graph, weights(1), List.of(nan), 100))
                .isInstanceOf(InvalidInputException.class)
                .hasMessageContaining("NaN");
        assertThatThrownBy(() -> Calibration.of(graph, weights(1), List.of(), 100))
                .isInstanceOf(InvalidInputException.class);
        assertThatThrownBy(() -> Calibration.of(graph, weights(1), samples(graph, 1, 1), Double.NaN))
                .isInstanceOf(InvalidInputException.class);
    }

    @Test
    void theSameNetworkGivesTheSameText() {
        for (Graph graph : List.of(convolutional(), transformer())) {
            CModel a = CWriter.write(quantized(graph, weights(1)), "net", Map.of("data", "x"));
            CModel b = CWriter.write(quantized(graph, weights(1)), "net", Map.of("data", "x"));
            assertThat(a.files()).isEqualTo(b.files());
        }
    }

    @Test
    void notesCannotEndTheirComment() {
        CModel m = CWriter.write(quantized(convolutional(), weights(1)), "net", Map.of("classes", "*/\nint x;"));
        assertThat(m.files().get("net.h")).contains("* /?int x;").doesNotContain("*/\nint x;");
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "1net", "net-1", "Net", "net run", "../net"})
    void namesThatAreNoIdentifiersAreRefused(String name) {
        QuantizedGraph q = quantized(convolutional(), weights(1));
        assertThatThrownBy(() -> CWriter.write(q, name, Map.of()))
                .isInstanceOf(InvalidInputException.class)
                .hasMessageContaining("name");
    }

    @Test
    void flashIsWhatThePlannerSaysButForTheShapesOfLayers() {
        for (Graph graph : List.of(convolutional(), transformer())) {
            CModel m = CWriter.write(quantized(graph, weights(1)), "net", Map.of());
            long planned = m.plan().flashBytes() - CWriter.options().codeBytes();
            assertThat(m.constantBytes()).isEqualTo(planned);
        }
    }
}

package dev.lathe.graph.quant;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lathe.base.Seeds;
import dev.lathe.graph.Activation;
import dev.lathe.graph.Graph;
import dev.lathe.graph.GraphBuilder;
import dev.lathe.graph.Operator;
import dev.lathe.graph.Tensor;
import dev.lathe.graph.WeightProvider;
import dev.lathe.graph.WeightSlice;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** Scales from outside in place of calibrated ones. */
class LearnedScalesTest {
    private static final WeightSlice A = WeightSlice.first("a", 6, 2, 3, 3);
    private static final WeightSlice W = WeightSlice.first("w", 4, 6);
    private static final WeightProvider WEIGHTS = RandomTrial.weights(3, 0.3);

    private static Graph graph() {
        GraphBuilder g = new GraphBuilder("small");
        Tensor x = g.input("image", 2, 6, 6);
        x = g.add("a", new Operator.Conv2d(A, null, 1, 1, 1), x);
        x = g.add(
                "norm",
                new Operator.BatchNorm(
                        WeightSlice.first("g", 6),
                        WeightSlice.first("h", 6),
                        WeightSlice.first("m", 6),
                        WeightSlice.first("v", 6),
                        1e-5f),
                x);
        x = g.add("relu", new Operator.Activate(Activation.RELU), x);
        x = g.add("down", new Operator.Pool2d(Operator.PoolKind.MAX, 2, 2, 2, 2, 0, 0, false, false), x);
        x = g.add("swish", new Operator.Activate(Activation.HARD_SWISH), x);
        x = g.add("pool", new Operator.GlobalAveragePool(), x);
        return g.build(g.add("logits", new Operator.Linear(W, null), x));
    }

    private static List<float[]> samples(Graph graph) {
        return RandomTrial.inputs(graph, 8, Seeds.generator(1, "samples", 0));
    }

    private static QuantizedGraph calibrated(Graph graph) {
        return Quantizer.quantize(graph, WEIGHTS, Calibration.of(graph, WEIGHTS, samples(graph), 100));
    }

    private static Map<Integer, Quantization> activations(Graph graph, QuantizedGraph from) {
        IntegerTensors tensors = IntegerTensors.of(graph);
        Map<Integer, Quantization> all = new HashMap<>();
        for (int t = 0; t < graph.tensors(); t++) {
            if (tensors.isRounded(t)) {
                all.put(tensors.owner(t), from.scale(t));
            }
        }
        return all;
    }

    @Test
    void theIntegerTensorsAreThoseThatTheQuantizerMakes() {
        Graph graph = graph();
        QuantizedGraph q = calibrated(graph);
        IntegerTensors tensors = IntegerTensors.of(graph);
        for (int t = 0; t < graph.tensors(); t++) {
            assertThat(tensors.exists(t))
                    .as("tensor %d", t)
                    .isEqualTo(q.scales().get(t) != null);
            if (tensors.exists(t) && tensors.isSymmetric(t)) {
                assertThat(q.scale(t).zeroPoint()).isZero();
            }
        }
        // Input, convolution with norm and ReLU, swish, pool: the max pool hands on, logits have 16 bits.
        assertThat(activations(graph, q)).hasSize(4);
    }

    @Test
    void calibratedScalesGivenBackMakeTheSameNetwork() {
        Graph graph = graph();
        QuantizedGraph q = calibrated(graph);
        double largest = q.logits().scale() * (1 << 14);
        QuantizedGraph again =
                Quantizer.quantize(graph, WEIGHTS, new LearnedScales(activations(graph, q), largest, Map.of()));
        for (float[] x : samples(graph)) {
            assertThat(new IntegerExecutor(again).run(x)).isEqualTo(new IntegerExecutor(q).run(x));
        }
    }

    @Test
    void stepsOfWeightsDecideTheirIntegersWhateverIsFolded() {
        Graph graph = graph();
        float[] w = WEIGHTS.values(graph.nodes().get(0).op().parameters().get(0));
        float[] steps = {0.01f, 0.02f, 0.005f, 0.03f, 0.011f, 0.5f};
        QuantizedGraph q = Quantizer.quantize(
                graph, WEIGHTS, new LearnedScales(activations(graph, calibrated(graph)), 5, Map.of(A, steps)));
        IntegerOperator.Weighted made =
                (IntegerOperator.Weighted) q.steps().get(0).operator();
        float[] gains = WEIGHTS.values(graph.nodes().get(1).op().parameters().get(0));
        for (int o = 0; o < 6; o++) {
            for (int c = 0; c < 2; c++) {
                for (int k = 0; k < 9; k++) {
                    long wanted = Math.round(w[(o * 2 + c) * 9 + k] / (double) steps[o] * Math.signum(gains[o]));
                    int got = made.weights()[(o * 9 + k) * 2 + c];
                    assertThat((long) got).isEqualTo(Math.max(-127, Math.min(127, wanted)));
                }
            }
        }
    }

    @Test
    void aZeroPointWherePaddingReadsIsRefused() {
        Graph graph = graph();
        Map<Integer, Quantization> scales = activations(graph, calibrated(graph));
        scales.put(0, new Quantization(0.1, 3));
        assertThatThrownBy(() -> Quantizer.quantize(graph, WEIGHTS, new LearnedScales(scales, 5, Map.of())))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("zero point 0");
    }

    @Test
    void aMissingScaleIsRefused() {
        Graph graph = graph();
        Map<Integer, Quantization> scales = activations(graph, calibrated(graph));
        scales.remove(0);
        assertThatThrownBy(() -> Quantizer.quantize(graph, WEIGHTS, new LearnedScales(scales, 5, Map.of())))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("image");
    }
}

package dev.lathe.device;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lathe.base.InvalidInputException;
import dev.lathe.base.Seeds;
import dev.lathe.graph.Graph;
import dev.lathe.graph.WeightProvider;
import dev.lathe.graph.quant.FloatExecutor;
import dev.lathe.graph.quant.QdqNetwork;
import dev.lathe.graph.quant.RandomTrial;
import dev.lathe.space.SearchSpace;
import dev.lathe.space.SearchSpaces;
import dev.lathe.space.TaskShape;
import java.util.List;
import java.util.Map;
import java.util.random.RandomGenerator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What ONNX Runtime computes with an 8-bit model against the same network evaluated with rounded values in Java. */
class QdqNetworkTest {
    private static final double SPREAD = 0.2;

    /** What sums in another order differ by. */
    private static final double EXACT = 1e-5;

    /**
     * A sum on the border between two numbers may fall to the other side in another order, by one step of one tensor with what
     * follows from it: in less than half of the samples, and by less than this share of the largest logit.
     */
    private static final double STEP = 0.1;

    /** Of small random networks; nothing trained a deep one to be robust. */
    private static final double LEAST_COSINE = 0.9;

    @ParameterizedTest
    @CsvSource({"mbconv-tiny, 1, 8, 8", "vit-tiny, 1, 8, 8", "mobilenetv4-small, 3, 32, 32", "fbnetv3, 3, 32, 32"})
    void runtimeAndFakeQuantizationAgree(String name, int channels, int height, int width) {
        SearchSpace space = SearchSpaces.create(name, new TaskShape(channels, height, width, 10));
        int networks = channels == 1 ? 10 : 1;
        for (int i = 0; i < networks; i++) {
            RandomGenerator random = Seeds.generator(i, "qdq", 0);
            Graph graph = space.lower(channels == 1 ? space.random(random) : space.smallest());
            WeightProvider weights = RandomTrial.weights(i, SPREAD);
            List<float[]> samples = RandomTrial.inputs(graph, 8, random);
            QdqNetwork q = QdqNetwork.of(graph, weights, samples, 100);
            FloatExecutor exact = new FloatExecutor(graph, weights);
            byte[] file = q.onnx(Map.of("k", "v"));
            assertThat(q.onnx(Map.of("k", "v"))).isEqualTo(file);
            int exactly = 0;
            try (OnnxModel fused = OnnxModel.load(file, name);
                    OnnxModel literal = OnnxModel.load(file, name, 1, false)) {
                for (float[] x : samples) {
                    float[] rounded = q.run(x);
                    double d = difference(literal.logits(x, 1), rounded);
                    double f = difference(fused.logits(x, 1), rounded);
                    exactly += d < EXACT && f < EXACT ? 1 : 0;
                    assertThat(Math.max(d, f)).as("network %d", i).isLessThan(STEP);
                    if (channels == 1) {
                        assertThat(cosine(rounded, exact.run(x))).isGreaterThan(LEAST_COSINE);
                    }
                }
            }
            assertThat(exactly).isGreaterThan(samples.size() / 2);
        }
    }

    /** Largest difference of a logit, as a share of the largest logit. */
    private static double difference(float[] a, float[] b) {
        double range = 0;
        double most = 0;
        for (int i = 0; i < a.length; i++) {
            range = Math.max(range, Math.abs(b[i]));
            most = Math.max(most, Math.abs(a[i] - b[i]));
        }
        return most / range;
    }

    private static double cosine(float[] a, float[] b) {
        double ab = 0;
        double aa = 0;
        double bb = 0;
        for (int i = 0; i < a.length; i++) {
            ab += a[i] * b[i];
            aa += a[i] * a[i];
            bb += b[i] * b[i];
        }
        return ab / Math.sqrt(aa * bb);
    }

    @Test
    void weightsTakeAQuarterOfTheirBytes() {
        SearchSpace space = SearchSpaces.create("mobilenetv4-small", new TaskShape(3, 32, 32, 10));
        Graph graph = space.lower(space.smallest());
        WeightProvider weights = RandomTrial.weights(1, SPREAD);
        int real = dev.lathe.graph.OnnxWriter.write(graph, weights, Map.of()).length;
        int integer = QdqNetwork.uncalibrated(graph, weights).onnx(Map.of()).length;
        assertThat(integer).isLessThan(real * 2 / 5);
    }

    @Test
    void whatCannotBeQuantizedIsNamedInOneLine() {
        SearchSpace hat = SearchSpaces.create("hat-mini", SearchSpaces.usualTask("hat-mini"));
        Graph translator = hat.lower(hat.smallest());
        assertThatThrownBy(() -> QdqNetwork.uncalibrated(translator, RandomTrial.weights(1, SPREAD)))
                .isInstanceOf(InvalidInputException.class)
                .hasMessageContaining("one input")
                .hasMessageNotContaining("\n");
        SearchSpace space = SearchSpaces.create("mbconv-tiny", new TaskShape(1, 8, 8, 10));
        Graph graph = space.lower(space.smallest());
        WeightProvider nan = use -> {
            float[] v = RandomTrial.weights(1, SPREAD).values(use).clone();
            v[0] = Float.NaN;
            return v;
        };
        assertThatThrownBy(() -> QdqNetwork.uncalibrated(graph, nan))
                .isInstanceOf(InvalidInputException.class)
                .hasMessageContaining("NaN");
        assertThatThrownBy(() -> QdqNetwork.of(graph, RandomTrial.weights(1, SPREAD), List.of(), 100))
                .isInstanceOf(InvalidInputException.class)
                .hasMessageContaining("0 samples");
    }
}

package dev.lathe.supernet;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import dev.lathe.base.InvalidInputException;
import dev.lathe.base.Seeds;
import dev.lathe.graph.Graph;
import dev.lathe.graph.Node;
import dev.lathe.graph.Operator;
import dev.lathe.graph.ParameterUse;
import dev.lathe.graph.WeightSlice;
import dev.lathe.space.Architecture;
import dev.lathe.space.SearchSpace;
import dev.lathe.space.SearchSpaces;
import dev.lathe.space.TaskShape;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class SupernetTest {
    private static Supernet supernet(SearchSpace space, long seed) {
        return new Supernet(space, Fixtures.perturbed(space, seed), Fixtures.DIGITS);
    }

    private static float[] input(int n) {
        return Fixtures.DIGITS.normalization().standardized(Fixtures.DIGITS.validation(), 0, n);
    }

    /** The graph with every slice turned into a whole parameter of its own, run on the extracted arrays. */
    static float[] runExtracted(SearchSpace space, Architecture a, ExtractedWeights weights, float[] in, int n) {
        Graph graph = space.lower(a);
        Map<String, float[]> values = new HashMap<>();
        Map<WeightSlice, float[]> running = new HashMap<>();
        for (Node node : graph.nodes()) {
            for (ParameterUse use : node.op().parameters()) {
                if (use.role().isTrained()) {
                    values.put(use.slice().parameter(), weights.values(use));
                } else {
                    running.put(use.slice(), weights.values(use));
                }
            }
        }
        Graph cut = Cut.whole(graph);
        ParameterLayout layout = ParameterLayout.of(new Cut(space, cut));
        try (SharedParameters p = SharedParameters.of(layout, values);
                NDManager m = p.manager().newSubManager()) {
            BatchNormStatistics statistics = new BatchNormStatistics(cut, m);
            for (int i = 0; i < graph.nodes().size(); i++) {
                if (graph.nodes().get(i).op() instanceof Operator.BatchNorm before
                        && cut.nodes().get(i).op() instanceof Operator.BatchNorm after) {
                    statistics.of(after).mean().set(running.get(before.mean()));
                    statistics.of(after).variance().set(running.get(before.variance()));
                }
            }
            NDArray x = m.create(in, new Shape(n, 1, 8, 8));
            return new GraphExecutor(p)
                    .forward(cut, x, GraphExecutor.Mode.EVALUATE, statistics)
                    .toFloatArray();
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"mbconv-tiny", "vit-tiny"})
    void givenSubnets_whenExtracted_thenTheyComputeWhatTheSupernetDoes(String name) {
        SearchSpace space = Fixtures.space(name);
        float[] in = input(32);
        try (Supernet s = supernet(space, 1)) {
            for (long seed = 0; seed < 5; seed++) {
                Architecture a = Fixtures.random(space, seed);
                float[] wanted = s.logits(a, in, 32);
                float[] actual = runExtracted(space, a, s.extract(a), in, 32);
                GraphExecutorTest.assertClose(actual, wanted, 1e-5, a.toString());
            }
        }
    }

    @Test
    void givenASubnetWithBatchNorm_whenCalibrated_thenStatisticsAreTheDirectOnes() {
        SearchSpace space = Fixtures.space("mbconv-tiny");
        try (Supernet s = supernet(space, 2)) {
            Architecture a = Fixtures.random(space, 1);
            Graph graph = space.lower(a);
            Operator.BatchNorm first = (Operator.BatchNorm) graph.nodes().get(1).op();
            Graph stem = new Graph(
                    "stem",
                    graph.inputs(),
                    List.of(graph.nodes().get(0)),
                    graph.nodes().get(0).output());
            try (NDManager m = s.parameters().manager().newSubManager()) {
                BatchNormStatistics statistics = s.calibrated(graph, m);
                int train = Fixtures.DIGITS.train().size();
                int[] order = Arrays.copyOf(
                        Seeds.permutation(train, dev.lathe.base.Seeds.generator(0, "calibration", 0)), 1024);
                float[] x = Fixtures.DIGITS
                        .normalization()
                        .standardized(Fixtures.DIGITS.train().subset(order), 0, 1024);
                float[] y = new GraphExecutor(s.parameters())
                        .forward(stem, m.create(x, new Shape(1024, 1, 8, 8)), GraphExecutor.Mode.EVALUATE, null)
                        .toFloatArray();
                int channels = first.mean().extent(0);
                float[] mean = statistics.of(first).mean().toFloatArray();
                float[] variance = statistics.of(first).variance().toFloatArray();
                for (int c = 0; c < channels; c++) {
                    double meanOfMeans = 0;
                    double meanOfVariances = 0;
                    for (int batch = 0; batch < 4; batch++) {
                        double sum = 0;
                        double squares = 0;
                        for (int i = batch * 256; i < (batch + 1) * 256; i++) {
                            for (int k = 0; k < 64; k++) {
                                double v = y[(i * channels + c) * 64 + k];
                                sum += v;
                                squares += v * v;
                            }
                        }
                        double n = 256 * 64;
                        meanOfMeans += sum / n / 4;
                        meanOfVariances += (squares - sum * sum / n) / (n - 1) / 4;
                    }
                    assertThat((double) mean[c]).isCloseTo(meanOfMeans, within(1e-4));
                    assertThat((double) variance[c])
                            .isCloseTo(meanOfVariances, within(1e-4 * Math.max(1, meanOfVariances)));
                }
            }
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"mbconv-tiny", "vit-tiny"})
    void givenAnArchitecture_whenEvaluatedTwiceAndInThreads_thenTheScoreIsTheSame(String name) {
        SearchSpace space = Fixtures.space(name);
        try (Supernet s = supernet(space, 3)) {
            Architecture a = Fixtures.random(space, 2);
            SubnetScore one = s.evaluate(a, Fixtures.DIGITS.validation());
            s.evaluate(Fixtures.random(space, 3), Fixtures.DIGITS.validation());
            List<SubnetScore> others = IntStream.range(0, 4)
                    .parallel()
                    .mapToObj(i -> s.evaluate(a, Fixtures.DIGITS.validation()))
                    .toList();
            assertThat(others).containsOnly(one);
            assertThat(one.images()).isEqualTo(Fixtures.DIGITS.validation().size());
        }
    }

    @Test
    void givenLogits_whenEvaluated_thenTop1AndCrossEntropyAreTheirs() {
        SearchSpace space = Fixtures.space("vit-tiny");
        try (Supernet s = supernet(space, 4)) {
            Architecture a = space.smallest();
            int n = Fixtures.DIGITS.validation().size();
            float[] logits = s.logits(a, input(n), n);
            int right = 0;
            double loss = 0;
            for (int i = 0; i < n; i++) {
                float[] row = Arrays.copyOfRange(logits, i * 10, i * 10 + 10);
                int label = Fixtures.DIGITS.validation().label(i);
                double sum = 0;
                boolean best = true;
                for (int c = 0; c < 10; c++) {
                    sum += Math.exp(row[c]);
                    best &= row[c] <= row[label];
                }
                loss += Math.log(sum) - row[label];
                right += best ? 1 : 0;
            }
            SubnetScore score = s.evaluate(a, Fixtures.DIGITS.validation());
            assertThat(score.top1()).isCloseTo(right / (double) n, within(1e-9));
            assertThat(score.crossEntropy()).isCloseTo(loss / n, within(1e-5));
        }
    }

    @Test
    void givenManyEvaluations_whenDone_thenNoArraysPileUp() {
        SearchSpace space = Fixtures.space("mbconv-tiny");
        try (Supernet s = supernet(space, 5)) {
            s.evaluate(Fixtures.random(space, 1), Fixtures.DIGITS.validation());
            int before = s.parameters().manager().getManagedArrays().size();
            for (long seed = 2; seed < 6; seed++) {
                s.evaluate(Fixtures.random(space, seed), Fixtures.DIGITS.validation());
                s.extract(Fixtures.random(space, seed));
            }
            // Selections of geometries first met may be added; views may not.
            assertThat(s.parameters().manager().getManagedArrays().size()).isLessThan(before + 12);
        }
    }

    @Test
    void givenASpaceOfAnotherTask_whenJoined_thenRefused() {
        SearchSpace space = SearchSpaces.create("vit-tiny", new TaskShape(1, 16, 16, 10));
        assertThatThrownBy(() ->
                        SupernetTrainer.start(space, Fixtures.DIGITS, Fixtures.config(1), java.nio.file.Path.of("x")))
                .isInstanceOf(InvalidInputException.class)
                .hasMessageContaining("vit-tiny")
                .hasMessageContaining("8 x 8");
    }

    @Test
    void givenWeightsOfAnotherSubnet_whenAsked_thenTheSliceIsNamed() {
        SearchSpace space = Fixtures.space("mbconv-tiny");
        try (Supernet s = supernet(space, 6)) {
            ExtractedWeights small = s.extract(space.smallest());
            Node conv = space.lower(space.largest()).nodes().get(0);
            assertThatThrownBy(() -> small.values(conv.op().parameters().get(0)))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("stem.weight");
        }
    }
}

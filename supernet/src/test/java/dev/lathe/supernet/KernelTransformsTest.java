package dev.lathe.supernet;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import dev.lathe.base.ProgressListener;
import dev.lathe.base.Seeds;
import dev.lathe.graph.Range;
import dev.lathe.graph.WeightSlice;
import dev.lathe.space.Architecture;
import dev.lathe.space.SearchSpace;
import dev.lathe.space.SearchSpaces;
import dev.lathe.space.TaskShape;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.random.RandomGenerator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class KernelTransformsTest {
    @TempDir
    Path folder;

    private static final SearchSpace SPACE = Fixtures.space("mbconv-tiny");

    private static ParameterLayout layout() {
        return KernelTransforms.layout(SPACE, ParameterLayout.of(SPACE));
    }

    private static Map<String, float[]> fresh() {
        try (SharedParameters p = SharedParameters.initialize(layout(), 3)) {
            return p.values();
        }
    }

    /** Matrices away from the identity. */
    private static Supernet perturbed() {
        Map<String, float[]> values = fresh();
        values.forEach((name, v) -> {
            if (KernelTransforms.isMatrix(name)) {
                RandomGenerator r = Seeds.generator(1, name, 0);
                for (int i = 0; i < v.length; i++) {
                    v[i] += 0.1f * (float) r.nextGaussian();
                }
            }
        });
        return new Supernet(SPACE, SharedParameters.of(layout(), values), Fixtures.DIGITS);
    }

    @Test
    void givenIdentities_whenRun_thenSmallKernelsAreTheMiddlesOfLargeOnes() {
        float[] in = Fixtures.DIGITS.normalization().standardized(Fixtures.DIGITS.validation(), 0, 16);
        Map<String, float[]> values = fresh();
        assertThat(values.keySet()).anyMatch(KernelTransforms::isMatrix);
        Supernet with = new Supernet(SPACE, SharedParameters.of(layout(), values), Fixtures.DIGITS);
        values.keySet().removeIf(KernelTransforms::isMatrix);
        Supernet without = new Supernet(SPACE, SharedParameters.of(ParameterLayout.of(SPACE), values), Fixtures.DIGITS);
        try (with;
                without) {
            for (long seed = 0; seed < 3; seed++) {
                Architecture a = Fixtures.random(SPACE, seed);
                assertThat(with.logits(a, in, 16)).isEqualTo(without.logits(a, in, 16));
            }
            assertThat(with.logits(SPACE.smallest(), in, 16)).isEqualTo(without.logits(SPACE.smallest(), in, 16));
        }
    }

    @Test
    void givenASmallKernel_whenTrained_thenTheGradientReachesItsMatrixAndTheLargeKernel() {
        try (SharedParameters p = SharedParameters.initialize(layout(), 3)) {
            Fixtures.run(SPACE, p, SPACE.lower(SPACE.smallest()), Fixtures.batch(1));
            Map<String, float[]> gradients = Fixtures.gradients(p);
            assertThat(p.kernels().used(SPACE.lower(SPACE.smallest())))
                    .isNotEmpty()
                    .allSatisfy(name -> {
                        assertThat(norm(Objects.requireNonNull(gradients.get(name))))
                                .isPositive();
                        String bank = name.substring(0, name.indexOf("/kernel-"));
                        assertThat(norm(Objects.requireNonNull(gradients.get(bank))))
                                .isPositive();
                    });
            assertThat(p.kernels().used(SPACE.lower(SPACE.largest()))).isEmpty();
        }
    }

    private static double norm(float[] v) {
        double sum = 0;
        for (float x : v) {
            sum += x * x;
        }
        return sum;
    }

    @Test
    void givenLearntMaps_whenExtracted_thenTheSubnetAloneComputesWhatTheSupernetDoes() {
        float[] in = Fixtures.DIGITS.normalization().standardized(Fixtures.DIGITS.validation(), 0, 16);
        try (Supernet s = perturbed()) {
            for (long seed = 0; seed < 4; seed++) {
                Architecture a = seed == 0 ? SPACE.smallest() : Fixtures.random(SPACE, seed);
                float[] wanted = s.logits(a, in, 16);
                float[] alone = SupernetTest.runExtracted(SPACE, a, s.extract(a), in, 16);
                GraphExecutorTest.assertClose(alone, wanted, 1e-5, a.toString());
            }
        }
    }

    /** 7 to 5 to 3, against the products written out. */
    @Test
    void givenTwoSizesBelow_whenTheSmallestIsMade_thenBothMapsAreChained() {
        SearchSpace ofa = SearchSpaces.create("ofa-mobilenetv3", new TaskShape(3, 64, 64, 10));
        ParameterLayout layout = KernelTransforms.layout(ofa, ParameterLayout.of(ofa));
        String bank = layout.entries().keySet().stream()
                .filter(n ->
                        n.endsWith("/kernel-3") && layout.entries().containsKey(n.replace("/kernel-3", "/kernel-5")))
                .findFirst()
                .orElseThrow()
                .replace("/kernel-3", "");
        Map<String, ParameterLayout.Entry> three = new java.util.LinkedHashMap<>();
        for (String name : List.of(bank, bank + "/kernel-5", bank + "/kernel-3")) {
            three.put(name, layout.get(name));
        }
        ParameterLayout small = ParameterLayout.of(new Cut(SPACE, SPACE.lower(SPACE.smallest())))
                .with(three);
        Map<String, float[]> values;
        try (SharedParameters p = SharedParameters.initialize(small, 1)) {
            values = p.values();
        }
        float[] w = Objects.requireNonNull(values.get(bank));
        float[] five = Objects.requireNonNull(values.get(bank + "/kernel-5"));
        float[] last = Objects.requireNonNull(values.get(bank + "/kernel-3"));
        RandomGenerator r = Seeds.generator(2, "maps", 0);
        for (float[] v : List.of(five, last)) {
            for (int i = 0; i < v.length; i++) {
                v[i] = (float) r.nextGaussian();
            }
        }
        try (SharedParameters p = SharedParameters.of(small, values);
                NDManager m = p.manager().newSubManager()) {
            Range middle = new Range(2, 5);
            NDArray made = p.slice(WeightSlice.of(bank, Range.first(4), Range.first(1), middle, middle), m, false);
            assertThat(made.getShape().getShape()).containsExactly(4, 1, 3, 3);
            float[] actual = made.toFloatArray();
            for (int c = 0; c < 4; c++) {
                double[] at5 = map(five, middle(w, c * 49, 7, 5));
                float[] flat = new float[25];
                for (int i = 0; i < 25; i++) {
                    flat[i] = (float) at5[i];
                }
                double[] at3 = map(last, middle(flat, 0, 5, 3));
                for (int i = 0; i < 9; i++) {
                    assertThat((double) actual[c * 9 + i]).isCloseTo(at3[i], within(1e-3));
                }
            }
        }
    }

    private static double[] middle(float[] w, int from, int size, int k) {
        double[] v = new double[k * k];
        int edge = (size - k) / 2;
        for (int i = 0; i < v.length; i++) {
            v[i] = w[from + (edge + i / k) * size + edge + i % k];
        }
        return v;
    }

    private static double[] map(float[] matrix, double[] v) {
        double[] out = new double[v.length];
        for (int i = 0; i < out.length; i++) {
            for (int j = 0; j < v.length; j++) {
                out[i] += matrix[i * v.length + j] * v[j];
            }
        }
        return out;
    }

    @Test
    void givenAStoppedTraining_whenResumed_thenTheSameBitsAndTheMatricesMoveAndAreLoaded() throws IOException {
        TrainingConfig config = Fixtures.config(8)
                .withStrategy(Strategy.PROGRESSIVE_SHRINKING)
                .withShrinking(new ShrinkingOptions(true, false));
        Path through = folder.resolve("through");
        Path stopped = folder.resolve("stopped");
        try (SupernetTrainer t = SupernetTrainer.start(SPACE, Fixtures.DIGITS, config, through)) {
            t.run(ProgressListener.SILENT);
        }
        try (SupernetTrainer t = SupernetTrainer.start(SPACE, Fixtures.DIGITS, config, stopped)) {
            t.runTo(5, ProgressListener.SILENT);
        }
        try (SupernetTrainer t = SupernetTrainer.resume(SPACE, Fixtures.DIGITS, config, stopped)) {
            t.run(ProgressListener.SILENT);
        }
        assertThat(Files.readAllBytes(stopped.resolve(SupernetTrainer.CHECKPOINT)))
                .isEqualTo(Files.readAllBytes(through.resolve(SupernetTrainer.CHECKPOINT)));
        try (Supernet s = Supernet.load(through.resolve(SupernetTrainer.CHECKPOINT), SPACE, Fixtures.DIGITS)) {
            assertThat(s.parameters().values().entrySet())
                    .filteredOn(e -> KernelTransforms.isMatrix(e.getKey()))
                    .anySatisfy(e -> assertThat(e.getValue())
                            .isNotEqualTo(KernelTransforms.identity((int) Math.sqrt(e.getValue().length))));
        }
        org.assertj.core.api.Assertions.assertThatThrownBy(() -> SupernetTrainer.resume(
                        SPACE, Fixtures.DIGITS, config.withShrinking(ShrinkingOptions.NONE), stopped))
                .hasMessageContaining("other settings");
    }
}

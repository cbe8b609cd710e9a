package dev.lathe.supernet;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import ai.djl.training.GradientCollector;
import dev.lathe.base.InvalidInputException;
import dev.lathe.base.ProgressListener;
import dev.lathe.graph.Graph;
import dev.lathe.graph.WeightSlice;
import dev.lathe.graph.quant.IntegerExecutor;
import dev.lathe.graph.quant.Quantization;
import dev.lathe.graph.quant.QuantizedGraph;
import dev.lathe.space.Architecture;
import dev.lathe.space.SearchSpace;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.random.RandomGenerator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Supernets whose subnets are used in few bits without retraining. */
class QuantizedTrainerTest {
    @TempDir
    Path folder;

    private Path floats(SearchSpace space, int steps) throws IOException {
        Path f = folder.resolve("float32");
        try (SupernetTrainer t = SupernetTrainer.start(space, Fixtures.DIGITS, Fixtures.config(steps), f)) {
            t.run(ProgressListener.SILENT);
        }
        return f.resolve(SupernetTrainer.CHECKPOINT);
    }

    private static QuantizedTrainer start(SearchSpace space, BitWidth width, int steps, Path floats, Path to)
            throws IOException {
        return QuantizedTrainer.start(space, Fixtures.DIGITS, Fixtures.config(steps), width, floats, to);
    }

    @ParameterizedTest
    @ValueSource(strings = {"mbconv-tiny", "vit-tiny"})
    void givenAFineTuningStoppedAtTwo_whenResumed_thenItEndsWithTheSameBits(String name) throws IOException {
        SearchSpace space = Fixtures.space(name);
        Path floats = floats(space, 3);
        Path through = folder.resolve("through");
        Path stopped = folder.resolve("stopped");
        try (QuantizedTrainer t = start(space, BitWidth.INT8, 4, floats, through)) {
            t.run(ProgressListener.SILENT);
        }
        try (QuantizedTrainer t = start(space, BitWidth.INT8, 4, floats, stopped)) {
            t.runTo(2, ProgressListener.SILENT);
        }
        try (QuantizedTrainer t = QuantizedTrainer.startOrResume(
                space, Fixtures.DIGITS, Fixtures.config(4), BitWidth.INT8, floats, stopped)) {
            assertThat(t.step()).isEqualTo(2);
            t.run(ProgressListener.SILENT);
        }
        assertThat(Files.readAllBytes(stopped.resolve(SupernetTrainer.CHECKPOINT)))
                .isEqualTo(Files.readAllBytes(through.resolve(SupernetTrainer.CHECKPOINT)));
        assertThat(Files.readString(stopped.resolve(SupernetTrainer.CURVE)))
                .isEqualTo(Files.readString(through.resolve(SupernetTrainer.CURVE)));
    }

    /** The point of it all: what a subnet rounds by is the supernet's, and what it learns reaches the supernet. */
    @ParameterizedTest
    @EnumSource(BitWidth.class)
    void givenRandomSubnets_whenTheyAreRounded_thenAllQuantisersAreTheSupernets(BitWidth width) {
        for (String name : List.of("mbconv-tiny", "vit-tiny")) {
            SearchSpace space = Fixtures.space(name);
            ParameterLayout layout = Quantizers.layout(space, width);
            for (long seed = 0; seed < 200; seed++) {
                Graph graph = space.lower(Fixtures.random(space, seed));
                QuantizationPoints points = QuantizationPoints.of(graph, width);
                assertThat(layout.entries()).containsKeys(points.parameters().toArray(String[]::new));
                points.weights().forEach((slice, bits) -> {
                    WeightSlice steps = QuantizationPoints.weightStep(slice, bits);
                    assertThat(steps.extent(0)).isEqualTo(slice.extent(0));
                    assertThat(steps.ranges().get(0).to())
                            .isLessThanOrEqualTo(layout.get(steps.parameter()).extents()[0]);
                });
            }
        }
    }

    @Test
    void givenAStep_whenASubnetIsTrained_thenItsQuantisersMoveAndNoOthers() throws IOException {
        SearchSpace space = Fixtures.space("mbconv-tiny");
        Path floats = floats(space, 1);
        try (QuantizedTrainer t = start(space, BitWidth.INT8, 2, floats, folder.resolve("int8"))) {
            SharedParameters p = t.supernet().float32().parameters();
            Map<String, float[]> before = p.values();
            GraphExecutor executor = new GraphExecutor(p, new FakeQuantization(p, BitWidth.INT8));
            Graph smallest = space.lower(space.smallest());
            new SandwichStep(p, executor, 0.1, Distillation.KL).accumulate(List.of(smallest), Fixtures.batch(0));
            Set<String> used = executor.used(List.of(smallest));
            Set<String> moving = new HashSet<>();
            Fixtures.gradients(p).forEach((name, g) -> {
                for (float v : g) {
                    assertThat(v).as(name).isFinite();
                    if (v != 0) {
                        moving.add(name);
                    }
                }
            });
            assertThat(used).containsAll(moving);
            Set<String> quantisers =
                    QuantizationPoints.of(smallest, BitWidth.INT8).parameters();
            // An offset has no gradient where nothing lies beyond the range.
            assertThat(moving)
                    .containsAll(
                            quantisers.stream().filter(n -> n.endsWith("step")).toList());
            new AdamW(p, 0, 0, false).update(used, 0.01);
            p.values().forEach((name, v) -> {
                if (name.startsWith("int8.")) {
                    assertThat(Arrays.equals(v, before.get(name))).as(name).isEqualTo(!moving.contains(name));
                }
            });
            // Steps of outputs that the subnet does not have stay.
            String stem = "int8.weight.stem.weight.step";
            float[] now = p.values().get(stem);
            assertThat(Arrays.copyOfRange(now, 8, 16))
                    .isEqualTo(Arrays.copyOfRange(java.util.Objects.requireNonNull(before.get(stem)), 8, 16));
            assertThat(now[0]).isNotEqualTo(before.get(stem)[0]);
        }
    }

    /** The trained numbers are the step's logarithm and a share of the range: LSQ+ by the chain rule, scaled. */
    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void givenAnActivation_whenRounded_thenItsQuantisersGradientsAreThoseOfTheStep(boolean isSymmetric) {
        SearchSpace space = Fixtures.space("vit-tiny");
        QuantizationPoints.Point point = new QuantizationPoints.Point("int8.activation.image", isSymmetric, 8, 30);
        ParameterLayout layout = Quantizers.layout(space, BitWidth.INT8);
        double step = 0.02;
        float[] x = new float[60];
        float[] w = new float[60];
        RandomGenerator random = new SplittableRandom(4);
        for (int i = 0; i < x.length; i++) {
            x[i] = (float) (3 * random.nextGaussian());
            w[i] = (float) random.nextGaussian();
        }
        try (SharedParameters p = SharedParameters.initialize(layout, 1)) {
            set(p, point.step(), (float) Math.log(step));
            if (!isSymmetric) {
                set(p, point.offset(), -100.3f / 255);
            }
            float[] y;
            try (NDManager manager = p.manager().newSubManager();
                    GradientCollector collector = Torch.engine().newGradientCollector()) {
                NDArray rounded = new FakeQuantization(p, BitWidth.INT8)
                        .activation(point, manager.create(x, new Shape(2, 30)), manager, true);
                collector.backward(
                        rounded.mul(manager.create(w, new Shape(2, 30))).sum());
                y = rounded.toFloatArray();
            }
            double beta = isSymmetric ? 0 : -100 * step;
            double ds = 0;
            double dBeta = 0;
            LearnedStepSize.Grid grid = point.grid();
            for (int i = 0; i < x.length; i++) {
                double u = (x[i] - beta) / step;
                boolean outside = u <= grid.least() || u >= grid.most();
                double q = Math.max(grid.least(), Math.min(grid.most(), Math.rint(u)));
                assertThat(y[i]).isCloseTo((float) (q * step + beta), within((float) (isSymmetric ? 1e-5 : 0.0201)));
                ds += w[i] * (outside ? q : q - u);
                dBeta += outside ? w[i] : 0;
            }
            double factor = LearnedStepSize.gradientFactor(30, grid);
            Map<String, float[]> gradients = Fixtures.gradients(p);
            assertThat((double) gradients.get(point.step())[0])
                    .isCloseTo(factor * (ds * step + dBeta * beta), within(2e-3 * factor));
            if (!isSymmetric) {
                assertThat((double) gradients.get(point.offset())[0])
                        .isCloseTo(factor * dBeta * step * grid.most(), within(2e-3 * factor));
            }
        }
    }

    /** Where training pushes an offset out of the range that holds 0, the integers could not follow. */
    @Test
    void givenAnOffsetAboveZero_whenRounded_thenZeroIsStillOneOfTheNumbers() {
        SearchSpace space = Fixtures.space("vit-tiny");
        QuantizationPoints.Point point = new QuantizationPoints.Point("int8.activation.image", false, 8, 1);
        try (SharedParameters p = SharedParameters.initialize(Quantizers.layout(space, BitWidth.INT8), 1);
                NDManager manager = p.manager().newSubManager()) {
            for (float share : new float[] {0.01f, 3, -0.4f, -1.5f}) {
                set(p, point.step(), (float) Math.log(0.1));
                set(p, point.offset(), share);
                Quantization q = Quantizers.scale(p, point);
                assertThat(q.zeroPoint()).isBetween(-128, 127);
                float[] y = new FakeQuantization(p, BitWidth.INT8)
                        .activation(point, manager.create(new float[] {0, 1e6f, -1e6f}), manager, false)
                        .toFloatArray();
                assertThat(y[0]).isZero();
                assertThat((double) y[1]).isCloseTo(q.real(127), within(1e-5));
                assertThat((double) y[2]).isCloseTo(q.real(-128), within(1e-5));
            }
        }
    }

    private static void set(SharedParameters p, String name, float value) {
        java.util.Objects.requireNonNull(p.trained().get(name)).set(new float[] {value});
    }

    @Test
    void givenAFineTunedSupernet_whenLoaded_thenScoresAreTheSameAndRepeat() throws IOException {
        SearchSpace space = Fixtures.space("mbconv-tiny");
        Path floats = floats(space, 3);
        Path to = folder.resolve("int8");
        Architecture a = Fixtures.random(space, 4);
        SubnetScore wanted;
        try (QuantizedTrainer t = start(space, BitWidth.INT8, 3, floats, to)) {
            t.run(ProgressListener.SILENT);
            wanted = t.supernet().fakeQuantized().evaluate(a, Fixtures.DIGITS.validation());
            assertThat(t.supernet().fakeQuantized().evaluate(a, Fixtures.DIGITS.validation()))
                    .isEqualTo(wanted);
        }
        try (QuantizedSupernet s =
                QuantizedSupernet.load(to.resolve(SupernetTrainer.CHECKPOINT), space, Fixtures.DIGITS, BitWidth.INT8)) {
            assertThat(s.fakeQuantized().evaluate(a, Fixtures.DIGITS.validation()))
                    .isEqualTo(wanted);
            assertThat(s.float32().evaluate(a, Fixtures.DIGITS.validation())).isNotEqualTo(wanted);
            try (QuantizedSupernet anew = s.reestimated(a)) {
                assertThat(anew.fakeQuantized()
                                .evaluate(a, Fixtures.DIGITS.validation())
                                .images())
                        .isEqualTo(wanted.images());
            }
        }
    }

    /**
     * Training imitates what the integer form does: every step of that, given what the imitation gives it, makes the same numbers but
     * where a bias's or a table's own rounding tips the balance. (Over many layers these few grow, as all rounding does.)
     */
    @ParameterizedTest
    @ValueSource(strings = {"mbconv-tiny", "vit-tiny"})
    void givenLearntScales_whenStepsRunInIntegers_thenTheyAreTheImitatedOnes(String name) throws IOException {
        SearchSpace space = Fixtures.space(name);
        Path floats = floats(space, 30);
        try (QuantizedTrainer t = start(space, BitWidth.INT8, 10, floats, folder.resolve("int8"))) {
            t.run(ProgressListener.SILENT);
            SharedParameters p = t.supernet().float32().parameters();
            GraphExecutor executor = new GraphExecutor(p, new FakeQuantization(p, BitWidth.INT8));
            for (Architecture a : List.of(space.largest(), space.smallest(), Fixtures.random(space, 2))) {
                Graph graph = space.lower(a);
                QuantizedGraph integers = t.supernet().integers(a);
                try (NDManager owner = p.manager().newSubManager()) {
                    float[] x = Fixtures.DIGITS.normalization().standardized(Fixtures.DIGITS.test(), 0, 1);
                    NDArray[] imitated = executor.values(
                            graph,
                            List.of(owner.create(x, new Shape(1, 1, 8, 8))),
                            GraphExecutor.Mode.EVALUATE,
                            t.supernet().fakeQuantized().calibrated(graph, owner));
                    for (QuantizedGraph.Step s : integers.steps()) {
                        int[][] given = new int[graph.tensors()][];
                        s.inputs().forEach(id -> given[id] = whole(imitated[id], integers.scale(id)));
                        int[] made = new IntegerExecutor(integers).step(s, given);
                        int[] wanted = whole(imitated[s.output()], integers.scale(s.output()));
                        int others = 0;
                        boolean isOutput = s.output() == graph.output().id();
                        for (int i = 0; i < made.length; i++) {
                            assertThat(Math.abs(made[i] - wanted[i]))
                                    .as("%s, %s", a, s.operator().getClass())
                                    .isLessThanOrEqualTo(isOutput ? 8 : 1);
                            others += made[i] == wanted[i] ? 0 : 1;
                        }
                        double share = name.equals("mbconv-tiny") ? 0.01 : 0.1;
                        assertThat(isOutput ? 0 : others)
                                .as("%s, %s", a, s.operator().getClass())
                                .isLessThanOrEqualTo(3 + (int) (share * made.length));
                    }
                }
            }
        }
    }

    private static int[] whole(NDArray values, Quantization scale) {
        float[] v = values.toFloatArray();
        int[] q = new int[v.length];
        for (int i = 0; i < q.length; i++) {
            q[i] = (int) Math.round(v[i] / scale.scale()) + scale.zeroPoint();
        }
        return q;
    }

    @Test
    void givenLearntScales_whenExported_thenStepsAndWeightsAreTheLearntOnes() throws IOException {
        SearchSpace space = Fixtures.space("mbconv-tiny");
        Path floats = floats(space, 3);
        try (QuantizedTrainer t = start(space, BitWidth.INT8, 3, floats, folder.resolve("int8"))) {
            t.run(ProgressListener.SILENT);
            Architecture a = space.largest();
            QuantizedGraph q = t.supernet().integers(a);
            SharedParameters p = t.supernet().float32().parameters();
            QuantizationPoints points = QuantizationPoints.of(space.lower(a), BitWidth.INT8);
            List<Quantization> wanted = new ArrayList<>();
            List<Quantization> got = new ArrayList<>();
            points.activations().forEach((tensor, point) -> {
                wanted.add(Quantizers.scale(p, point));
                got.add(q.scale(tensor));
            });
            assertThat(got).isEqualTo(wanted).hasSizeGreaterThan(15);
        }
    }

    @Test
    void givenFourBits_whenLaidOut_thenFirstAndLastLayerKeepEightAndInnerOnesDoNot() {
        SearchSpace space = Fixtures.space("mbconv-tiny");
        QuantizationPoints points = QuantizationPoints.of(space.lower(space.largest()), BitWidth.INT4);
        points.weights().forEach((slice, bits) -> {
            boolean outer =
                    slice.parameter().equals("stem.weight") || slice.parameter().equals("classifier.weight");
            assertThat(bits).as(slice.parameter()).isEqualTo(outer ? 8 : 4);
        });
        points.activations().values().forEach(p -> {
            boolean inner = p.name().contains("expand") || p.name().contains("depthwise");
            assertThat(p.bits()).as(p.name()).isIn(inner ? List.of(4) : List.of(4, 8));
            if (p.name().endsWith("image") || p.name().endsWith("pool")) {
                assertThat(p.bits()).as(p.name()).isEqualTo(8);
            }
        });
    }

    @Test
    void givenFourBits_whenIntegersAreAskedFor_thenOneClearLine() throws IOException {
        SearchSpace space = Fixtures.space("mbconv-tiny");
        Path floats = floats(space, 1);
        try (Supernet s = Supernet.load(floats, space, Fixtures.DIGITS);
                QuantizedSupernet q = QuantizedSupernet.afterTraining(s, BitWidth.INT4, space.smallest())) {
            assertThatThrownBy(() -> q.integers(space.smallest()))
                    .isInstanceOf(InvalidInputException.class)
                    .hasMessageContainingAll("int4", "training.quantization=int8");
            assertThat(q.fakeQuantized()
                            .evaluate(space.smallest(), Fixtures.DIGITS.validation())
                            .crossEntropy())
                    .isFinite();
        }
    }

    @Test
    void givenForeignOrMissingCheckpoints_whenFineTuned_thenOneClearLine() throws IOException {
        SearchSpace space = Fixtures.space("vit-tiny");
        Path none = folder.resolve("none");
        Path to = folder.resolve("int8");
        assertThatThrownBy(() -> start(space, BitWidth.INT8, 2, none, to))
                .isInstanceOf(InvalidInputException.class)
                .hasMessageContaining("no float32 checkpoint");
        Path floats = floats(space, 2);
        assertThatThrownBy(() -> start(space, BitWidth.INT8, 2, floats, floats.getParent()))
                .isInstanceOf(InvalidInputException.class)
                .hasMessageContaining("folder of its own");
        assertThat(floats).exists();
        assertThatThrownBy(() -> start(Fixtures.space("mbconv-tiny"), BitWidth.INT8, 2, floats, to))
                .isInstanceOf(InvalidInputException.class)
                .hasMessageContaining("vit-tiny");
        try (QuantizedTrainer t = start(space, BitWidth.INT8, 2, floats, to)) {
            t.runTo(1, ProgressListener.SILENT);
        }
        Path tuned = to.resolve(SupernetTrainer.CHECKPOINT);
        assertThatThrownBy(() -> QuantizedSupernet.load(tuned, space, Fixtures.DIGITS, BitWidth.INT4))
                .isInstanceOf(InvalidInputException.class)
                .hasMessageNotContaining("\n");
        assertThatThrownBy(() -> Supernet.load(tuned, space, Fixtures.DIGITS))
                .isInstanceOf(InvalidInputException.class);
        // Other float32 weights: what was fine-tuned from the old ones does not go on from the new ones.
        try (SupernetTrainer t =
                SupernetTrainer.start(space, Fixtures.DIGITS, Fixtures.config(3), floats.getParent())) {
            t.run(ProgressListener.SILENT);
        }
        assertThatThrownBy(() ->
                        QuantizedTrainer.resume(space, Fixtures.DIGITS, Fixtures.config(2), BitWidth.INT8, floats, to))
                .isInstanceOf(InvalidInputException.class)
                .hasMessageContaining("other settings");
    }

    @Test
    void givenSettings_whenFineTuned_thenTheRateIsATenthAndBatchesAreOthers() {
        TrainingConfig floats = Fixtures.config(100);
        TrainingConfig tuned = QuantizedTrainer.fineTuning(floats);
        assertThat(tuned.learningRate()).isCloseTo(0.1 * floats.learningRate(), within(1e-12));
        assertThat(tuned.steps()).isEqualTo(20);
        assertThat(tuned.seed()).isNotEqualTo(floats.seed());
        assertThat(QuantizedTrainer.fineTuning(floats.withSteps(1)).steps()).isEqualTo(1);
    }

    @Test
    void givenManySteps_whenFineTuned_thenNoArraysPileUp() throws IOException {
        SearchSpace space = Fixtures.space("mbconv-tiny");
        Path floats = floats(space, 1);
        try (QuantizedTrainer t = start(space, BitWidth.INT8, 12, floats, folder.resolve("int8"))) {
            t.runTo(6, ProgressListener.SILENT);
            NDManager manager = t.supernet().float32().parameters().manager();
            int before = manager.getManagedArrays().size();
            t.runTo(12, ProgressListener.SILENT);
            // Widths not met before bring constants that are kept.
            assertThat(manager.getManagedArrays().size()).isBetween(before, before + 40);
        }
    }
}

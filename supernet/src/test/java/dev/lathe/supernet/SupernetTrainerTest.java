package dev.lathe.supernet;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import ai.djl.ndarray.NDManager;
import dev.lathe.base.InvalidInputException;
import dev.lathe.base.ProgressListener;
import dev.lathe.space.SearchSpace;
import dev.lathe.supernet.data.Augmentation;
import dev.lathe.supernet.data.Datasets;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

class SupernetTrainerTest {
    @TempDir
    Path folder;

    private static SupernetTrainer start(SearchSpace space, TrainingConfig config, Path folder) throws IOException {
        return SupernetTrainer.start(space, Fixtures.DIGITS, config, folder);
    }

    private static void trainTo(SearchSpace space, int steps, int stop, Path folder) throws IOException {
        try (SupernetTrainer t = start(space, Fixtures.config(steps), folder)) {
            t.runTo(stop, ProgressListener.SILENT);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"mbconv-tiny", "vit-tiny"})
    void givenATrainingStoppedAtThree_whenResumed_thenItEndsWithTheSameBits(String name) throws IOException {
        SearchSpace space = Fixtures.space(name);
        Path through = folder.resolve("through");
        Path stopped = folder.resolve("stopped");
        trainTo(space, 6, 6, through);
        trainTo(space, 6, 3, stopped);
        try (SupernetTrainer t = SupernetTrainer.startOrResume(space, Fixtures.DIGITS, Fixtures.config(6), stopped)) {
            assertThat(t.step()).isEqualTo(3);
            t.run(ProgressListener.SILENT);
        }
        assertThat(Files.readAllBytes(stopped.resolve(SupernetTrainer.CHECKPOINT)))
                .isEqualTo(Files.readAllBytes(through.resolve(SupernetTrainer.CHECKPOINT)));
        assertThat(Files.readString(stopped.resolve(SupernetTrainer.CURVE)))
                .isEqualTo(Files.readString(through.resolve(SupernetTrainer.CURVE)));
    }

    /** Steps 1 to 12 of 12 hold every phase of progressive shrinking. */
    @ParameterizedTest
    @EnumSource(Strategy.class)
    void givenAnyStrategy_whenStoppedAndResumed_thenItEndsWithTheSameBits(Strategy strategy) throws IOException {
        SearchSpace space = Fixtures.space("vit-tiny");
        TrainingConfig config = Fixtures.config(12).withStrategy(strategy);
        Path through = folder.resolve("through");
        Path stopped = folder.resolve("stopped");
        try (SupernetTrainer t = start(space, config, through)) {
            t.run(ProgressListener.SILENT);
        }
        try (SupernetTrainer t = start(space, config, stopped)) {
            t.runTo(5, ProgressListener.SILENT);
        }
        try (SupernetTrainer t = SupernetTrainer.resume(space, Fixtures.DIGITS, config, stopped)) {
            t.run(ProgressListener.SILENT);
        }
        assertThat(Files.readAllBytes(stopped.resolve(SupernetTrainer.CHECKPOINT)))
                .isEqualTo(Files.readAllBytes(through.resolve(SupernetTrainer.CHECKPOINT)));
    }

    @Test
    void givenACurveBeyondTheCheckpoint_whenResumed_thenEachStepStandsInItOnce() throws IOException {
        SearchSpace space = Fixtures.space("vit-tiny");
        trainTo(space, 5, 2, folder);
        Path curve = folder.resolve(SupernetTrainer.CURVE);
        Files.writeString(curve, Files.readString(curve) + "3,0.1,1,1,1\n4,0.1,1");
        try (SupernetTrainer t = SupernetTrainer.resume(space, Fixtures.DIGITS, Fixtures.config(5), folder)) {
            t.run(ProgressListener.SILENT);
        }
        List<String> lines = Files.readAllLines(curve);
        assertThat(lines).hasSize(6);
        for (int i = 1; i < lines.size(); i++) {
            assertThat(lines.get(i)).startsWith(i + ",");
        }
    }

    @Test
    void givenAFinishedTraining_whenLoaded_thenTheSupernetScoresTheSame() throws IOException {
        SearchSpace space = Fixtures.space("mbconv-tiny");
        SubnetScore wanted;
        List<String> heard = new ArrayList<>();
        try (SupernetTrainer t = start(space, Fixtures.config(3), folder)) {
            t.run((phase, done, total, note) -> heard.add(phase + done + "/" + total));
            wanted = t.supernet().evaluate(space.smallest(), Fixtures.DIGITS.validation());
        }
        assertThat(heard).containsExactly("training1/3", "training2/3", "training3/3");
        try (Supernet s = Supernet.load(folder.resolve(SupernetTrainer.CHECKPOINT), space, Fixtures.DIGITS)) {
            assertThat(s.evaluate(space.smallest(), Fixtures.DIGITS.validation()))
                    .isEqualTo(wanted);
        }
    }

    @Test
    void givenAShortTraining_whenRun_thenTheLossFallsAndDigitsAreRecognized() throws IOException {
        SearchSpace space = Fixtures.space("vit-tiny");
        TrainingConfig config = new TrainingConfig(
                120, 32, 0.003, 0.02, 0.1, 0.05, 1, 1, Augmentation.NONE, 1000, 1, Strategy.SANDWICH);
        try (SupernetTrainer t = start(space, config, folder)) {
            t.run(ProgressListener.SILENT);
            assertThat(t.supernet()
                            .evaluate(space.largest(), Fixtures.DIGITS.validation())
                            .top1())
                    .isGreaterThan(0.5);
        }
        List<String> lines = Files.readAllLines(folder.resolve(SupernetTrainer.CURVE));
        assertThat(loss(lines, 100, 120)).isLessThan(loss(lines, 0, 20) - 0.5);
    }

    private static double loss(List<String> lines, int from, int to) {
        return lines.subList(from + 1, to + 1).stream()
                .mapToDouble(l -> Double.parseDouble(l.split(",")[2]))
                .average()
                .orElseThrow();
    }

    @Test
    void givenARateThatBlowsUp_whenTrained_thenStepAndCauseAreNamedAndNoNaNIsSaved() throws IOException {
        SearchSpace space = Fixtures.space("vit-tiny");
        TrainingConfig config = new TrainingConfig(40, 8, 1, 1, 0, 0, 1, 0, Augmentation.NONE, 1, 1, Strategy.SANDWICH);
        try (SharedParameters p = SharedParameters.initialize(ParameterLayout.of(space), 1)) {
            assertThat(p.trained()).isNotEmpty();
        }
        try (SupernetTrainer t = start(space, config, folder)) {
            try {
                t.run(ProgressListener.SILENT);
            } catch (IllegalStateException e) {
                assertThat(e.getMessage()).contains("training step").contains("learningRate");
            }
        }
        // Whatever happened, what is on the disk can be read.
        Supernet.load(folder.resolve(SupernetTrainer.CHECKPOINT), space, Fixtures.DIGITS)
                .close();
    }

    private void refused(byte[] content, SearchSpace space, String... parts) throws IOException {
        Path file = folder.resolve("changed.safetensors");
        Files.write(file, content);
        assertThatThrownBy(() -> Supernet.load(file, space, Fixtures.DIGITS))
                .isInstanceOf(InvalidInputException.class)
                .hasMessageNotContaining("\n")
                .satisfies(e -> assertThat(e.getMessage()).contains(parts));
    }

    @Test
    void givenDamagedOrForeignCheckpoints_whenLoaded_thenOneClearLine() throws IOException {
        SearchSpace space = Fixtures.space("vit-tiny");
        trainTo(space, 2, 1, folder);
        byte[] good = Files.readAllBytes(folder.resolve(SupernetTrainer.CHECKPOINT));
        refused(Arrays.copyOf(good, 0), space, "0 bytes");
        refused(Arrays.copyOf(good, 5), space, "damaged");
        refused(Arrays.copyOf(good, 200), space, "damaged");
        refused(Arrays.copyOf(good, good.length - 1), space, "damaged");
        refused(Arrays.copyOf(good, good.length / 2), space, "damaged");
        byte[] flipped = good.clone();
        flipped[good.length - 100] ^= 1;
        refused(flipped, space, "checksum");
        byte[] huge = good.clone();
        Arrays.fill(huge, 0, 7, (byte) 0xff);
        refused(huge, space, "header");
        byte[] garbage = good.clone();
        garbage[8] = 'x';
        refused(garbage, space, "no JSON");
        refused(replace(good, "\"shape\":[32", "\"shape\":[64"), space, "damaged");
        refused(good, Fixtures.space("mbconv-tiny"), "space 'vit-tiny'", "mbconv-tiny");
        assertThatThrownBy(() -> Supernet.load(folder.resolve("none"), space, Fixtures.DIGITS))
                .isInstanceOf(InvalidInputException.class)
                .hasMessageContaining("no checkpoint at");
        assertThatThrownBy(() -> Supernet.load(folder.resolve(SupernetTrainer.CHECKPOINT), space, Datasets.digits(99)))
                .isInstanceOf(InvalidInputException.class)
                .hasMessageContaining("data");
        assertThatThrownBy(() -> SupernetTrainer.resume(
                        space, Fixtures.DIGITS, Fixtures.config(2).withSeed(8), folder))
                .isInstanceOf(InvalidInputException.class)
                .hasMessageContaining("other settings");
    }

    private static byte[] replace(byte[] file, String from, String to) {
        String text = new String(file, StandardCharsets.ISO_8859_1);
        String changed = text.replaceFirst(java.util.regex.Pattern.quote(from), to);
        return (changed.equals(text) ? text.replaceFirst("\"shape\":\\[", "\"shape\":[9,") : changed)
                .getBytes(StandardCharsets.ISO_8859_1);
    }

    @Test
    void givenManySteps_whenTrained_thenNoArraysPileUp() throws IOException {
        for (String name : List.of("mbconv-tiny", "vit-tiny")) {
            try (SupernetTrainer t = start(Fixtures.space(name), Fixtures.config(12), folder)) {
                t.runTo(6, ProgressListener.SILENT);
                int before =
                        t.supernet().parameters().manager().getManagedArrays().size();
                t.runTo(12, ProgressListener.SILENT);
                int after =
                        t.supernet().parameters().manager().getManagedArrays().size();
                // A random network may bring a width or a geometry not met before, whose constants are kept.
                assertThat(after).as(name).isBetween(before, before + 8);
            }
        }
    }

    /** A step makes some hundred arrays; one of them kept would add up to tens of MiB. */
    @Test
    void givenMoreThanAThousandSteps_whenTrained_thenMemoryIsFlat() throws IOException {
        SearchSpace space = Fixtures.space("vit-tiny");
        TrainingConfig config =
                new TrainingConfig(1500, 2, 0.001, 0, 0, 0, 0, 0, Augmentation.NONE, 100_000, 1, Strategy.UNIFORM);
        try (SupernetTrainer t = start(space, config, folder)) {
            t.runTo(200, ProgressListener.SILENT);
            NDManager manager = t.supernet().parameters().manager();
            int arrays = manager.getManagedArrays().size();
            long before = residentBytes();
            t.runTo(1500, ProgressListener.SILENT);
            assertThat(manager.getManagedArrays().size()).isBetween(arrays, arrays + 8);
            // Heap that has not been collected, compiled code and the curve's rows are in it too.
            assertThat(residentBytes() - before).isLessThan(48L << 20);
        }
    }

    /** 0 where the system does not tell. */
    private static long residentBytes() throws IOException {
        System.gc();
        Path statm = Path.of("/proc/self/statm");
        return Files.exists(statm)
                ? 4096 * Long.parseLong(Files.readString(statm).split(" ")[1])
                : 0;
    }

    @Test
    void givenASchedule_whenAsked_thenItWarmsUpAndFallsToZero() {
        TrainingConfig c = Fixtures.config(100);
        assertThat(c.learningRate(0)).isCloseTo(0.0003, within(1e-9));
        assertThat(c.learningRate(9)).isCloseTo(0.003, within(1e-9));
        assertThat(c.learningRate(10)).isCloseTo(0.003, within(1e-9));
        assertThat(c.learningRate(55)).isCloseTo(0.0015, within(1e-6));
        assertThat(c.learningRate(99)).isLessThan(1e-5).isPositive();
    }

    @Test
    void givenWrongSettings_whenMade_thenTheSettingIsNamed() {
        assertThatThrownBy(() -> Fixtures.config(0))
                .isInstanceOf(InvalidInputException.class)
                .hasMessage("training.steps is 0; it must be at least 1");
    }

    @Test
    void givenTheBenchmark_whenRun_thenBothSidesAreMeasured() {
        for (String name : List.of("mbconv-tiny", "vit-tiny")) {
            StepBenchmark.Result r =
                    StepBenchmark.run(Fixtures.space(name), Fixtures.DIGITS, Fixtures.config(10), 1, 3);
            assertThat(r.networks()).isEqualTo(4);
            assertThat(r.supernetStepMs()).isPositive();
            assertThat(r.denseStepsMs()).isPositive();
            assertThat(r.ratio()).isPositive().isFinite();
        }
    }
}

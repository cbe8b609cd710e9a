package dev.lathe.supernet;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.lathe.base.InvalidInputException;
import dev.lathe.base.ProgressListener;
import dev.lathe.graph.Graph;
import dev.lathe.space.Architecture;
import dev.lathe.space.SearchSpace;
import dev.lathe.space.TranslationTask;
import dev.lathe.supernet.text.Bleu;
import dev.lathe.supernet.text.SentencePairs;
import dev.lathe.supernet.text.TranslationData;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class TranslationTrainerTest {
    private static final TranslationData DATA = TextFixtures.NUMBERS;

    @TempDir
    Path folder;

    @Test
    void givenAnEpoch_whenCut_thenEveryPairStandsInItOnceAndNoBatchIsOverTheBudget() {
        TextBatches batches = new TextBatches(TextFixtures::space, DATA, 128, 1);
        int n = batches.anEpoch();
        for (int epoch = 0; epoch < 2; epoch++) {
            int sentences = 0;
            long tokens = 0;
            long padded = 0;
            for (int step = epoch * n; step < (epoch + 1) * n; step++) {
                TextBatches.Batch b = batches.of(step);
                sentences += b.sentences();
                tokens += b.tokens();
                padded += b.rows();
                assertThat(b.source().length + b.rows()).isLessThanOrEqualTo(2 * 128);
                assertThat(Arrays.stream(b.labels()).filter(l -> l != 0).count())
                        .isEqualTo(b.tokens());
            }
            assertThat(sentences).isEqualTo(DATA.train().size());
            assertThat(tokens)
                    .isEqualTo(IntStream.range(0, sentences)
                            .mapToLong(i -> DATA.train().target(i).length + 1)
                            .sum());
            assertThat((double) padded / tokens).isLessThan(1.1);
        }
        TextBatches again = new TextBatches(TextFixtures::space, DATA, 128, 1);
        assertThat(again.of(n + 3).source()).isEqualTo(batches.of(n + 3).source());
        assertThat(again.of(3).source()).isNotEqualTo(again.of(n + 3).source());
    }

    /** The gradient of sentences filled up beside each other is that of each alone, by its share of the tokens. */
    @ParameterizedTest
    @EnumSource(Distillation.class)
    void givenPadding_whenAccumulated_thenTheGradientKnowsNothingOfIt(Distillation distillation) {
        SentencePairs train = DATA.train();
        int[] pairs = {0, 1, 2, 3, 4};
        int words = DATA.vocabulary().size();
        try (SharedParameters p = TextFixtures.perturbed()) {
            Map<String, float[]> together = gradients(p, pairs, distillation);
            int tokens =
                    TextBatches.batch(TextFixtures::space, train, pairs, words).tokens();
            together.values().forEach(v -> assertThat(v).isNotEmpty());
            Map<String, float[]> sum = null;
            for (int i : pairs) {
                double share = (train.target(i).length + 1) / (double) tokens;
                Map<String, float[]> one = gradients(p, new int[] {i}, distillation);
                if (sum == null) {
                    sum = one;
                    sum.values().forEach(v -> scale(v, share));
                } else {
                    Map<String, float[]> into = sum;
                    one.forEach((name, v) -> {
                        scale(v, share);
                        float[] all = into.getOrDefault(name, v);
                        for (int k = 0; k < v.length; k++) {
                            all[k] += v[k];
                        }
                    });
                }
            }
            assertThat(sum).isNotNull();
            sum.forEach((name, v) -> GraphExecutorTest.assertClose(together.get(name), v, 2e-5, name));
        }
    }

    private static void scale(float[] v, double factor) {
        for (int k = 0; k < v.length; k++) {
            v[k] *= (float) factor;
        }
    }

    private static Map<String, float[]> gradients(SharedParameters p, int[] pairs, Distillation distillation) {
        TextBatches.Batch b = TextBatches.batch(
                TextFixtures::space, DATA.train(), pairs, DATA.vocabulary().size());
        SearchSpace space = b.sized();
        List<Graph> graphs = List.of(space.lower(space.largest()), space.lower(space.smallest()));
        Fixtures.clearGradients(p);
        new SandwichStep(p, new GraphExecutor(p), 0.1, distillation).accumulate(graphs, b);
        return Fixtures.gradients(p);
    }

    @ParameterizedTest
    @EnumSource(Strategy.class)
    void givenAnyStrategy_whenStoppedAndResumed_thenItEndsWithTheSameBits(Strategy strategy) throws IOException {
        TrainingConfig config = TextFixtures.config(8, strategy);
        Path through = folder.resolve("through");
        Path stopped = folder.resolve("stopped");
        try (TranslationTrainer t = TranslationTrainer.start(TextFixtures::space, DATA, config, through)) {
            t.run(ProgressListener.SILENT);
        }
        try (TranslationTrainer t = TranslationTrainer.start(TextFixtures::space, DATA, config, stopped)) {
            t.runTo(3, ProgressListener.SILENT);
        }
        try (TranslationTrainer t = TranslationTrainer.startOrResume(TextFixtures::space, DATA, config, stopped)) {
            assertThat(t.step()).isEqualTo(3);
            t.run(ProgressListener.SILENT);
        }
        assertThat(Files.readAllBytes(stopped.resolve(SupernetTrainer.CHECKPOINT)))
                .isEqualTo(Files.readAllBytes(through.resolve(SupernetTrainer.CHECKPOINT)));
    }

    @Test
    void givenALanguageOfNumbers_whenANetworkIsTrained_thenItTranslates() throws IOException {
        Function<TranslationTask, SearchSpace> one =
                task -> new SingleNetworkSpace(TextFixtures.space(task), architecture());
        TrainingConfig config = TextFixtures.config(250, Strategy.UNIFORM);
        double loss;
        try (TranslationTrainer t = TranslationTrainer.start(one, DATA, config, folder)) {
            t.run(ProgressListener.SILENT);
            loss = t.translator().crossEntropy(architecture(), DATA.validation());
            for (int beam : new int[] {1, 4}) {
                Bleu bleu = t.translator().bleu(architecture(), DATA.test(), beam, 1, ProgressListener.SILENT);
                assertThat(bleu.score()).as("beam %d", beam).isGreaterThan(30);
            }
        }
        try (Translator t = Translator.load(folder.resolve(SupernetTrainer.CHECKPOINT), one, DATA)) {
            assertThat(t.crossEntropy(architecture(), DATA.validation())).isCloseTo(loss, within(1e-9));
        }
    }

    private static Architecture architecture() {
        return TextFixtures.space(DATA.task()).largest();
    }

    @Test
    void givenTheBenchmark_whenRun_thenBothSidesAreMeasured() {
        StepBenchmark.Result r =
                StepBenchmark.run(TextFixtures::space, DATA, TextFixtures.config(5, Strategy.SANDWICH), 1, 2);
        assertThat(r.networks()).isEqualTo(3);
        assertThat(r.supernetStepMs()).isPositive();
        assertThat(r.denseStepsMs()).isPositive();
    }

    @Test
    void givenACheckpointOfOtherText_whenLoaded_thenOneClearLine() throws IOException {
        TrainingConfig config = TextFixtures.config(2, Strategy.UNIFORM);
        try (TranslationTrainer t = TranslationTrainer.start(TextFixtures::space, DATA, config, folder)) {
            t.run(ProgressListener.SILENT);
        }
        TranslationData other =
                new TranslationData(DATA.name(), "", DATA.vocabulary(), DATA.train(), DATA.test(), DATA.validation());
        Path file = folder.resolve(SupernetTrainer.CHECKPOINT);
        assertThatThrownBy(() -> Translator.load(file, TextFixtures::space, other))
                .isInstanceOf(InvalidInputException.class)
                .hasMessageContaining("data")
                .hasMessageNotContaining("\n");
        assertThatThrownBy(() -> TranslationTrainer.resume(TextFixtures::space, DATA, config.withSeed(9), folder))
                .isInstanceOf(InvalidInputException.class)
                .hasMessageContaining("other settings");
    }

    @Test
    void givenManySteps_whenTrained_thenNoArraysPileUp() throws IOException {
        TrainingConfig config = TextFixtures.config(40, Strategy.SANDWICH);
        try (TranslationTrainer t = TranslationTrainer.start(TextFixtures::space, DATA, config, folder)) {
            t.runTo(20, ProgressListener.SILENT);
            int before =
                    t.translator().parameters().manager().getManagedArrays().size();
            t.runTo(40, ProgressListener.SILENT);
            // Lengths not met before bring constants, which are kept.
            assertThat(t.translator().parameters().manager().getManagedArrays().size())
                    .isBetween(before, before + 40);
            before = t.translator().parameters().manager().getManagedArrays().size();
            SearchSpace space = TextFixtures.space(DATA.task());
            t.translator().bleu(space.largest(), DATA.test(), 4, 1, ProgressListener.SILENT);
            int after = t.translator().parameters().manager().getManagedArrays().size();
            assertThat(after).isBetween(before, before + 60);
        }
    }
}

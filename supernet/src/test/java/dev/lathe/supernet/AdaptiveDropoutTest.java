package dev.lathe.supernet;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.lathe.base.InvalidInputException;
import dev.lathe.base.ProgressListener;
import dev.lathe.graph.Graph;
import dev.lathe.space.SearchSpace;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collection;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class AdaptiveDropoutTest {
    @TempDir
    Path folder;

    private static Regularization dropout(double rate, double gamma) {
        return new Regularization(0, 0, rate, gamma);
    }

    @Test
    void givenGamma_whenAskedForTheRate_thenItFallsWithTheRelativeWidth() {
        assertThat(AdaptiveDropout.rate(0.3, 0, 320, 640)).isEqualTo(0.3);
        assertThat(AdaptiveDropout.rate(0.3, 1, 512, 640)).isCloseTo(0.24, within(1e-12));
        assertThat(AdaptiveDropout.rate(0.3, 2, 320, 640)).isCloseTo(0.075, within(1e-12));
        assertThat(AdaptiveDropout.rate(0.3, 1000, 512, 640)).isLessThan(1e-9);
        assertThat(AdaptiveDropout.rate(0.3, 1000, 640, 640)).isEqualTo(0.3);
    }

    @ParameterizedTest
    @ValueSource(doubles = {0.1, 0.5, 0.9})
    void givenARate_whenAMaskIsDrawn_thenThatShareIsZeroAndTheMeanIsOne(double p) {
        float[] mask = AdaptiveDropout.mask(p, 200_001, new SplittableRandom(3));
        double sum = 0;
        int zeros = 0;
        for (float m : mask) {
            assertThat(m == 0 || Math.abs(m * (1 - p) - 1) < 1e-3).isTrue();
            zeros += m == 0 ? 1 : 0;
            sum += m;
        }
        assertThat(zeros / (double) mask.length).isCloseTo(p, within(0.005));
        assertThat(sum / mask.length).isCloseTo(1, within(0.03));
    }

    private static Collection<Double> rates(Graph graph, ParameterLayout layout, double gamma) {
        return new AdaptiveDropout(dropout(0.4, gamma), layout, 1).rates(graph).values();
    }

    /** Two embeddings, two branches a layer of the encoder and three of the decoder, one feed-forward network in each layer. */
    @Test
    void givenTranslators_whenPlacesAreSought_thenEveryBranchNetworkAndEmbeddingHasOne() {
        SearchSpace space = TextFixtures.space(TextFixtures.NUMBERS.task());
        ParameterLayout layout = ParameterLayout.of(space);
        Graph largest = space.lower(space.largest());
        long decoders = largest.nodes().stream()
                .filter(n -> n.name().contains("decoder") && n.op() instanceof dev.lathe.graph.Operator.Activate)
                .count();
        long layers = largest.nodes().stream()
                .filter(n -> n.op() instanceof dev.lathe.graph.Operator.Activate)
                .count();
        assertThat(rates(largest, layout, 1))
                .hasSize((int) (2 + 3 * (layers - decoders) + 4 * decoders))
                .allSatisfy(p -> assertThat(p).isEqualTo(0.4));
        Collection<Double> smallest = rates(space.lower(space.smallest()), layout, 1);
        // Widths of 16 of 32, and of 32 of 64 inside.
        assertThat(smallest).isNotEmpty().allSatisfy(p -> assertThat(p).isEqualTo(0.2));
        assertThat(rates(space.lower(space.smallest()), layout, 0))
                .allSatisfy(p -> assertThat(p).isEqualTo(0.4));
        assertThat(rates(space.lower(space.smallest()), layout, 1000)).isEmpty();
        assertThat(rates(largest, layout, 1000)).isNotEmpty();
    }

    @Test
    void givenImageTransformers_whenPlacesAreSought_thenBranchesAndPositionsHaveOneAndConvolutionsNone() {
        SearchSpace vit = Fixtures.space("vit-tiny");
        Graph largest = vit.lower(vit.largest());
        long blocks = largest.nodes().stream()
                .filter(n -> n.op() instanceof dev.lathe.graph.Operator.Activate)
                .count();
        assertThat(rates(largest, ParameterLayout.of(vit), 1)).hasSize((int) (1 + 3 * blocks));
        SearchSpace conv = Fixtures.space("mbconv-tiny");
        assertThat(rates(conv.lower(conv.largest()), ParameterLayout.of(conv), 1))
                .isEmpty();
        assertThatThrownBy(() -> SupernetTrainer.start(
                        conv, Fixtures.DIGITS, Fixtures.config(2).withRegularization(dropout(0.1, 1)), folder))
                .isInstanceOf(InvalidInputException.class)
                .hasMessageContainingAll("training.dropout is 0.1", "mbconv-tiny");
    }

    private byte[] trained(TrainingConfig config, int stop, String name) throws IOException {
        Path out = folder.resolve(name);
        SearchSpace space = Fixtures.space("vit-tiny");
        try (SupernetTrainer t = SupernetTrainer.start(space, Fixtures.DIGITS, config, out)) {
            t.runTo(stop, ProgressListener.SILENT);
        }
        try (SupernetTrainer t = SupernetTrainer.resume(space, Fixtures.DIGITS, config, out)) {
            t.run(ProgressListener.SILENT);
        }
        return Files.readAllBytes(out.resolve(SupernetTrainer.CHECKPOINT));
    }

    @Test
    void givenATrainingWithAllOfIt_whenStoppedAndResumed_thenItEndsWithTheSameBits() throws IOException {
        TrainingConfig config = Fixtures.config(4).withRegularization(new Regularization(0.3, 0.4, 0.2, 1));
        assertThat(trained(config, 2, "stopped")).isEqualTo(trained(config, 4, "through"));
        assertThat(trained(config.withRegularization(new Regularization(0.3, 0.4, 0, 1)), 4, "without"))
                .isNotEqualTo(trained(config, 4, "again"));
    }

    @Test
    void givenTranslatorsTrainedWithDropout_whenScored_thenEvaluationIgnoresIt() throws IOException {
        TrainingConfig config =
                TextFixtures.config(4, Strategy.ALPHA_DIVERGENCE).withRegularization(dropout(0.3, 1));
        try (TranslationTrainer t =
                TranslationTrainer.start(TextFixtures::space, TextFixtures.NUMBERS, config, folder.resolve("t"))) {
            t.run(ProgressListener.SILENT);
            SearchSpace space = TextFixtures.space(TextFixtures.NUMBERS.task());
            double once = t.translator().crossEntropy(space.largest(), TextFixtures.NUMBERS.validation());
            assertThat(once).isFinite();
            try (SharedParameters copy = SharedParameters.of(
                            t.translator().parameters().layout(),
                            t.translator().parameters().values());
                    Translator plain = new Translator(TextFixtures::space, copy, TextFixtures.NUMBERS)) {
                assertThat(plain.crossEntropy(space.largest(), TextFixtures.NUMBERS.validation()))
                        .isEqualTo(once);
            }
        }
    }
}

package dev.lathe.supernet;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.lathe.base.InvalidInputException;
import dev.lathe.device.OnnxTranslator;
import dev.lathe.graph.IncrementalOnnx;
import dev.lathe.space.Architecture;
import dev.lathe.space.SearchSpace;
import dev.lathe.space.SearchSpaces;
import dev.lathe.space.TranslationTask;
import dev.lathe.space.decode.BeamSearch;
import dev.lathe.supernet.text.BytePairVocabulary;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.function.Function;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A translator's two ONNX files against the executor: the same scores, sentence by sentence the same translations. */
class ExportedTranslatorTest {
    private static final int WORDS = TextFixtures.NUMBERS.vocabulary().size();
    private static final int POSITIONS = 32;
    private static final int SENTENCES = 3;
    private static final int SOURCE = 6;
    private static final int TARGET = 7;

    private static Translator small() {
        return new Translator(TextFixtures::space, TextFixtures.perturbed(), TextFixtures.NUMBERS);
    }

    private static Architecture architecture(int index) {
        SearchSpace space = TextFixtures.space(TextFixtures.NUMBERS.task());
        return index == 0 ? space.largest() : index == 1 ? space.smallest() : space.random(new SplittableRandom(index));
    }

    private static OnnxTranslator exported(Translator t, Architecture a) {
        return OnnxTranslator.load(t.export(a, POSITIONS, Map.of()), "translator");
    }

    /** Sentences of different lengths, filled up. */
    private static long[] source(int sentences, int length) {
        SplittableRandom random = new SplittableRandom(7);
        long[] v = new long[sentences * length];
        for (int i = 0; i < sentences; i++) {
            int own = i == 0 ? length : 2 + random.nextInt(length - 1);
            for (int j = 0; j < own - 1; j++) {
                v[i * length + j] = 4 + random.nextInt(WORDS - 4);
            }
            v[i * length + own - 1] = BytePairVocabulary.END;
        }
        return v;
    }

    private static void assertSameScores(Translator t, Architecture a, OnnxTranslator onnx) {
        long[] source = source(SENTENCES, SOURCE);
        long[] target = new SplittableRandom(3)
                .longs((long) SENTENCES * TARGET, 1, WORDS)
                .toArray();
        float[] whole = t.scores(a, source, target, SENTENCES);
        onnx.begin(source, SENTENCES);
        for (int at = 0; at < TARGET; at++) {
            long[] token = new long[SENTENCES];
            for (int s = 0; s < SENTENCES; s++) {
                token[s] = target[s * TARGET + at];
            }
            float[] scores = onnx.scores(token);
            assertThat(scores).hasSize(SENTENCES * WORDS);
            for (int s = 0; s < SENTENCES; s++) {
                for (int w = 0; w < WORDS; w++) {
                    assertThat((double) scores[s * WORDS + w])
                            .as("%s, position %d", a, at)
                            .isCloseTo(whole[(s * TARGET + at) * WORDS + w], within(1e-4));
                }
            }
        }
        onnx.end();
    }

    private static void assertSameTranslations(Translator t, Architecture a, OnnxTranslator onnx, int beam) {
        long[] source = source(4, SOURCE);
        List<int[]> ours = new BeamSearch(t.scorer(a, SOURCE), beam, 1).translate(source, 4, 12);
        List<int[]> theirs = new BeamSearch(onnx, beam, 1).translate(source, 4, 12);
        for (int s = 0; s < 4; s++) {
            assertThat(theirs.get(s)).as("%s, beam %d", a, beam).isEqualTo(ours.get(s));
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 2, 3, 4, 5, 6, 7})
    void givenASubnet_whenExported_thenItScoresAndTranslatesTokenByTokenAsTheExecutor(int index) {
        Architecture a = architecture(index);
        try (Translator t = small();
                OnnxTranslator onnx = exported(t, a)) {
            assertThat(onnx.vocabulary()).isEqualTo(WORDS);
            assertSameScores(t, a, onnx);
            for (int beam : new int[] {1, 4}) {
                assertSameTranslations(t, a, onnx, beam);
            }
        }
    }

    /** The published spaces at their own widths and depths, with a small vocabulary; the two of WMT differ in that alone. */
    @ParameterizedTest
    @ValueSource(strings = {"hat-mini", "hat-iwslt-de-en", "hat-wmt-en-de"})
    void givenAPublishedSpace_whenExported_thenItScoresAndTranslatesTokenByTokenAsTheExecutor(String name) {
        Function<TranslationTask, SearchSpace> spaces = task -> SearchSpaces.create(name, task);
        SearchSpace space = spaces.apply(TextFixtures.NUMBERS.task());
        SharedParameters start =
                SharedParameters.initialize(ParameterLayout.of(space), 1, Initialization.XAVIER_UNIFORM);
        try (Translator t = new Translator(spaces, start, TextFixtures.NUMBERS)) {
            SplittableRandom random = new SplittableRandom(5);
            for (int i = 0; i < 2; i++) {
                Architecture a = space.random(random);
                try (OnnxTranslator onnx = exported(t, a)) {
                    assertSameScores(t, a, onnx);
                    assertSameTranslations(t, a, onnx, 1);
                }
            }
        }
    }

    @Test
    void givenASentenceAloneAndFilledUpBesideOthers_whenScored_thenTheSame() {
        long[] source = source(SENTENCES, SOURCE);
        try (Translator t = small();
                OnnxTranslator onnx = exported(t, architecture(0))) {
            for (int s = 0; s < SENTENCES; s++) {
                long[] own = Arrays.stream(source, s * SOURCE, (s + 1) * SOURCE)
                        .filter(w -> w != TranslationTask.PADDING)
                        .toArray();
                onnx.begin(own, 1);
                float[][] alone = {onnx.scores(new long[] {1}), onnx.scores(new long[] {9})};
                onnx.begin(source, SENTENCES);
                for (float[] one : alone) {
                    long[] tokens = new long[SENTENCES];
                    Arrays.fill(tokens, one == alone[0] ? 1 : 9);
                    float[] beside = onnx.scores(tokens);
                    for (int w = 0; w < WORDS; w++) {
                        assertThat((double) beside[s * WORDS + w]).isCloseTo(one[w], within(1e-5));
                    }
                }
            }
        }
    }

    @Test
    void givenTheSameSubnet_whenExportedTwice_thenTheSameBytesAndItsMetadata() {
        Architecture a = architecture(2);
        try (Translator t = small()) {
            IncrementalOnnx.Files one = t.export(a, POSITIONS, Map.of("architecture", a.toString()));
            IncrementalOnnx.Files two = t.export(a, POSITIONS, Map.of("architecture", a.toString()));
            assertThat(one.encoder()).isEqualTo(two.encoder());
            assertThat(one.decoder()).isEqualTo(two.decoder());
            try (OnnxTranslator onnx = OnnxTranslator.load(one, "translator")) {
                assertThat(onnx.metadata())
                        .containsEntry("architecture", a.toString())
                        .containsEntry("part", "decoder")
                        .containsEntry("positions", "32");
            }
        }
    }

    @Test
    void givenFilesThatDoNotBelongTogetherOrTooLongSentences_whenUsed_thenRefusedInOneLine() {
        try (Translator t = small()) {
            IncrementalOnnx.Files files = t.export(architecture(0), POSITIONS, Map.of());
            IncrementalOnnx.Files other = t.export(architecture(1), POSITIONS, Map.of());
            byte[] cut = Arrays.copyOf(files.decoder(), files.decoder().length / 2);
            refused(new IncrementalOnnx.Files(files.decoder(), files.encoder()), "no encoder and decoder");
            refused(new IncrementalOnnx.Files(other.encoder(), files.decoder()), "which its encoder does not give");
            refused(new IncrementalOnnx.Files(files.encoder(), cut), "ONNX Runtime refuses");
            refused(new IncrementalOnnx.Files(new byte[0], files.decoder()), "ONNX Runtime refuses");
            try (OnnxTranslator onnx = OnnxTranslator.load(files, "translator")) {
                assertThatThrownBy(() -> onnx.begin(new long[POSITIONS + 1], 1))
                        .isInstanceOf(InvalidInputException.class)
                        .hasMessageContaining("at most 32 tokens, not 33");
                assertThatThrownBy(() -> onnx.begin(new long[] {WORDS}, 1)).isInstanceOf(InvalidInputException.class);
                assertThatThrownBy(() -> onnx.scores(new long[] {1})).isInstanceOf(IllegalStateException.class);
            }
        }
    }

    private static void refused(IncrementalOnnx.Files files, String part) {
        assertThatThrownBy(() -> OnnxTranslator.load(files, "translator").close())
                .isInstanceOf(InvalidInputException.class)
                .hasMessageContaining(part)
                .hasMessageNotContaining("\n");
    }
}

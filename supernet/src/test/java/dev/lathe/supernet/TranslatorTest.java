package dev.lathe.supernet;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import dev.lathe.device.OnnxModel;
import dev.lathe.graph.Graph;
import dev.lathe.graph.IncrementalGraph;
import dev.lathe.graph.OnnxWriter;
import dev.lathe.space.Architecture;
import dev.lathe.space.SearchSpace;
import dev.lathe.space.TranslationTask;
import dev.lathe.space.decode.BeamSearch;
import dev.lathe.supernet.text.BytePairVocabulary;
import dev.lathe.supernet.text.SentencePairs;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class TranslatorTest {
    private static final int WORDS = TextFixtures.NUMBERS.vocabulary().size();

    private static Translator translator() {
        return new Translator(TextFixtures::space, TextFixtures.perturbed(), TextFixtures.NUMBERS);
    }

    private static long[] source(int sentences, int length) {
        SplittableRandom random = new SplittableRandom(7);
        long[] v = new long[sentences * length];
        for (int i = 0; i < sentences; i++) {
            int own = 2 + random.nextInt(length - 1);
            for (int j = 0; j < own; j++) {
                v[i * length + j] = 4 + random.nextInt(WORDS - 4);
            }
            v[i * length + own - 1] = BytePairVocabulary.END;
        }
        return v;
    }

    private static Architecture architecture(int index) {
        SearchSpace space = TextFixtures.space(TextFixtures.NUMBERS.task());
        return index == 0 ? space.largest() : index == 1 ? space.smallest() : space.random(new SplittableRandom(index));
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 2, 3, 4, 5})
    void givenATarget_whenReadTokenByToken_thenTheScoresAreThoseOfTheWholeAtOnce(int index) {
        int sentences = 3;
        int length = 7;
        Architecture a = architecture(index);
        long[] source = source(sentences, 6);
        SplittableRandom random = new SplittableRandom(index);
        long[] target = random.longs((long) sentences * length, 4, WORDS).toArray();
        try (Translator t = translator();
                NDManager m = t.parameters().manager().newSubManager()) {
            float[] whole = t.scores(a, source, target, sentences);
            Graph graph =
                    TextFixtures.space(new TranslationTask(WORDS, WORDS, 6, 2)).lower(a);
            IncrementalGraph cut = new IncrementalGraph(graph, graph.inputs().get(1));
            GraphExecutor executor = new GraphExecutor(t.parameters());
            NDArray[] prefix = executor.values(
                    cut.prefix(),
                    List.of(m.create(source, new Shape(sentences, 6))),
                    GraphExecutor.Mode.EVALUATE,
                    null);
            List<NDArray> caches = List.of();
            for (int at = 0; at < length; at++) {
                IncrementalGraph.Step step = cut.step(at);
                List<NDArray> inputs = new ArrayList<>();
                long[] token = new long[sentences];
                for (int s = 0; s < sentences; s++) {
                    token[s] = target[s * length + at];
                }
                inputs.add(m.create(token, new Shape(sentences, 1)));
                cut.kept().forEach(k -> inputs.add(prefix[k.id()]));
                inputs.addAll(caches);
                NDArray[] values = executor.values(step.graph(), inputs, GraphExecutor.Mode.EVALUATE, null);
                caches = step.caches().stream().map(c -> values[c.id()]).toList();
                float[] scores = values[step.graph().output().id()].toFloatArray();
                for (int s = 0; s < sentences; s++) {
                    for (int w = 0; w < WORDS; w++) {
                        assertThat((double) scores[s * WORDS + w])
                                .isCloseTo(whole[(s * length + at) * WORDS + w], within(1e-5));
                    }
                }
            }
        }
    }

    /** Masks, tied tables and slices in a file of the weights cut out. */
    @Test
    void givenPaddedSentences_whenExported_thenTheFileGivesTheSameScores() {
        int sentences = 3;
        long[] source = source(sentences, 6);
        long[] target = new SplittableRandom(1).longs(sentences * 5L, 1, WORDS).toArray();
        try (Translator t = translator()) {
            for (int i = 0; i < 4; i++) {
                Architecture a = architecture(i);
                Graph graph = TextFixtures.space(new TranslationTask(WORDS, WORDS, 6, 5))
                        .lower(a);
                byte[] file = OnnxWriter.write(graph, t.extract(a), Map.of());
                float[] ours = t.scores(a, source, target, sentences);
                try (OnnxModel model = OnnxModel.load(file, "translator")) {
                    float[] theirs = model.run(List.of(floats(source), floats(target)), sentences);
                    assertThat(theirs).hasSameSizeAs(ours);
                    for (int k = 0; k < ours.length; k++) {
                        assertThat((double) theirs[k]).isCloseTo(ours[k], within(1e-4));
                    }
                }
            }
        }
    }

    private static float[] floats(long[] tokens) {
        float[] v = new float[tokens.length];
        for (int i = 0; i < v.length; i++) {
            v[i] = tokens[i];
        }
        return v;
    }

    private record Beginning(List<Integer> tokens, double score) {}

    /** Beam search by the letter: one sentence, the whole target again for each token, all extensions sorted. */
    private static int[] slow(Translator t, Architecture a, long[] source, int beam, double penalty, int longest) {
        List<Beginning> live = List.of(new Beginning(List.of(), 0));
        List<Beginning> ended = new ArrayList<>();
        for (int at = 0; at < longest; at++) {
            List<Beginning> all = new ArrayList<>();
            for (Beginning b : live) {
                long[] target = new long[at + 1];
                target[0] = BytePairVocabulary.BEGIN;
                for (int i = 0; i < at; i++) {
                    target[i + 1] = b.tokens.get(i);
                }
                float[] scores = t.scores(a, source, target, 1);
                double sum = 0;
                for (int w = 0; w < WORDS; w++) {
                    sum += Math.exp(scores[at * WORDS + w]);
                }
                for (int w = 2; w < WORDS; w++) {
                    if (w != BytePairVocabulary.UNKNOWN) {
                        List<Integer> longer = new ArrayList<>(b.tokens);
                        longer.add(w);
                        all.add(new Beginning(longer, b.score + scores[at * WORDS + w] - Math.log(sum)));
                    }
                }
            }
            all.sort(Comparator.comparingDouble(Beginning::score).reversed());
            List<Beginning> next = new ArrayList<>();
            for (int i = 0; i < 2 * beam && next.size() < beam; i++) {
                Beginning b = all.get(i);
                if (b.tokens.get(at) != BytePairVocabulary.END) {
                    next.add(b);
                } else if (i < beam) {
                    ended.add(new Beginning(b.tokens.subList(0, at), b.score / Math.pow(at + 1, penalty)));
                }
            }
            live = next;
            if (ended.size() >= beam) {
                break;
            }
        }
        if (ended.isEmpty()) {
            live.forEach(b -> ended.add(new Beginning(b.tokens, b.score / Math.pow(longest, penalty))));
        }
        return ended.stream().max(Comparator.comparingDouble(Beginning::score)).orElseThrow().tokens.stream()
                .mapToInt(i -> i)
                .toArray();
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 4, 5})
    void givenSentences_whenSearched_thenAsByTheWholeDecoderWithoutCaches(int beam) {
        int sentences = 4;
        long[] source = source(sentences, 6);
        try (Translator t = translator()) {
            for (int i = 0; i < 4; i++) {
                Architecture a = architecture(i);
                double penalty = i % 2 == 0 ? 1 : 0.6;
                List<int[]> fast = new BeamSearch(t.scorer(a, 6), beam, penalty).translate(source, sentences, 9);
                for (int s = 0; s < sentences; s++) {
                    long[] one = Arrays.copyOfRange(source, s * 6, s * 6 + 6);
                    assertThat(fast.get(s)).isEqualTo(slow(t, a, one, beam, penalty, 9));
                }
            }
        }
    }

    @Test
    void givenPaddingAndOtherSentences_whenScored_thenTheLossOfEachTokenIsTheSame() {
        SentencePairs all = TextFixtures.NUMBERS.validation();
        Architecture a = architecture(2);
        try (Translator t = translator()) {
            double sum = 0;
            int tokens = 0;
            for (int i = 0; i < all.size(); i++) {
                TextBatches.Batch one = TextBatches.batch(TextFixtures::space, all, new int[] {i}, WORDS);
                float[] scores = t.scores(a, one.source(), one.target(), 1);
                for (int k = 0; k < one.labels().length; k++) {
                    double norm = 0;
                    for (int w = 0; w < WORDS; w++) {
                        norm += Math.exp(scores[k * WORDS + w]);
                    }
                    sum += Math.log(norm) - scores[k * WORDS + (int) one.labels()[k]];
                    tokens++;
                }
            }
            assertThat(t.crossEntropy(a, all)).isCloseTo(sum / tokens, within(1e-5));
        }
    }

    @Test
    void givenAGraphWherePositionsMeetOtherwise_whenCut_thenRefusedByName() {
        Graph graph = TextFixtures.space(TextFixtures.NUMBERS.task()).lower(architecture(0));
        assertThatThrownBy(() -> new IncrementalGraph(graph, graph.inputs().get(0)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("source.padding")
                .hasMessageContaining("position by position");
        try (Translator t = translator()) {
            assertThatThrownBy(() -> new BeamSearch(t.scorer(architecture(0), 5), WORDS, 1))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("beam");
        }
    }
}

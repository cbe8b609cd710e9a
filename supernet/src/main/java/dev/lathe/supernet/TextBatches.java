package dev.lathe.supernet;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import dev.lathe.base.Seeds;
import dev.lathe.space.SearchSpace;
import dev.lathe.space.TranslationTask;
import dev.lathe.supernet.text.BytePairVocabulary;
import dev.lathe.supernet.text.SentencePairs;
import dev.lathe.supernet.text.TranslationData;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.function.Function;
import java.util.random.RandomGenerator;

/**
 * The training batch of each step, a function of (seed, step) alone: every pair of sentences once an epoch, with others of
 * about its length, so that little is padding; as many as fit a budget of tokens, so that memory is bounded.
 */
final class TextBatches implements TrainingBatches {
    /** Of transformers for text; with the usual decay, rare large gradients of tables hold rates down for long. */
    private static final double SQUARED_GRADIENT_DECAY = 0.98;

    /**
     * Sentences filled up to one length, S on the source's side and T on the target's.
     *
     * @param sized the space for these lengths
     * @param source (B, S) tokens and the end
     * @param target (B, T) the beginning and tokens
     * @param labels (B, T) tokens and the end: what is to follow each of {@code target}
     * @param tokens labels that are no padding
     */
    record Batch(SearchSpace sized, long[] source, long[] target, long[] labels, int sentences, int tokens, int classes)
            implements TrainingBatch {
        @Override
        public SearchSpace sized(SearchSpace space) {
            return sized;
        }

        @Override
        public List<NDArray> inputs(NDManager step) {
            return List.of(
                    step.create(source, new Shape(sentences, source.length / sentences)),
                    step.create(target, new Shape(sentences, target.length / sentences)));
        }

        @Override
        public int rows() {
            return labels.length;
        }

        @Override
        public NDArray target(NDManager step, double smoothing) {
            float rest = (float) (smoothing / classes);
            float[] word = new float[labels.length];
            float[] others = new float[labels.length];
            for (int i = 0; i < labels.length; i++) {
                word[i] = weight(i) * ((float) (1 - smoothing) + rest);
                others[i] = weight(i) * rest;
            }
            Shape column = new Shape(labels.length, 1);
            return step.zeros(new Shape(labels.length, classes))
                    .addi(step.create(others, column))
                    .scatter(step.create(labels, column), step.create(word, column), 1);
        }

        @Override
        public NDArray rowWeights(NDManager step) {
            float[] w = new float[labels.length];
            for (int i = 0; i < w.length; i++) {
                w[i] = weight(i);
            }
            return step.create(w, new Shape(w.length, 1));
        }

        private float weight(int row) {
            return labels[row] == BytePairVocabulary.PADDING ? 0 : -1f / tokens;
        }

        @Override
        public float[] ofCountingRows(float[] weights) {
            float factor = (float) labels.length / tokens;
            for (int i = 0; i < weights.length; i++) {
                weights[i] *= labels[i / classes] == BytePairVocabulary.PADDING ? 0 : factor;
            }
            return weights;
        }
    }

    private final Function<TranslationTask, SearchSpace> spaces;
    private final TranslationData data;
    private final int tokens;
    private final long seed;
    private long epoch = -1;
    private List<int[]> order = List.of();

    /**
     * @param spaces the space by the sentences' lengths
     * @param tokens the most of a batch, padding counted, in the mean of its two sides
     */
    TextBatches(Function<TranslationTask, SearchSpace> spaces, TranslationData data, int tokens, long seed) {
        this.spaces = spaces;
        this.data = data;
        this.tokens = tokens;
        this.seed = seed;
    }

    @Override
    public String fingerprint() {
        return data.fingerprint();
    }

    @Override
    public Initialization initialization() {
        return Initialization.XAVIER_UNIFORM;
    }

    @Override
    public double squaredGradientDecay() {
        return SQUARED_GRADIENT_DECAY;
    }

    /** Batches an epoch: the same in every one, for the lengths decide where batches are cut. */
    int anEpoch() {
        requireEpoch(Math.max(0, epoch));
        return order.size();
    }

    @Override
    public Batch of(int step) {
        int n = anEpoch();
        requireEpoch(step / n);
        return batch(
                spaces, data.train(), order.get(step % n), data.vocabulary().size());
    }

    private void requireEpoch(long wanted) {
        if (epoch != wanted) {
            RandomGenerator random = Seeds.generator(seed, "epoch", wanted);
            List<int[]> groups =
                    groups(data.train(), Seeds.permutation(data.train().size(), random), tokens);
            order = Arrays.stream(Seeds.permutation(groups.size(), random))
                    .mapToObj(groups::get)
                    .toList();
            epoch = wanted;
        }
    }

    /**
     * Sentences by length, cut into groups of which a side, filled up, has at most {@code tokens} tokens in the mean of both
     * sides; a longer sentence is a group of its own.
     *
     * @param order of sentences of equal lengths
     */
    static List<int[]> groups(SentencePairs part, int[] order, int tokens) {
        Integer[] sorted = Arrays.stream(order).boxed().toArray(Integer[]::new);
        // On Multi30k 97 of 100 tokens are then no padding, of either side; by the sum of lengths or the larger one
        // fewer.
        Arrays.sort(
                sorted,
                Comparator.<Integer>comparingInt(i -> part.target(i).length)
                        .thenComparingInt(i -> part.source(i).length));
        List<int[]> groups = new ArrayList<>();
        int from = 0;
        int source = 0;
        int target = 0;
        for (int i = 0; i < sorted.length; i++) {
            int s = part.source(sorted[i]).length + 1;
            int t = part.target(sorted[i]).length + 1;
            if (i > from && (long) (Math.max(source, s) + Math.max(target, t)) * (i + 1 - from) > 2L * tokens) {
                groups.add(unboxed(sorted, from, i));
                from = i;
                source = 0;
                target = 0;
            }
            source = Math.max(source, s);
            target = Math.max(target, t);
        }
        groups.add(unboxed(sorted, from, sorted.length));
        return groups;
    }

    private static int[] unboxed(Integer[] values, int from, int to) {
        return Arrays.stream(values, from, to).mapToInt(i -> i).toArray();
    }

    /** The batch of some pairs. */
    static Batch batch(Function<TranslationTask, SearchSpace> spaces, SentencePairs part, int[] pairs, int vocabulary) {
        int s = 0;
        int t = 0;
        for (int i : pairs) {
            s = Math.max(s, part.source(i).length + 1);
            t = Math.max(t, part.target(i).length + 1);
        }
        long[] source = new long[pairs.length * s];
        long[] target = new long[pairs.length * t];
        long[] labels = new long[pairs.length * t];
        int counted = 0;
        for (int k = 0; k < pairs.length; k++) {
            put(part.source(pairs[k]), source, k * s);
            int[] translation = part.target(pairs[k]);
            put(translation, labels, k * t);
            target[k * t] = BytePairVocabulary.BEGIN;
            for (int j = 0; j < translation.length; j++) {
                target[k * t + 1 + j] = translation[j];
            }
            counted += translation.length + 1;
        }
        SearchSpace sized = spaces.apply(new TranslationTask(vocabulary, vocabulary, s, t));
        return new Batch(sized, source, target, labels, pairs.length, counted, vocabulary);
    }

    /** The tokens, and the end behind them. */
    static void put(int[] sentence, long[] into, int at) {
        for (int j = 0; j < sentence.length; j++) {
            into[at + j] = sentence[j];
        }
        into[at + sentence.length] = BytePairVocabulary.END;
    }
}

package dev.lathe.supernet;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.ndarray.types.SparseFormat;
import dev.lathe.graph.Graph;
import dev.lathe.graph.IncrementalGraph;
import dev.lathe.graph.Tensor;
import dev.lathe.supernet.text.BytePairVocabulary;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Translates sentences token by token, keys and values of earlier positions kept. Of each sentence the {@code beam} best
 * beginnings go on; one is a translation once its end is among the best, and the search of a sentence ends when there are as
 * many translations. The best by the mean log-probability of its tokens, to the power of a penalty, is taken. A beam of 1
 * is greedy decoding.
 */
final class BeamSearch {
    /** Tokens that no translation holds. */
    private static final int[] NEVER = {BytePairVocabulary.PADDING, BytePairVocabulary.BEGIN, BytePairVocabulary.UNKNOWN
    };

    private static final float IMPOSSIBLE = -1e9f;

    private record Hypothesis(int[] tokens, double score) {}

    /** A sentence whose search goes on. */
    private static final class Search {
        final int sentence;
        List<Hypothesis> live = List.of(new Hypothesis(new int[0], 0));
        final List<Hypothesis> ended = new ArrayList<>();

        Search(int sentence) {
            this.sentence = sentence;
        }
    }

    private final GraphExecutor executor;
    private final NDManager owner;
    private final IncrementalGraph graph;
    private final int beam;
    private final double lengthPenalty;

    /**
     * @param graph a translator's, cut
     * @param owner of the parameters
     * @param beam at least 1
     * @param lengthPenalty power of the length that a translation's log-probability is divided by
     */
    BeamSearch(GraphExecutor executor, NDManager owner, IncrementalGraph graph, int beam, double lengthPenalty) {
        if (beam < 1 || 2 * beam > graph.step(0).graph().output().shape().last()) {
            throw new IllegalArgumentException("A beam is at least 1 and at most half the vocabulary, not " + beam);
        }
        this.executor = executor;
        this.owner = owner;
        this.graph = graph;
        this.beam = beam;
        this.lengthPenalty = lengthPenalty;
    }

    /**
     * Translates sentences of one padded length.
     *
     * @param source (sentences, S) tokens, the end and padding
     * @param longest tokens that a translation may have
     * @return the tokens of each translation, without the end
     */
    List<int[]> translate(long[] source, int sentences, int longest) {
        int[][] best = new int[sentences][];
        List<Search> active = new ArrayList<>();
        for (int i = 0; i < sentences; i++) {
            active.add(new Search(i));
        }
        try (NDManager batch = owner.newSubManager()) {
            List<NDArray> kept = kept(source, sentences, batch);
            List<NDArray> caches = List.of();
            for (int t = 0; !active.isEmpty(); t++) {
                try (NDManager step = batch.newSubManager()) {
                    IncrementalGraph.Step s = graph.step(t);
                    List<NDArray> inputs = new ArrayList<>();
                    inputs.add(tokens(active, step));
                    inputs.addAll(kept);
                    // What is made of them is then this step's, too.
                    caches.forEach(c -> c.attach(step));
                    inputs.addAll(caches);
                    NDArray[] values = executor.values(s.graph(), inputs, GraphExecutor.Mode.EVALUATE, null);
                    NDArray scores = values[s.graph().output().id()];
                    int[] rows = extend(active, scores, t + 1 == longest, step);
                    // Each goes on with as many beginnings as before: rows stay rows of their sentences.
                    boolean same = rows.length == scores.getShape().get(0)
                            && active.stream().noneMatch(search -> search.live.isEmpty());
                    List<Search> going = new ArrayList<>();
                    for (Search search : active) {
                        if (search.live.isEmpty()) {
                            best[search.sentence] = best(search.ended);
                        } else {
                            going.add(search);
                        }
                    }
                    NDArray index = step.create(rows);
                    caches = gathered(s.caches(), values, index, batch);
                    if (!same) {
                        kept = regathered(kept, index, batch);
                    }
                    active = going;
                }
            }
        }
        return Arrays.asList(best);
    }

    private List<NDArray> kept(long[] source, int sentences, NDManager batch) {
        Graph prefix = graph.prefix();
        try (NDManager step = batch.newSubManager()) {
            NDArray x = step.create(source, new Shape(sentences, source.length / sentences));
            NDArray[] values = executor.values(prefix, List.of(x), GraphExecutor.Mode.EVALUATE, null);
            List<NDArray> kept = new ArrayList<>();
            for (Tensor t : graph.kept()) {
                values[t.id()].attach(batch);
                kept.add(values[t.id()]);
            }
            return kept;
        }
    }

    private static NDArray tokens(List<Search> active, NDManager step) {
        long[] last = active.stream()
                .flatMap(s -> s.live.stream())
                .mapToLong(h -> h.tokens.length == 0 ? BytePairVocabulary.BEGIN : h.tokens[h.tokens.length - 1])
                .toArray();
        return step.create(last, new Shape(last.length, 1));
    }

    /**
     * Extends all beginnings by one token.
     *
     * @param scores (rows, 1, V), as many rows as there are beginnings
     * @param end whether all end here
     * @return for each beginning that goes on, the row of the one it extends
     */
    private int[] extend(List<Search> active, NDArray scores, boolean end, NDManager step) {
        int rows = (int) scores.getShape().get(0);
        int width = rows / active.size();
        int words = (int) scores.getShape().get(2);
        float[] before = new float[rows];
        int r = 0;
        for (Search s : active) {
            for (Hypothesis h : s.live) {
                before[r++] = (float) h.score;
            }
        }
        float[] never = new float[words];
        for (int token : NEVER) {
            never[token] = IMPOSSIBLE;
        }
        NDArray all = scores.reshape(rows, words)
                .logSoftmax(1)
                .add(step.create(never))
                .add(step.create(before, new Shape(rows, 1)))
                .reshape(active.size(), (long) width * words);
        int candidates = Math.min(2 * beam, width * words);
        NDList top = all.topK(candidates, 1);
        float[] values = top.get(0).toFloatArray();
        long[] places = top.get(1).toLongArray();
        List<Integer> origins = new ArrayList<>();
        for (int a = 0; a < active.size(); a++) {
            Search s = active.get(a);
            List<Hypothesis> next = new ArrayList<>();
            List<Integer> from = new ArrayList<>();
            for (int c = 0; c < candidates && next.size() < beam; c++) {
                int origin = (int) (places[a * candidates + c] / words);
                int token = (int) (places[a * candidates + c] % words);
                Hypothesis h = s.live.get(origin);
                double score = values[a * candidates + c];
                if (token == BytePairVocabulary.END) {
                    if (c < beam) {
                        s.ended.add(new Hypothesis(h.tokens, score / power(h.tokens.length + 1)));
                    }
                } else {
                    int[] longer = Arrays.copyOf(h.tokens, h.tokens.length + 1);
                    longer[h.tokens.length] = token;
                    next.add(new Hypothesis(longer, score));
                    from.add(a * width + origin);
                }
            }
            if (end && s.ended.isEmpty()) {
                next.forEach(h -> s.ended.add(new Hypothesis(h.tokens, h.score / power(h.tokens.length))));
            }
            if (end || s.ended.size() >= beam) {
                s.live = List.of();
            } else {
                s.live = next;
                origins.addAll(from);
            }
        }
        return origins.stream().mapToInt(i -> i).toArray();
    }

    private double power(int length) {
        return Math.pow(length, lengthPenalty);
    }

    private static int[] best(List<Hypothesis> ended) {
        Hypothesis best = ended.get(0);
        for (Hypothesis h : ended) {
            best = h.score > best.score ? h : best;
        }
        return best.tokens;
    }

    private static List<NDArray> gathered(List<Tensor> tensors, NDArray[] values, NDArray index, NDManager batch) {
        List<NDArray> all = new ArrayList<>();
        if (index.size() > 0) {
            for (Tensor t : tensors) {
                all.add(gather(values[t.id()], index, batch));
            }
        }
        return all;
    }

    private static List<NDArray> regathered(List<NDArray> arrays, NDArray index, NDManager batch) {
        List<NDArray> all = new ArrayList<>();
        for (NDArray a : arrays) {
            if (index.size() > 0) {
                all.add(gather(a, index, batch));
            }
            a.close();
        }
        return all;
    }

    /** Some samples of an array, as rows of a table. */
    private static NDArray gather(NDArray x, NDArray index, NDManager owner) {
        long[] shape = x.getShape().getShape().clone();
        NDArray rows = x.reshape(shape[0], x.size() / shape[0]);
        shape[0] = index.size();
        NDArray taken = rows.getNDArrayInternal()
                .embedding(index.toType(DataType.INT64, false), rows, SparseFormat.DENSE)
                .singletonOrThrow()
                .reshape(new Shape(shape));
        rows.close();
        taken.attach(owner);
        return taken;
    }
}

package dev.lathe.space.decode;

import dev.lathe.space.TranslationTask;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Translates sentences token by token. Of each sentence the {@code beam} best beginnings go on; one is a translation once its end
 * is among the best, and the search of a sentence ends when there are as many translations. The best by the mean
 * log-probability of its tokens, to the power of a penalty, is taken. A beam of 1 is greedy decoding.
 */
public final class BeamSearch {
    /** Tokens that no translation holds. */
    private static final int[] NEVER = {TranslationTask.PADDING, TranslationTask.BEGIN, TranslationTask.UNKNOWN};

    @SuppressWarnings("ArrayRecordComponent") // a parcel, never compared
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

    private final TokenScorer scorer;
    private final int beam;
    private final double lengthPenalty;

    /**
     * @param scorer which is not used otherwise meanwhile
     * @param beam at least 1, at most half the vocabulary
     * @param lengthPenalty power of the length that a translation's log-probability is divided by
     */
    public BeamSearch(TokenScorer scorer, int beam, double lengthPenalty) {
        if (beam < 1 || 2 * beam > scorer.vocabulary() - NEVER.length) {
            throw new IllegalArgumentException("A beam is at least 1 and at most half the vocabulary, not " + beam);
        }
        this.scorer = scorer;
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
    public List<int[]> translate(long[] source, int sentences, int longest) {
        int[][] best = new int[sentences][];
        List<Search> active = new ArrayList<>();
        for (int i = 0; i < sentences; i++) {
            active.add(new Search(i));
        }
        try {
            scorer.begin(source, sentences);
            for (int t = 0; !active.isEmpty(); t++) {
                int[] rows = extend(active, t + 1 == longest);
                List<Search> going = new ArrayList<>();
                for (Search search : active) {
                    if (search.live.isEmpty()) {
                        best[search.sentence] = best(search.ended);
                    } else {
                        going.add(search);
                    }
                }
                active = going;
                if (!active.isEmpty()) {
                    scorer.keep(rows);
                }
            }
        } finally {
            scorer.end();
        }
        return Arrays.asList(best);
    }

    /**
     * Extends all beginnings by one token.
     *
     * @param end whether all end here
     * @return for each beginning that goes on, the row of the one it extends
     */
    private int[] extend(List<Search> active, boolean end) {
        List<Hypothesis> all = active.stream().flatMap(s -> s.live.stream()).toList();
        int width = all.size() / active.size();
        long[] last = new long[all.size()];
        float[] before = new float[all.size()];
        for (int i = 0; i < last.length; i++) {
            int[] tokens = all.get(i).tokens;
            last[i] = tokens.length == 0 ? TranslationTask.BEGIN : tokens[tokens.length - 1];
            before[i] = (float) all.get(i).score;
        }
        int words = scorer.vocabulary();
        TokenScorer.Candidates top = scorer.best(last, before, active.size(), NEVER, 2 * beam);
        List<Integer> origins = new ArrayList<>();
        for (int a = 0; a < active.size(); a++) {
            Search s = active.get(a);
            List<Hypothesis> next = new ArrayList<>();
            List<Integer> from = new ArrayList<>();
            for (int c = 0; c < top.count() && next.size() < beam; c++) {
                long place = top.places()[a * top.count() + c];
                int origin = (int) (place / words);
                int token = (int) (place % words);
                Hypothesis h = s.live.get(origin);
                double score = top.values()[a * top.count() + c];
                if (token == TranslationTask.END) {
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
}

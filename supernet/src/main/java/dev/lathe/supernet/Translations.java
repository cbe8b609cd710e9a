package dev.lathe.supernet;

import dev.lathe.base.ProgressListener;
import dev.lathe.space.decode.BeamSearch;
import dev.lathe.space.decode.TokenScorer;
import dev.lathe.supernet.text.BytePairVocabulary;
import dev.lathe.supernet.text.SentencePairs;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.function.IntFunction;
import java.util.stream.IntStream;

/** Translates whole texts with a network in any runtime. */
public final class Translations {
    private static final int BATCH_SENTENCES = 64;
    /** Translations of more tokens than this beyond half as many again as the source has are cut. */
    private static final int MORE_TOKENS = 10;

    private Translations() {}

    /**
     * The most tokens that a translation may have, its end not counted.
     *
     * @param source tokens, the end counted
     */
    public static int longest(int source) {
        return source + source / 2 + MORE_TOKENS;
    }

    /**
     * Translates a part of a data set.
     *
     * @param scorers the network for batches of a number of source tokens
     * @param beam beginnings that are followed at once, 1 for greedy decoding
     * @param lengthPenalty power of the length that a translation's log-probability is divided by; 1 compares means
     * @return a line for each sentence, in the part's order
     */
    public static List<String> of(
            IntFunction<? extends TokenScorer> scorers,
            SentencePairs part,
            BytePairVocabulary vocabulary,
            int beam,
            double lengthPenalty,
            ProgressListener progress) {
        Integer[] byLength = IntStream.range(0, part.size())
                .boxed()
                .sorted(Comparator.comparingInt(i -> part.source(i).length))
                .toArray(Integer[]::new);
        String[] lines = new String[part.size()];
        for (int from = 0; from < byLength.length; from += BATCH_SENTENCES) {
            int to = Math.min(byLength.length, from + BATCH_SENTENCES);
            int s = part.source(byLength[to - 1]).length + 1;
            long[] source = new long[(to - from) * s];
            for (int i = from; i < to; i++) {
                TextBatches.put(part.source(byLength[i]), source, (i - from) * s);
            }
            List<int[]> translations =
                    new BeamSearch(scorers.apply(s), beam, lengthPenalty).translate(source, to - from, longest(s));
            for (int i = from; i < to; i++) {
                lines[byLength[i]] = vocabulary.decode(translations.get(i - from));
            }
            progress.report("translating", to, part.size(), "");
        }
        return Arrays.asList(lines);
    }
}

package dev.lathe.supernet;

import dev.lathe.space.Architecture;
import dev.lathe.space.decode.BeamSearch;
import dev.lathe.space.decode.TokenScorer;
import dev.lathe.supernet.text.SentencePairs;
import java.util.Arrays;
import java.util.List;

/**
 * How far a network in another runtime, read token by token, is from the supernet's: the same subnet should give the same.
 *
 * @param largestDifference of a score from the supernet's, which reads the whole target at once; infinite where one is no number
 * @param sentences that were compared
 * @param sameTranslations how many of them both translate by the same tokens, greedily
 */
public record TranslatorAgreement(double largestDifference, int sentences, int sameTranslations) {
    /**
     * Compares on all pairs of a part at once, filled up to one length.
     *
     * @param other of the same subnet
     */
    public static TranslatorAgreement of(Translator t, Architecture a, TokenScorer other, SentencePairs part) {
        TextBatches.Batch b = t.batch(part);
        int sentences = b.sentences();
        int length = b.target().length / sentences;
        int words = other.vocabulary();
        float[] whole = t.scores(a, b.source(), b.target(), sentences);
        double most = 0;
        other.begin(b.source(), sentences);
        for (int at = 0; at < length; at++) {
            long[] tokens = new long[sentences];
            for (int s = 0; s < sentences; s++) {
                tokens[s] = b.target()[s * length + at];
            }
            float[] scores = other.scores(tokens);
            for (int s = 0; s < sentences; s++) {
                for (int v = 0; v < words; v++) {
                    double d = Math.abs((double) scores[s * words + v] - whole[(s * length + at) * words + v]);
                    most = Double.isNaN(d) ? Double.POSITIVE_INFINITY : Math.max(most, d);
                }
            }
        }
        other.end();
        int source = b.source().length / sentences;
        List<int[]> ours = greedy(t.scorer(a, source), b, source);
        List<int[]> theirs = greedy(other, b, source);
        int same = 0;
        for (int s = 0; s < sentences; s++) {
            same += Arrays.equals(ours.get(s), theirs.get(s)) ? 1 : 0;
        }
        return new TranslatorAgreement(most, sentences, same);
    }

    private static List<int[]> greedy(TokenScorer scorer, TextBatches.Batch b, int source) {
        return new BeamSearch(scorer, 1, 1).translate(b.source(), b.sentences(), Translations.longest(source));
    }
}

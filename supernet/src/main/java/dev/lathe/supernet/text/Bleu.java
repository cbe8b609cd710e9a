package dev.lathe.supernet.text;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Pattern;

/**
 * BLEU of a corpus with one reference a sentence, as sacreBLEU defines it: cased, tokenizer 13a, n-grams up to 4, exponential
 * smoothing of orders without a match (signature {@code nrefs:1|case:mixed|eff:no|tok:13a|smooth:exp}).
 *
 * @param score 0 to 100
 * @param precisions of n-grams of order 1 to 4, 0 to 100, smoothed
 * @param brevityPenalty 0 to 1, 1 where the translations are at least as long as the references
 * @param length tokens of the translations
 * @param referenceLength tokens of the references
 * @see <a href="https://aclanthology.org/W18-6319">Post, A Call for Clarity in Reporting BLEU Scores, WMT 2018</a>
 */
public record Bleu(double score, List<Double> precisions, double brevityPenalty, long length, long referenceLength) {
    private static final int ORDER = 4;

    private static final Pattern SYMBOLS =
            Pattern.compile("([\\x{7b}-\\x{7e}\\x{5b}-\\x{60}\\x{20}-\\x{26}\\x{28}-\\x{2b}\\x{3a}-\\x{40}/])");
    private static final Pattern STOP_BEHIND_OTHER = Pattern.compile("([^0-9])([.,])");
    private static final Pattern STOP_BEFORE_OTHER = Pattern.compile("([.,])([^0-9])");
    private static final Pattern DASH_BEHIND_DIGIT = Pattern.compile("([0-9])(-)");
    private static final Pattern BLANKS = Pattern.compile("\\s+", Pattern.UNICODE_CHARACTER_CLASS);

    public Bleu {
        precisions = List.copyOf(precisions);
    }

    /**
     * Scores translations.
     *
     * @param translations detokenized, one for each reference, in its order
     * @throws IllegalArgumentException if there are not as many
     */
    public static Bleu of(List<String> translations, List<String> references) {
        if (translations.size() != references.size()) {
            throw new IllegalArgumentException(
                    "%d translations have %d references".formatted(translations.size(), references.size()));
        }
        long[] right = new long[ORDER];
        long[] all = new long[ORDER];
        long length = 0;
        long referenceLength = 0;
        for (int i = 0; i < translations.size(); i++) {
            List<String> t = tokens(translations.get(i));
            List<String> r = tokens(references.get(i));
            length += t.size();
            referenceLength += r.size();
            for (int n = 1; n <= ORDER; n++) {
                Map<List<String>, Integer> known = grams(r, n);
                all[n - 1] += Math.max(0, t.size() - n + 1);
                for (Map.Entry<List<String>, Integer> e : grams(t, n).entrySet()) {
                    right[n - 1] += Math.min(e.getValue(), known.getOrDefault(e.getKey(), 0));
                }
            }
        }
        return of(right, all, length, referenceLength);
    }

    private static Bleu of(long[] right, long[] all, long length, long referenceLength) {
        double penalty =
                length >= referenceLength ? 1 : length == 0 ? 0 : Math.exp(1 - (double) referenceLength / length);
        List<Double> precisions = new ArrayList<>();
        double logs = 0;
        double smooth = 1;
        for (int n = 0; n < ORDER; n++) {
            double p = 0;
            if (all[n] > 0 && right[n] > 0) {
                p = 100.0 * right[n] / all[n];
            } else if (all[n] > 0 && right[0] > 0) {
                smooth *= 2;
                p = 100 / (smooth * all[n]);
            }
            precisions.add(p);
            logs += Math.log(p);
        }
        return new Bleu(penalty * Math.exp(logs / ORDER), precisions, penalty, length, referenceLength);
    }

    private static Map<List<String>, Integer> grams(List<String> tokens, int n) {
        Map<List<String>, Integer> grams = new HashMap<>();
        for (int i = 0; i + n <= tokens.size(); i++) {
            grams.merge(tokens.subList(i, i + n), 1, Integer::sum);
        }
        return grams;
    }

    /** Tokens of a line by mteval-v13a, the tokenizer of the WMT evaluations. */
    static List<String> tokens(String line) {
        String s = line.replace("<skipped>", "").replace("-\n", "").replace("\n", " ");
        if (s.indexOf('&') >= 0) {
            s = s.replace("&quot;", "\"")
                    .replace("&amp;", "&")
                    .replace("&lt;", "<")
                    .replace("&gt;", ">");
        }
        s = " " + s + " ";
        s = SYMBOLS.matcher(s).replaceAll(" $1 ");
        s = STOP_BEHIND_OTHER.matcher(s).replaceAll("$1 $2 ");
        s = STOP_BEFORE_OTHER.matcher(s).replaceAll(" $1 $2");
        s = DASH_BEHIND_DIGIT.matcher(s).replaceAll("$1 $2 ");
        List<String> tokens = new ArrayList<>();
        for (String t : BLANKS.split(s)) {
            if (!t.isEmpty()) {
                tokens.add(t);
            }
        }
        return tokens;
    }

    /** As in the field: score, precisions, brevity penalty, lengths. */
    @Override
    public String toString() {
        return String.format(
                Locale.ROOT,
                "%.2f %.1f/%.1f/%.1f/%.1f (BP %.3f, %d of %d tokens)",
                score,
                precisions.get(0),
                precisions.get(1),
                precisions.get(2),
                precisions.get(3),
                brevityPenalty,
                length,
                referenceLength);
    }
}

package dev.lathe.supernet.text;

import java.util.ArrayList;
import java.util.List;

/** Sentences and their translations as token numbers, without special tokens. Immutable. */
public final class SentencePairs {
    private final String name;
    private final int[][] source;
    private final int[][] target;
    private final List<String> references;
    private final int skipped;

    private SentencePairs(String name, int[][] source, int[][] target, List<String> references, int skipped) {
        this.name = name;
        this.source = source;
        this.target = target;
        this.references = List.copyOf(references);
        this.skipped = skipped;
    }

    /**
     * Encodes a parallel text.
     *
     * @param longest tokens of a sentence beyond which its pair is left out
     */
    static SentencePairs of(String name, ParallelText text, BytePairVocabulary vocabulary, int longest) {
        List<int[]> s = new ArrayList<>();
        List<int[]> t = new ArrayList<>();
        List<String> references = new ArrayList<>();
        for (int i = 0; i < text.size(); i++) {
            int[] from = vocabulary.encode(text.source().get(i));
            int[] to = vocabulary.encode(text.target().get(i));
            if (from.length <= longest && to.length <= longest) {
                s.add(from);
                t.add(to);
                references.add(text.target().get(i));
            }
        }
        int skipped = text.skipped() + text.size() - s.size();
        return new SentencePairs(name, s.toArray(int[][]::new), t.toArray(int[][]::new), references, skipped);
    }

    /** What it is, for messages. */
    public String name() {
        return name;
    }

    /** Number of pairs. */
    public int size() {
        return source.length;
    }

    /** Pairs left out: a side was empty or too long. */
    public int skipped() {
        return skipped;
    }

    /** Tokens of a sentence; not to be changed. */
    public int[] source(int sentence) {
        return source[sentence];
    }

    /** Tokens of its translation; not to be changed. */
    public int[] target(int sentence) {
        return target[sentence];
    }

    /** The translations as they were written. */
    public List<String> references() {
        return references;
    }

    /** The first pairs, at most this many. */
    public SentencePairs first(int most) {
        int n = Math.min(most, size());
        return new SentencePairs(
                name,
                java.util.Arrays.copyOf(source, n),
                java.util.Arrays.copyOf(target, n),
                references.subList(0, n),
                skipped);
    }

    /** Mean tokens of a side, the end of the sentence counted. */
    int meanLength(boolean ofSource) {
        long sum = 0;
        for (int[] s : ofSource ? source : target) {
            sum += s.length + 1;
        }
        return (int) Math.max(1, Math.round(sum / (double) size()));
    }
}

package dev.lathe.supernet.text;

import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.PriorityQueue;
import java.util.Set;
import java.util.TreeMap;

/**
 * Learns byte-pair merges: again and again the most frequent pair of neighbouring symbols becomes one symbol. Of equally
 * frequent pairs the first by its text comes first, so the same text gives the same vocabulary.
 *
 * <p>Pair counts are kept with an index of the words that hold each pair, and a queue whose outdated entries are corrected
 * when they come up: a merge costs the words it changes.
 *
 * @see <a href="https://arxiv.org/abs/1508.07909">Sennrich, Haddow and Birch, Neural Machine Translation of Rare Words with
 *     Subword Units, ACL 2016</a>
 */
final class BytePairLearner {
    /** Characters beyond the most frequent ones are unknown: a file may hold all of Unicode. */
    private static final int MOST_CHARACTERS = 2000;
    /** A pair that is there once says nothing of language. */
    private static final int LEAST_COUNT = 2;

    private record Candidate(long count, long pair) {}

    private final List<String> symbols = new ArrayList<>();
    private final Map<String, Integer> numbers = new HashMap<>();
    private final List<int[]> words = new ArrayList<>();
    private final List<Long> counts = new ArrayList<>();
    private final Map<Long, Long> pairs = new HashMap<>();
    private final Map<Long, Set<Integer>> holders = new HashMap<>();
    private final PriorityQueue<Candidate> queue = new PriorityQueue<>(Comparator.comparingLong(Candidate::count)
            .reversed()
            .thenComparing(c -> left(c.pair()))
            .thenComparing(c -> right(c.pair())));

    private BytePairLearner() {}

    /**
     * Learns a vocabulary.
     *
     * @param texts each a text of its own, for example the sources and the targets of a parallel text
     * @param merges the most merges; fewer where the text runs out of pairs that occur twice
     */
    static BytePairVocabulary learn(List<? extends Collection<String>> texts, int merges) {
        Map<String, Long> words = new TreeMap<>();
        for (Collection<String> text : texts) {
            for (String line : text) {
                Words.split(line, w -> words.merge(w, 1L, Long::sum));
            }
        }
        BytePairLearner learner = new BytePairLearner();
        List<String> alphabet = alphabet(words);
        alphabet.forEach(learner::number);
        words.forEach(learner::add);
        learner.pairs.forEach((pair, count) -> learner.queue.add(new Candidate(count, pair)));
        return BytePairVocabulary.of(alphabet, learner.merge(merges));
    }

    private static List<String> alphabet(Map<String, Long> words) {
        Map<String, Long> characters = new TreeMap<>();
        words.forEach((word, count) ->
                word.codePoints().forEach(c -> characters.merge(Character.toString(c), count, Long::sum)));
        return characters.entrySet().stream()
                .sorted(Map.Entry.<String, Long>comparingByValue().reversed().thenComparing(Map.Entry.comparingByKey()))
                .limit(MOST_CHARACTERS)
                .map(Map.Entry::getKey)
                .sorted()
                .toList();
    }

    private int number(String symbol) {
        return numbers.computeIfAbsent(symbol, s -> {
            symbols.add(s);
            return symbols.size() - 1;
        });
    }

    /** A word whose characters are all known; others stay out, they would be cut at what is unknown. */
    private void add(String word, long count) {
        int[] w = word.codePoints()
                .map(c -> numbers.getOrDefault(Character.toString(c), -1))
                .toArray();
        for (int s : w) {
            if (s < 0) {
                return;
            }
        }
        words.add(w);
        counts.add(count);
        count(words.size() - 1, w, count);
    }

    private void count(int word, int[] w, long change) {
        for (int i = 0; i + 1 < w.length; i++) {
            long pair = pair(w[i], w[i + 1]);
            pairs.merge(pair, change, Long::sum);
            holders.computeIfAbsent(pair, p -> new HashSet<>()).add(word);
        }
    }

    private List<BytePairVocabulary.Merge> merge(int most) {
        List<BytePairVocabulary.Merge> merges = new ArrayList<>();
        while (merges.size() < most) {
            Candidate best = queue.poll();
            if (best == null) {
                break;
            }
            long now = pairs.getOrDefault(best.pair(), 0L);
            if (now < LEAST_COUNT) {
                continue;
            }
            if (now != best.count()) {
                queue.add(new Candidate(now, best.pair()));
                continue;
            }
            merges.add(new BytePairVocabulary.Merge(left(best.pair()), right(best.pair())));
            replace(best.pair(), number(left(best.pair()) + right(best.pair())));
        }
        return merges;
    }

    private void replace(long pair, int symbol) {
        Set<Long> risen = new HashSet<>();
        Set<Integer> in = holders.remove(pair);
        for (int word : in == null ? Set.<Integer>of() : in) {
            int[] old = words.get(word);
            int[] merged = new int[old.length];
            int n = 0;
            for (int i = 0; i < old.length; i++) {
                if (i + 1 < old.length && pair(old[i], old[i + 1]) == pair) {
                    merged[n++] = symbol;
                    i++;
                } else {
                    merged[n++] = old[i];
                }
            }
            merged = java.util.Arrays.copyOf(merged, n);
            // The index keeps words that no longer hold a pair: replacing finds nothing in them.
            count(word, old, -counts.get(word));
            count(word, merged, counts.get(word));
            words.set(word, merged);
            for (int i = 0; i + 1 < n; i++) {
                if (merged[i] == symbol || merged[i + 1] == symbol) {
                    risen.add(pair(merged[i], merged[i + 1]));
                }
            }
        }
        pairs.remove(pair);
        risen.forEach(p -> queue.add(new Candidate(pairs.getOrDefault(p, 0L), p)));
    }

    private static long pair(int left, int right) {
        return ((long) left << 32) | right;
    }

    private String left(long pair) {
        return symbols.get((int) (pair >>> 32));
    }

    private String right(long pair) {
        return symbols.get((int) pair);
    }
}

package dev.lathe.supernet.text;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** Byte pairs by the letter of the definition: count everything again for each merge. */
final class SlowBytePairs {
    private SlowBytePairs() {}

    /** The tokens of every word of the lines, which are separated by single blanks, after learning on them. */
    static List<List<String>> split(List<String> lines, int merges) {
        List<List<String>> words = new ArrayList<>();
        for (String line : lines) {
            for (String word : line.split(" ")) {
                words.add(new ArrayList<>(
                        ("▁" + word).codePoints().mapToObj(Character::toString).toList()));
            }
        }
        for (int m = 0; m < merges; m++) {
            Map<String, Integer> pairs = new TreeMap<>();
            for (List<String> w : words) {
                for (int i = 0; i + 1 < w.size(); i++) {
                    // Ties go by the left text, then the right one: a character below all others parts them.
                    pairs.merge(w.get(i) + "\u0001" + w.get(i + 1), 1, Integer::sum);
                }
            }
            String best = "";
            int most = 1;
            for (Map.Entry<String, Integer> e : pairs.entrySet()) {
                if (e.getValue() > most) {
                    best = e.getKey();
                    most = e.getValue();
                }
            }
            if (most < 2) {
                return words;
            }
            String[] pair = best.split("\u0001");
            for (List<String> w : words) {
                for (int i = 0; i + 1 < w.size(); i++) {
                    if (w.get(i).equals(pair[0]) && w.get(i + 1).equals(pair[1])) {
                        w.set(i, pair[0] + pair[1]);
                        w.remove(i + 1);
                    }
                }
            }
        }
        return words;
    }
}

package dev.lathe.supernet.data;

import dev.lathe.base.Seeds;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/** Cuts a labelled set so that every class has nearly the same share in every part. */
final class Stratified {
    private Stratified() {}

    /**
     * Cuts images 0..labels.length-1 in parts; each part is sorted.
     *
     * @param fractions share of each part but the first, which gets the rest; every class with more images than there are
     *     parts gives at least one image to each
     */
    static List<int[]> cut(int[] labels, int classes, long seed, double... fractions) {
        List<List<Integer>> parts = new ArrayList<>();
        for (int p = 0; p <= fractions.length; p++) {
            parts.add(new ArrayList<>());
        }
        List<List<Integer>> all = members(labels, classes);
        for (int c = 0; c < classes; c++) {
            List<Integer> members = all.get(c);
            Seeds.shuffle(members, Seeds.generator(seed, "split", c));
            int next = 0;
            for (int p = 1; p <= fractions.length; p++) {
                int n = (int) Math.round(members.size() * fractions[p - 1]);
                if (n == 0 && members.size() > fractions.length) {
                    n = 1;
                }
                for (int k = 0; k < n; k++) {
                    parts.get(p).add(members.get(next++));
                }
            }
            parts.get(0).addAll(members.subList(next, members.size()));
        }
        return parts.stream()
                .map(p -> p.stream().mapToInt(Integer::intValue).sorted().toArray())
                .toList();
    }

    /**
     * Some of the images, sorted: of each class its share, rounded so that all are {@code count} (largest remainders first, of
     * equal ones the lower class).
     *
     * @param count at most labels.length
     */
    static int[] sample(int[] labels, int classes, int count, long seed) {
        List<List<Integer>> members = members(labels, classes);
        int[] quota = new int[classes];
        List<Integer> order = new ArrayList<>();
        int given = 0;
        for (int c = 0; c < classes; c++) {
            quota[c] = (int) ((long) count * members.get(c).size() / labels.length);
            given += quota[c];
            order.add(c);
        }
        order.sort(Comparator.comparingLong(c -> -((long) count * members.get(c).size() % labels.length)));
        for (int k = 0; given < count; k++, given++) {
            quota[order.get(k)]++;
        }
        List<Integer> chosen = new ArrayList<>(count);
        for (int c = 0; c < classes; c++) {
            Seeds.shuffle(members.get(c), Seeds.generator(seed, "sample", c));
            chosen.addAll(members.get(c).subList(0, quota[c]));
        }
        return chosen.stream().mapToInt(Integer::intValue).sorted().toArray();
    }

    /** The images of each class, in order. */
    private static List<List<Integer>> members(int[] labels, int classes) {
        List<List<Integer>> members = new ArrayList<>();
        for (int c = 0; c < classes; c++) {
            members.add(new ArrayList<>());
        }
        for (int i = 0; i < labels.length; i++) {
            members.get(labels[i]).add(i);
        }
        return members;
    }
}

package dev.lathe.evolve;

/** Stable merge sort of indices by a key, without boxes: the order of populations is found several times a generation. */
final class IndexSort {
    private static final int RUN = 12;

    private IndexSort() {}

    /** Sorts {@code indices[from..to)} by {@code keys[index]}, smallest first, equals as they stand; no key is NaN. */
    static void sort(int[] indices, int from, int to, double[] keys) {
        for (int start = from; start < to; start += RUN) {
            for (int i = start + 1; i < Math.min(to, start + RUN); i++) {
                int moved = indices[i];
                double key = keys[moved];
                int k = i - 1;
                while (k >= start && keys[indices[k]] > key) {
                    indices[k + 1] = indices[k];
                    k--;
                }
                indices[k + 1] = moved;
            }
        }
        int[] source = indices;
        int[] target = new int[to];
        for (int width = RUN; width < to - from; width *= 2) {
            for (int start = from; start < to; start += 2 * width) {
                int middle = Math.min(to, start + width);
                merge(source, start, middle, Math.min(to, middle + width), target, keys);
            }
            int[] swapped = source;
            source = target;
            target = swapped;
        }
        if (source != indices) {
            System.arraycopy(source, from, indices, from, to - from);
        }
    }

    private static void merge(int[] source, int start, int middle, int end, int[] target, double[] keys) {
        int a = start;
        int b = middle;
        for (int i = start; i < end; i++) {
            boolean first = b >= end || (a < middle && keys[source[a]] <= keys[source[b]]);
            target[i] = first ? source[a++] : source[b++];
        }
    }

    /** 0, 1, ..., n - 1. */
    static int[] identity(int n) {
        int[] all = new int[n];
        for (int i = 0; i < n; i++) {
            all[i] = i;
        }
        return all;
    }
}

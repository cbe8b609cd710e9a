package dev.lathe.evolve;

import dev.lathe.space.Architecture;
import java.util.Arrays;

/**
 * Which architectures of one space were evaluated, in 8 bytes a place: 64-bit fingerprints in an open table. An architecture that
 * is in is always found. Of two different ones the second is taken for the first with probability 2^-64, so that among 10^7
 * some new one is passed over by mistake once in 400,000 searches; a search just takes another in its place.
 */
final class ArchitectureSet {
    private long[] table = new long[64];
    private int size;

    /** A set of which only the fingerprints are known. */
    static ArchitectureSet of(long[] prints) {
        ArchitectureSet set = new ArchitectureSet();
        for (long print : prints) {
            set.add(print);
        }
        return set;
    }

    /** The fingerprints, in no order. */
    long[] prints() {
        return Arrays.stream(table).filter(print -> print != 0).toArray();
    }

    /** False where it was in already. */
    boolean add(Architecture a) {
        return add(print(a));
    }

    private boolean add(long print) {
        if (size >= table.length / 8 * 5) {
            grow();
        }
        int at = place(table, print);
        if (table[at] != 0) {
            return false;
        }
        table[at] = print;
        size++;
        return true;
    }

    boolean contains(Architecture a) {
        return table[place(table, print(a))] != 0;
    }

    int size() {
        return size;
    }

    /** The place of this fingerprint, or the free one where it belongs. */
    private static int place(long[] table, long print) {
        int mask = table.length - 1;
        int at = (int) (print >>> 32) & mask;
        while (table[at] != 0 && table[at] != print) {
            at = (at + 1) & mask;
        }
        return at;
    }

    private void grow() {
        long[] larger = new long[Math.multiplyExact(table.length, 2)];
        for (long print : table) {
            if (print != 0) {
                larger[place(larger, print)] = print;
            }
        }
        table = larger;
    }

    /** Never 0, which marks a free place. */
    static long print(Architecture a) {
        long h = 0x9E3779B97F4A7C15L;
        for (int i = 0; i < a.length(); i++) {
            h = (h ^ a.choice(i)) * 0xBF58476D1CE4E5B9L;
            h ^= h >>> 29;
        }
        h *= 0x94D049BB133111EBL;
        h ^= h >>> 31;
        return h == 0 ? 1 : h;
    }
}

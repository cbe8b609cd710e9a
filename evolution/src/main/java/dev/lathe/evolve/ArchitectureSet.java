package dev.lathe.evolve;

import dev.lathe.space.Architecture;
import java.util.Arrays;

/**
 * Which architectures of one space were evaluated, in 8 bytes a place: 64-bit fingerprints in open tables. An architecture that
 * is in is always found. Of two different ones the second is taken for the first with probability 2^-64, so that among 10^7
 * some new one is passed over by mistake once in 400,000 searches; a search just takes another in its place.
 */
final class ArchitectureSet {
    private static final int FIRST = 8;
    /** A table that is full with nothing, of one place so that it can be looked into. */
    private static final long[] EMPTY = new long[1];

    // Many small tables: each grows on its own, so that no growth needs the whole set twice.
    private final long[][] tables = new long[256][];
    private final int[] sizes = new int[tables.length];
    private int size;

    ArchitectureSet() {
        Arrays.fill(tables, EMPTY);
    }

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
        return Arrays.stream(tables)
                .flatMapToLong(Arrays::stream)
                .filter(print -> print != 0)
                .toArray();
    }

    /** False where it was in already. */
    boolean add(Architecture a) {
        return add(print(a));
    }

    private boolean add(long print) {
        int t = table(print);
        if (sizes[t] >= tables[t].length / 8 * 5) {
            tables[t] = grown(tables[t]);
        }
        int at = place(tables[t], print);
        if (tables[t][at] != 0) {
            return false;
        }
        tables[t][at] = print;
        sizes[t]++;
        size++;
        return true;
    }

    boolean contains(Architecture a) {
        long print = print(a);
        long[] table = tables[table(print)];
        return table[place(table, print)] != 0;
    }

    int size() {
        return size;
    }

    private int table(long print) {
        return (int) print & (tables.length - 1);
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

    private static long[] grown(long[] table) {
        long[] larger = new long[Math.max(FIRST, Math.multiplyExact(table.length, 2))];
        for (long print : table) {
            if (print != 0) {
                larger[place(larger, print)] = print;
            }
        }
        return larger;
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

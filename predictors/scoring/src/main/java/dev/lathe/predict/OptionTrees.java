package dev.lathe.predict;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.Deque;
import java.util.List;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * Trees whose features are options: a node asks for nothing but whether a decision took one, so which rows stay left at it is
 * one bit a row, the same for all nodes that ask for the same, and found once a block. A tree is then a circuit: each bit of the
 * number of the leaf that a row reaches is chosen, at each node, from the bits of its two sides, for 64 rows in one {@code long};
 * where both sides are constants it is the node's own bit, or none. The same bits as {@link FlatTrees}. Immutable and
 * thread-safe.
 */
final class OptionTrees {
    /** Rows at a time: many, for each step begins a loop. */
    private static final int BLOCK = 16_384;

    /** Bits of a leaf's number. */
    private static final int PLANES = 8;

    private static final int LANES = ValueRanks.LANES;
    private static final int GROUP = Long.SIZE;
    private static final long EACH = ValueRanks.EACH;
    private static final long HIGH = ValueRanks.HIGH;

    /** Column of no rows, and of all; then two for each feature: the rows that stay left where it is asked for, and the others. */
    private static final int NONE = 0;

    private static final int ALL = 1;
    private static final int FIRST = 2;

    private final OptionColumns options;
    /** The model's features that are asked for. */
    private final int[] features;

    private final Circuit[] trees;
    private final int columns;
    private final int fewestRows;

    /**
     * One part of a tree, children first.
     *
     * @param steps one a node that has something to choose: the column of the rows that stay left, how many bits are chosen, and
     *     for each the column of the left one, of the right one, and where the chosen one goes, which may be one of them
     * @param planes columns of the bits of the leaf's number, lowest first
     * @param leaves values by number
     * @param choosing how many bits are chosen
     */
    @SuppressWarnings("ArrayRecordComponent") // never compared
    private record Circuit(int[] steps, int[] planes, double[] leaves, int choosing) {}

    private OptionTrees(OptionColumns options, int[] features, Circuit[] trees, int columns, int walks) {
        this.options = options;
        this.features = features;
        this.trees = trees;
        this.columns = columns;
        this.fewestRows = Arrays.stream(trees).mapToInt(Circuit::choosing).sum() / walks;
    }

    /** From how many rows on this is faster than walks: each bit's loop takes as long to begin as about one row's walk of a tree. */
    int fewestRows() {
        return fewestRows;
    }

    /** @return null where a tree has too many leaves, or asks for more than options, or a decision has too many */
    static @Nullable OptionTrees of(FlatTrees flat, OptionColumns options) {
        double[][] thresholds = flat.thresholds();
        int[] features = new int[thresholds.length];
        for (int f = 0; f < features.length; f++) {
            features[f] = flat.feature(f);
            if (!Arrays.stream(thresholds[f]).allMatch(t -> t > 0 && t <= 1)) {
                return null;
            }
        }
        if (!Arrays.stream(options.sizes()).allMatch(n -> n <= ValueRanks.BAND + 1)) {
            return null;
        }
        List<Circuit> trees = new ArrayList<>();
        int columns = FIRST + 2 * features.length;
        for (int t = 0; t < flat.trees(); t++) {
            List<BitSet> parts = SlicedTrees.parts(flat, flat.root(t));
            if (parts.size() > SlicedTrees.MOST_PARTS) {
                return null;
            }
            for (BitSet part : parts) {
                Compiler c = new Compiler(flat, part);
                trees.add(c.compile(flat.root(t)));
                columns = Math.max(columns, c.columns);
            }
        }
        return new OptionTrees(options, features, trees.toArray(Circuit[]::new), columns, flat.trees());
    }

    /**
     * The sum over all trees for each architecture.
     *
     * @param choices one row an architecture
     * @param sums written, one a row
     * @throws IllegalArgumentException as {@link OptionColumns#check} says
     */
    void sum(int[][] choices, double[] sums) {
        options.check(choices);
        if (sums.length == 0) {
            return;
        }
        int blocks = (sums.length + BLOCK - 1) / BLOCK;
        int words = aligned(((sums.length + blocks - 1) / blocks + GROUP - 1) / GROUP);
        int block = words * GROUP;
        long[][] packed = new long[options.decisions() * LANES][words];
        long[][] bits = new long[columns][words];
        Arrays.fill(bits[ALL], -1);
        long[][] found = new long[2 * PLANES][words];
        double[] blockSums = new double[block];
        for (int from = 0; from < sums.length; from += block) {
            int n = Math.min(block, sums.length - from);
            pack(choices, from, n, packed);
            for (int f = 0; f < features.length; f++) {
                int decision = options.decision(features[f]);
                long option = options.option(features[f]) * EACH;
                long[] stay = bits[FIRST + 2 * f];
                Arrays.fill(stay, 0);
                for (int lane = 0; lane < LANES; lane++) {
                    addOthers(packed[decision * LANES + lane], option, LANES - 1 - lane, stay);
                }
                not(stay, bits[FIRST + 2 * f + 1]);
            }
            Arrays.fill(blockSums, 0);
            for (int t = 0; t < trees.length; t += 2) {
                boolean isLast = t + 1 == trees.length;
                run(trees[t], bits, found, 0);
                if (!isLast) {
                    run(trees[t + 1], bits, found, PLANES);
                }
                for (int lane = 0; lane < LANES; lane++) {
                    int first = lane * LANES;
                    if (isLast) {
                        SlicedTrees.add(found[lane], trees[t].leaves, blockSums, first, GROUP);
                    } else {
                        SlicedTrees.add(
                                found[lane],
                                trees[t].leaves,
                                found[PLANES + lane],
                                trees[t + 1].leaves,
                                blockSums,
                                first,
                                GROUP);
                    }
                }
            }
            System.arraycopy(blockSums, 0, sums, from, n);
        }
    }

    /** At least as many, so that arrays made one after another begin at the same place of a line of the cache. */
    private static int aligned(int words) {
        int line = 64 / Long.BYTES;
        int header = 16 / Long.BYTES;
        return (words + header + line - 1) / line * line - header;
    }

    /**
     * Choices of 64 rows in eight {@code long}s of as many arrays for each decision, eight rows in each; the last row stands for
     * those that are not there.
     */
    private static void pack(int[][] choices, int from, int n, long[][] packed) {
        int last = choices.length - 1;
        for (int w = 0, r = from; r < from + n; w++, r += LANES) {
            int[] c0 = choices[r];
            int[] c1 = choices[Math.min(r + 1, last)];
            int[] c2 = choices[Math.min(r + 2, last)];
            int[] c3 = choices[Math.min(r + 3, last)];
            int[] c4 = choices[Math.min(r + 4, last)];
            int[] c5 = choices[Math.min(r + 5, last)];
            int[] c6 = choices[Math.min(r + 6, last)];
            int[] c7 = choices[Math.min(r + 7, last)];
            int to = w / LANES;
            for (int d = 0, p = w % LANES; p < packed.length; d++, p += LANES) {
                int low = c0[d] | c1[d] << 8 | c2[d] << 16 | c3[d] << 24;
                int high = c4[d] | c5[d] << 8 | c6[d] << 16 | c7[d] << 24;
                packed[p][to] = (long) high << 32 | low & 0xFFFF_FFFFL;
            }
        }
    }

    /** Adds one bit of each byte where the choice is another one. */
    private static void addOthers(long[] packed, long option, int shift, long[] to) {
        for (int i = 0; i < to.length; i++) {
            to[i] |= (((packed[i] ^ option) + ~HIGH) & HIGH) >>> shift;
        }
    }

    private static void not(long[] of, long[] to) {
        for (int i = 0; i < to.length; i++) {
            to[i] = ~of[i];
        }
    }

    /** The numbers of the leaves of all rows, in eight arrays. */
    private static void run(Circuit tree, long[][] bits, long[][] found, int at) {
        int[] s = tree.steps;
        for (int i = 0; i < s.length; ) {
            long[] m = bits[s[i++]];
            int end = i + 1 + 3 * s[i];
            i++;
            for (; i + 3 < end; i += 6) {
                choose(m, bits[s[i]], bits[s[i + 1]], bits[s[i + 2]], bits[s[i + 3]], bits[s[i + 4]], bits[s[i + 5]]);
            }
            if (i < end) {
                choose(m, bits[s[i]], bits[s[i + 1]], bits[s[i + 2]]);
                i += 3;
            }
        }
        int[] p = tree.planes;
        for (int i = 0; i < 4; i++) {
            swap(bits[p[i]], bits[p[i + 4]], 4, 0x0F0F_0F0F_0F0F_0F0FL, found[at + i], found[at + i + 4]);
        }
        for (int i = 0; i < PLANES; i += i % 2 == 1 ? 3 : 1) {
            swap(found[at + i], found[at + i + 2], 2, 0x3333_3333_3333_3333L, found[at + i], found[at + i + 2]);
        }
        for (int i = 0; i < PLANES; i += 2) {
            swap(found[at + i], found[at + i + 1], 1, 0x5555_5555_5555_5555L, found[at + i], found[at + i + 1]);
        }
    }

    private static void choose(long[] m, long[] left, long[] right, long[] to) {
        for (int i = 0; i < to.length; i++) {
            to[i] = right[i] ^ (m[i] & (left[i] ^ right[i]));
        }
    }

    private static void choose(
            long[] m, long[] left, long[] right, long[] to, long[] left2, long[] right2, long[] to2) {
        for (int i = 0; i < to.length; i++) {
            to[i] = right[i] ^ (m[i] & (left[i] ^ right[i]));
            to2[i] = right2[i] ^ (m[i] & (left2[i] ^ right2[i]));
        }
    }

    /** Swaps the bits of one that are off a mask with those of the other that are on it. */
    private static void swap(long[] low, long[] high, int shift, long mask, long[] toLow, long[] toHigh) {
        for (int i = 0; i < toLow.length; i++) {
            long x = low[i];
            long y = high[i];
            long differ = ((x >>> shift) ^ y) & mask;
            toHigh[i] = y ^ differ;
            toLow[i] = x ^ (differ << shift);
        }
    }

    /** Writes the steps of one part, the larger side first, so that few temporaries are wanted. */
    private static final class Compiler {
        private final FlatTrees flat;
        private final BitSet part;
        private final List<int[]> steps = new ArrayList<>();
        private final List<Double> leaves = new ArrayList<>();
        private final int firstTemporary;
        private final Deque<Integer> free = new ArrayDeque<>();
        private int[] nothing = {};
        private int columns;
        private int choosing;

        Compiler(FlatTrees flat, BitSet part) {
            this.flat = flat;
            this.part = part;
            this.firstTemporary = FIRST + 2 * flat.features();
            this.columns = firstTemporary;
        }

        Circuit compile(int root) {
            int[] planes = place(root);
            double[] values = new double[SlicedTrees.MOST_LEAVES];
            for (int i = 0; i < leaves.size(); i++) {
                values[i] = leaves.get(i);
            }
            return new Circuit(steps.stream().flatMapToInt(Arrays::stream).toArray(), planes, values, choosing);
        }

        private int[] newLeaf(double value) {
            int number = leaves.size();
            leaves.add(value);
            int[] planes = new int[PLANES];
            for (int p = 0; p < PLANES; p++) {
                planes[p] = (number >> p & 1) == 0 ? NONE : ALL;
            }
            return planes;
        }

        /** The columns of the bits of the number of the leaf below a node. */
        private int[] place(int node) {
            if (!part.get(node)) {
                if (nothing.length == 0) {
                    nothing = newLeaf(0);
                }
                return nothing;
            }
            if (flat.isLeaf(node)) {
                return newLeaf(flat.leaf(node));
            }
            if (flat.threshold(node) == Double.POSITIVE_INFINITY) {
                return place(flat.left(node));
            }
            int left = flat.left(node);
            int column = FIRST + 2 * flat.slot(node);
            // The larger one first: while the other one is found, its bits are kept.
            if (flat.leavesBelow(left, SlicedTrees.MOST_LEAVES)
                    >= flat.leavesBelow(left + 1, SlicedTrees.MOST_LEAVES)) {
                int[] first = place(left);
                return choose(column, first, place(left + 1));
            }
            int[] first = place(left + 1);
            return choose(column, place(left), first);
        }

        private int[] choose(int column, int[] left, int[] right) {
            int[] planes = new int[PLANES];
            List<int[]> chosen = new ArrayList<>();
            for (int p = 0; p < PLANES; p++) {
                int a = left[p];
                int b = right[p];
                if (a == b) {
                    planes[p] = a;
                } else if (a <= ALL && b <= ALL) {
                    planes[p] = a == ALL ? column : column + 1;
                } else {
                    int to = a >= firstTemporary ? a : b >= firstTemporary ? b : take();
                    chosen.add(new int[] {a, b, to});
                    planes[p] = to;
                }
            }
            if (!chosen.isEmpty()) {
                steps.add(new int[] {column, chosen.size()});
                steps.addAll(chosen);
                choosing += chosen.size();
                // Not before: all of a step is done side by side.
                chosen.stream()
                        .flatMapToInt(c -> IntStream.of(c[0], c[1]).filter(o -> o >= firstTemporary && o != c[2]))
                        .forEach(free::push);
            }
            return planes;
        }

        private int take() {
            return free.isEmpty() ? columns++ : free.pop();
        }
    }
}

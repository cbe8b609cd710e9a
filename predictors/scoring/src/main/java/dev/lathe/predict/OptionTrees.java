package dev.lathe.predict;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * {@link SlicedTrees} whose features are options: a node asks for nothing but whether a decision took one. So which rows stay left
 * at it is the same for all nodes that ask for the same, and is found once a block; up to three nodes are then one loop of a
 * few bit operations. The same bits as {@link FlatTrees}. Immutable and thread-safe.
 */
final class OptionTrees {
    private static final int LANES = ValueRanks.LANES;
    /** Rows at a time: many, for each step begins a loop. */
    private static final int BLOCK = 16_384;

    private static final long EACH = ValueRanks.EACH;
    private static final long HIGH = ValueRanks.HIGH;

    private final OptionColumns options;
    /** The model's features that are asked for. */
    private final int[] features;

    private final Tree[] trees;
    private final int temporaries;

    /**
     * One part of a tree, children first.
     *
     * @param steps of which the last one says which leaf it is; empty where there is but one
     * @param leaves values by number
     */
    @SuppressWarnings("ArrayRecordComponent") // never compared
    private record Tree(Step[] steps, double[] leaves) {}

    /** What is known of the rows on one side of a node, simplest first. */
    private enum Kind {
        /** The leaf. */
        LEAF,
        /** A node of two leaves. */
        LEAVES,
        /** A node of a leaf and a node of two leaves. */
        COMB,
        /** The numbers of leaves, found by an earlier step. */
        FOUND
    }

    /**
     * One side of a node.
     *
     * @param found number of the temporary, where found
     * @param column of a comb's upper node: which rows stay left
     * @param flip of a comb: all bits where its leaf is the right side, else none
     * @param leaf number of the leaf, or of a comb's upper one, in each byte
     * @param lower column of the node of two leaves
     * @param left number of its left leaf, in each byte
     * @param right number of its right leaf, in each byte
     */
    private record Side(Kind kind, int found, int column, long flip, long leaf, int lower, long left, long right) {
        static Side leaf(long number) {
            return new Side(Kind.LEAF, 0, 0, 0, number, 0, 0, 0);
        }

        static Side leaves(int column, long left, long right) {
            return new Side(Kind.LEAVES, 0, 0, 0, 0, column, left, right);
        }

        static Side comb(int column, long flip, long leaf, Side leaves) {
            return new Side(Kind.COMB, 0, column, flip, leaf, leaves.lower, leaves.left, leaves.right);
        }

        static Side found(int temporary) {
            return new Side(Kind.FOUND, temporary, 0, 0, 0, 0, 0, 0);
        }
    }

    /**
     * A node and what lies on its sides, none of which is simpler than {@code one}.
     *
     * @param column which rows stay left; -1 where {@code one} is all there is
     * @param flip all bits where {@code one} is the right side, else none
     * @param to the temporary that the result goes to
     */
    private record Step(int column, long flip, Side one, Side other, int to) {}

    private OptionTrees(OptionColumns options, int[] features, Tree[] trees, int temporaries) {
        this.options = options;
        this.features = features;
        this.trees = trees;
        this.temporaries = temporaries;
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
        List<Tree> trees = new ArrayList<>();
        int temporaries = 1;
        for (int t = 0; t < flat.trees(); t++) {
            List<BitSet> parts = SlicedTrees.parts(flat, flat.root(t));
            if (parts.size() > SlicedTrees.MOST_PARTS) {
                return null;
            }
            for (BitSet part : parts) {
                Compiler c = new Compiler(flat, part);
                trees.add(c.compile(flat.root(t)));
                temporaries = Math.max(temporaries, c.temporaries);
            }
        }
        return new OptionTrees(options, features, trees.toArray(Tree[]::new), temporaries);
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
        int block = ((sums.length + blocks - 1) / blocks + LANES - 1) / LANES * LANES;
        int words = block / LANES;
        long[][] packed = new long[options.decisions()][words];
        long[][] stay = new long[features.length + 1][words];
        // The last column is of nodes at which all stay.
        Arrays.fill(stay[features.length], -1);
        long[][] found = new long[temporaries + 1][words];
        double[] blockSums = new double[block];
        for (int from = 0; from < sums.length; from += block) {
            int n = Math.min(block, sums.length - from);
            pack(choices, from, n, packed);
            for (int f = 0; f < features.length; f++) {
                notTaken(packed[options.decision(features[f])], options.option(features[f]) * EACH, stay[f]);
            }
            Arrays.fill(blockSums, 0);
            for (int t = 0; t < trees.length; t += 2) {
                run(trees[t], stay, found, 0);
                if (t + 1 == trees.length) {
                    SlicedTrees.add(found[0], trees[t].leaves, blockSums);
                } else {
                    // The second one leaves the first result alone.
                    run(trees[t + 1], stay, found, 1);
                    SlicedTrees.add(found[0], trees[t].leaves, found[1], trees[t + 1].leaves, blockSums);
                }
            }
            System.arraycopy(blockSums, 0, sums, from, n);
        }
    }

    /** Eight rows' choices of a decision in one {@code long}; the last row stands for those that are not there. */
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
            for (int d = 0; d < packed.length; d++) {
                int low = c0[d] | c1[d] << 8 | c2[d] << 16 | c3[d] << 24;
                int high = c4[d] | c5[d] << 8 | c6[d] << 16 | c7[d] << 24;
                packed[d][w] = (long) high << 32 | low & 0xFFFF_FFFFL;
            }
        }
    }

    /** All bits of a byte where the choice is another one: what is 0 stays left. */
    private static void notTaken(long[] packed, long option, long[] to) {
        for (int i = 0; i < to.length; i++) {
            long other = ((packed[i] ^ option) + ~HIGH) & HIGH;
            to[i] = (other << 1) - (other >>> 7);
        }
    }

    /** Leaf numbers of all rows go to a temporary; those below it are not touched. */
    private static void run(Tree tree, long[][] stay, long[][] found, int at) {
        if (tree.steps.length == 0) {
            Arrays.fill(found[at], 0);
        }
        for (Step s : tree.steps) {
            Side a = s.one;
            Side b = s.other;
            long[] to = found[at + s.to];
            if (s.column < 0) {
                if (a.kind == Kind.LEAVES) {
                    leaves(stay[a.lower], a.left, a.right, to);
                } else {
                    comb(stay[a.column], a.flip, a.leaf, stay[a.lower], a.left, a.right, to);
                }
                continue;
            }
            long[] m = stay[s.column];
            long[] n = stay[b.lower];
            switch (b.kind) {
                case LEAVES -> leavesLeaves(m, s.flip, stay[a.lower], a.left, a.right, n, b.left, b.right, to);
                case COMB -> {
                    long[] o = stay[b.column];
                    if (a.kind == Kind.LEAF) {
                        leafComb(m, s.flip, a.leaf, o, b.flip, b.leaf, n, b.left, b.right, to);
                    } else {
                        leavesComb(
                                m, s.flip, stay[a.lower], a.left, a.right, o, b.flip, b.leaf, n, b.left, b.right, to);
                    }
                }
                case FOUND -> {
                    long[] f = found[at + b.found];
                    switch (a.kind) {
                        case LEAF -> leafFound(m, s.flip, a.leaf, f, to);
                        case LEAVES -> leavesFound(m, s.flip, stay[a.lower], a.left, a.right, f, to);
                        case COMB ->
                            combFound(m, s.flip, stay[a.column], a.flip, a.leaf, stay[a.lower], a.left, a.right, f, to);
                        case FOUND -> foundFound(m, s.flip, found[at + a.found], f, to);
                    }
                }
                default -> throw new IllegalStateException("Two leaves are no step");
            }
        }
    }

    private static void leaves(long[] m, long left, long right, long[] to) {
        long differ = left ^ right;
        for (int i = 0; i < to.length; i++) {
            to[i] = right ^ (m[i] & differ);
        }
    }

    private static void comb(long[] m, long flip, long leaf, long[] n, long left, long right, long[] to) {
        long differ = left ^ right;
        for (int i = 0; i < to.length; i++) {
            long v = right ^ (n[i] & differ);
            to[i] = v ^ ((m[i] ^ flip) & (leaf ^ v));
        }
    }

    private static void leavesLeaves(
            long[] m, long flip, long[] n1, long left1, long right1, long[] n2, long left2, long right2, long[] to) {
        long differ1 = left1 ^ right1;
        long differ2 = left2 ^ right2;
        for (int i = 0; i < to.length; i++) {
            long v1 = right1 ^ (n1[i] & differ1);
            long v2 = right2 ^ (n2[i] & differ2);
            to[i] = v2 ^ ((m[i] ^ flip) & (v1 ^ v2));
        }
    }

    private static void leafComb(
            long[] m,
            long flip,
            long leaf,
            long[] m2,
            long flip2,
            long leaf2,
            long[] n,
            long left,
            long right,
            long[] to) {
        long differ = left ^ right;
        for (int i = 0; i < to.length; i++) {
            long v = right ^ (n[i] & differ);
            long c = v ^ ((m2[i] ^ flip2) & (leaf2 ^ v));
            to[i] = c ^ ((m[i] ^ flip) & (leaf ^ c));
        }
    }

    private static void leavesComb(
            long[] m,
            long flip,
            long[] n1,
            long left1,
            long right1,
            long[] m2,
            long flip2,
            long leaf2,
            long[] n2,
            long left2,
            long right2,
            long[] to) {
        long differ1 = left1 ^ right1;
        long differ2 = left2 ^ right2;
        for (int i = 0; i < to.length; i++) {
            long v = right2 ^ (n2[i] & differ2);
            long c = v ^ ((m2[i] ^ flip2) & (leaf2 ^ v));
            to[i] = c ^ ((m[i] ^ flip) & (right1 ^ (n1[i] & differ1) ^ c));
        }
    }

    private static void leafFound(long[] m, long flip, long leaf, long[] found, long[] to) {
        for (int i = 0; i < to.length; i++) {
            to[i] = found[i] ^ ((m[i] ^ flip) & (leaf ^ found[i]));
        }
    }

    private static void leavesFound(long[] m, long flip, long[] n, long left, long right, long[] found, long[] to) {
        long differ = left ^ right;
        for (int i = 0; i < to.length; i++) {
            long v = right ^ (n[i] & differ);
            to[i] = found[i] ^ ((m[i] ^ flip) & (v ^ found[i]));
        }
    }

    private static void combFound(
            long[] m,
            long flip,
            long[] m2,
            long flip2,
            long leaf2,
            long[] n,
            long left,
            long right,
            long[] found,
            long[] to) {
        long differ = left ^ right;
        for (int i = 0; i < to.length; i++) {
            long v = right ^ (n[i] & differ);
            long c = v ^ ((m2[i] ^ flip2) & (leaf2 ^ v));
            to[i] = found[i] ^ ((m[i] ^ flip) & (c ^ found[i]));
        }
    }

    private static void foundFound(long[] m, long flip, long[] one, long[] other, long[] to) {
        for (int i = 0; i < to.length; i++) {
            to[i] = other[i] ^ ((m[i] ^ flip) & (one[i] ^ other[i]));
        }
    }

    /** Writes the steps of one part, the side that wants more temporaries first, so that few are wanted. */
    private static final class Compiler {
        private final FlatTrees flat;
        private final BitSet part;
        private final List<Step> steps = new ArrayList<>();
        private final List<Double> leaves = new ArrayList<>();
        private @Nullable Side nothing;
        private int temporaries = 1;

        Compiler(FlatTrees flat, BitSet part) {
            this.flat = flat;
            this.part = part;
        }

        Tree compile(int root) {
            Side all = place(root, 0);
            if (all.kind == Kind.LEAVES || all.kind == Kind.COMB) {
                find(all, 0);
            }
            double[] values = new double[SlicedTrees.MOST_LEAVES];
            for (int i = 0; i < leaves.size(); i++) {
                values[i] = leaves.get(i);
            }
            return new Tree(steps.toArray(Step[]::new), values);
        }

        private Side newLeaf(double value) {
            leaves.add(value);
            return Side.leaf((leaves.size() - 1) * EACH);
        }

        private Side place(int node, int to) {
            if (!part.get(node)) {
                if (nothing == null) {
                    nothing = newLeaf(0);
                }
                return nothing;
            }
            if (flat.isLeaf(node)) {
                return newLeaf(flat.leaf(node));
            }
            int left = flat.left(node);
            boolean rightFirst = wanted(right(node)) > wanted(left);
            Side first = place(rightFirst ? right(node) : left, to);
            Side second = place(rightFirst ? left : right(node), first.kind == Kind.FOUND ? to + 1 : to);
            return join(node, rightFirst ? second : first, rightFirst ? first : second, to);
        }

        private Side join(int node, Side left, Side right, int to) {
            boolean never = flat.threshold(node) == Double.POSITIVE_INFINITY;
            int column = never ? flat.features() : flat.slot(node);
            if (left.kind == Kind.LEAF && right.kind == Kind.LEAF) {
                return Side.leaves(column, left.leaf, right.leaf);
            }
            boolean isFlipped = right.kind.compareTo(left.kind) < 0;
            Side one = isFlipped ? right : left;
            Side other = isFlipped ? left : right;
            long flip = isFlipped ? -1 : 0;
            if (one.kind == Kind.LEAF && other.kind == Kind.LEAVES) {
                return Side.comb(column, flip, one.leaf, other);
            }
            if (one.kind == Kind.COMB && other.kind == Kind.COMB) {
                // Together they are too much for the compiler to make vectors of.
                other = find(other, to);
            }
            steps.add(new Step(column, flip, one, other, to));
            temporaries = Math.max(temporaries, to + 1);
            return Side.found(to);
        }

        private Side find(Side side, int to) {
            steps.add(new Step(-1, 0, side, side, to));
            temporaries = Math.max(temporaries, to + 1);
            return Side.found(to);
        }

        private int right(int node) {
            return flat.left(node) + 1;
        }

        /** Temporaries for a side's steps, at most, as Strahler's numbers. */
        private int wanted(int node) {
            if (isLeaf(node)) {
                return 0;
            }
            int left = flat.left(node);
            if (isLeaf(left) && isLeaf(left + 1)) {
                return 0;
            }
            int a = wanted(left);
            int b = wanted(left + 1);
            return Math.max(1, a == b ? a + 1 : Math.max(a, b));
        }

        private boolean isLeaf(int node) {
            return !part.get(node) || flat.isLeaf(node);
        }
    }
}

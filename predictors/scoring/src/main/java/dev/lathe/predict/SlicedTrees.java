package dev.lathe.predict;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The trees of a model for batches of rows: a tree is no walk here but a sum of choices, made for all rows at once. Values are
 * {@link ValueRanks}, one byte a row, so that the vector units of a processor compare dozens of rows in one step; from the
 * leaves upwards, each node takes the number of the leaf that its left or its right part has found. The sums over the trees
 * are taken in their order, so they are those of {@link FlatTrees} to the last bit. Immutable and thread-safe.
 *
 * <p>That visits every node, where a walk visits one a level: it pays for trees of up to some hundred leaves. It is the layout of RapidScorer, with leaf numbers instead of sets of leaves.
 *
 * @see <a href="https://doi.org/10.1145/3219819.3219857">Ye et al., RapidScorer, KDD 2018</a>
 */
final class SlicedTrees {
    /** A leaf's number is a byte. */
    static final int MOST_LEAVES = 256;

    /** Parts of a tree with more leaves; beyond, walks are faster. */
    static final int MOST_PARTS = 8;

    private static final int LANES = ValueRanks.LANES;
    /** Rows at a time: few enough that their columns stay in the cache, enough that a node's loop is worth its start. */
    private static final int BLOCK = 4096;

    private static final int TILE = 64;
    private static final long EACH = ValueRanks.EACH;
    private static final long HIGH = ValueRanks.HIGH;
    private static final int ALWAYS_LEFT = ValueRanks.BAND;

    private final List<ValueRanks> features;
    private final int columns;
    private final Tree[] trees;
    private final int temporaries;

    /**
     * One tree as a list of steps, children first.
     *
     * @param steps five numbers each: column, limit, left, right, and where the result goes; left and right are a temporary's
     *     number, or the complement of a leaf's
     * @param leaves values by number
     */
    @SuppressWarnings("ArrayRecordComponent") // never compared
    private record Tree(int[] steps, double[] leaves) {}

    private SlicedTrees(List<ValueRanks> features, Tree[] trees, int temporaries) {
        this.features = features;
        this.columns = ValueRanks.columns(features);
        this.trees = trees;
        this.temporaries = temporaries;
    }

    /** @return null where a tree has too many leaves, or a threshold is no number */
    static @Nullable SlicedTrees of(FlatTrees flat) {
        double[][] thresholds = flat.thresholds();
        List<ValueRanks> features = new ArrayList<>();
        int column = 0;
        for (int f = 0; f < thresholds.length; f++) {
            if (!Arrays.stream(thresholds[f]).allMatch(Double::isFinite)) {
                return null;
            }
            ValueRanks ranks = new ValueRanks(flat.feature(f), column, thresholds[f]);
            features.add(ranks);
            column += ranks.columns();
        }
        List<Tree> trees = new ArrayList<>();
        int temporaries = 2;
        for (int t = 0; t < flat.trees(); t++) {
            List<BitSet> parts = parts(flat, flat.root(t));
            if (parts.size() > MOST_PARTS) {
                return null;
            }
            for (BitSet part : parts) {
                Compiler c = new Compiler(flat, features, part);
                c.place(flat.root(t), 0);
                trees.add(c.tree());
                temporaries = Math.max(temporaries, c.temporaries);
            }
        }
        return new SlicedTrees(List.copyOf(features), trees.toArray(Tree[]::new), temporaries);
    }

    /**
     * The nodes of a tree in parts of few enough leaves, each with those above it. A part gives nothing where the leaf that was
     * asked for is in another one, so their sum is the tree's value.
     */
    static List<BitSet> parts(FlatTrees flat, int root) {
        List<BitSet> parts = new ArrayList<>(List.of(new BitSet()));
        // One number is kept for nothing.
        addParts(flat, root, new ArrayList<>(), parts, new int[] {MOST_LEAVES - 1});
        return parts;
    }

    private static void addParts(FlatTrees flat, int node, List<Integer> above, List<BitSet> parts, int[] room) {
        if (parts.size() > MOST_PARTS) {
            return;
        }
        int leaves = flat.leavesBelow(node, MOST_LEAVES);
        if (leaves < MOST_LEAVES) {
            if (leaves > room[0]) {
                parts.add(new BitSet());
                room[0] = MOST_LEAVES - 1;
            }
            room[0] -= leaves;
            BitSet part = parts.get(parts.size() - 1);
            above.forEach(part::set);
            flat.addBelow(node, part);
            return;
        }
        above.add(node);
        addParts(flat, flat.left(node), above, parts, room);
        addParts(flat, flat.left(node) + 1, above, parts, room);
        above.remove(above.size() - 1);
    }

    /** Writes the columns of a block of rows; false where a value is missing, and the columns are nonsense. */
    private interface Source {
        boolean fill(int from, int rows, long[][] columns);
    }

    /**
     * The sum over all trees for each row.
     *
     * @param rows values of the model's features
     * @param sums written, one a row
     * @return false, and nothing useful written, where a value that matters is not finite
     */
    boolean sum(double[][] rows, double[] sums) {
        double[][] tile = new double[TILE][];
        ValueRanks.Buffer buffer = new ValueRanks.Buffer(TILE);
        return sum(
                (from, n, to) -> {
                    for (int r = 0; r < n; r += TILE) {
                        for (int i = 0; i < TILE; i++) {
                            tile[i] = rows[Math.min(from + r + i, rows.length - 1)];
                        }
                        for (ValueRanks f : features) {
                            f.fill(tile, buffer, to, r / LANES);
                        }
                    }
                    return buffer.isFinite();
                },
                sums);
    }

    private boolean sum(Source source, double[] sums) {
        if (sums.length == 0) {
            return true;
        }
        int blocks = (sums.length + BLOCK - 1) / BLOCK;
        int block = ((sums.length + blocks - 1) / blocks + TILE - 1) / TILE * TILE;
        int words = block / LANES;
        long[][] keys = new long[columns][words];
        long[][] found = new long[temporaries + 1][words];
        double[] blockSums = new double[block];
        for (int from = 0; from < sums.length; from += block) {
            int n = Math.min(block, sums.length - from);
            if (!source.fill(from, n, keys)) {
                return false;
            }
            Arrays.fill(blockSums, 0);
            for (int t = 0; t < trees.length; t += 2) {
                Tree a = trees[t];
                run(a, keys, found, 0);
                if (t + 1 == trees.length) {
                    add(found[0], a.leaves, blockSums, 0, LANES);
                } else {
                    // The second one leaves the first result alone.
                    Tree b = trees[t + 1];
                    run(b, keys, found, 1);
                    add(found[0], a.leaves, found[1], b.leaves, blockSums, 0, LANES);
                }
            }
            System.arraycopy(blockSums, 0, sums, from, n);
        }
        return true;
    }

    /** Leaf numbers of all rows go to a temporary; those below it are not touched. */
    private static void run(Tree tree, long[][] keys, long[][] found, int at) {
        int[] s = tree.steps;
        if (s.length == 0) {
            Arrays.fill(found[at], 0);
            return;
        }
        for (int i = 0; i < s.length; i += 5) {
            long[] key = keys[s[i]];
            long limit = (s[i + 1] | 0x80) * EACH;
            int left = s[i + 2];
            int right = s[i + 3];
            long[] out = found[at + s[i + 4]];
            if (left < 0 && right < 0) {
                ofLeaves(key, limit, ~left * EACH, ~right * EACH, out);
            } else if (left < 0) {
                leafLeft(key, limit, ~left * EACH, found[at + right], out);
            } else if (right < 0) {
                leafRight(key, limit, found[at + left], ~right * EACH, out);
            } else {
                ofParts(key, limit, found[at + left], found[at + right], out);
            }
        }
    }

    private static void ofLeaves(long[] key, long limit, long left, long right, long[] out) {
        long differ = left ^ right;
        for (int i = 0; i < out.length; i++) {
            // The highest bit of each byte stays where the rank is at most the limit; then it fills its byte.
            long stay = (limit - key[i]) & HIGH;
            out[i] = right ^ (((stay << 1) - (stay >>> 7)) & differ);
        }
    }

    private static void leafLeft(long[] key, long limit, long left, long[] right, long[] out) {
        for (int i = 0; i < out.length; i++) {
            long stay = (limit - key[i]) & HIGH;
            out[i] = right[i] ^ (((stay << 1) - (stay >>> 7)) & (left ^ right[i]));
        }
    }

    private static void leafRight(long[] key, long limit, long[] left, long right, long[] out) {
        for (int i = 0; i < out.length; i++) {
            long stay = (limit - key[i]) & HIGH;
            out[i] = right ^ (((stay << 1) - (stay >>> 7)) & (left[i] ^ right));
        }
    }

    private static void ofParts(long[] key, long limit, long[] left, long[] right, long[] out) {
        for (int i = 0; i < out.length; i++) {
            long stay = (limit - key[i]) & HIGH;
            out[i] = right[i] ^ (((stay << 1) - (stay >>> 7)) & (left[i] ^ right[i]));
        }
    }

    /**
     * Adds the leaves of a tree.
     *
     * @param found numbers of leaves, of eight rows each
     * @param first the first row
     * @param stride how many rows the next eight stand further on
     */
    static void add(long[] found, double[] leaves, double[] sums, int first, int stride) {
        for (int w = 0, r = first; w < found.length; w++, r += stride) {
            for (int i = 0; i < LANES; i++) {
                sums[r + i] += leaves[(int) (found[w] >>> (i << 3)) & 0xFF];
            }
        }
    }

    /** Adds the leaves of two trees, the first one first. */
    static void add(long[] a, double[] leavesA, long[] b, double[] leavesB, double[] sums, int first, int stride) {
        for (int w = 0, r = first; w < a.length; w++, r += stride) {
            long x = a[w];
            long y = b[w];
            sums[r] = sums[r] + leavesA[(int) x & 0xFF] + leavesB[(int) y & 0xFF];
            sums[r + 1] = sums[r + 1] + leavesA[(int) (x >>> 8) & 0xFF] + leavesB[(int) (y >>> 8) & 0xFF];
            sums[r + 2] = sums[r + 2] + leavesA[(int) (x >>> 16) & 0xFF] + leavesB[(int) (y >>> 16) & 0xFF];
            sums[r + 3] = sums[r + 3] + leavesA[(int) (x >>> 24) & 0xFF] + leavesB[(int) (y >>> 24) & 0xFF];
            sums[r + 4] = sums[r + 4] + leavesA[(int) (x >>> 32) & 0xFF] + leavesB[(int) (y >>> 32) & 0xFF];
            sums[r + 5] = sums[r + 5] + leavesA[(int) (x >>> 40) & 0xFF] + leavesB[(int) (y >>> 40) & 0xFF];
            sums[r + 6] = sums[r + 6] + leavesA[(int) (x >>> 48) & 0xFF] + leavesB[(int) (y >>> 48) & 0xFF];
            sums[r + 7] = sums[r + 7] + leavesA[(int) (x >>> 56)] + leavesB[(int) (y >>> 56)];
        }
    }

    /** Writes the steps of one tree, the part that wants more temporaries first, so that few are wanted. */
    private static final class Compiler {
        private final FlatTrees flat;
        private final List<ValueRanks> features;
        private final List<int[]> steps = new ArrayList<>();
        private final List<Double> leaves = new ArrayList<>();
        private int temporaries = 1;

        private final BitSet part;
        /** The complement of the number of the leaf of nodes beyond the part; 0 where there is none yet. */
        private int nothing;

        Compiler(FlatTrees flat, List<ValueRanks> features, BitSet part) {
            this.flat = flat;
            this.features = features;
            this.part = part;
        }

        Tree tree() {
            double[] values = new double[MOST_LEAVES];
            for (int i = 0; i < leaves.size(); i++) {
                values[i] = leaves.get(i);
            }
            return new Tree(steps.stream().flatMapToInt(Arrays::stream).toArray(), values);
        }

        /** Returns the complement of a leaf's number, or the temporary {@code to}. */
        private int place(int node, int to) {
            if (!part.get(node)) {
                if (nothing == 0) {
                    leaves.add(0.0);
                    nothing = -leaves.size();
                }
                return nothing;
            }
            if (flat.isLeaf(node)) {
                leaves.add(flat.leaf(node));
                return -leaves.size();
            }
            temporaries = Math.max(temporaries, to + 1);
            int left = flat.left(node);
            int right = left + 1;
            boolean rightFirst = wanted(right) > wanted(left);
            int first = place(rightFirst ? right : left, to);
            int second = place(rightFirst ? left : right, first < 0 ? to : to + 1);
            int slot = flat.slot(node);
            double threshold = flat.threshold(node);
            ValueRanks ranks = features.get(slot);
            boolean never = threshold == Double.POSITIVE_INFINITY;
            int index = never ? 0 : ranks.indexOf(threshold);
            steps.add(new int[] {
                ranks.column(index),
                never ? ALWAYS_LEFT : ValueRanks.limit(index),
                rightFirst ? second : first,
                rightFirst ? first : second,
                to
            });
            return to;
        }

        /** Temporaries for a part's steps: Strahler's number. */
        private int wanted(int node) {
            if (flat.isLeaf(node) || !part.get(node)) {
                return 0;
            }
            int a = wanted(flat.left(node));
            int b = wanted(flat.left(node) + 1);
            return Math.max(1, a == b ? a + 1 : Math.max(a, b));
        }
    }
}

package dev.lathe.predict;

import hex.genmodel.algos.tree.SharedTreeMojoModel;
import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.Deque;
import java.util.List;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * The trees of a boosted or bagged model in flat arrays, walked for many rows at a time: the sums that the archive's own code
 * gives, to the last bit, several times faster. Immutable and thread-safe.
 *
 * <p>A node is one {@code long}: what a value must exceed to go right, the left child and the feature. The right child stands
 * behind the left; a leaf leads to itself. So a walk has no branches, and four rows go down one tree side by side while the
 * processor waits for memory. Values are compared as integers: a threshold is a float, so a value may be rounded down to a
 * float first, and the bits of floats can be put in the order of integers.
 */
final class FlatTrees {
    private static final int BLOCK = 64;
    private static final int SIDE_BY_SIDE = 4;
    private static final int FEATURE_BITS = 12;
    private static final int FEATURE_MASK = (1 << FEATURE_BITS) - 1;
    private static final int MOST_NODES = 1 << 19;
    private static final int NO_SPLIT = 0xFFFF;

    /** Higher than any value: nothing goes right. */
    private static final int NEVER = Integer.MAX_VALUE;

    private final int[] features;
    private final int[] roots;
    private final int[] depths;
    private final long[] nodes;
    private final double[] leaves;

    private FlatTrees(int[] features, int[] roots, int[] depths, long[] nodes, double[] leaves) {
        this.features = features;
        this.roots = roots;
        this.depths = depths;
        this.nodes = nodes;
        this.leaves = leaves;
    }

    /**
     * The trees of a model of one number.
     *
     * @return null where a tree is not of the plain kind (thresholds of numbers, in the present layout), or there are too many
     *     nodes: such a model is left to its own code
     */
    static @Nullable FlatTrees of(SharedTreeMojoModel model) {
        boolean isPlain = model._mojo_version >= 1.2 && model.getNTreesPerGroup() == 1;
        if (!isPlain || ByteOrder.nativeOrder() != ByteOrder.LITTLE_ENDIAN) {
            return null;
        }
        List<byte[]> trees = new ArrayList<>();
        for (int t = 0; t < model.getNTreeGroups(); t++) {
            byte[] tree = model.treeBytes(t, 0);
            if (tree == null) {
                return null;
            }
            trees.add(tree);
        }
        return of(model.nfeatures(), trees);
    }

    /**
     * @param features that a row has
     * @param trees in the archive's layout
     * @return as {@link #of(SharedTreeMojoModel)}
     */
    static @Nullable FlatTrees of(int features, List<byte[]> trees) {
        Builder b = new Builder(features);
        try {
            for (byte[] tree : trees) {
                if (!b.add(tree)) {
                    return null;
                }
            }
        } catch (BufferUnderflowException | IllegalArgumentException e) {
            return null;
        }
        return b.build();
    }

    /**
     * The sum over all trees for each row.
     *
     * @param rows values of the model's features, none of them NaN
     * @param sums written, one a row
     */
    void sum(double[][] rows, double[] sums) {
        int width = features.length;
        int block = Math.min(BLOCK, (rows.length + SIDE_BY_SIDE - 1) / SIDE_BY_SIDE * SIDE_BY_SIDE);
        int[] keys = new int[block * width];
        double[] blockSums = new double[block];
        for (int from = 0; from < rows.length; from += block) {
            int n = Math.min(block, rows.length - from);
            for (int r = 0; r < n; r++) {
                double[] row = rows[from + r];
                for (int f = 0; f < width; f++) {
                    keys[r * width + f] = keyBelow(row[features[f]]);
                }
            }
            // Rows beyond the last are the last ones of an earlier block, and not used.
            int padded = (n + SIDE_BY_SIDE - 1) / SIDE_BY_SIDE * SIDE_BY_SIDE;
            Arrays.fill(blockSums, 0);
            for (int t = 0; t < roots.length; t++) {
                walk(roots[t], depths[t], keys, width, padded, blockSums);
            }
            System.arraycopy(blockSums, 0, sums, from, n);
        }
    }

    private void walk(int root, int depth, int[] keys, int width, int rows, double[] sums) {
        long[] n = nodes;
        for (int r = 0; r < rows; r += SIDE_BY_SIDE) {
            int k0 = r * width;
            int k1 = k0 + width;
            int k2 = k1 + width;
            int k3 = k2 + width;
            int a = root;
            int b = root;
            int c = root;
            int d = root;
            for (int s = 0; s < depth; s += 2) {
                // Two levels a turn; a leaf stays where it is.
                a = next(n[a], keys, k0);
                b = next(n[b], keys, k1);
                c = next(n[c], keys, k2);
                d = next(n[d], keys, k3);
                int a2 = next(n[a], keys, k0);
                int b2 = next(n[b], keys, k1);
                int c2 = next(n[c], keys, k2);
                int d2 = next(n[d], keys, k3);
                boolean stand = ((a ^ a2) | (b ^ b2) | (c ^ c2) | (d ^ d2)) == 0;
                a = a2;
                b = b2;
                c = c2;
                d = d2;
                if (stand) {
                    break;
                }
            }
            sums[r] += leaves[a];
            sums[r + 1] += leaves[b];
            sums[r + 2] += leaves[c];
            sums[r + 3] += leaves[d];
        }
    }

    private static int next(long node, int[] keys, int at) {
        long limit = node >> 32;
        int low = (int) node;
        return (low >>> FEATURE_BITS) + (int) ((limit - keys[at + (low & FEATURE_MASK)]) >>> 63);
    }

    /** The largest float that is not above the value, as an integer in the order of floats. */
    static int keyBelow(double value) {
        // Of the two zeros, the positive one.
        float f = (float) (value + 0.0);
        return key(f) - (f > value ? 1 : 0);
    }

    private static int key(float f) {
        return ordered(Float.floatToRawIntBits(f));
    }

    /** From the bits of a float to an integer in the order of floats, and back. */
    private static int ordered(int bits) {
        return bits ^ ((bits >> 31) & 0x7FFF_FFFF);
    }

    /** How many features are asked for. */
    int features() {
        return features.length;
    }

    int trees() {
        return roots.length;
    }

    int root(int tree) {
        return roots[tree];
    }

    boolean isLeaf(int node) {
        return left(node) == node;
    }

    double leaf(int node) {
        return leaves[node];
    }

    /** The left child; the right one is the next node. */
    int left(int node) {
        return (int) nodes[node] >>> FEATURE_BITS;
    }

    /** Which of the used features a node asks for. */
    int slot(int node) {
        return (int) nodes[node] & FEATURE_MASK;
    }

    /** Place in a row of a used feature. */
    int feature(int slot) {
        return features[slot];
    }

    /** A value goes right that is not below this; infinity where none does. */
    double threshold(int node) {
        int limit = (int) (nodes[node] >> 32);
        return limit == NEVER ? Double.POSITIVE_INFINITY : Float.intBitsToFloat(ordered(limit + 1));
    }

    /** The thresholds that some value reaches, for each used feature: ascending, each once. */
    double[][] thresholds() {
        List<TreeSet<Double>> all = new ArrayList<>();
        for (int f = 0; f < features.length; f++) {
            all.add(new TreeSet<>());
        }
        for (int n = 0; n < nodes.length; n++) {
            double t = threshold(n);
            if (t != Double.POSITIVE_INFINITY) {
                all.get(slot(n)).add(t);
            }
        }
        return all.stream().map(s -> s.stream().mapToDouble(t -> t).toArray()).toArray(double[][]::new);
    }

    /** Leaves below a node, counted up to {@code most}. */
    int leavesBelow(int node, int most) {
        int count = 0;
        Deque<Integer> open = new ArrayDeque<>(List.of(node));
        while (!open.isEmpty() && count < most) {
            int n = open.pop();
            if (isLeaf(n)) {
                count++;
            } else if (open.size() > most) {
                return most;
            } else {
                open.push(left(n));
                open.push(left(n) + 1);
            }
        }
        return Math.min(count, most);
    }

    /** Adds a node and all that are below it. */
    void addBelow(int node, BitSet to) {
        Deque<Integer> open = new ArrayDeque<>(List.of(node));
        while (!open.isEmpty()) {
            int n = open.pop();
            to.set(n);
            if (!isLeaf(n)) {
                open.push(left(n));
                open.push(left(n) + 1);
            }
        }
    }

    /** Reads trees of the archive's layout, in which a node is followed by its left part, then by its right one. */
    private static final class Builder {
        private final int[] used;
        private final List<Integer> features = new ArrayList<>();
        private final List<Integer> roots = new ArrayList<>();
        private final List<Integer> depths = new ArrayList<>();
        private long[] nodes = new long[1024];
        private double[] leaves = new double[1024];
        private int size;

        Builder(int width) {
            this.used = new int[width];
            Arrays.fill(used, -1);
        }

        /** A part of a tree that is still to be read: where it begins, where it goes, how deep it is, whether it is a leaf. */
        private record Part(int position, int node, int depth, boolean isLeaf) {}

        boolean add(byte[] tree) {
            ByteBuffer in = ByteBuffer.wrap(tree).order(ByteOrder.LITTLE_ENDIAN);
            int root = reserve(1);
            roots.add(root);
            int deepest = 0;
            List<Part> open = new ArrayList<>(List.of(new Part(0, root, 0, false)));
            // Each node takes several bytes of its own; where there are more, parts overlap, and the tree is none.
            int most = size + tree.length;
            while (!open.isEmpty()) {
                Part p = open.remove(open.size() - 1);
                deepest = Math.max(deepest, p.depth);
                in.position(p.position);
                if (p.isLeaf) {
                    leaf(p.node, in.getFloat());
                    continue;
                }
                int kind = in.get() & 0xFF;
                int feature = in.getChar();
                if (feature == NO_SPLIT) {
                    leaf(p.node, in.getFloat());
                    continue;
                }
                boolean isNumberOrNot = in.get() == 1;
                if ((kind & 12) != 0 || feature >= used.length) {
                    return false;
                }
                float threshold = isNumberOrNot ? Float.NaN : in.getFloat() + 0f;
                int limit = Float.isNaN(threshold) ? NEVER : key(threshold) - 1;
                int leftKind = kind & 51;
                boolean leftIsLeaf = (leftKind & 16) != 0;
                int right = in.position();
                int left = right;
                if (leftIsLeaf) {
                    right += Float.BYTES;
                } else {
                    if (leftKind > 3) {
                        return false;
                    }
                    int length = 0;
                    for (int i = 0; i <= leftKind; i++) {
                        length |= (in.get() & 0xFF) << (8 * i);
                    }
                    left = in.position();
                    right = left + length;
                }
                if (size + 2 > most || size + 2 > MOST_NODES) {
                    return false;
                }
                int child = reserve(2);
                nodes[p.node] = node(limit, child, slot(feature));
                open.add(new Part(right, child + 1, p.depth + 1, (kind & 64) != 0));
                open.add(new Part(left, child, p.depth + 1, leftIsLeaf));
            }
            depths.add(deepest);
            return features.size() <= FEATURE_MASK;
        }

        private int slot(int feature) {
            if (used[feature] < 0) {
                used[feature] = features.size();
                features.add(feature);
            }
            return used[feature];
        }

        private void leaf(int node, float value) {
            leaves[node] = value;
            nodes[node] = node(NEVER, node, 0);
        }

        private static long node(int limit, int left, int slot) {
            return ((long) limit << 32) | ((long) left << FEATURE_BITS) | slot;
        }

        private int reserve(int n) {
            if (size + n > nodes.length) {
                nodes = Arrays.copyOf(nodes, 2 * nodes.length);
                leaves = Arrays.copyOf(leaves, nodes.length);
            }
            size += n;
            return size - n;
        }

        @Nullable
        FlatTrees build() {
            if (roots.isEmpty()) {
                return null;
            }
            if (features.isEmpty()) {
                // Stumps that never ask: every leaf looks at some value.
                features.add(0);
            }
            return new FlatTrees(
                    features.stream().mapToInt(f -> f).toArray(),
                    roots.stream().mapToInt(r -> r).toArray(),
                    depths.stream().mapToInt(d -> d).toArray(),
                    Arrays.copyOf(nodes, size),
                    Arrays.copyOf(leaves, size));
        }
    }
}

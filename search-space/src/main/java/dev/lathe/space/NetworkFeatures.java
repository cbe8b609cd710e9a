package dev.lathe.space;

import dev.lathe.graph.CostModel;
import dev.lathe.graph.Graph;
import dev.lathe.graph.Node;
import dev.lathe.graph.Operator;
import dev.lathe.graph.Tensor;
import java.util.BitSet;
import java.util.List;

/**
 * What a network is, in a fixed number of figures that do not depend on how its space encodes it: costs, the length of its
 * paths, and a histogram of what stands where.
 *
 * <p>Only what carries the input to the output is read: a branch that leads nowhere, or that comes from zeros, counts nothing, so
 * that two texts of one network have one vector. Normalizations, non-linearities, sums and reshapes are passed through; the rest,
 * convolutions, matrix products, pooling, are the vertices. Each is labelled by what it does, then by that and the labels of what
 * it reads, twice: the subtrees of Weisfeiler and Lehman, whose counts are folded into buckets by a hash.
 *
 * @see <a href="https://arxiv.org/abs/2006.07556">Ru et al., Interpretable neural architecture search via Bayesian optimisation
 *     with Weisfeiler-Lehman kernels, ICLR 2021</a>
 */
public final class NetworkFeatures {
    private static final int COSTS = 10;
    private static final int BUCKETS = 48;
    private static final int DEPTHS = 3;
    /** The first features are totals: costs, lengths of paths, and how often each kind of vertex occurs. */
    public static final int TOTALS = COSTS + BUCKETS;

    /** Of a vector; after the totals come the roots of counts of subtrees. */
    public static final int LENGTH = COSTS + BUCKETS * DEPTHS;

    private NetworkFeatures() {}

    /** Of an architecture's network. */
    public static double[] of(SearchSpace space, Architecture a) {
        return of(space.lower(a));
    }

    /** @return {@link #LENGTH} figures */
    public static double[] of(Graph graph) {
        List<Node> nodes = graph.nodes();
        int inputs = graph.inputs().size();
        boolean[] carries = new boolean[graph.tensors()];
        for (int i = 0; i < inputs; i++) {
            carries[i] = true;
        }
        for (Node n : nodes) {
            boolean fed = false;
            for (Tensor t : n.inputs()) {
                fed |= carries[t.id()];
            }
            carries[n.output().id()] = fed && !(n.op() instanceof Operator.Zero);
        }
        boolean[] needed = new boolean[graph.tensors()];
        needed[graph.output().id()] = true;
        for (int i = nodes.size() - 1; i >= 0; i--) {
            Node n = nodes.get(i);
            if (needed[n.output().id()] && carries[n.output().id()]) {
                for (Tensor t : n.inputs()) {
                    needed[t.id()] = true;
                }
            }
        }
        double[] f = new double[LENGTH];
        // Of each tensor: the vertices that it is a sum of.
        BitSet[] sources = new BitSet[graph.tensors()];
        for (int i = 0; i < inputs; i++) {
            sources[i] = new BitSet();
            sources[i].set(i);
        }
        long[][] labels = new long[DEPTHS][graph.tensors()];
        int[] longest = new int[graph.tensors()];
        int[] shortest = new int[graph.tensors()];
        double macs = 0;
        double elements = 0;
        for (Node n : nodes) {
            int id = n.output().id();
            if (!needed[id] || !carries[id]) {
                continue;
            }
            macs += n.macs();
            elements += n.output().shape().elements();
            BitSet read = new BitSet();
            for (Tensor t : n.inputs()) {
                BitSet s = sources[t.id()];
                if (s != null) {
                    read.or(s);
                }
            }
            if (isPassedThrough(n.op())) {
                sources[id] = read;
                continue;
            }
            int most = 0;
            int least = Integer.MAX_VALUE;
            for (int s = read.nextSetBit(0); s >= 0; s = read.nextSetBit(s + 1)) {
                most = Math.max(most, longest[s]);
                least = Math.min(least, shortest[s]);
            }
            int weighted = n.macs() > 0 ? 1 : 0;
            longest[id] = most + weighted;
            shortest[id] = (least == Integer.MAX_VALUE ? 0 : least) + weighted;
            labels[0][id] = label(n);
            for (int d = 1; d < DEPTHS; d++) {
                labels[d][id] = mix(labels[d - 1][id] * 31 + sum(labels[d - 1], read));
            }
            for (int d = 0; d < DEPTHS; d++) {
                f[COSTS + d * BUCKETS + (int) Long.remainderUnsigned(labels[d][id], BUCKETS)]++;
            }
            sources[id] = new BitSet();
            sources[id].set(id);
        }
        BitSet last = sources[graph.output().id()];
        CostModel.Cost cost = CostModel.of(graph);
        f[0] = macs;
        f[1] = Math.log1p(macs);
        f[2] = elements;
        f[3] = Math.log1p(elements);
        f[4] = cost.macs();
        f[5] = cost.parameters();
        f[6] = Math.log1p(cost.parameters());
        f[7] = cost.movedElements();
        for (int s = last == null ? -1 : last.nextSetBit(0); s >= 0; s = last.nextSetBit(s + 1)) {
            f[8] = Math.max(f[8], longest[s]);
            f[9] = f[9] == 0 ? shortest[s] : Math.min(f[9], shortest[s]);
        }
        for (int i = COSTS + BUCKETS; i < LENGTH; i++) {
            f[i] = Math.sqrt(f[i]);
        }
        return f;
    }

    private static boolean isPassedThrough(Operator op) {
        return op instanceof Operator.BatchNorm
                || op instanceof Operator.LayerNorm
                || op instanceof Operator.Activate
                || op instanceof Operator.Add
                || op instanceof Operator.AddTable
                || op instanceof Operator.Reshape
                || op instanceof Operator.Transpose
                || op instanceof Operator.LayerScale;
    }

    /** What a vertex does, without its width: kind, kernel, stride, whether depthwise, and the rows of its output. */
    private static long label(Node n) {
        long h = n.op().type().hashCode();
        if (n.op() instanceof Operator.Conv2d c) {
            h = h * 31 + c.kernelY();
            h = h * 31 + c.kernelX();
            h = h * 31 + c.strideY();
            h = h * 31 + (c.isDepthwise() ? 1 : 0);
        } else if (n.op() instanceof Operator.Pool2d p) {
            h = h * 31 + p.kernelY();
            h = h * 31 + p.strideY();
        }
        return mix(h);
    }

    private static long sum(long[] labels, BitSet of) {
        long sum = 0;
        for (int s = of.nextSetBit(0); s >= 0; s = of.nextSetBit(s + 1)) {
            sum += mix(labels[s] + 1);
        }
        return sum;
    }

    private static long mix(long z) {
        z = (z ^ (z >>> 30)) * 0xBF58476D1CE4E5B9L;
        z = (z ^ (z >>> 27)) * 0x94D049BB133111EBL;
        return z ^ (z >>> 31);
    }
}

package dev.lathe.graph.quant;

import dev.lathe.graph.Graph;
import dev.lathe.graph.Node;
import dev.lathe.graph.Operator;
import java.util.Arrays;

/**
 * Which tensors share one scale, and which need the zero point 0: those that a padded convolution, a sum or an attention reads,
 * and those that get constants added.
 */
final class ScaleGroups {
    private static final Quantization UNUSED = new Quantization(1, 0);

    private final int[] parent;
    private final boolean[] symmetric;

    ScaleGroups(Graph graph, Folding folding) {
        parent = new int[graph.tensors()];
        symmetric = new boolean[graph.tensors()];
        Arrays.setAll(parent, t -> t);
        boolean[] needs = new boolean[graph.tensors()];
        for (int i = 0; i < graph.nodes().size(); i++) {
            Node n = graph.nodes().get(i);
            if (!folding.isNeeded(i)) {
                continue;
            }
            int x = n.inputs().get(0).id();
            int out = n.output().id();
            if (sharesScale(n.op())) {
                parent[root(out)] = root(x);
            }
            needs[x] |= addsConstants(n.op())
                    || (n.op() instanceof Operator.Conv2d c && (c.paddingY() > 0 || c.paddingX() > 0));
            if (n.op() instanceof Operator.Add || n.op() instanceof Operator.MatMul) {
                n.inputs().forEach(t -> needs[t.id()] = true);
                needs[out] |= n.op() instanceof Operator.MatMul || addsRelativeValues(graph, n);
            }
        }
        needs[graph.output().id()] = true;
        for (int t = 0; t < needs.length; t++) {
            symmetric[root(t)] |= needs[t];
        }
    }

    /** Whether it makes the result of an attention. */
    private static boolean addsRelativeValues(Graph graph, Node sum) {
        return sum.inputs().stream()
                .mapToInt(t -> t.id() - graph.inputs().size())
                .anyMatch(i -> i >= 0 && graph.nodes().get(i).op() instanceof Operator.RelativeValues);
    }

    private static boolean addsConstants(Operator op) {
        return op instanceof Operator.AddTable
                || op instanceof Operator.SinusoidalPositions
                || op instanceof Operator.PrependToken;
    }

    private static boolean sharesScale(Operator op) {
        return addsConstants(op) || handsOn(op);
    }

    /** Whether an operator gives values that it was given, and no others. */
    static boolean handsOn(Operator op) {
        return op instanceof Operator.Reshape
                || op instanceof Operator.Transpose
                || op instanceof Operator.Slice
                || (op instanceof Operator.Pool2d p && p.kind() == Operator.PoolKind.MAX);
    }

    /** The tensor whose scale a tensor has: itself, or the one whose values it hands on. */
    int root(int t) {
        while (parent[t] != t) {
            t = parent[t];
        }
        return t;
    }

    /** Whether a tensor's zero point must be 0. */
    boolean isSymmetric(int tensor) {
        return symmetric[root(tensor)];
    }

    /**
     * The scale of each tensor as training chose it; 1 for those that have none, because they do not exist in integers.
     *
     * @throws IllegalArgumentException if a tensor that exists has none, or a zero point is not 0 where it must be
     */
    Quantization[] scales(Graph graph, LearnedScales learned) {
        IntegerTensors tensors = IntegerTensors.of(graph);
        Quantization[] scales = new Quantization[parent.length];
        for (int t = 0; t < scales.length; t++) {
            int r = root(t);
            Quantization q = learned.activations().get(r);
            if (t == graph.output().id()) {
                q = Quantization.logits(0, learned.largestLogit());
            } else if (q == null && tensors.exists(t)) {
                throw new IllegalArgumentException("Tensor %s of %s exists in integers, but has no learnt scale"
                        .formatted(graph.tensor(r).name(), graph.name()));
            } else if (q != null && symmetric[r] && q.zeroPoint() != 0) {
                throw new IllegalArgumentException("Tensor %s of %s needs the zero point 0, not %d"
                        .formatted(graph.tensor(r).name(), graph.name(), q.zeroPoint()));
            }
            scales[t] = q == null ? UNUSED : q;
        }
        return scales;
    }

    /** The scale of each tensor, from the ranges of all that share it. */
    Quantization[] scales(Graph graph, Calibration ranges) {
        int n = parent.length;
        double[] least = new double[n];
        double[] most = new double[n];
        for (int t = 0; t < n; t++) {
            least[root(t)] = Math.min(least[root(t)], ranges.least(t));
            most[root(t)] = Math.max(most[root(t)], ranges.most(t));
        }
        Quantization[] scales = new Quantization[n];
        int output = graph.output().id();
        for (int t = 0; t < n; t++) {
            int r = root(t);
            scales[t] = t == output
                    ? Quantization.logits(least[r], most[r])
                    : symmetric[r] ? Quantization.symmetric(least[r], most[r]) : Quantization.affine(least[r], most[r]);
        }
        return scales;
    }
}

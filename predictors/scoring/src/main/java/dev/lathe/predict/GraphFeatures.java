package dev.lathe.predict;

import dev.lathe.graph.Activation;
import dev.lathe.graph.CostModel;
import dev.lathe.graph.Graph;
import dev.lathe.graph.Node;
import dev.lathe.graph.Operator;
import dev.lathe.graph.Tensor;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * Numbers read from a graph alone, the same ones for every space: totals, and per family of operators how many there are,
 * their multiply-accumulates and the elements they write. A convolution is pointwise with a 1x1 kernel, depthwise with as
 * many groups as outputs, dense otherwise: runtimes have a kernel of its own for each.
 */
public final class GraphFeatures {
    private static final List<String> TOTALS = List.of(
            "graph.macs",
            "graph.parameters",
            "graph.movedBytes",
            "graph.nodes",
            "graph.depth",
            "graph.largestTensorElements",
            "graph.peakActivationBytes");
    private static final int MACS = 0;
    private static final int PARAMETERS = 1;
    private static final int MOVED_BYTES = 2;
    private static final int NODES = 3;
    private static final int DEPTH = 4;
    private static final int LARGEST = 5;
    private static final int PEAK = 6;

    private static final int DENSE = 0;
    private static final int POINTWISE = 1;
    private static final int DEPTHWISE = 2;
    private static final int LINEAR = 3;
    private static final int MATMUL = 4;
    /** The families with multiply-accumulates come first. */
    private static final int MAC_FAMILIES = 5;

    /** Channels that the vector units of common processors take at once. */
    private static final int[] BLOCKS = {8, 16};

    private static final int CONV_FAMILIES = 3;

    private static final int BATCH_NORM = 5;
    private static final int LAYER_NORM = 6;
    private static final int ADD = 7;
    private static final int ADD_TABLE = 8;
    private static final int SOFTMAX = 9;
    private static final int TRANSPOSE = 10;
    private static final int RESHAPE = 11;
    private static final int POOL = 12;
    private static final int GATE = 13;
    private static final int EMBEDDING = 14;
    private static final int COPY = 15;
    private static final int ACTIVATE = 16;
    private static final List<String> FAMILIES = families();

    private static final List<String> NAMES = allNames();

    private GraphFeatures() {}

    /** Names of the features, in order; never depends on a graph. */
    public static List<String> names() {
        return NAMES;
    }

    /**
     * The features of a graph, in the order of {@link #names()}.
     *
     * @param graph the network
     * @param peakActivationBytes peak of its activation memory, from the memory planner
     */
    public static double[] of(Graph graph, long peakActivationBytes) {
        double[] features = new double[NAMES.size()];
        CostModel.Cost cost = CostModel.of(graph);
        ExactCosts costs = new ExactCosts(cost.parameters(), cost.macs(), cost.movedElements(), peakActivationBytes);
        fill(graph, costs, features, 0);
        return features;
    }

    /** Writes the features to {@code to} from index {@code at} on. */
    static void fill(Graph graph, ExactCosts costs, double[] to, int at) {
        int[] depth = new int[graph.tensors()];
        int deepest = 0;
        long largest = 0;
        for (Tensor t : graph.inputs()) {
            largest = Math.max(largest, t.shape().elements());
        }
        int macsAt = at + TOTALS.size();
        int countAt = macsAt + MAC_FAMILIES;
        int elementsAt = countAt + FAMILIES.size();
        int blockedAt = elementsAt + FAMILIES.size();
        for (Node n : graph.nodes()) {
            int family = family(n.op());
            long elements = n.output().shape().elements();
            int level = 0;
            List<Tensor> inputs = n.inputs();
            for (int i = 0; i < inputs.size(); i++) {
                level = Math.max(level, depth[inputs.get(i).id()]);
            }
            depth[n.output().id()] = level + 1;
            deepest = Math.max(deepest, level + 1);
            largest = Math.max(largest, elements);
            if (family < MAC_FAMILIES) {
                to[macsAt + family] += n.macs();
            }
            to[countAt + family]++;
            to[elementsAt + family] += elements;
            if (n.op() instanceof Operator.Conv2d c) {
                for (int b = 0; b < BLOCKS.length; b++) {
                    blocked(c, n.macs(), BLOCKS[b], to, blockedAt + (family * BLOCKS.length + b) * 2);
                }
            }
        }
        to[at + MACS] = costs.macs();
        to[at + PARAMETERS] = costs.parameters();
        to[at + MOVED_BYTES] = costs.movedElements() * (double) Float.BYTES;
        to[at + NODES] = graph.nodes().size();
        to[at + DEPTH] = deepest;
        to[at + LARGEST] = largest;
        to[at + PEAK] = costs.peakActivationBytes();
    }

    /**
     * What a convolution costs a runtime that keeps channels in blocks: its MACs with channels rounded up to whole blocks, and
     * whether that adds any, for then data must also be re-ordered around it.
     */
    private static void blocked(Operator.Conv2d c, long macs, int block, double[] to, int at) {
        int outputs = c.weight().extent(0);
        int inputs = c.groups() == 1 ? c.weight().extent(1) : block;
        double grown = (double) roundUp(outputs, block) / outputs * roundUp(inputs, block) / inputs;
        to[at] += macs * grown;
        to[at + 1] += grown > 1 ? 1 : 0;
    }

    private static int roundUp(int n, int block) {
        return (n + block - 1) / block * block;
    }

    private static int family(Operator op) {
        if (op instanceof Operator.Conv2d c) {
            if (c.groups() > 1 && c.groups() == c.weight().extent(0)) {
                return DEPTHWISE;
            }
            return c.kernelY() == 1 && c.kernelX() == 1 ? POINTWISE : DENSE;
        } else if (op instanceof Operator.BatchNorm) {
            return BATCH_NORM;
        } else if (op instanceof Operator.Activate a) {
            return ACTIVATE + a.function().ordinal();
        } else if (op instanceof Operator.Linear) {
            return LINEAR;
        } else if (op instanceof Operator.MatMul
                || op instanceof Operator.RelativeKeys
                || op instanceof Operator.RelativeValues) {
            return MATMUL;
        } else if (op instanceof Operator.LayerNorm) {
            return LAYER_NORM;
        } else if (op instanceof Operator.Add) {
            return ADD;
        } else if (op instanceof Operator.AddTable || op instanceof Operator.SinusoidalPositions) {
            return ADD_TABLE;
        } else if (op instanceof Operator.Softmax) {
            return SOFTMAX;
        } else if (op instanceof Operator.Transpose) {
            return TRANSPOSE;
        } else if (op instanceof Operator.Reshape) {
            return RESHAPE;
        } else if (op instanceof Operator.GlobalAveragePool
                || op instanceof Operator.MeanTokens
                || op instanceof Operator.Pool2d) {
            return POOL;
        } else if (op instanceof Operator.Gate || op instanceof Operator.LayerScale) {
            return GATE;
        } else if (op instanceof Operator.Embedding || op instanceof Operator.PaddingMask) {
            return EMBEDDING;
        } else if (op instanceof Operator.Concat
                || op instanceof Operator.Slice
                || op instanceof Operator.PrependToken
                || op instanceof Operator.Zero) {
            return COPY;
        }
        throw new IllegalArgumentException("Operator %s has no feature family".formatted(op.type()));
    }

    private static List<String> families() {
        List<String> all = new ArrayList<>(List.of(
                "convDense",
                "convPointwise",
                "convDepthwise",
                "linear",
                "matMul",
                "batchNorm",
                "layerNorm",
                "add",
                "addTable",
                "softmax",
                "transpose",
                "reshape",
                "pool",
                "gate",
                "embedding",
                "copy"));
        for (Activation a : Activation.values()) {
            all.add("activate_" + a.name().toLowerCase(Locale.ROOT));
        }
        return List.copyOf(all);
    }

    private static List<String> allNames() {
        List<String> all = new ArrayList<>(TOTALS);
        FAMILIES.subList(0, MAC_FAMILIES).forEach(f -> all.add(f + ".macs"));
        FAMILIES.forEach(f -> all.add(f + ".count"));
        FAMILIES.forEach(f -> all.add(f + ".elements"));
        for (String f : FAMILIES.subList(0, CONV_FAMILIES)) {
            for (int block : BLOCKS) {
                all.add(f + ".macsInBlocksOf" + block);
                all.add(f + ".notInBlocksOf" + block);
            }
        }
        return List.copyOf(all);
    }
}

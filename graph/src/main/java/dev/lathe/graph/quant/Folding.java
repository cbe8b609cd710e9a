package dev.lathe.graph.quant;

import dev.lathe.graph.Activation;
import dev.lathe.graph.Graph;
import dev.lathe.graph.Operator;
import dev.lathe.graph.Tensor;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Which nodes become one step: a convolution or linear layer with the batch norms, layer scales and the ReLU that follow it and
 * that nobody else reads; scores, softmax and weighted sum of an attention, with its relative positions.
 */
final class Folding {
    private final Graph graph;
    private final int[][] readers;
    private final boolean[] needed;

    Folding(Graph graph) {
        this.graph = graph;
        readers = new int[graph.tensors()][];
        int[] count = new int[graph.tensors()];
        needed = new boolean[graph.nodes().size()];
        count[graph.output().id()] = 1;
        for (int i = needed.length - 1; i >= 0; i--) {
            needed[i] = count[out(i)] > 0;
            for (Tensor t : graph.nodes().get(i).inputs()) {
                count[t.id()] += needed[i] ? 1 : 0;
            }
        }
        count[graph.output().id()]--;
        for (int t = 0; t < count.length; t++) {
            readers[t] = new int[count[t]];
        }
        for (int i = graph.nodes().size() - 1; i >= 0; i--) {
            for (Tensor t : graph.nodes().get(i).inputs()) {
                if (needed[i]) {
                    readers[t.id()][--count[t.id()]] = i;
                }
            }
        }
    }

    /** Whether the output depends on a node; others have no integer form. */
    boolean isNeeded(int node) {
        return needed[node];
    }

    Operator op(int node) {
        return graph.nodes().get(node).op();
    }

    int in(int node, int k) {
        return graph.nodes().get(node).inputs().get(k).id();
    }

    int out(int node) {
        return graph.nodes().get(node).output().id();
    }

    /** The one node that reads a tensor, -1 where there are more or none, or where it is the graph's output. */
    int onlyReader(int tensor) {
        return readers[tensor].length == 1 && tensor != graph.output().id() ? readers[tensor][0] : -1;
    }

    int producer(int tensor) {
        return tensor - graph.inputs().size();
    }

    /** Whether a node's outputs are each a sum of products with weights of their own; one product for a channel-wise factor. */
    boolean isWeighted(int node) {
        return op(node) instanceof Operator.Conv2d || op(node) instanceof Operator.Linear || isChannelwise(node);
    }

    /** Whether a node multiplies and shifts the channels of an image, or of a vector. */
    private boolean isChannelwise(int node) {
        int rank = graph.nodes().get(node).output().shape().rank();
        return rank != 2 && (op(node) instanceof Operator.BatchNorm || op(node) instanceof Operator.LayerScale);
    }

    /** The nodes folded into a convolution, a linear layer or a channel-wise factor, itself first. */
    List<Integer> weighted(int head) {
        List<Integer> nodes = new ArrayList<>(List.of(head));
        int reader = onlyReader(out(head));
        while (reader >= 0 && (op(reader) instanceof Operator.LayerScale || isChannelwise(reader))) {
            nodes.add(reader);
            reader = onlyReader(out(reader));
        }
        if (reader >= 0 && isClamp(op(reader))) {
            nodes.add(reader);
        }
        return nodes;
    }

    /**
     * A step of the integer form.
     *
     * @param nodes that it covers, in order; for an attention the scores first
     * @param attention that it is, or null
     */
    record Group(List<Integer> nodes, @Nullable Attention attention) {
        int head() {
            return nodes.get(0);
        }

        int last() {
            return nodes.get(nodes.size() - 1);
        }
    }

    /** The steps of the integer form, in an order in which every input is made before it is used. */
    List<Group> groups() {
        int n = graph.nodes().size();
        boolean[] covered = new boolean[n];
        Map<Integer, Attention> attentions = new HashMap<>();
        for (int i = 0; i < n; i++) {
            covered[i] = covered[i] || !needed[i];
            Attention a = needed[i] && op(i) instanceof Operator.Softmax ? attention(i) : null;
            if (a != null) {
                a.all().forEach(k -> covered[k] = true);
                attentions.put(a.all().get(a.all().size() - 1), a);
            }
        }
        List<Group> groups = new ArrayList<>();
        for (int i = 0; i < n; i++) {
            Attention a = attentions.get(i);
            if (a != null) {
                groups.add(new Group(a.all(), a));
            } else if (!covered[i]) {
                List<Integer> nodes = isWeighted(i) ? weighted(i) : List.of(i);
                nodes.forEach(k -> covered[k] = true);
                groups.add(new Group(nodes, null));
            }
        }
        return groups;
    }

    /**
     * Factor and offset of each output after the nodes that {@link #weighted} joins: weights are times the first, and the second
     * is the bias.
     *
     * @param values of the same graph
     */
    double[][] affine(List<Integer> nodes, int outputs, FloatExecutor values) {
        double[] factor = new double[outputs];
        double[] offset = new double[outputs];
        Arrays.fill(factor, 1);
        List<float[]> own = values.parameters(nodes.get(0));
        boolean hasBias = own.size() == 2;
        for (int o = 0; o < outputs && hasBias; o++) {
            offset[o] = own.get(1)[o];
        }
        for (int node : nodes) {
            List<float[]> p = values.parameters(node);
            for (int o = 0; o < outputs; o++) {
                if (op(node) instanceof Operator.BatchNorm b) {
                    double by = p.get(0)[o] / Math.sqrt(p.get(3)[o] + (double) b.epsilon());
                    factor[o] *= by;
                    offset[o] = (offset[o] - p.get(2)[o]) * by + p.get(1)[o];
                } else if (op(node) instanceof Operator.LayerScale) {
                    factor[o] *= p.get(0)[o];
                    offset[o] *= p.get(0)[o];
                }
            }
        }
        return new double[][] {factor, offset};
    }

    static boolean isClamp(Operator op) {
        return op instanceof Operator.Activate a
                && (a.function() == Activation.RELU || a.function() == Activation.RELU6);
    }

    /**
     * The nodes of an attention.
     *
     * @param scores q kᵀ
     * @param near what relative keys add to the scores, -1 for nothing
     * @param softmax of the scores
     * @param mix weights times values
     * @param nearValues what relative values add to the mix, -1 for nothing
     * @param all in order, the scores first and what makes the result last
     */
    record Attention(int scores, int near, int softmax, int mix, int nearValues, List<Integer> all) {}

    /** The attention that a softmax is in, or null. */
    @Nullable
    Attention attention(int softmax) {
        boolean isMasked = graph.nodes().get(softmax).inputs().size() > 1;
        if (isMasked || !(op(softmax) instanceof Operator.Softmax s) || s.causal()) {
            return null;
        }
        List<Integer> all = new ArrayList<>();
        int scores = producer(in(softmax, 0));
        int near = -1;
        if (scores >= 0 && op(scores) instanceof Operator.Add) {
            int sum = scores;
            int left = producer(in(sum, 0));
            int right = producer(in(sum, 1));
            boolean isLeft = left >= 0 && op(left) instanceof Operator.RelativeKeys;
            near = isLeft ? left : right;
            scores = isLeft ? right : left;
            if (near < 0
                    || scores < 0
                    || !(op(near) instanceof Operator.RelativeKeys)
                    || in(near, 0) != in(scores, 0)
                    || onlyReader(out(near)) != sum
                    || onlyReader(out(scores)) != sum
                    || onlyReader(out(sum)) != softmax) {
                return null;
            }
            all.addAll(List.of(scores, near, sum, softmax));
        } else if (scores >= 0 && onlyReader(out(scores)) == softmax) {
            all.addAll(List.of(scores, softmax));
        }
        if (all.isEmpty() || !(op(scores) instanceof Operator.MatMul product) || !product.transposeRight()) {
            return null;
        }
        int mix = -1;
        int nearValues = -1;
        for (int reader : readers[out(softmax)]) {
            if (op(reader) instanceof Operator.RelativeValues && nearValues < 0) {
                nearValues = reader;
            } else if (op(reader) instanceof Operator.MatMul m && !m.transposeRight() && mix < 0) {
                mix = reader;
            } else {
                return null;
            }
        }
        if (mix < 0 || in(mix, 0) != out(softmax)) {
            return null;
        }
        all.add(mix);
        if (nearValues >= 0) {
            int sum = onlyReader(out(mix));
            if (sum < 0 || !(op(sum) instanceof Operator.Add) || onlyReader(out(nearValues)) != sum) {
                return null;
            }
            all.addAll(List.of(nearValues, sum));
        }
        return new Attention(scores, near, softmax, mix, nearValues, all);
    }
}

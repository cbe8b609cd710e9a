package dev.lathe.graph.quant;

import dev.lathe.graph.Activation;
import dev.lathe.graph.Graph;
import dev.lathe.graph.Node;
import dev.lathe.graph.Operator;
import dev.lathe.graph.Tensor;
import java.util.ArrayList;
import java.util.List;

/**
 * Which nodes become one step: a convolution or linear layer with the batch norms, layer scales and the ReLU that follow it and
 * that nobody else reads; scores, softmax and weighted sum of an attention.
 */
final class Folding {
    private final Graph graph;
    private final int[][] readers;

    Folding(Graph graph) {
        this.graph = graph;
        readers = new int[graph.tensors()][];
        int[] count = new int[graph.tensors()];
        for (Node n : graph.nodes()) {
            for (Tensor t : n.inputs()) {
                count[t.id()]++;
            }
        }
        for (int t = 0; t < count.length; t++) {
            readers[t] = new int[count[t]];
        }
        for (int i = graph.nodes().size() - 1; i >= 0; i--) {
            for (Tensor t : graph.nodes().get(i).inputs()) {
                readers[t.id()][--count[t.id()]] = i;
            }
        }
    }

    /** Nodes that read a tensor, one that reads it twice twice. */
    int[] readers(int tensor) {
        return readers[tensor];
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

    /** Whether a node's outputs are each a sum of products with weights of their own. */
    boolean isWeighted(int node) {
        return op(node) instanceof Operator.Conv2d || op(node) instanceof Operator.Linear;
    }

    /** The nodes folded into a convolution or linear layer, itself first. */
    List<Integer> weighted(int head) {
        List<Integer> nodes = new ArrayList<>(List.of(head));
        int rank = graph.nodes().get(head).output().shape().rank();
        int reader = onlyReader(out(head));
        while (reader >= 0
                && (op(reader) instanceof Operator.LayerScale || (rank != 2 && op(reader) instanceof Operator.BatchNorm))) {
            nodes.add(reader);
            reader = onlyReader(out(reader));
        }
        if (reader >= 0 && isClamp(op(reader))) {
            nodes.add(reader);
        }
        return nodes;
    }

    static boolean isClamp(Operator op) {
        return op instanceof Operator.Activate a
                && (a.function() == Activation.RELU || a.function() == Activation.RELU6);
    }

    /** The three nodes of an attention, by the node of its softmax; empty if this softmax is in no attention. */
    List<Integer> attention(int softmax) {
        int scores = producer(in(softmax, 0));
        int mix = onlyReader(out(softmax));
        boolean found = op(softmax) instanceof Operator.Softmax s
                && !s.causal()
                && scores >= 0
                && op(scores) instanceof Operator.MatMul a
                && a.transposeRight()
                && onlyReader(out(scores)) == softmax
                && mix >= 0
                && op(mix) instanceof Operator.MatMul b
                && !b.transposeRight()
                && in(mix, 0) == out(softmax);
        return found ? List.of(scores, softmax, mix) : List.of();
    }
}

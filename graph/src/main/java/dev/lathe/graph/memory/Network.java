package dev.lathe.graph.memory;

import dev.lathe.graph.Graph;
import dev.lathe.graph.Node;
import dev.lathe.graph.Operator;
import dev.lathe.graph.Tensor;
import java.util.Arrays;
import java.util.List;

/** A graph with what planning asks of it again and again. A reshape is a view: its output has the root of its input. */
final class Network {
    final Graph graph;
    final Node[] nodes;
    final Tensor[] tensors;
    /** Tensor to the tensor whose bytes it is. */
    final int[] root;
    /** Tensor to the indices of the nodes that read it, each once. */
    final int[][] readers;
    /** Root to the number of nodes, reshapes left out, that read it under any shape. */
    final int[] rootReaders;

    Network(Graph graph) {
        this.graph = graph;
        nodes = graph.nodes().toArray(new Node[0]);
        int n = graph.tensors();
        tensors = new Tensor[n];
        root = new int[n];
        readers = new int[n][];
        rootReaders = new int[n];
        int[] count = new int[n];
        for (Tensor t : graph.inputs()) {
            tensors[t.id()] = t;
            root[t.id()] = t.id();
        }
        for (Node node : nodes) {
            int out = node.output().id();
            tensors[out] = node.output();
            boolean view = node.op() instanceof Operator.Reshape;
            List<Tensor> in = node.inputs();
            root[out] = view ? root[in.get(0).id()] : out;
            for (int k = 0; k < in.size(); k++) {
                if (isFirst(in, k)) {
                    count[in.get(k).id()]++;
                    if (!view && isFirstRoot(in, k)) {
                        rootReaders[root[in.get(k).id()]]++;
                    }
                }
            }
        }
        for (int t = 0; t < n; t++) {
            readers[t] = new int[count[t]];
        }
        Arrays.fill(count, 0);
        for (int i = 0; i < nodes.length; i++) {
            List<Tensor> in = nodes[i].inputs();
            for (int k = 0; k < in.size(); k++) {
                if (isFirst(in, k)) {
                    int t = in.get(k).id();
                    readers[t][count[t]++] = i;
                }
            }
        }
    }

    private static boolean isFirst(List<Tensor> in, int k) {
        for (int j = 0; j < k; j++) {
            if (in.get(j).id() == in.get(k).id()) {
                return false;
            }
        }
        return true;
    }

    private boolean isFirstRoot(List<Tensor> in, int k) {
        for (int j = 0; j < k; j++) {
            if (root[in.get(j).id()] == root[in.get(k).id()]) {
                return false;
            }
        }
        return true;
    }

    int inputs() {
        return graph.inputs().size();
    }

    boolean isInput(int tensor) {
        return tensor < inputs();
    }

    boolean isOutput(int tensor) {
        return root[graph.output().id()] == root[tensor];
    }

    /** Index of the node that makes a tensor, -1 for an input. */
    int producer(int tensor) {
        return tensor - inputs();
    }

    Operator op(int node) {
        return nodes[node].op();
    }

    int in(int node, int k) {
        return nodes[node].inputs().get(k).id();
    }

    int out(int node) {
        return node + inputs();
    }

    /** The one node that reads a tensor, -1 where there are more or none, or where the tensor is the graph's output. */
    int onlyReader(int tensor) {
        return readers[tensor].length == 1 && tensor != graph.output().id() ? readers[tensor][0] : -1;
    }
}

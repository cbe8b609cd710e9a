package dev.lathe.graph;

import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * A network: typed operators in a valid schedule. Tensor ids are dense, inputs first, then the nodes' outputs in order.
 *
 * @param name what it is, for messages and files
 * @param inputs the graph's inputs
 * @param nodes in an order in which every input is made before it is used
 * @param output the one result, logits for a classifier
 */
public record Graph(String name, List<Tensor> inputs, List<Node> nodes, Tensor output) {
    /**
     * Checks order, ids, names and shapes.
     *
     * @throws IllegalArgumentException naming the first node that is wrong
     */
    public Graph {
        inputs = List.copyOf(inputs);
        nodes = List.copyOf(nodes);
        int next = 0;
        Set<String> names = new HashSet<>(nodes.size() * 2);
        for (Tensor t : inputs) {
            if (t.id() != next++ || !names.add(t.name())) {
                throw new IllegalArgumentException(
                        "Input %s of graph %s has a wrong id or a repeated name".formatted(t, name));
            }
        }
        for (Node n : nodes) {
            for (Tensor t : n.inputs()) {
                if (t.id() >= next) {
                    throw new IllegalArgumentException("Node %s uses %s before it is made".formatted(n.name(), t));
                }
            }
            if (n.output().id() != next++ || !names.add(n.output().name())) {
                throw new IllegalArgumentException(
                        "Node %s has a wrong output id or a repeated name".formatted(n.name()));
            }
            Shape expected = n.op().output(n.inputShapes());
            if (!expected.equals(n.output().shape())) {
                throw new IllegalArgumentException("Node %s makes %s, not %s"
                        .formatted(n.name(), expected, n.output().shape()));
            }
        }
        if (output.id() >= next) {
            throw new IllegalArgumentException("Output %s of graph %s is never made".formatted(output, name));
        }
    }

    /** Whether an input holds token numbers, which runtimes take as 64-bit integers: whether an embedding reads it. */
    public boolean isTokenInput(Tensor input) {
        for (Node n : nodes) {
            if (n.op() instanceof Operator.Embedding && n.inputs().get(0).id() == input.id()) {
                return true;
            }
        }
        return false;
    }

    /** Number of tensors; ids are below it. */
    public int tensors() {
        return inputs.size() + nodes.size();
    }
}

package dev.lathe.graph;

import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * A network: typed operators in a valid schedule. Tensor ids are dense, inputs first, then the nodes' outputs in order.
 * Immutable; equal to every graph of the same name, inputs, nodes and output.
 */
public final class Graph {
    private final String name;
    private final List<Tensor> inputs;
    private final List<Node> nodes;
    private final Tensor output;

    /**
     * Checks order, ids, names and shapes.
     *
     * @param name what it is, for messages and files
     * @param inputs the graph's inputs
     * @param nodes in an order in which every input is made before it is used
     * @param output the one result, logits for a classifier
     * @throws IllegalArgumentException naming the first node that is wrong
     */
    public Graph(String name, List<Tensor> inputs, List<Node> nodes, Tensor output) {
        this(Objects.requireNonNull(name, "name"), output, List.copyOf(inputs), List.copyOf(nodes));
        int next = 0;
        NameTable<Tensor> names = new NameTable<>(tensors());
        for (Tensor t : this.inputs) {
            requireInput(name, t, next++, names);
        }
        for (Node n : this.nodes) {
            for (Tensor t : n.inputs()) {
                requireMade(n.name(), t, next);
            }
            if (n.output().id() != next) {
                throw new IllegalArgumentException("Node %s has a wrong output id".formatted(n.name()));
            }
            requireNewName(n.output(), names);
            next++;
            Shape expected = n.op().output(n.inputShapes());
            if (!expected.equals(n.output().shape())) {
                throw new IllegalArgumentException("Node %s makes %s, not %s"
                        .formatted(n.name(), expected, n.output().shape()));
            }
        }
        requireOutput(name, output, next);
    }

    private Graph(String name, Tensor output, List<Tensor> inputs, List<Node> nodes) {
        this.name = name;
        this.inputs = inputs;
        this.nodes = nodes;
        this.output = Objects.requireNonNull(output, "output");
    }

    /** A graph whose every part the builder has checked when it was added: shapes are not inferred again. */
    static Graph built(String name, List<Tensor> inputs, List<Node> nodes, Tensor output) {
        requireOutput(name, output, inputs.size() + nodes.size());
        return new Graph(name, output, List.copyOf(inputs), List.copyOf(nodes));
    }

    static void requireInput(String graph, Tensor t, int id, NameTable<Tensor> names) {
        if (t.id() != id || !names.add(t.name())) {
            throw new IllegalArgumentException(
                    "Input %s of graph %s has a wrong id or a repeated name".formatted(t, graph));
        }
    }

    static void requireMade(String node, Tensor input, int made) {
        if (input.id() >= made) {
            throw new IllegalArgumentException("Node %s uses %s before it is made".formatted(node, input));
        }
    }

    static void requireNewName(Tensor output, NameTable<Tensor> names) {
        if (!names.add(output.name())) {
            throw new IllegalArgumentException("Node %s has a repeated name".formatted(output.name()));
        }
    }

    private static void requireOutput(String graph, Tensor output, int made) {
        if (output.id() >= made) {
            throw new IllegalArgumentException("Output %s of graph %s is never made".formatted(output, graph));
        }
    }

    /** What it is, for messages and files. */
    public String name() {
        return name;
    }

    public List<Tensor> inputs() {
        return inputs;
    }

    /** The steps in an order in which every input is made before it is used. */
    public List<Node> nodes() {
        return nodes;
    }

    /** The one result, logits for a classifier. */
    public Tensor output() {
        return output;
    }

    /** Whether an input holds token numbers, which runtimes take as 64-bit integers: whether an embedding or a mask reads it. */
    public boolean isTokenInput(Tensor input) {
        for (Node n : nodes) {
            if ((n.op() instanceof Operator.Embedding || n.op() instanceof Operator.PaddingMask)
                    && n.inputs().get(0).id() == input.id()) {
                return true;
            }
        }
        return false;
    }

    /** The tensor of this number: inputs come first, then each node's output, in order. */
    public Tensor tensor(int id) {
        int node = id - inputs.size();
        return node < 0 ? inputs.get(id) : nodes.get(node).output();
    }

    /** Number of tensors; ids are below it. */
    public int tensors() {
        return inputs.size() + nodes.size();
    }

    @Override
    public boolean equals(@Nullable Object o) {
        return o instanceof Graph g
                && name.equals(g.name)
                && inputs.equals(g.inputs)
                && nodes.equals(g.nodes)
                && output.equals(g.output);
    }

    @Override
    public int hashCode() {
        return Objects.hash(name, inputs, nodes, output);
    }

    @Override
    public String toString() {
        return "Graph[name=%s, inputs=%s, nodes=%s, output=%s]".formatted(name, inputs, nodes, output);
    }
}

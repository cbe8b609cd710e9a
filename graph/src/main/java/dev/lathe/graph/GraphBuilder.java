package dev.lathe.graph;

import java.util.ArrayList;
import java.util.List;

/** Builds a graph in schedule order; shapes are inferred, so a search space states only what it chooses. */
public final class GraphBuilder {
    private static final int USUAL_TENSORS = 250;

    private final String name;
    private final List<Tensor> inputs = new ArrayList<>();
    private final List<Node> nodes = new ArrayList<>();
    private final NameTable<Tensor> names = new NameTable<>(USUAL_TENSORS);

    public GraphBuilder(String name) {
        this.name = name;
    }

    public Tensor input(String inputName, int... extents) {
        if (!nodes.isEmpty()) {
            throw new IllegalStateException("Inputs come before nodes: " + inputName);
        }
        Tensor t = new Tensor(inputs.size(), inputName, Shape.of(extents));
        Graph.requireInput(name, t, inputs.size(), names);
        inputs.add(t);
        return t;
    }

    /**
     * Appends a node and returns its output, which has the node's name.
     *
     * @throws IllegalArgumentException if the inputs do not fit the operator or are not made yet, or the name is there already
     */
    public Tensor add(String nodeName, Operator op, Tensor... in) {
        return add(nodeName, op, List.of(in));
    }

    /** A node of one input: most are. */
    public Tensor add(String nodeName, Operator op, Tensor in) {
        return add(nodeName, op, List.of(in));
    }

    private Tensor add(String nodeName, Operator op, List<Tensor> in) {
        int made = inputs.size() + nodes.size();
        for (int i = 0; i < in.size(); i++) {
            Graph.requireMade(nodeName, in.get(i), made);
        }
        Shape shape;
        try {
            shape = op.output(Node.shapes(in));
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException("Node %s of %s: %s".formatted(nodeName, name, e.getMessage()), e);
        }
        Tensor out = new Tensor(made, nodeName, shape);
        Graph.requireNewName(out, names);
        nodes.add(new Node(nodeName, op, in, out));
        return out;
    }

    /** @throws IllegalArgumentException if the output is not made yet */
    public Graph build(Tensor output) {
        return Graph.built(name, inputs, nodes, output);
    }
}

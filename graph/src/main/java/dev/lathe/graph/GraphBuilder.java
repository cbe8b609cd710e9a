package dev.lathe.graph;

import java.util.ArrayList;
import java.util.List;

/** Builds a graph in schedule order; shapes are inferred, so a search space states only what it chooses. */
public final class GraphBuilder {
    private final String name;
    private final List<Tensor> inputs = new ArrayList<>();
    private final List<Node> nodes = new ArrayList<>();

    public GraphBuilder(String name) {
        this.name = name;
    }

    public Tensor input(String inputName, int... extents) {
        if (!nodes.isEmpty()) {
            throw new IllegalStateException("Inputs come before nodes: " + inputName);
        }
        Tensor t = new Tensor(inputs.size(), inputName, Shape.of(extents));
        inputs.add(t);
        return t;
    }

    /** Appends a node and returns its output, which has the node's name. */
    public Tensor add(String nodeName, Operator op, Tensor... in) {
        List<Tensor> list = List.of(in);
        List<Shape> shapes = new ArrayList<>(in.length);
        for (Tensor t : list) {
            shapes.add(t.shape());
        }
        Shape shape;
        try {
            shape = op.output(shapes);
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException("Node %s of %s: %s".formatted(nodeName, name, e.getMessage()), e);
        }
        Tensor out = new Tensor(inputs.size() + nodes.size(), nodeName, shape);
        nodes.add(new Node(nodeName, op, list, out));
        return out;
    }

    public Graph build(Tensor output) {
        return new Graph(name, inputs, nodes, output);
    }
}

package dev.lathe.graph;

import java.util.ArrayList;
import java.util.List;

/**
 * One step of the schedule.
 *
 * @param name unique within its graph, the same in every graph of a space that has this node
 * @param op what is done
 * @param inputs tensors made by earlier nodes, or inputs of the graph
 * @param output the tensor it makes
 */
public record Node(String name, Operator op, List<Tensor> inputs, Tensor output) {
    public Node {
        inputs = List.copyOf(inputs);
    }

    /** Multiply-accumulates for one sample. */
    public long macs() {
        return op.macs(inputShapes(), output.shape());
    }

    List<Shape> inputShapes() {
        if (inputs.size() == 1) {
            return List.of(inputs.get(0).shape());
        }
        List<Shape> shapes = new ArrayList<>(inputs.size());
        for (Tensor t : inputs) {
            shapes.add(t.shape());
        }
        return shapes;
    }
}

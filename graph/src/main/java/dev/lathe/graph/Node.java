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
        return shapes(inputs);
    }

    static List<Shape> shapes(List<Tensor> tensors) {
        if (tensors.size() == 1) {
            return List.of(tensors.get(0).shape());
        }
        if (tensors.size() == 2) {
            return List.of(tensors.get(0).shape(), tensors.get(1).shape());
        }
        List<Shape> shapes = new ArrayList<>(tensors.size());
        for (Tensor t : tensors) {
            shapes.add(t.shape());
        }
        return shapes;
    }
}

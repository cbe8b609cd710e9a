package dev.lathe.graph.quant;

import dev.lathe.graph.Graph;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A network whose activations and weights are 8-bit integers, and whose logits are 16-bit integers of one scale. Immutable.
 *
 * @param graph what it was made from: shapes, strides and paddings are its operators'
 * @param steps in an order in which every input is made before it is used; each covers one or more nodes
 * @param scales by tensor id; null for tensors that do not exist in integers, because what makes them is folded
 */
public record QuantizedGraph(Graph graph, List<Step> steps, List<@Nullable Quantization> scales) {
    public QuantizedGraph {
        steps = List.copyOf(steps);
        scales = java.util.Collections.unmodifiableList(new java.util.ArrayList<>(scales));
    }

    /**
     * A step of the schedule.
     *
     * @param head index of the node whose operator gives shape, stride and padding
     * @param nodes all nodes it covers, in order
     * @param inputs ids of the tensors it reads
     * @param output id of the tensor it makes
     * @param operator what it computes
     */
    public record Step(int head, List<Integer> nodes, List<Integer> inputs, int output, IntegerOperator operator) {
        public Step {
            nodes = List.copyOf(nodes);
            inputs = List.copyOf(inputs);
        }
    }

    /** @throws IllegalArgumentException if the tensor does not exist in integers */
    public Quantization scale(int tensor) {
        Quantization q = scales.get(tensor);
        if (q == null) {
            throw new IllegalArgumentException("Tensor %d of %s is folded away".formatted(tensor, graph.name()));
        }
        return q;
    }

    /** How samples become 8-bit numbers. */
    public Quantization input() {
        return scale(graph.inputs().get(0).id());
    }

    /** How 16-bit logits stand for reals. */
    public Quantization logits() {
        return scale(graph.output().id());
    }
}

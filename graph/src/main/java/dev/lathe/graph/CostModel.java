package dev.lathe.graph;

import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Exact costs that need no device: read off the graph. */
public final class CostModel {
    private CostModel() {}

    /**
     * Costs of one network for one sample.
     *
     * @param parameters trained values: weights, biases, gains, offsets, tables; running statistics are not counted, as is
     *     usual in the field; a slice used twice counts once
     * @param macs multiply-accumulates of convolutions and matrix products
     * @param movedElements elements read and written by all operators, weights left out: a measure of memory traffic
     */
    public record Cost(long parameters, long macs, long movedElements) {}

    public static Cost of(Graph graph) {
        Map<String, Long> parameters = new HashMap<>(graph.nodes().size() * 4);
        long macs = 0;
        long moved = 0;
        for (Node node : graph.nodes()) {
            macs += node.macs();
            moved += node.output().shape().elements();
            for (Tensor t : node.inputs()) {
                moved += t.shape().elements();
            }
            List<ParameterUse> uses = node.op().parameters();
            for (ParameterUse use : uses) {
                if (use.role().isTrained()) {
                    parameters.merge(use.slice().parameter(), use.slice().elements(), Math::max);
                }
            }
        }
        long total = 0;
        for (long n : parameters.values()) {
            total += n;
        }
        return new Cost(total, macs, moved);
    }
}

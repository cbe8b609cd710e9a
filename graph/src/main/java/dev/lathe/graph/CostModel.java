package dev.lathe.graph;

import java.util.List;

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
        List<Node> nodes = graph.nodes();
        NameTable counted = new NameTable(nodes.size());
        long parameters = 0;
        long macs = 0;
        long moved = 0;
        for (int i = 0; i < nodes.size(); i++) {
            Node node = nodes.get(i);
            macs += node.macs();
            moved += node.output().shape().elements();
            List<Tensor> inputs = node.inputs();
            for (int j = 0; j < inputs.size(); j++) {
                moved += inputs.get(j).shape().elements();
            }
            List<ParameterUse> uses = node.op().parameters();
            for (int j = 0; j < uses.size(); j++) {
                ParameterUse use = uses.get(j);
                if (use.role().isTrained()) {
                    parameters +=
                            counted.raise(use.slice().parameter(), use.slice().elements());
                }
            }
        }
        return new Cost(parameters, macs, moved);
    }
}

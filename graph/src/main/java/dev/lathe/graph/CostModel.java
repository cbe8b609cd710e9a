package dev.lathe.graph;

import java.util.ArrayList;
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
     *     usual in the field; a value that several slices hold counts once
     * @param macs multiply-accumulates of convolutions and matrix products
     * @param movedElements elements read and written by all operators, weights left out: a measure of memory traffic
     */
    public record Cost(long parameters, long macs, long movedElements) {}

    public static Cost of(Graph graph) {
        List<Node> nodes = graph.nodes();
        NameTable<WeightSlice> first = new NameTable<>(nodes.size());
        // Slices of the few parameters of which a network holds several different ones.
        Map<String, List<WeightSlice>> several = Map.of();
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
                if (!uses.get(j).role().isTrained()) {
                    continue;
                }
                WeightSlice slice = uses.get(j).slice();
                WeightSlice before = first.putIfAbsent(slice.parameter(), slice);
                if (before == null) {
                    parameters += slice.elements();
                } else if (!before.equals(slice)) {
                    if (several.isEmpty()) {
                        several = new HashMap<>();
                    }
                    several.computeIfAbsent(slice.parameter(), name -> new ArrayList<>(List.of(before)))
                            .add(slice);
                }
            }
        }
        for (List<WeightSlice> slices : several.values()) {
            parameters += WeightSlice.unionElements(slices) - slices.get(0).elements();
        }
        return new Cost(parameters, macs, moved);
    }
}

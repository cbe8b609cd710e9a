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
        Map<String, WeightSlice> first = new HashMap<>(graph.nodes().size() * 4);
        Map<String, List<WeightSlice>> several = new HashMap<>();
        long parameters = 0;
        long macs = 0;
        long moved = 0;
        for (Node node : graph.nodes()) {
            macs += node.macs();
            moved += node.output().shape().elements();
            for (Tensor t : node.inputs()) {
                moved += t.shape().elements();
            }
            for (ParameterUse use : node.op().parameters()) {
                if (!use.role().isTrained()) {
                    continue;
                }
                WeightSlice slice = use.slice();
                WeightSlice before = first.putIfAbsent(slice.parameter(), slice);
                if (before == null) {
                    parameters += slice.elements();
                } else if (!before.equals(slice)) {
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

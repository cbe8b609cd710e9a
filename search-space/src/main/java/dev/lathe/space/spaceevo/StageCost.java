package dev.lathe.space.spaceevo;

import dev.lathe.graph.CostModel;
import dev.lathe.graph.Graph;
import dev.lathe.graph.Node;
import dev.lathe.graph.Operator;

/**
 * Costs of a stage, read off its lowered graph, with what is needed to count as the published tables do.
 *
 * @param macs multiply-accumulates
 * @param singlePrecisionMacs the same, added up layer by layer in single precision, as the published counter adds: in the order
 *     in which its modules stand, where the gate of a ResNet bottleneck comes last in its block
 * @param parameters trained values
 * @param layers convolutions and linear layers
 */
record StageCost(long macs, float singlePrecisionMacs, long parameters, int layers) {
    static StageCost of(StageInstance stage) {
        boolean gateLast = stage.blockType().family() == BlockType.Family.RESNET_BOTTLENECK;
        Graph graph = stage.lower();
        CostModel.Cost cost = CostModel.of(graph);
        float sum = 0;
        int layers = 0;
        float[] gate = new float[2];
        int gateLayers = 0;
        for (Node n : graph.nodes()) {
            if (n.op() instanceof Operator.Linear && gateLast) {
                gate[gateLayers++] = n.macs();
                layers++;
            } else if (n.op() instanceof Operator.Conv2d || n.op() instanceof Operator.Linear) {
                sum += n.macs();
                layers++;
            } else if (n.op() instanceof Operator.Add) {
                for (int i = 0; i < gateLayers; i++) {
                    sum += gate[i];
                }
                gateLayers = 0;
            }
        }
        return new StageCost(cost.macs(), sum, cost.parameters(), layers);
    }
}

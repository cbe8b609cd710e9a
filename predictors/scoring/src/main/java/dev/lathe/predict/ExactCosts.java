package dev.lathe.predict;

import dev.lathe.graph.CostModel;
import dev.lathe.graph.Graph;
import dev.lathe.graph.MemoryPlanner;

/** What is known of a graph without prediction. */
record ExactCosts(long parameters, long macs, long movedElements, long peakActivationBytes) {
    /** Activations are planned as float32, the form in which networks are exported and measured. */
    static ExactCosts of(Graph graph) {
        CostModel.Cost cost = CostModel.of(graph);
        return new ExactCosts(
                cost.parameters(), cost.macs(), cost.movedElements(), MemoryPlanner.peakBytes(graph, Float.BYTES));
    }
}

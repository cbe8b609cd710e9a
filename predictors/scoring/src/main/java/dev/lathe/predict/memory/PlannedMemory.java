package dev.lathe.predict.memory;

import dev.lathe.graph.CostModel;
import dev.lathe.graph.Graph;
import dev.lathe.graph.MemoryPlanner;
import dev.lathe.graph.c.CFootprint;
import org.jspecify.annotations.Nullable;

/**
 * What a network is planned to take before anything of it was run.
 *
 * @param bytesPerElement of activations and weights in a runtime's session: 4 for float32, 1 for 8 bits
 * @param batch samples in one invocation
 * @param firmwareRamBytes where networks run as C on a microcontroller: the RAM by which schedules are chosen; null where they run
 *     in a session
 */
record PlannedMemory(
        int bytesPerElement, int batch, @Nullable Long firmwareRamBytes) {
    PlannedMemory {
        if (bytesPerElement < 1 || bytesPerElement > Double.BYTES || batch < 1) {
            throw new IllegalArgumentException("%d bytes an element and %d samples".formatted(bytesPerElement, batch));
        }
    }

    /** In a session the arena of all activations and the weights; as firmware the arena, the reserved stack and static data. */
    double bytes(Graph graph) {
        if (firmwareRamBytes != null) {
            return CFootprint.of(graph, firmwareRamBytes).ramBytes();
        }
        return (double) MemoryPlanner.peakBytes(graph, bytesPerElement) * batch
                + (double) CostModel.of(graph).parameters() * bytesPerElement;
    }

    /** For each step a runtime keeps a description, whatever the sizes. */
    int steps(Graph graph) {
        return graph.nodes().size();
    }
}

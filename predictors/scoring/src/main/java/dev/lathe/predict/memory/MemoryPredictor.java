package dev.lathe.predict.memory;

import dev.lathe.graph.Graph;

/** Predicts what memory a network takes while it runs on one device; immutable and thread-safe. */
public final class MemoryPredictor {
    private final PlannedMemory planned;
    private final MemoryCorrection correction;

    MemoryPredictor(PlannedMemory planned, MemoryCorrection correction) {
        this.planned = planned;
        this.correction = correction;
    }

    /** Bytes before the correction: activations and weights in a session, all of RAM as firmware. */
    public double plannedBytes(Graph graph) {
        return planned.bytes(graph);
    }

    /** Bytes, at least 1. */
    public double predictBytes(Graph graph) {
        return correction.predict(planned.bytes(graph), planned.steps(graph));
    }
}

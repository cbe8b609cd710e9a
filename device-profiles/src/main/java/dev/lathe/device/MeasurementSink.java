package dev.lathe.device;

import java.io.IOException;
import java.util.List;

/** Takes measurements as they are finished, a block at a time, so that a crash loses one block at most. */
@FunctionalInterface
public interface MeasurementSink {
    /** Keeps nothing. */
    MeasurementSink NONE = block -> {};

    /** @throws IOException if they cannot be kept; the measuring then stops */
    void accept(List<LatencyMeasurement> block) throws IOException;
}

package dev.lathe.device;

import dev.lathe.base.InvalidInputException;
import dev.lathe.base.ProgressListener;
import java.io.IOException;
import java.util.List;

/** Sees what memory networks take on a device while they run. */
public interface MemoryMeter {
    DeviceProfile device();

    /** What is read and how often: a word that is written beside every number, for two protocols' numbers do not compare. */
    String protocol();

    /**
     * Measures networks; result {@code i} belongs to task {@code i}.
     *
     * @param tasks networks with different ids
     * @param progress hears of every repetition of every network
     * @param sink given each network when it is finished
     * @throws InvalidInputException if the device refuses a model, or its memory cannot be read here
     * @throws DeviceException if a measurement fails again and again
     */
    List<MemoryMeasurement> measure(List<MeasurementTask> tasks, ProgressListener progress, Sink sink)
            throws IOException;

    /** Keeps what was seen of one network. */
    @FunctionalInterface
    interface Sink {
        void accept(MemoryMeasurement measurement) throws IOException;
    }
}

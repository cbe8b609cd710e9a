package dev.lathe.device;

import dev.lathe.base.InvalidInputException;
import dev.lathe.base.ProgressListener;
import java.io.IOException;
import java.util.List;

/** Times networks by running them on a device. */
public interface LatencyMeter {
    /** The device and the protocol of all its measurements. */
    DeviceProfile device();

    /**
     * Times networks; result {@code i} belongs to task {@code i}.
     *
     * @param tasks networks with different ids
     * @param progress hears of every round of every network
     * @param sink given each block of networks when it is finished
     * @throws InvalidInputException if the device refuses a model
     * @throws IOException if the sink cannot keep a block
     */
    List<LatencyMeasurement> measure(List<MeasurementTask> tasks, ProgressListener progress, MeasurementSink sink)
            throws IOException;
}

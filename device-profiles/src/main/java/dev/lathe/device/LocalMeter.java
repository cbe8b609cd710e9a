package dev.lathe.device;

import dev.lathe.base.ProgressListener;
import java.io.IOException;
import java.util.List;

/** Times networks that run in this process. */
final class LocalMeter implements LatencyMeter {
    private final DeviceProfile device;
    private final InterleavedTimer timer;

    /** @param seed decides the order in which networks are timed */
    LocalMeter(DeviceProfile device, long seed, RunnableNetwork.Loader loader) {
        this.device = device;
        this.timer = new InterleavedTimer(device, seed, System::nanoTime, loader);
    }

    @Override
    public DeviceProfile device() {
        return device;
    }

    @Override
    public List<LatencyMeasurement> measure(
            List<MeasurementTask> tasks, ProgressListener progress, MeasurementSink sink) throws IOException {
        return timer.measure(tasks, progress, sink);
    }
}

package dev.lathe.device;

import dev.lathe.base.ProgressListener;
import java.io.IOException;
import java.util.List;

/**
 * Times model files on another device, by a small program that runs there: over ssh, or over adb on a phone. A device that
 * hangs, breaks the connection or answers nonsense is asked again after a pause, each time a longer one; then the measuring
 * stops with one line, and what was measured before is kept.
 */
public final class RemoteMeter implements LatencyMeter {
    /** Few, so that little is lost where a device goes away for good. */
    private static final int BLOCK = 32;

    private final DeviceProfile device;
    private final RemoteCommand command;
    private final Pause pause;
    private final long seed;

    /** Waits before another try. */
    @FunctionalInterface
    interface Pause {
        void millis(long n) throws InterruptedException;
    }

    RemoteMeter(DeviceProfile device, Connection.Remote remote, long seed) {
        this(device, RemoteCommand.of(remote), seed, Thread::sleep);
    }

    RemoteMeter(DeviceProfile device, RemoteCommand command, long seed, Pause pause) {
        this.device = device;
        this.command = command;
        this.pause = pause;
        this.seed = seed;
    }

    @Override
    public DeviceProfile device() {
        return device;
    }

    @Override
    public List<LatencyMeasurement> measure(
            List<MeasurementTask> tasks, ProgressListener progress, MeasurementSink sink) throws IOException {
        try (RemoteDevice remote = new RemoteDevice(device, command, pause)) {
            return new InterleavedTimer(device, seed, BLOCK, remote::load).measure(tasks, progress, sink);
        }
    }
}

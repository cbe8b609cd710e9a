package dev.lathe.device;

/** What times networks where no device runs graphs. */
final class TestMeters {
    private TestMeters() {}

    static LatencyMeter of(DeviceProfile device, long seed) {
        return Devices.meter(device, seed, task -> {
            throw new IllegalStateException("No engine runs graphs here: " + task.id());
        });
    }
}

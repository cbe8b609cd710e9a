package dev.lathe.device;

import java.util.List;

/**
 * What memory one network was seen to take on one device.
 *
 * @param id what was measured, for example the architecture's text
 * @param bytes what each repetition saw, in the order measured: at least one, each above 0
 * @param device {@link DeviceProfile#id}
 * @param protocol what was read and how often, {@link MemoryMeter#protocol}
 */
public record MemoryMeasurement(String id, List<Long> bytes, String device, String protocol) {
    /** @throws IllegalArgumentException naming the first value that cannot be a measurement */
    public MemoryMeasurement {
        bytes = List.copyOf(bytes);
        if (bytes.isEmpty()) {
            throw new IllegalArgumentException("no repetition");
        }
        for (long b : bytes) {
            if (b <= 0) {
                throw new IllegalArgumentException("a repetition saw " + b + " bytes, not a positive number");
            }
        }
        if (id.isEmpty()
                || !LatencyMeasurement.isOneField(id)
                || !LatencyMeasurement.isOneField(device)
                || !LatencyMeasurement.isOneField(protocol)) {
            throw new IllegalArgumentException("id, device and protocol are words without comma, quote or line end");
        }
    }

    /** The median of the repetitions, in bytes; of the two in the middle their mean. */
    public double medianBytes() {
        return InterleavedTimer.quantile(
                bytes.stream().mapToDouble(b -> b).sorted().toArray(), 0.5);
    }
}

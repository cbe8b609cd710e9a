package dev.lathe.device;

import java.util.List;

/**
 * What was measured of one network on one device.
 *
 * @param id what was measured, for example the architecture's text
 * @param medianMs the latency: median over the rounds of the rounds' medians, in milliseconds
 * @param minMs shortest timed run of all rounds, in milliseconds
 * @param p90Ms 90th percentile of the timed runs of all rounds, in milliseconds
 * @param spreadMs median absolute deviation of the rounds' medians, in milliseconds
 * @param rounds rounds measured
 * @param repetitions timed runs a round
 * @param device {@link DeviceProfile#id}
 * @param protocol {@link MeasurementProtocol#id}
 * @param repetitionsMs every timed run of every round that counts, in the order measured; empty where the measurement was read
 *     from a table
 */
public record LatencyMeasurement(
        String id,
        double medianMs,
        double minMs,
        double p90Ms,
        double spreadMs,
        int rounds,
        int repetitions,
        String device,
        String protocol,
        List<List<Double>> repetitionsMs) {
    /** @throws IllegalArgumentException naming the first value that cannot be a measurement */
    public LatencyMeasurement {
        repetitionsMs = repetitionsMs.stream().map(List::copyOf).toList();
        positive("medianMs", medianMs);
        positive("minMs", minMs);
        positive("p90Ms", p90Ms);
        if (!(spreadMs >= 0 && Double.isFinite(spreadMs))) {
            throw new IllegalArgumentException("spreadMs is " + spreadMs + ", not a number of at least 0");
        }
        if (minMs > medianMs) {
            throw new IllegalArgumentException("minMs is %s, above medianMs %s".formatted(minMs, medianMs));
        }
        if (rounds < 1 || repetitions < 1) {
            throw new IllegalArgumentException(
                    "rounds is %d and repetitions %d, not at least 1".formatted(rounds, repetitions));
        }
        if (id.isEmpty() || !isOneField(id) || !isOneField(device) || !isOneField(protocol)) {
            throw new IllegalArgumentException("id, device and protocol are words without comma, quote or line end");
        }
    }

    /** The rounds' medians in the order measured; empty where the measurement was read from a table. */
    public List<Double> roundMediansMs() {
        return repetitionsMs.stream()
                .map(r -> InterleavedTimer.quantile(
                        r.stream().mapToDouble(v -> v).sorted().toArray(), 0.5))
                .toList();
    }

    private static void positive(String name, double value) {
        if (!(value > 0 && Double.isFinite(value))) {
            throw new IllegalArgumentException(name + " is " + value + ", not a positive number");
        }
    }

    /** Whether a text can be one field of a line of comma-separated values as it is. */
    static boolean isOneField(String text) {
        return text.chars().noneMatch(c -> c == ',' || c == '"' || Character.isISOControl(c));
    }
}

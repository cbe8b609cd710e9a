package dev.lathe.predict.help;

import java.util.Arrays;

/** HELP's labels: milliseconds mapped so that what was measured on a device lies from 0.05 to 0.95. */
public record LatencyScale(double leastMs, double mostMs) {
    private static final double SPAN = 0.9;
    private static final double LOWEST = 0.05;

    /** The scale of what was measured, and of nothing else. */
    public static LatencyScale of(double[] latencyMs) {
        return new LatencyScale(
                Arrays.stream(latencyMs).min().orElse(0),
                Arrays.stream(latencyMs).max().orElse(0));
    }

    /** Whether nothing distinguishes what was measured. */
    boolean isConstant() {
        return !(mostMs > leastMs);
    }

    public double[] labels(double[] latencyMs) {
        return Arrays.stream(latencyMs)
                .map(v -> isConstant() ? LOWEST : SPAN * (v - leastMs) / (mostMs - leastMs) + LOWEST)
                .toArray();
    }

    double milliseconds(double label) {
        return leastMs + (label - LOWEST) / SPAN * (mostMs - leastMs);
    }

    /** Hardware embedding: latencies of the references from 0 to 1, so that only their pattern remains; 0 if all are equal. */
    public static double[] embedding(double[] referencesMs) {
        LatencyScale s = of(referencesMs);
        return Arrays.stream(referencesMs)
                .map(v -> s.isConstant() ? 0 : (v - s.leastMs) / (s.mostMs - s.leastMs))
                .toArray();
    }
}

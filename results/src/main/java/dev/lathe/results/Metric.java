package dev.lathe.results;

import dev.lathe.results.Shown.TimeUnit;
import java.util.List;
import java.util.Optional;

/** What networks are compared by on a page. Values are in the units of the run's files: share, milliseconds, bytes, counts. */
public enum Metric {
    TOP1("top1", "top-1", true),
    LATENCY("latencyMs", "latency", false),
    PEAK_ACTIVATIONS("peakActivationBytes", "peak activations", false),
    MACS("macs", "MACs", false),
    PARAMETERS("parameters", "parameters", false),
    /** RAM as firmware, stack included; known of runs for a microcontroller. */
    PEAK_SRAM("peakSramBytes", "peak SRAM", false),
    /** Flash as firmware; likewise. */
    FLASH("flashBytes", "flash", false);

    private static final List<Metric> FIRMWARE = List.of(PEAK_SRAM, FLASH);

    private final String key;
    private final String label;
    private final boolean isMaximized;

    Metric(String key, String label, boolean isMaximized) {
        this.key = key;
        this.label = label;
        this.isMaximized = isMaximized;
    }

    /** The metric of a name in a run's files; empty for one that pages do not show. */
    public static Optional<Metric> of(String key) {
        for (Metric m : values()) {
            if (m.key.equals(key)) {
                return Optional.of(m);
            }
        }
        return Optional.empty();
    }

    /** Whether it is known of networks as firmware only, planned. */
    public boolean isOfFirmware() {
        return FIRMWARE.contains(this);
    }

    /** Its name in a run's files. */
    public String key() {
        return key;
    }

    /** What people call it. */
    public String label() {
        return label;
    }

    /** Whether more is better. */
    public boolean isMaximized() {
        return isMaximized;
    }

    /** Unit of an axis. */
    String unit(TimeUnit time) {
        return switch (this) {
            case TOP1 -> "%";
            case LATENCY -> time.symbol();
            case PEAK_ACTIVATIONS, PEAK_SRAM, FLASH -> "KiB";
            case MACS, PARAMETERS -> "thousands";
        };
    }

    /** What a value is multiplied by for its axis. */
    double factor(TimeUnit time) {
        return switch (this) {
            case TOP1 -> 100;
            case LATENCY -> time.from(1);
            case PEAK_ACTIVATIONS, PEAK_SRAM, FLASH -> 1 / 1024.0;
            case MACS, PARAMETERS -> 1e-3;
        };
    }

    /** A value with its unit. */
    String shown(double value, TimeUnit time) {
        return switch (this) {
            case TOP1 -> Shown.percent(value);
            case LATENCY -> time.shown(value);
            case PEAK_ACTIVATIONS, PEAK_SRAM, FLASH -> Shown.kib(value);
            case MACS, PARAMETERS -> Shown.count(value);
        };
    }
}

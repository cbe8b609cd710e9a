package dev.lathe.device;

import dev.lathe.device.mcu.Microcontroller;
import java.util.Collections;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * A device as the search sees it. Measurements are comparable only where their profiles are equal. Immutable.
 *
 * @param id name in {@link Devices}, written beside every number
 * @param description what it is, in one line
 * @param runtime what executes the networks there
 * @param precision number format of weights and activations
 * @param threads threads that one network may use
 * @param batch images in one invocation
 * @param optimized whether the runtime may fuse and reorder operators
 * @param memory what it has
 * @param connection how it is reached
 * @param protocol how latencies are taken
 * @param hostFacts what a reader must know of the machine to judge the numbers: processor, cores, system, JVM; empty where the
 *     device is another machine
 */
public record DeviceProfile(
        String id,
        String description,
        String runtime,
        Precision precision,
        int threads,
        int batch,
        boolean optimized,
        Memory memory,
        Connection connection,
        MeasurementProtocol protocol,
        SortedMap<String, String> hostFacts) {
    /**
     * Budgets of memory.
     *
     * @param ramBytes for activations; null where it is not scarce
     * @param flashBytes for constants and code; null where it is not scarce
     */
    public record Memory(@Nullable Long ramBytes, @Nullable Long flashBytes) {
        /** Of a computer. */
        public static final Memory AMPLE = new Memory(null, null);
    }

    public DeviceProfile {
        if (id.isEmpty() || !LatencyMeasurement.isOneField(id)) {
            throw new IllegalArgumentException("A device id is a word without comma or line end, but was '" + id + "'");
        }
        if (threads < 1 || batch < 1) {
            throw new IllegalArgumentException(
                    "Device %s must have at least 1 thread and 1 image a batch, but has %d and %d"
                            .formatted(id, threads, batch));
        }
        hostFacts = Collections.unmodifiableSortedMap(new TreeMap<>((Map<String, String>) hostFacts));
    }

    /** This device with another protocol. */
    public DeviceProfile withProtocol(MeasurementProtocol other) {
        return new DeviceProfile(
                id, description, runtime, precision, threads, batch, optimized, memory, connection, other, hostFacts);
    }

    /** Whether networks run on it as C, not as ONNX. */
    public boolean runsCode() {
        return connection instanceof Connection.Emulated;
    }

    /** Whether networks run on it operator by operator from their graphs, not as ONNX files. */
    public boolean runsGraphs() {
        return connection.runsGraphs();
    }

    /** The microcontroller that it is, with its memory as budgets; empty where networks do not run on it as C. */
    public Optional<Microcontroller> microcontroller() {
        if (!(connection instanceof Connection.Emulated e)) {
            return Optional.empty();
        }
        Long ram = memory.ramBytes();
        Long flash = memory.flashBytes();
        return Optional.of(Microcontroller.get(e.microcontroller())
                .named(id)
                .withBudgets(
                        ram == null ? Microcontroller.BOARD_BYTES : ram,
                        flash == null ? Microcontroller.BOARD_BYTES : flash));
    }
}

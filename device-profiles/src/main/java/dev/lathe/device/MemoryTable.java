package dev.lathe.device;

import dev.lathe.base.AppendLog;
import dev.lathe.base.InvalidInputException;
import dev.lathe.base.Names;
import dev.lathe.base.ProgressListener;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/** What memory was seen on one device, in a file that only grows: a row a network, none twice, every repetition kept. */
public final class MemoryTable implements AutoCloseable {
    /** First line of the file; repetitions are separated by blanks. */
    public static final String HEADER = "architecture,repetitionsBytes,device,protocol";

    private static final int FIELDS = 4;
    private static final String ADVICE = "delete the line, or move the file away to measure again";

    private final AppendLog log;
    private final DeviceProfile device;
    private final String protocol;
    private final Map<String, MemoryMeasurement> rows;

    private MemoryTable(AppendLog log, DeviceProfile device, String protocol, Map<String, MemoryMeasurement> rows) {
        this.log = log;
        this.device = device;
        this.protocol = protocol;
        this.rows = rows;
    }

    /**
     * Opens or makes a table.
     *
     * @param protocol of its rows, {@link MemoryMeter#protocol}
     * @throws InvalidInputException naming the line, if a row is damaged, repeated, or of another device or protocol
     */
    public static MemoryTable open(Path file, DeviceProfile device, String protocol) throws IOException {
        AppendLog log = AppendLog.open(file, HEADER);
        try {
            Map<String, MemoryMeasurement> rows = new LinkedHashMap<>();
            for (int i = 0; i < log.existing().size(); i++) {
                String where = "%s line %d".formatted(file, i + 2);
                MemoryMeasurement m = parse(where, log.existing().get(i));
                if (!m.device().equals(device.id()) || !m.protocol().equals(protocol)) {
                    throw new InvalidInputException(
                            "%s was seen on device '%s' by '%s', but this run measures on '%s' by '%s'; give another --out, or move the file away"
                                    .formatted(
                                            where,
                                            Names.shown(m.device()),
                                            Names.shown(m.protocol()),
                                            device.id(),
                                            protocol));
                }
                if (rows.put(m.id(), m) != null) {
                    throw new InvalidInputException(
                            "%s repeats architecture %s; %s".formatted(where, Names.shown(m.id()), ADVICE));
                }
            }
            return new MemoryTable(log, device, protocol, rows);
        } catch (RuntimeException e) {
            log.close();
            throw e;
        }
    }

    /**
     * Measures the networks that have no row yet, keeping each as it is finished.
     *
     * @return the measurements of all tasks, in their order
     * @throws IllegalArgumentException if the meter is for another device or protocol than the table
     */
    public List<MemoryMeasurement> measureMissing(
            MemoryMeter meter, List<MeasurementTask> tasks, ProgressListener progress) throws IOException {
        if (!meter.device().id().equals(device.id()) || !meter.protocol().equals(protocol)) {
            throw new IllegalArgumentException("The table is of %s by %s, the meter of %s by %s"
                    .formatted(device.id(), protocol, meter.device().id(), meter.protocol()));
        }
        List<MeasurementTask> missing =
                tasks.stream().filter(t -> !rows.containsKey(t.id())).toList();
        if (!missing.isEmpty()) {
            meter.measure(missing, progress, m -> {
                log.append(List.of(String.join(",", m.id(), text(m.bytes()), m.device(), m.protocol())));
                rows.put(m.id(), m);
            });
        }
        List<MemoryMeasurement> all = new ArrayList<>();
        for (MeasurementTask t : tasks) {
            MemoryMeasurement m = rows.get(t.id());
            if (m == null) {
                throw new IllegalStateException("The meter did not measure " + t.id());
            }
            all.add(m);
        }
        return all;
    }

    /** Repetitions as one field of a line. */
    public static String text(List<Long> bytes) {
        return bytes.stream().map(b -> Long.toString(b)).collect(Collectors.joining(" "));
    }

    @Override
    public void close() throws IOException {
        log.close();
    }

    private static MemoryMeasurement parse(String where, String line) {
        String[] f = line.split(",", -1);
        if (f.length != FIELDS) {
            throw new InvalidInputException(
                    "%s has %d fields, not the %d of its header; %s".formatted(where, f.length, FIELDS, ADVICE));
        }
        try {
            List<Long> bytes = new ArrayList<>();
            for (String b : f[1].split(" ", -1)) {
                bytes.add(Long.parseLong(b));
            }
            return new MemoryMeasurement(f[0], bytes, f[2], f[3]);
        } catch (IllegalArgumentException e) {
            throw new InvalidInputException(
                    "%s: %s; %s".formatted(where, Names.shown(String.valueOf(e.getMessage())), ADVICE), e);
        }
    }
}

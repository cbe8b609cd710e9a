package dev.lathe.device;

import dev.lathe.base.AppendLog;
import dev.lathe.base.InvalidInputException;
import dev.lathe.base.Names;
import dev.lathe.base.ProgressListener;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What was measured on one device, in a file that only grows: a row a network, none twice. A run that stops loses the block
 * it was measuring; the next one measures what is missing.
 */
public final class MeasurementTable implements AutoCloseable {
    /** First line of the file. */
    public static final String HEADER = "architecture,medianMs,minMs,p90Ms,spreadMs,rounds,repetitions,device,protocol";

    private static final int FIELDS = 9;
    private static final String ADVICE = "mend or delete the line, or move the file away to measure again";

    private final Path file;
    private final AppendLog log;
    private final DeviceProfile device;
    private final Map<String, LatencyMeasurement> rows;

    private MeasurementTable(Path file, AppendLog log, DeviceProfile device, Map<String, LatencyMeasurement> rows) {
        this.file = file;
        this.log = log;
        this.device = device;
        this.rows = rows;
    }

    /**
     * Opens or makes a table.
     *
     * @param device whose measurements it holds, with the protocol they were taken by
     * @throws InvalidInputException naming the line, if a row is damaged, repeated, or of another device or protocol
     */
    public static MeasurementTable open(Path file, DeviceProfile device) throws IOException {
        AppendLog log = AppendLog.open(file, HEADER);
        try {
            return new MeasurementTable(file, log, device, parse(file, log.existing(), device));
        } catch (RuntimeException e) {
            log.close();
            throw e;
        }
    }

    /**
     * Reads a finished table without changing it, of any device.
     *
     * @throws InvalidInputException naming the line, if it is no table or a row is damaged or repeated
     */
    public static List<LatencyMeasurement> read(Path file) throws IOException {
        List<String> lines =
                Files.readString(file, StandardCharsets.UTF_8).lines().toList();
        if (lines.isEmpty() || !lines.get(0).equals(HEADER)) {
            throw new InvalidInputException("%s is no table of measurements: its first line is '%s', expected '%s'"
                    .formatted(file, lines.isEmpty() ? "" : Names.shown(lines.get(0)), HEADER));
        }
        return List.copyOf(parse(file, lines.subList(1, lines.size()), null).values());
    }

    /** All rows in the order of the file. */
    public Collection<LatencyMeasurement> rows() {
        return Collections.unmodifiableCollection(rows.values());
    }

    /** The row of a network, or null where it was not measured. */
    public @Nullable LatencyMeasurement get(String id) {
        return rows.get(id);
    }

    /**
     * Measures the networks that have no row yet, keeping each block as it is finished.
     *
     * @return the measurements of all tasks, in their order
     * @throws IllegalArgumentException if the meter is for another device or protocol than the table
     */
    public List<LatencyMeasurement> measureMissing(
            LatencyMeter meter, List<MeasurementTask> tasks, ProgressListener progress) throws IOException {
        if (!meter.device().id().equals(device.id())
                || !meter.device().protocol().equals(device.protocol())) {
            throw new IllegalArgumentException("The table is of %s by %s, the meter of %s by %s"
                    .formatted(
                            device.id(),
                            device.protocol().id(),
                            meter.device().id(),
                            meter.device().protocol().id()));
        }
        List<MeasurementTask> missing =
                tasks.stream().filter(t -> !rows.containsKey(t.id())).toList();
        if (!missing.isEmpty()) {
            meter.measure(missing, progress, this::append);
        }
        List<LatencyMeasurement> result = new ArrayList<>(tasks.size());
        for (MeasurementTask t : tasks) {
            LatencyMeasurement m = rows.get(t.id());
            if (m == null) {
                throw new IllegalStateException("The meter did not measure " + t.id());
            }
            result.add(m);
        }
        return result;
    }

    /**
     * Adds rows; when this returns, they are on the disk.
     *
     * @throws IllegalArgumentException if one is there already, or of another device or protocol
     */
    public void append(List<LatencyMeasurement> measurements) throws IOException {
        List<String> lines = new ArrayList<>(measurements.size());
        for (LatencyMeasurement m : measurements) {
            if (rows.containsKey(m.id()) || differs(m, device)) {
                throw new IllegalArgumentException(
                        "%s is in %s already, or of another device: %s".formatted(m.id(), file, m));
            }
            lines.add(format(m));
        }
        log.append(lines);
        for (LatencyMeasurement m : measurements) {
            rows.put(m.id(), m);
        }
    }

    @Override
    public void close() throws IOException {
        log.close();
    }

    private static String format(LatencyMeasurement m) {
        return String.join(
                ",",
                m.id(),
                Double.toString(m.medianMs()),
                Double.toString(m.minMs()),
                Double.toString(m.p90Ms()),
                Double.toString(m.spreadMs()),
                Integer.toString(m.rounds()),
                Integer.toString(m.repetitions()),
                m.device(),
                m.protocol());
    }

    private static Map<String, LatencyMeasurement> parse(
            Path file, List<String> lines, @Nullable DeviceProfile device) {
        Map<String, LatencyMeasurement> rows = new LinkedHashMap<>();
        for (int i = 0; i < lines.size(); i++) {
            int number = i + 2;
            LatencyMeasurement m = parse(file, number, lines.get(i));
            if (device != null && differs(m, device)) {
                throw new InvalidInputException(
                        "%s line %d was measured on device '%s' by protocol '%s', but this run measures on '%s' by '%s'; give another --out, or move the file away"
                                .formatted(
                                        file,
                                        number,
                                        Names.shown(m.device()),
                                        Names.shown(m.protocol()),
                                        device.id(),
                                        device.protocol().id()));
            }
            if (rows.put(m.id(), m) != null) {
                throw new InvalidInputException(
                        "%s line %d repeats architecture %s; %s".formatted(file, number, Names.shown(m.id()), ADVICE));
            }
        }
        return rows;
    }

    private static LatencyMeasurement parse(Path file, int number, String line) {
        String[] f = line.split(",", -1);
        if (f.length != FIELDS) {
            throw new InvalidInputException("%s line %d has %d fields, not the %d of its header; %s"
                    .formatted(file, number, f.length, FIELDS, ADVICE));
        }
        try {
            return new LatencyMeasurement(
                    f[0],
                    Double.parseDouble(f[1]),
                    Double.parseDouble(f[2]),
                    Double.parseDouble(f[3]),
                    Double.parseDouble(f[4]),
                    Integer.parseInt(f[5]),
                    Integer.parseInt(f[6]),
                    f[7],
                    f[8],
                    List.of());
        } catch (NumberFormatException e) {
            throw new InvalidInputException(
                    "%s line %d has a field that is no number (%s); %s"
                            .formatted(file, number, Names.shown(String.valueOf(e.getMessage())), ADVICE),
                    e);
        } catch (IllegalArgumentException e) {
            throw new InvalidInputException(
                    "%s line %d: %s; %s".formatted(file, number, Names.shown(String.valueOf(e.getMessage())), ADVICE),
                    e);
        }
    }

    private static boolean differs(LatencyMeasurement m, DeviceProfile device) {
        return !m.device().equals(device.id())
                || !m.protocol().equals(device.protocol().id());
    }
}

package dev.lathe.predict.adapt;

import dev.lathe.base.Hashes;
import dev.lathe.base.InvalidInputException;
import dev.lathe.base.Names;
import java.io.ByteArrayOutputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.HashSet;
import java.util.List;

/**
 * Latencies of n architectures on d devices. Immutable; every latency is a finite number of milliseconds, at least 0.
 *
 * @see LatencyTableReader
 */
public final class LatencyTable {
    private final List<String> columns;
    private final int[][] choices;
    private final List<String> devices;
    private final double[][] latencyMs;

    /**
     * @param columns names of the decisions
     * @param choices what each architecture chose, shape (n, columns)
     * @param devices names of the devices
     * @param latencyMs shape (d, n)
     * @throws InvalidInputException in one line, naming the first thing that is wrong
     */
    public LatencyTable(List<String> columns, int[][] choices, List<String> devices, double[][] latencyMs) {
        this.columns = List.copyOf(columns);
        this.devices = List.copyOf(devices);
        if (columns.isEmpty() || devices.isEmpty() || choices.length == 0) {
            throw new InvalidInputException(
                    "a latency table needs architectures, choices and devices, not %d, %d and %d; give at least one of each"
                            .formatted(choices.length, columns.size(), devices.size()));
        }
        unique(columns, "choice");
        unique(devices, "device");
        if (latencyMs.length != devices.size()) {
            throw new InvalidInputException("a latency table has %d devices and %d columns of latencies; give one each"
                    .formatted(devices.size(), latencyMs.length));
        }
        this.choices = new int[choices.length][];
        for (int i = 0; i < choices.length; i++) {
            if (choices[i].length != columns.size()) {
                throw new InvalidInputException(
                        "architecture %d of a latency table makes %d choices, not %d; give one each"
                                .formatted(i, choices[i].length, columns.size()));
            }
            this.choices[i] = choices[i].clone();
        }
        this.latencyMs = new double[latencyMs.length][];
        for (int d = 0; d < latencyMs.length; d++) {
            if (latencyMs[d].length != choices.length) {
                throw new InvalidInputException("device '%s' has %d latencies for %d architectures; give one each"
                        .formatted(Names.shown(devices.get(d)), latencyMs[d].length, choices.length));
            }
            for (int i = 0; i < choices.length; i++) {
                if (!(latencyMs[d][i] >= 0 && Double.isFinite(latencyMs[d][i]))) {
                    throw new InvalidInputException(
                            "device '%s' has %s ms for architecture %d; leave the architecture out or measure it again"
                                    .formatted(Names.shown(devices.get(d)), latencyMs[d][i], i));
                }
            }
            this.latencyMs[d] = latencyMs[d].clone();
        }
    }

    private static void unique(List<String> names, String what) {
        HashSet<String> seen = new HashSet<>();
        for (String n : names) {
            if (!seen.add(n)) {
                throw new InvalidInputException("a latency table names the %s '%s' twice; give each its own name"
                        .formatted(what, Names.shown(n)));
            }
        }
    }

    public List<String> columns() {
        return columns;
    }

    public List<String> devices() {
        return devices;
    }

    /** Number of architectures. */
    public int size() {
        return choices.length;
    }

    /** A copy of the choices of architecture {@code i}. */
    public int[] choices(int i) {
        return choices[i].clone();
    }

    /** A copy of all choices, shape (n, columns). */
    public int[][] choices() {
        int[][] copy = new int[choices.length][];
        for (int i = 0; i < copy.length; i++) {
            copy[i] = choices[i].clone();
        }
        return copy;
    }

    /**
     * A copy of one device's latencies, in ms.
     *
     * @throws InvalidInputException if the table has no such device
     */
    public double[] latencyMs(String device) {
        int d = devices.indexOf(device);
        if (d < 0) {
            throw InvalidInputException.unknown("device", device, devices);
        }
        return latencyMs[d].clone();
    }

    /**
     * The table of some of its rows and devices.
     *
     * @param rows rows to keep, in the new order
     * @param names devices to keep, in the new order
     */
    public LatencyTable part(int[] rows, List<String> names) {
        int[][] c = new int[rows.length][];
        double[][] l = new double[names.size()][rows.length];
        for (int i = 0; i < rows.length; i++) {
            c[i] = choices[rows[i]];
        }
        for (int d = 0; d < l.length; d++) {
            double[] all = latencyMs(names.get(d));
            for (int i = 0; i < rows.length; i++) {
                l[d][i] = all[rows[i]];
            }
        }
        return new LatencyTable(columns, c, names, l);
    }

    /** SHA-256 of names and values, in hexadecimal: equal exactly for equal tables. */
    public String sha256() {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (DataOutputStream out = new DataOutputStream(bytes)) {
            for (List<String> names : List.of(columns, devices)) {
                out.writeInt(names.size());
                for (String n : names) {
                    out.writeUTF(n);
                }
            }
            for (int[] row : choices) {
                for (int c : row) {
                    out.writeInt(c);
                }
            }
            for (double[] row : latencyMs) {
                for (double v : row) {
                    out.writeDouble(v);
                }
            }
        } catch (IOException e) {
            throw new UncheckedIOException("Writing to memory", e);
        }
        return Hashes.sha256(bytes.toByteArray());
    }
}

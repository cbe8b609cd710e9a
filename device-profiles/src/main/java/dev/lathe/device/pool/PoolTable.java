package dev.lathe.device.pool;

import dev.lathe.base.AtomicFiles;
import dev.lathe.base.InvalidInputException;
import dev.lathe.base.Names;
import dev.lathe.device.LatencyMeasurement;
import dev.lathe.space.Architecture;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * Latencies of many networks of one space on one device. A text file: lines {@code # key: value} of facts, then comma-separated
 * values with one header line. Immutable.
 *
 * @param facts by key; {@code space}, {@code task} and {@code device} are there
 * @param rows by architecture, in the order of the file
 */
public record PoolTable(SortedMap<String, String> facts, Map<Architecture, Row> rows) {
    static final String FIRST = "# lathe device table 1";
    private static final String HEADER = "architecture,medianMs,minMs,p90Ms,spreadMs,rounds";
    private static final int FIELDS = 6;
    private static final List<String> NEEDED = List.of("space", "task", "device");

    /**
     * One network, in milliseconds: see {@link LatencyMeasurement}.
     *
     * @param medianMs the latency
     * @param minMs shortest timed run
     * @param p90Ms 90th percentile of the timed runs
     * @param spreadMs median absolute deviation of the rounds
     * @param rounds measured
     */
    public record Row(double medianMs, double minMs, double p90Ms, double spreadMs, int rounds) {}

    public PoolTable {
        facts = Collections.unmodifiableSortedMap(new TreeMap<>((Map<String, String>) facts));
        rows = Collections.unmodifiableMap(new LinkedHashMap<>(rows));
        for (String key : NEEDED) {
            if (!facts.containsKey(key)) {
                throw new IllegalArgumentException("A device table needs the fact " + key);
            }
        }
    }

    /** Of finished measurements, whose ids are architectures. */
    public static PoolTable of(SortedMap<String, String> facts, Collection<LatencyMeasurement> measurements) {
        Map<Architecture, Row> rows = new LinkedHashMap<>();
        for (LatencyMeasurement m : measurements) {
            rows.put(Architecture.parse(m.id()), new Row(m.medianMs(), m.minMs(), m.p90Ms(), m.spreadMs(), m.rounds()));
        }
        return new PoolTable(facts, rows);
    }

    /** The device's name. */
    public String device() {
        return facts.getOrDefault("device", "");
    }

    public String space() {
        return facts.getOrDefault("space", "");
    }

    /** What the networks take and give, as text. */
    public String task() {
        return facts.getOrDefault("task", "");
    }

    /** Writes the table whole or not at all. */
    public void write(Path file) throws IOException {
        StringBuilder s = new StringBuilder(FIRST).append('\n');
        facts.forEach((k, v) -> s.append("# ")
                .append(k)
                .append(": ")
                .append(v.replace('\n', ' '))
                .append('\n'));
        s.append(HEADER).append('\n');
        rows.forEach((a, r) -> s.append(String.format(
                Locale.ROOT, "%s,%.6g,%.6g,%.6g,%.4g,%d%n", a, r.medianMs, r.minMs, r.p90Ms, r.spreadMs, r.rounds)));
        AtomicFiles.writeString(file, s.toString());
    }

    /**
     * @param name what messages call the text
     * @throws InvalidInputException naming the line, if it is no such table, or a row is damaged, repeated or no measurement
     */
    static PoolTable parse(String name, String text) {
        List<String> lines = text.lines().toList();
        if (lines.isEmpty() || !lines.get(0).equals(FIRST)) {
            throw new InvalidInputException(
                    "%s is no device table: its first line is not '%s'; make one by lathe pool add"
                            .formatted(name, FIRST));
        }
        SortedMap<String, String> facts = new TreeMap<>();
        int at = 1;
        for (; at < lines.size() && lines.get(at).startsWith("# "); at++) {
            int colon = lines.get(at).indexOf(": ");
            if (colon < 0) {
                throw wrong(name, at, "is no fact of the form '# key: value'");
            }
            facts.put(lines.get(at).substring(2, colon), lines.get(at).substring(colon + 2));
        }
        if (at >= lines.size() || !lines.get(at).equals(HEADER)) {
            throw wrong(name, at, "is not the header '" + HEADER + "'");
        }
        List<String> missing = new ArrayList<>(NEEDED);
        missing.removeAll(facts.keySet());
        if (!missing.isEmpty()) {
            throw wrong(name, at, "comes before the facts " + missing);
        }
        Map<Architecture, Row> rows = new LinkedHashMap<>();
        for (at++; at < lines.size(); at++) {
            String[] f = lines.get(at).split(",", -1);
            if (f.length != FIELDS) {
                throw wrong(name, at, "has %d fields, not %d".formatted(f.length, FIELDS));
            }
            Architecture a;
            Row r;
            try {
                a = Architecture.parse(f[0]);
                r = new Row(number(f[1]), number(f[2]), number(f[3]), Double.parseDouble(f[4]), Integer.parseInt(f[5]));
            } catch (IllegalArgumentException | InvalidInputException e) {
                throw wrong(name, at, "is no measurement: " + Names.shown(String.valueOf(e.getMessage())));
            }
            if (!a.space().equals(facts.get("space"))) {
                throw wrong(name, at, "is of space " + Names.shown(a.space()));
            }
            if (rows.put(a, r) != null) {
                throw wrong(name, at, "repeats an architecture");
            }
        }
        return new PoolTable(facts, rows);
    }

    private static double number(String s) {
        double v = Double.parseDouble(s);
        if (!(v > 0 && Double.isFinite(v))) {
            throw new IllegalArgumentException(s + " is no latency");
        }
        return v;
    }

    private static InvalidInputException wrong(String name, int line, String what) {
        return new InvalidInputException("%s line %d %s; mend or remove the line, or measure again by lathe pool add"
                .formatted(name, line + 1, what));
    }
}

package dev.lathe.evolve;

import dev.lathe.base.AppendLog;
import dev.lathe.base.InvalidInputException;
import dev.lathe.base.Names;
import dev.lathe.space.Architecture;
import dev.lathe.space.SearchSpace;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.zip.CRC32C;
import org.jspecify.annotations.Nullable;

/**
 * Every evaluation of a run, as a CSV file that only grows: {@code index,architecture,METRIC,...,check}, a row an evaluation,
 * numbers written so that they read back exactly. The last column is the CRC-32C of all rows up to this one, so that a value
 * changed, a row lost or two rows exchanged are noticed where the log is read. Nothing of it is kept in memory: rows are read once,
 * in order, by {@link #next}. Not safe for use by several threads or processes at once.
 *
 * <p>A kill of the process loses no row that {@link #append} returned from, a power cut at most the last tenth of a second's. A row
 * torn by a crash is cut off when the log is opened again.
 */
public final class EvaluationLog implements AutoCloseable {
    private static final long FORCE_NANOS = 100_000_000;
    private static final HexFormat HEX = HexFormat.of();

    private final Path file;
    private final SearchSpace space;
    private final List<String> metrics;
    private final AppendLog log;
    private final CRC32C check = new CRC32C();
    private @Nullable BufferedReader stored;
    private @Nullable Evaluation ahead;
    private int rows;
    private long forced = System.nanoTime();

    private EvaluationLog(Path file, SearchSpace space, List<String> metrics, AppendLog log, BufferedReader stored) {
        this.file = file;
        this.space = space;
        this.metrics = metrics;
        this.log = log;
        this.stored = stored;
    }

    /**
     * Opens or makes the log of a search.
     *
     * @param metrics names of the values, in order; no commas
     * @throws InvalidInputException if the file is another kind of log
     */
    public static EvaluationLog open(Path file, SearchSpace space, List<String> metrics) throws IOException {
        for (String m : metrics) {
            if (m.indexOf(',') >= 0 || m.indexOf('\n') >= 0) {
                throw new IllegalArgumentException("A metric's name has no commas or line ends: " + m);
            }
        }
        AppendLog log = AppendLog.openUnread(file, "index,architecture," + String.join(",", metrics) + ",check");
        try {
            return new EvaluationLog(file, space, List.copyOf(metrics), log, log.read());
        } catch (IOException | RuntimeException e) {
            log.close();
            throw e;
        }
    }

    public List<String> metrics() {
        return metrics;
    }

    /** The file, for messages. */
    Path file() {
        return file;
    }

    /** Rows read or written since the log was opened; all there are where {@link #next} has answered null. */
    public int size() {
        return rows;
    }

    /** The check of all rows read or written so far. */
    String check() {
        if (ahead != null) {
            throw new IllegalStateException("A row was looked at that was not read");
        }
        return HEX.toHexDigits((int) check.getValue());
    }

    /**
     * The next evaluation that was there when the log was opened, or null after the last one.
     *
     * @throws InvalidInputException if its row is corrupt: the line names file, row and what is wrong
     */
    public @Nullable Evaluation next() {
        Evaluation e = peek();
        ahead = null;
        return e;
    }

    /** What {@link #next} would answer. */
    @Nullable
    Evaluation peek() {
        if (ahead == null && stored != null) {
            try {
                String row = stored.readLine();
                if (row == null) {
                    stored.close();
                    stored = null;
                } else {
                    ahead = read(row);
                    rows++;
                }
            } catch (IOException e) {
                throw new InvalidInputException(
                        "%s cannot be read: %s; restore the file".formatted(file, e.getMessage()), e);
            }
        }
        return ahead;
    }

    private Evaluation read(String row) {
        String[] cells = row.split(",", -1);
        if (cells.length != 3 + metrics.size()) {
            throw corrupt("it has %d columns, expected %d".formatted(cells.length, 3 + metrics.size()));
        }
        if (!cells[0].equals(Integer.toString(rows))) {
            throw corrupt("its index is '%s', expected %d".formatted(Names.shown(cells[0]), rows));
        }
        Architecture a;
        try {
            a = Architecture.parse(cells[1]);
            space.check(a);
        } catch (InvalidInputException | IllegalArgumentException e) {
            throw corrupt("'%s' is no architecture of %s".formatted(Names.shown(cells[1]), space.name()));
        }
        if (!space.canonical(a).equals(a)) {
            throw corrupt("%s is not in canonical form".formatted(a));
        }
        double[] values = new double[metrics.size()];
        for (int i = 0; i < values.length; i++) {
            String cell = cells[i + 2];
            try {
                values[i] = Double.parseDouble(cell);
            } catch (NumberFormatException e) {
                throw corrupt("%s is '%s', not a number".formatted(metrics.get(i), Names.shown(cell)));
            }
            // A number that this class did not write was changed by something else.
            if (!Double.isFinite(values[i]) || !Double.toString(values[i]).equals(cell)) {
                throw corrupt("%s is '%s', not a finite number as it was written"
                        .formatted(metrics.get(i), Names.shown(cell)));
            }
        }
        int end = row.length() - cells[cells.length - 1].length();
        String expected = checkOf(row.substring(0, end));
        if (!row.substring(end).equals(expected)) {
            throw corrupt("its check is '%s', expected %s: this row or one before it was changed"
                    .formatted(Names.shown(row.substring(end)), expected));
        }
        return Evaluation.of(a, values);
    }

    private String checkOf(String rowUpToCheck) {
        check.update(rowUpToCheck.getBytes(StandardCharsets.US_ASCII));
        return HEX.toHexDigits((int) check.getValue());
    }

    /** The row being read is the one after those that are in. */
    private InvalidInputException corrupt(String reason) {
        return new InvalidInputException("%s, line %d is corrupt: %s; restore the file, or cut it before this line"
                .formatted(file, rows + 2, reason));
    }

    /**
     * Writes evaluations, with one write however many they are. Those there are must have been read before.
     *
     * @throws InvalidInputException if the file cannot be written, for example because the disk is full
     */
    public void append(List<Evaluation> evaluations) {
        if (evaluations.isEmpty()) {
            return;
        }
        if (peek() != null) {
            throw new IllegalStateException(file + " has rows that were not read");
        }
        List<String> lines = new ArrayList<>(evaluations.size());
        for (Evaluation e : evaluations) {
            StringBuilder line = new StringBuilder().append(rows++).append(',');
            line.append(e.architecture());
            for (int i = 0; i < e.size(); i++) {
                line.append(',').append(e.value(i));
            }
            line.append(',');
            lines.add(line.append(checkOf(line.toString())).toString());
        }
        try {
            log.write(lines);
            if (System.nanoTime() - forced > FORCE_NANOS) {
                log.force();
                forced = System.nanoTime();
            }
        } catch (IOException e) {
            throw new InvalidInputException(
                    "%s cannot be written: %s; make room or choose another folder, then resume"
                            .formatted(file, e.getMessage()),
                    e);
        }
    }

    @Override
    public void close() throws IOException {
        try (log) {
            if (stored != null) {
                stored.close();
            }
            log.force();
        }
    }
}

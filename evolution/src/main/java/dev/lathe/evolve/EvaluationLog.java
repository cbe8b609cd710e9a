package dev.lathe.evolve;

import dev.lathe.base.AppendLog;
import dev.lathe.base.InvalidInputException;
import dev.lathe.base.Names;
import dev.lathe.space.Architecture;
import dev.lathe.space.SearchSpace;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Every evaluation of a run, as a CSV file that only grows: {@code index,architecture,METRIC,...}, a row an evaluation,
 * numbers written so that they read back exactly. What {@link #append} returned from is on the disk; a row torn by a crash
 * is cut off when the log is opened again. Not safe for use by several threads or processes at once.
 */
public final class EvaluationLog implements AutoCloseable {
    private final Path file;
    private final List<String> metrics;
    private final AppendLog log;
    private final Map<Architecture, Evaluation> rows = new LinkedHashMap<>();

    private EvaluationLog(Path file, List<String> metrics, AppendLog log) {
        this.file = file;
        this.metrics = metrics;
        this.log = log;
    }

    /**
     * Opens or makes the log of a search.
     *
     * @param metrics names of the values, in order; no commas
     * @throws InvalidInputException if the file is another kind of log, or a row is corrupt: the line names file and row
     */
    public static EvaluationLog open(Path file, SearchSpace space, List<String> metrics) throws IOException {
        for (String m : metrics) {
            if (m.indexOf(',') >= 0 || m.indexOf('\n') >= 0) {
                throw new IllegalArgumentException("A metric's name has no commas or line ends: " + m);
            }
        }
        AppendLog log = AppendLog.open(file, "index,architecture," + String.join(",", metrics));
        try {
            EvaluationLog opened = new EvaluationLog(file, List.copyOf(metrics), log);
            for (String row : log.existing()) {
                opened.read(row, space);
            }
            return opened;
        } catch (RuntimeException e) {
            log.close();
            throw e;
        }
    }

    private void read(String row, SearchSpace space) {
        String[] cells = row.split(",", -1);
        if (cells.length != 2 + metrics.size()) {
            throw corrupt("it has %d columns, expected %d".formatted(cells.length, 2 + metrics.size()));
        }
        if (!cells[0].equals(Integer.toString(rows.size()))) {
            throw corrupt("its index is '%s', expected %d".formatted(Names.shown(cells[0]), rows.size()));
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
        if (rows.putIfAbsent(a, Evaluation.of(a, values)) != null) {
            throw corrupt("%s was there before".formatted(a));
        }
    }

    /** The row being read is the one after those that are in. */
    private InvalidInputException corrupt(String reason) {
        return new InvalidInputException("%s, line %d is corrupt: %s; restore the file, or cut it before this line"
                .formatted(file, rows.size() + 2, reason));
    }

    public List<String> metrics() {
        return metrics;
    }

    /** All evaluations in the log, in the order they were written. */
    public List<Evaluation> evaluations() {
        return new ArrayList<>(rows.values());
    }

    public int size() {
        return rows.size();
    }

    /** What the log holds of this architecture, or null. */
    public @Nullable Evaluation find(Architecture a) {
        return rows.get(a);
    }

    /**
     * Writes evaluations and forces them to the disk, with one write however many they are.
     *
     * @throws IllegalArgumentException if one of the architectures is in the log already
     * @throws InvalidInputException if the file cannot be written, for example because the disk is full
     */
    public void append(List<Evaluation> evaluations) {
        List<String> lines = new ArrayList<>(evaluations.size());
        Map<Architecture, Evaluation> added = new LinkedHashMap<>();
        for (Evaluation e : evaluations) {
            if (rows.containsKey(e.architecture()) || added.put(e.architecture(), e) != null) {
                throw new IllegalArgumentException(e.architecture() + " is in the log already");
            }
            StringBuilder line =
                    new StringBuilder().append(rows.size() + lines.size()).append(',');
            line.append(e.architecture());
            for (double v : e.values()) {
                line.append(',').append(v);
            }
            lines.add(line.toString());
        }
        try {
            log.append(lines);
        } catch (IOException e) {
            throw new InvalidInputException(
                    "%s cannot be written: %s; make room or choose another folder, then resume"
                            .formatted(file, e.getMessage()),
                    e);
        }
        rows.putAll(added);
    }

    @Override
    public void close() throws IOException {
        log.close();
    }
}

package dev.lathe.predict.train;

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
 * What a predictor is fitted to: a row of features and one target for each architecture. Every value is finite, and there
 * is something to learn: at least {@value #LEAST_ROWS} rows, a target and a feature that vary.
 */
public final class TrainingTable {
    /** Fewer rows leave nothing to hold out. */
    public static final int LEAST_ROWS = 10;

    private final List<String> featureNames;
    private final double[][] rows;
    private final String target;
    private final double[] targets;

    /**
     * Copies and checks a table.
     *
     * @param featureNames names of the columns
     * @param rows features, one row an architecture
     * @param target name of the metric, for example {@code latencyMs}
     * @param targets its value for each row
     * @throws InvalidInputException in one line, naming the first thing that is wrong
     */
    public TrainingTable(List<String> featureNames, double[][] rows, String target, double[] targets) {
        this.featureNames = List.copyOf(featureNames);
        this.rows = new double[rows.length][];
        this.target = target;
        this.targets = targets.clone();
        if (rows.length != targets.length) {
            throw new InvalidInputException(
                    "the table for %s has %d rows of features and %d targets; give one target a row"
                            .formatted(target, rows.length, targets.length));
        }
        if (rows.length < LEAST_ROWS) {
            throw new InvalidInputException(
                    "the table for %s has %d rows, too few to fit and judge a predictor; give at least %d"
                            .formatted(target, rows.length, LEAST_ROWS));
        }
        if (new HashSet<>(featureNames).size() != featureNames.size()) {
            throw new InvalidInputException(
                    "the table for %s names a feature twice; give each its own name".formatted(target));
        }
        for (int i = 0; i < rows.length; i++) {
            if (rows[i].length != featureNames.size()) {
                throw new InvalidInputException(
                        "row %d of the table for %s has %d features, not %d; give one value a name"
                                .formatted(i, target, rows[i].length, featureNames.size()));
            }
            this.rows[i] = rows[i].clone();
            for (int j = 0; j < rows[i].length; j++) {
                if (!Double.isFinite(rows[i][j])) {
                    throw new InvalidInputException(
                            "row %d of the table for %s has %s as '%s'; leave the row out or mend it"
                                    .formatted(i, target, rows[i][j], Names.shown(featureNames.get(j))));
                }
            }
            if (!Double.isFinite(targets[i])) {
                throw new InvalidInputException(
                        "row %d of the table has %s as %s; leave the row out or measure it again"
                                .formatted(i, targets[i], target));
            }
        }
        if (isConstant(this.targets)) {
            throw new InvalidInputException(
                    "%s is %s in all %d rows, so there is nothing to predict; give rows that differ"
                            .formatted(target, targets[0], rows.length));
        }
        if (!featuresVary(this.rows)) {
            throw new InvalidInputException(
                    "all %d rows of the table for %s have the same features; give rows that differ"
                            .formatted(rows.length, target));
        }
    }

    public List<String> featureNames() {
        return featureNames;
    }

    /** Name of the metric. */
    public String target() {
        return target;
    }

    public int size() {
        return targets.length;
    }

    /** A copy of the features of row {@code i}. */
    public double[] row(int i) {
        return rows[i].clone();
    }

    /** Target of row {@code i}. */
    public double targetOf(int i) {
        return targets[i];
    }

    /** SHA-256 of names and values, in hexadecimal: equal exactly for equal tables. */
    public String sha256() {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (DataOutputStream out = new DataOutputStream(bytes)) {
            out.writeUTF(target);
            out.writeInt(featureNames.size());
            for (String name : featureNames) {
                out.writeUTF(name);
            }
            for (int i = 0; i < rows.length; i++) {
                for (double v : rows[i]) {
                    out.writeDouble(v);
                }
                out.writeDouble(targets[i]);
            }
        } catch (IOException e) {
            throw new UncheckedIOException("Writing to memory", e);
        }
        return Hashes.sha256(bytes.toByteArray());
    }

    static boolean isConstant(double[] values) {
        for (double v : values) {
            if (v != values[0]) {
                return false;
            }
        }
        return true;
    }

    static boolean featuresVary(double[][] rows) {
        for (double[] row : rows) {
            for (int j = 0; j < row.length; j++) {
                if (row[j] != rows[0][j]) {
                    return true;
                }
            }
        }
        return false;
    }
}

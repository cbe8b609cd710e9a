package dev.lathe.predict.network;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * How a row of features becomes a network's input: a column of few different values is one input a value (one-hot), as decisions
 * are; another is one input, centred and scaled; a column that never changes is none. Immutable.
 *
 * @param names of the columns
 * @param levels for each column its values in ascending order, empty where it is centred and scaled, one where it never changes
 * @param mean for each column what is taken off
 * @param deviation for each column what it is divided by
 */
@SuppressWarnings("ArrayRecordComponent") // a part of a model's file, never compared
public record InputColumns(List<String> names, double[][] levels, double[] mean, double[] deviation) {
    /** A column with more values is a number. */
    private static final int MOST_LEVELS = 16;

    /** In standard deviations: a value far from all that was seen says no more than this. */
    private static final double FARTHEST = 4;

    public InputColumns {
        names = List.copyOf(names);
        if (levels.length != names.size() || mean.length != names.size() || deviation.length != names.size()) {
            throw new IllegalArgumentException("%d columns, %d lists of values, %d means and %d deviations"
                    .formatted(names.size(), levels.length, mean.length, deviation.length));
        }
        for (int j = 0; j < mean.length; j++) {
            if (!Double.isFinite(mean[j]) || !(deviation[j] > 0 && Double.isFinite(deviation[j]))) {
                throw new IllegalArgumentException(
                        "column %s has mean %s and deviation %s".formatted(names.get(j), mean[j], deviation[j]));
            }
        }
    }

    /**
     * As rows have them; no labels are asked for, so that these may be all that can be had.
     *
     * @param rows at least one, each a value a name
     */
    public static InputColumns of(List<String> names, double[][] rows) {
        int columns = names.size();
        double[][] levels = new double[columns][];
        double[] mean = new double[columns];
        double[] deviation = new double[columns];
        for (int j = 0; j < columns; j++) {
            int column = j;
            double[] values = Arrays.stream(rows).mapToDouble(r -> r[column]).toArray();
            double[] different = Arrays.stream(values).sorted().distinct().toArray();
            levels[j] = different.length <= MOST_LEVELS ? different : new double[0];
            double m = Arrays.stream(values).average().orElse(0);
            double square =
                    Arrays.stream(values).map(v -> (v - m) * (v - m)).average().orElse(0);
            mean[j] = m;
            deviation[j] = square > 0 ? Math.sqrt(square) : 1;
        }
        return new InputColumns(names, levels, mean, deviation);
    }

    /** Number of inputs. */
    public int width() {
        int width = 0;
        for (double[] l : levels) {
            width += l.length == 0 ? 1 : l.length == 1 ? 0 : l.length;
        }
        return width;
    }

    /** The inputs of a row; a value that no level has counts as the nearest. */
    public double[] encode(double[] row) {
        if (row.length != names.size()) {
            throw new IllegalArgumentException("A row of %d values, not %d".formatted(row.length, names.size()));
        }
        double[] x = new double[width()];
        int at = 0;
        for (int j = 0; j < row.length; j++) {
            if (levels[j].length == 0) {
                double z = (row[j] - mean[j]) / deviation[j];
                x[at++] = Math.max(-FARTHEST, Math.min(FARTHEST, z));
            } else if (levels[j].length > 1) {
                x[at + nearest(levels[j], row[j])] = 1;
                at += levels[j].length;
            }
        }
        return x;
    }

    /** Inputs of rows, in order. */
    public double[][] encode(double[][] rows) {
        List<double[]> all = new ArrayList<>();
        for (double[] r : rows) {
            all.add(encode(r));
        }
        return all.toArray(double[][]::new);
    }

    private static int nearest(double[] sorted, double value) {
        int best = 0;
        for (int i = 1; i < sorted.length; i++) {
            if (Math.abs(sorted[i] - value) < Math.abs(sorted[best] - value)) {
                best = i;
            }
        }
        return best;
    }
}

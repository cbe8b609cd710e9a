package dev.lathe.predict;

import java.util.Arrays;
import java.util.List;

/**
 * Values of a feature as small whole numbers: how many of a model's thresholds a value reaches. Of the many values that a
 * feature has, a tree sees no more, and eight such numbers fit into one {@code long}. Immutable and thread-safe.
 *
 * <p>A feature with more thresholds than a column may count has several columns, each of which counts a band of them.
 */
final class ValueRanks {
    /** Most thresholds that one column counts: the highest bit of a byte is left to comparisons. */
    static final int BAND = 127;

    /** Values in one {@code long} of a column, the first in its lowest byte. */
    static final int LANES = 8;

    private static final int FEW = 3;
    private static final int[] TABLE_SIZES = {256, 512, 1024, 2048, 4096};
    /** Thresholds compared one by one after the table's answer. */
    private static final int MOST_COMPARED = 2;

    private final int feature;
    private final int firstColumn;
    private final int count;
    /** Ascending, with some at the end that no value reaches. */
    private final double[] thresholds;

    /** Splits the range of the thresholds evenly: how many of them lie in parts before this one. */
    private final int[] table;

    private final double scale;
    private final int compared;

    /**
     * @param feature place of the feature in a row
     * @param firstColumn where its columns begin
     * @param sorted the thresholds, ascending, each once, finite
     */
    ValueRanks(int feature, int firstColumn, double[] sorted) {
        this.feature = feature;
        this.firstColumn = firstColumn;
        this.count = sorted.length;
        int[] best = new int[0];
        double bestScale = 0;
        int most = count;
        if (count > FEW) {
            for (int i = 0; i < TABLE_SIZES.length && (i == 0 || most > MOST_COMPARED); i++) {
                int size = TABLE_SIZES[i];
                bestScale = (size - 1) / (sorted[count - 1] - sorted[0]);
                int[] inPart = new int[size];
                for (double t : sorted) {
                    inPart[part(t, sorted[0], bestScale, size)]++;
                }
                most = Arrays.stream(inPart).max().orElse(0);
                best = inPart;
            }
            int before = 0;
            for (int i = 0; i < best.length; i++) {
                int here = best[i];
                best[i] = before;
                before += here;
            }
        }
        this.table = best;
        this.scale = bestScale;
        this.compared = most;
        this.thresholds = Arrays.copyOf(sorted, count + most + 1);
        Arrays.fill(thresholds, count, thresholds.length, Double.POSITIVE_INFINITY);
    }

    /** Columns it has: at least one. */
    int columns() {
        return Math.max(1, (count + BAND - 1) / BAND);
    }

    /** The column that counts a threshold. */
    int column(int threshold) {
        return firstColumn + threshold / BAND;
    }

    /** What that column says at most below the threshold. */
    static int limit(int threshold) {
        return threshold % BAND;
    }

    /** Place of a threshold. */
    int indexOf(double threshold) {
        return Arrays.binarySearch(thresholds, 0, count, threshold + 0.0);
    }

    /** Grows with the value, so that what lies in an earlier part is smaller. */
    private static int part(double value, double least, double scale, int size) {
        return Math.max(0, Math.min(size - 1, (int) ((value - least) * scale)));
    }

    /** Thresholds that a finite value is not below. */
    int rank(double value) {
        int at = 0;
        if (table.length > 0) {
            at = table[part(value, thresholds[0], scale, table.length)];
        }
        int rank = at + compared;
        for (int i = at; i < at + compared; i++) {
            // The sign of a difference that is 0 only where the two are equal.
            rank -= (int) (Double.doubleToRawLongBits(value - thresholds[i]) >>> 63);
        }
        return rank;
    }

    /**
     * Counts for some rows.
     *
     * @param rows as many as {@code ranks} is long, a multiple of {@link #LANES}
     * @param ranks overwritten
     * @param columns written from {@code word} on
     */
    void fill(double[][] rows, int[] ranks, long[][] columns, int word) {
        for (int i = 0; i < ranks.length; i++) {
            ranks[i] = rank(rows[i][feature]);
        }
        for (int c = 0; c < columns(); c++) {
            pack(ranks, c * BAND, columns[firstColumn + c], word);
        }
    }

    private static void pack(int[] ranks, int below, long[] column, int word) {
        for (int i = 0; i < ranks.length; i += LANES) {
            long packed = 0;
            for (int k = LANES - 1; k >= 0; k--) {
                packed = packed << 8 | banded(ranks[i + k], below);
            }
            column[word + i / LANES] = packed;
        }
    }

    private static int banded(int rank, int below) {
        return Math.max(0, Math.min(BAND, rank - below));
    }

    /** The counts of each value of a list, one byte for each: by column, then by value. */
    byte[][] of(double[] values) {
        byte[][] counts = new byte[columns()][values.length];
        for (int c = 0; c < counts.length; c++) {
            for (int v = 0; v < values.length; v++) {
                counts[c][v] = (byte) banded(rank(values[v]), c * BAND);
            }
        }
        return counts;
    }

    int feature() {
        return feature;
    }

    int firstColumn() {
        return firstColumn;
    }

    /** Columns of all. */
    static int columns(List<ValueRanks> all) {
        return all.stream().mapToInt(ValueRanks::columns).sum();
    }
}

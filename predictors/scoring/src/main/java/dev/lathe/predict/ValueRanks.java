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

    static final long EACH = 0x0101_0101_0101_0101L;
    static final long HIGH = 0x8080_8080_8080_8080L;

    private static final int FEW = 4;
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
                    inPart[part(t, sorted[0], bestScale, size - 1)]++;
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
    private static int part(double value, double least, double scale, int last) {
        return Math.max(0, Math.min(last, (int) ((value - least) * scale)));
    }

    /** 1 where the value is smaller: the sign of a difference that is 0 only where the two are equal. */
    private static int below(double value, double threshold) {
        return (int) (Double.doubleToRawLongBits(value - threshold) >>> 63);
    }

    /**
     * Counts for some rows.
     *
     * @param rows as many as the buffer is for
     * @param buffer to work in
     * @param columns written from {@code word} on; with nonsense where a value is not finite
     */
    void fill(double[][] rows, Buffer buffer, long[][] columns, int word) {
        double[] values = buffer.values;
        for (int i = 0; i < values.length; i++) {
            // Of the two zeros, the positive one: the difference of the others has the wrong sign.
            values[i] = rows[i][feature] + 0.0;
        }
        mark(values, buffer.zeros);
        rank(values, buffer);
        if (count <= BAND) {
            pack(buffer.ranks, columns[firstColumn], word);
        } else {
            for (int c = 0; c < columns(); c++) {
                banded(buffer.ranks, c * BAND, buffer.band);
                pack(buffer.band, columns[firstColumn + c], word);
            }
        }
    }

    /** What {@link #fill} needs for a number of rows, a multiple of {@link #LANES}. */
    static final class Buffer {
        private final double[] values;
        private final int[] ranks;
        private final int[] band;
        private final int[] places;
        /** NaN where a value was not finite. */
        private final double[] zeros;

        Buffer(int rows) {
            values = new double[rows];
            ranks = new int[rows];
            band = new int[rows];
            places = new int[rows];
            zeros = new double[rows];
        }

        /** Whether all values so far were finite. */
        boolean isFinite() {
            double sum = 0;
            for (double z : zeros) {
                sum += z;
            }
            return sum == 0;
        }
    }

    private static void mark(double[] values, double[] zeros) {
        for (int i = 0; i < zeros.length; i++) {
            zeros[i] += values[i] * 0;
        }
    }

    /** Thresholds that each finite value is not below. */
    private void rank(double[] values, Buffer buffer) {
        int[] ranks = buffer.ranks;
        if (table.length == 0) {
            Arrays.fill(ranks, count);
            for (int t = 0; t < count; t++) {
                subtractBelow(values, thresholds[t], ranks);
            }
        } else {
            lookUp(values, buffer.places);
            System.arraycopy(buffer.places, 0, ranks, 0, ranks.length);
            for (int t = 0; t < compared; t++) {
                addNotBelow(values, buffer.places, t, ranks);
            }
        }
    }

    private static void subtractBelow(double[] values, double threshold, int[] ranks) {
        for (int i = 0; i < ranks.length; i++) {
            ranks[i] -= below(values[i], threshold);
        }
    }

    private void lookUp(double[] values, int[] places) {
        int[] inParts = table;
        int last = inParts.length - 1;
        double least = thresholds[0];
        double by = scale;
        for (int i = 0; i < places.length; i++) {
            places[i] = inParts[part(values[i], least, by, last)];
        }
    }

    private void addNotBelow(double[] values, int[] places, int next, int[] ranks) {
        double[] t = thresholds;
        for (int i = 0; i < ranks.length; i++) {
            ranks[i] += 1 - below(values[i], t[places[i] + next]);
        }
    }

    private static void banded(int[] ranks, int below, int[] band) {
        for (int i = 0; i < band.length; i++) {
            band[i] = Math.max(0, Math.min(BAND, ranks[i] - below));
        }
    }

    private static void pack(int[] ranks, long[] column, int word) {
        for (int i = 0, w = word; i + LANES <= ranks.length; i += LANES, w++) {
            // In two halves, for shorter chains.
            int low = ranks[i] | ranks[i + 1] << 8 | ranks[i + 2] << 16 | ranks[i + 3] << 24;
            int high = ranks[i + 4] | ranks[i + 5] << 8 | ranks[i + 6] << 16 | ranks[i + 7] << 24;
            column[w] = (long) high << 32 | low & 0xFFFF_FFFFL;
        }
    }

    /** Columns of all. */
    static int columns(List<ValueRanks> all) {
        return all.stream().mapToInt(ValueRanks::columns).sum();
    }
}

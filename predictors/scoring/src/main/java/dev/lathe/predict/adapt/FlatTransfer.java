package dev.lathe.predict.adapt;

import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The mean of a transfer predictor as one sum over the architectures it was trained and adapted on: the known devices, each
 * such a sum itself, are folded into its weights. Distances are small integers, so kernels are tables, and the distances to all
 * architectures at once are sums of one row of a table for each choice. Immutable and thread-safe.
 */
final class FlatTransfer {
    private static final int MOST_VALUE = 4096;
    private static final int MOST_COLUMNS = 256;
    private static final int HALF = 16;
    private static final int LOW = (1 << HALF) - 1;

    /** By column and chosen value: how often each point chose that value in columns of its kind, and whether in this one. */
    private final int[][][] shared;

    /** By column and chosen value: the share of the mean that is linear in counts. */
    private final double[][] linear;

    private final ChoiceEncoding.Counter counter;
    private final double constant;
    private final int columns;
    /** Points that the device was adapted on stand behind those of the training. */
    private final int trained;

    private final int[] squares;
    private final double[] ofCounts;
    private final double[] ofCoarse;
    private final double[] ofFine;
    private final double[] countTable;
    private final double[][] tables;

    /** @return null where choices are too large for tables */
    static @Nullable FlatTransfer of(TransferModel model, Described support, TransferPrior.Weights w) {
        int columns = model.encoding().columns().size();
        for (List<Integer> values : model.encoding().values()) {
            if (values.get(0) < 0 || values.get(values.size() - 1) > MOST_VALUE) {
                return null;
            }
        }
        return columns > MOST_COLUMNS ? null : new FlatTransfer(model, support, w);
    }

    private FlatTransfer(TransferModel model, Described support, TransferPrior.Weights w) {
        this.counter = model.encoding().counter();
        this.columns = model.encoding().columns().size();
        this.trained = model.anchors().length;
        int points = trained + support.size();
        int[][] choices = new int[points][];
        System.arraycopy(model.anchors(), 0, choices, 0, trained);
        System.arraycopy(support.choices, 0, choices, trained, support.size());
        int[][] counts = model.encoding().counts(choices);

        this.ofCounts = new double[points];
        this.ofCoarse = new double[points];
        this.ofFine = new double[support.size()];
        fold(model, w);
        System.arraycopy(w.smooth(), 0, ofCounts, trained, support.size());
        System.arraycopy(w.coarse(), 0, ofCoarse, trained, support.size());
        System.arraycopy(w.fine(), 0, ofFine, 0, support.size());

        double[] slope = new double[model.encoding().size()];
        double c = w.constant();
        for (int v = 0; v < slope.length; v++) {
            slope[v] = w.linear()[v] / model.countDeviations()[v];
            c -= slope[v] * model.countMeans()[v];
        }
        this.constant = c;
        this.squares = new int[points];
        for (int p = 0; p < points; p++) {
            for (int n : counts[p]) {
                squares[p] += n * n;
            }
        }
        this.tables = model.kernel().tables(columns);
        this.countTable = model.kernel().countTable(2 * columns * columns);
        this.shared = new int[columns][][];
        this.linear = new double[columns][];
        fillTables(model.encoding(), choices, counts, slope);
    }

    /** The weight of each training architecture, over all known devices. */
    private void fold(TransferModel model, TransferPrior.Weights w) {
        List<TransferModel.Surrogate> devices = model.surrogates();
        for (int s = 0; s < devices.size(); s++) {
            double weight = w.sources()[s];
            double share = devices.get(s).countShare();
            double[] alpha = devices.get(s).alpha();
            for (int p = 0; p < trained; p++) {
                ofCounts[p] += weight * share * alpha[p];
                ofCoarse[p] += weight * (1 - share) * alpha[p];
            }
        }
    }

    private void fillTables(ChoiceEncoding encoding, int[][] choices, int[][] counts, double[] slope) {
        int[] kinds = encoding.kinds();
        int[] offsets = encoding.offsets();
        for (int c = 0; c < columns; c++) {
            List<Integer> values = encoding.values().get(kinds[c]);
            int most = values.get(values.size() - 1);
            shared[c] = new int[most + 1][];
            linear[c] = new double[most + 1];
            for (int v = 0; v < values.size(); v++) {
                int slot = offsets[kinds[c]] + v;
                int value = values.get(v);
                int[] row = new int[choices.length];
                for (int p = 0; p < row.length; p++) {
                    row[p] = (counts[p][slot] << HALF) + (choices[p][c] == value ? 1 : 0);
                }
                shared[c][value] = row;
                linear[c][value] = slope[slot];
            }
        }
    }

    /** Milliseconds of each architecture. */
    double[] predictMs(int[][] architectures) {
        double[] ms = new double[architectures.length];
        int[] sums = new int[squares.length];
        int[] slots = new int[columns];
        int[] seen = new int[counter.size()];
        for (int i = 0; i < ms.length; i++) {
            ms[i] = predictMs(architectures[i], sums, slots, seen);
        }
        return ms;
    }

    private double predictMs(int[] choices, int[] sums, int[] slots, int[] seen) {
        counter.slots(choices, slots);
        double ms = constant;
        int square = 0;
        for (int c = 0; c < columns; c++) {
            // The k-th of equal choices adds k * k - (k - 1) * (k - 1) to the square of their count.
            square += 2 * seen[slots[c]]++ + 1;
            ms += linear[c][choices[c]];
        }
        for (int c = 0; c < columns; c++) {
            seen[slots[c]] = 0;
        }
        Arrays.fill(sums, 0);
        int c = 0;
        for (; c + 4 <= columns; c += 4) {
            add(
                    shared[c][choices[c]],
                    shared[c + 1][choices[c + 1]],
                    shared[c + 2][choices[c + 2]],
                    shared[c + 3][choices[c + 3]],
                    sums);
        }
        for (; c < columns; c++) {
            add(shared[c][choices[c]], sums);
        }
        ms += ofCounts(sums, square) + ofCoarse(sums);
        for (int p = trained; p < sums.length; p++) {
            ms += ofFine[p - trained] * tables[1][columns - (sums[p] & LOW)];
        }
        return ms;
    }

    /** Two sums at a time, so that one need not wait for the other. */
    private double ofCounts(int[] sums, int square) {
        double[] weights = ofCounts;
        double[] table = countTable;
        int[] own = squares;
        double even = 0;
        double odd = 0;
        int last = sums.length - 1;
        for (int p = 0; p < last; p += 2) {
            even += weights[p] * table[square + own[p] - 2 * (sums[p] >> HALF)];
            odd += weights[p + 1] * table[square + own[p + 1] - 2 * (sums[p + 1] >> HALF)];
        }
        if (last % 2 == 0) {
            even += weights[last] * table[square + own[last] - 2 * (sums[last] >> HALF)];
        }
        return even + odd;
    }

    private double ofCoarse(int[] sums) {
        double[] weights = ofCoarse;
        double[] table = tables[0];
        double even = 0;
        double odd = 0;
        int last = sums.length - 1;
        for (int p = 0; p < last; p += 2) {
            even += weights[p] * table[columns - (sums[p] & LOW)];
            odd += weights[p + 1] * table[columns - (sums[p + 1] & LOW)];
        }
        if (last % 2 == 0) {
            even += weights[last] * table[columns - (sums[last] & LOW)];
        }
        return even + odd;
    }

    private static void add(int[] a, int[] b, int[] c, int[] d, int[] sums) {
        for (int p = 0; p < sums.length; p++) {
            sums[p] += (a[p] + b[p]) + (c[p] + d[p]);
        }
    }

    private static void add(int[] row, int[] sums) {
        for (int p = 0; p < sums.length; p++) {
            sums[p] += row[p];
        }
    }
}

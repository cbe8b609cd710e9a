package dev.lathe.predict;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;

/**
 * A network of one hidden layer whose features are options: what reaches that layer is a sum of rows of tables, one table for
 * several decisions together, so nothing is multiplied but what leaves it. Immutable and thread-safe.
 */
final class DenseChoices implements FlatModel.OfChoices {
    /** Rows of a table: few enough that the tables stay in the cache. */
    private static final int MOST_ROWS = 1024;

    /** Bits of a row's number. */
    private static final int ROW_BITS = 16;

    private static final int ROW = (1 << ROW_BITS) - 1;
    private static final int PACKED = Long.SIZE / ROW_BITS;

    /** Most options of a decision. */
    static final int MOST_OPTIONS = ROW;

    private final FlatDense network;
    private final int units;
    private final float[] weights;
    private final float bias;
    private final OptionColumns options;
    /** The last option of each decision. */
    private final int[] most;
    /** By how much a decision's choice moves the row of its table: rows of four tables in one number. */
    private final long[] strides;
    /** Where the decisions of each four tables begin. */
    private final int[] starts;
    /** Three, or more by twos; those beyond the last are zero. */
    private final float[][] tables;

    /**
     * @param network of one hidden layer
     * @param options of decisions that each have few enough for a row's number
     */
    DenseChoices(FlatDense network, OptionColumns options) {
        this.network = network;
        this.options = options;
        this.units = network.first().outputs();
        this.weights = network.last().weights()[0];
        this.bias = network.last().biases()[0];
        int[] sizes = options.sizes();
        this.most = Arrays.stream(sizes).map(s -> s - 1).toArray();
        this.strides = new long[sizes.length];
        List<Integer> rows = new ArrayList<>();
        List<Integer> first = new ArrayList<>();
        for (int d = 0; d < sizes.length; d++) {
            if (rows.isEmpty() || rows.get(rows.size() - 1) > MOST_ROWS / sizes[d]) {
                rows.add(1);
                first.add(d);
            }
            int last = rows.size() - 1;
            strides[d] = (long) rows.get(last) << ROW_BITS * (last % PACKED);
            rows.set(last, rows.get(last) * sizes[d]);
        }
        while (rows.size() < 3 || rows.size() % 2 == 0) {
            rows.add(1);
            first.add(sizes.length);
        }
        first.add(sizes.length);
        this.starts = IntStream.rangeClosed(0, (rows.size() + PACKED - 1) / PACKED)
                .map(p -> first.get(Math.min(p * PACKED, rows.size())))
                .toArray();
        this.tables = new float[rows.size()][];
        double[][][] shares = shares(network, options);
        for (int t = 0; t < tables.length; t++) {
            double[][][] of = Arrays.copyOfRange(shares, first.get(t), first.get(t + 1));
            tables[t] = table(rows.get(t), of, t == 0 ? start(network) : new double[units]);
        }
    }

    /** What the hidden layer sees where no option is taken. */
    private static double[] start(FlatDense network) {
        FlatDense.Layer first = network.first();
        double[] start = new double[first.outputs()];
        for (int j = 0; j < start.length; j++) {
            start[j] = first.biases()[j];
            for (int f = 0; f < first.inputs(); f++) {
                start[j] += first.weights()[j][f] * network.normalized(f, 0);
            }
        }
        return start;
    }

    /** By decision and option: what taking it adds. */
    private static double[][][] shares(FlatDense network, OptionColumns options) {
        FlatDense.Layer first = network.first();
        double[][][] shares = new double[options.decisions()][][];
        for (int d = 0; d < shares.length; d++) {
            shares[d] = new double[options.sizes()[d]][first.outputs()];
        }
        for (int f = 0; f < options.features(); f++) {
            double step = network.normalized(f, 1) - network.normalized(f, 0);
            double[] share = shares[options.decision(f)][options.option(f)];
            for (int j = 0; j < share.length; j++) {
                share[j] += first.weights()[j][f] * step;
            }
        }
        return shares;
    }

    /** The sums of all choices of some decisions, the first one's changing fastest. */
    private static float[] table(int rows, double[][][] shares, double[] start) {
        int units = start.length;
        float[] table = new float[rows * units];
        for (int row = 0; row < rows; row++) {
            double[] sum = start.clone();
            int rest = row;
            for (double[][] decision : shares) {
                double[] share = decision[rest % decision.length];
                rest /= decision.length;
                for (int j = 0; j < units; j++) {
                    sum[j] += share[j];
                }
            }
            for (int j = 0; j < units; j++) {
                table[row * units + j] = (float) sum[j];
            }
        }
        return table;
    }

    @Override
    public void predict(int[][] choices, double[] out) {
        int[] at = new int[(tables.length + PACKED - 1) / PACKED * PACKED];
        float[] sums = new float[units];
        int last = tables.length - 2;
        int wrong = 0;
        for (int r = 0; r < out.length; r++) {
            int[] row = choices[r];
            if (row.length != most.length) {
                throw options.refused(row);
            }
            wrong |= places(row, at);
            if (wrong < 0) {
                throw options.refused(row);
            }
            float[] a = tables[0];
            int atA = at[0];
            for (int t = 1; t < last; t += 2) {
                add(a, atA, tables[t], at[t], tables[t + 1], at[t + 1], sums);
                a = sums;
                atA = 0;
            }
            out[r] = network.value(
                    bias + output(a, atA, tables[last], at[last], tables[last + 1], at[last + 1], weights));
        }
    }

    /** Sets where each table's row begins; below 0 where a choice is none of its decision. */
    private int places(int[] choices, int[] at) {
        int wrong = 0;
        for (int p = 0; p + 1 < starts.length; p++) {
            long rows = 0;
            for (int d = starts[p]; d < starts[p + 1]; d++) {
                int c = choices[d];
                wrong |= c | most[d] - c;
                rows += c * strides[d];
            }
            for (int k = 0; k < PACKED; k++) {
                at[p * PACKED + k] = (int) (rows >>> ROW_BITS * k & ROW) * units;
            }
        }
        return wrong;
    }

    private static void add(float[] a, int atA, float[] b, int atB, float[] c, int atC, float[] to) {
        for (int j = 0; j < to.length; j++) {
            to[j] = (a[atA + j] + b[atB + j]) + c[atC + j];
        }
    }

    private static float output(float[] a, int atA, float[] b, int atB, float[] c, int atC, float[] weights) {
        float sum = 0;
        for (int j = 0; j < weights.length; j++) {
            sum += weights[j] * Math.max(0, (a[atA + j] + b[atB + j]) + c[atC + j]);
        }
        return sum;
    }
}

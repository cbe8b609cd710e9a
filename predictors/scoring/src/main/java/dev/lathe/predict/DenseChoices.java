package dev.lathe.predict;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.LongStream;

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

    /** Rows at a time. */
    private static final int BLOCK = 256;

    /** Most options of a decision. */
    static final int MOST_OPTIONS = ROW;

    private final FlatDense network;
    private final int units;
    private final float[] weights;
    private final float bias;
    private final OptionColumns options;
    /** By how much an option of a decision moves the row of its table: rows of four tables in one number. */
    private final long[][] moves;
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
        this.moves = new long[sizes.length][];
        List<Integer> rows = new ArrayList<>();
        List<Integer> first = new ArrayList<>();
        for (int d = 0; d < sizes.length; d++) {
            if (rows.isEmpty() || rows.get(rows.size() - 1) > MOST_ROWS / sizes[d]) {
                rows.add(1);
                first.add(d);
            }
            int last = rows.size() - 1;
            long stride = (long) rows.get(last) << ROW_BITS * (last % PACKED);
            moves[d] = LongStream.range(0, sizes[d]).map(o -> o * stride).toArray();
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
        options.checkLengths(choices);
        try {
            predictChecked(choices, out);
        } catch (ArrayIndexOutOfBoundsException e) {
            options.check(choices);
            throw e;
        }
    }

    /** What is no option is found by the tables' bounds. */
    private void predictChecked(int[][] choices, double[] out) {
        long[][] places = new long[starts.length - 1][Math.min(BLOCK, out.length)];
        float[] sums = new float[units];
        for (int from = 0; from < out.length; from += BLOCK) {
            int n = Math.min(BLOCK, out.length - from);
            for (int p = 0; p < places.length; p++) {
                place(choices, from, n, starts[p], starts[p + 1], moves, places[p]);
            }
            sum(places, n, sums, out, from);
        }
    }

    private void sum(long[][] places, int n, float[] sums, double[] out, int from) {
        float[][] t = tables;
        float[] w = weights;
        int last = t.length - 2;
        for (int r = 0; r < n; r++) {
            float[] a = t[0];
            int atA = at(places, 0, r);
            for (int k = 1; k < last; k += 2) {
                add(a, atA, t[k], at(places, k, r), t[k + 1], at(places, k + 1, r), sums);
                a = sums;
                atA = 0;
            }
            float sum = output(a, atA, t[last], at(places, last, r), t[last + 1], at(places, last + 1, r), w);
            out[from + r] = network.value(sum + bias);
        }
    }

    /** Where a table's values for a row begin. */
    private int at(long[][] places, int table, int row) {
        return (int) (places[table / PACKED][row] >>> ROW_BITS * (table % PACKED) & ROW) * units;
    }

    /** Sets the rows of four tables for some architectures. */
    private static void place(int[][] choices, int from, int n, int first, int end, long[][] rows, long[] places) {
        for (int r = 0; r < n; r++) {
            int[] row = choices[from + r];
            long place = 0;
            for (int d = first; d < end; d++) {
                place += rows[d][row[d]];
            }
            places[r] = place;
        }
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

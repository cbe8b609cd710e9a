package dev.lathe.predict;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import org.jspecify.annotations.Nullable;

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

    /** Rows summed side by side: a sum waits for itself. */
    private static final int SIDE_BY_SIDE = 8;

    /** What reaches a unit may be twice as large, and be summed in any order. */
    private static final double LARGEST = Float.MAX_VALUE / 8;

    private final FlatDense network;
    private final int units;
    /** Half of the last layer's weights: a unit gives twice its value. */
    private final float[] halves;

    private final float bias;
    private final OptionColumns options;
    /** By how much an option of a decision moves the row of its table: rows of four tables in one number. */
    private final long[][] moves;
    /** Where the decisions of each four tables begin. */
    private final int[] starts;
    /** By table and row, one number a unit; three tables, or more by twos, of which those beyond the last are zero. */
    private final float[][][] tables;

    /** @return null where there is not one hidden layer, a decision has too many options, or single precision too small a range */
    static @Nullable DenseChoices of(FlatDense network, OptionColumns options) {
        if (!network.hasOneHiddenLayer() || !Arrays.stream(options.sizes()).allMatch(n -> n >= 1 && n <= ROW)) {
            return null;
        }
        double[] start = start(network);
        double[][][] shares = shares(network, options);
        for (int j = 0; j < start.length; j++) {
            double most = Math.abs(start[j]);
            for (double[][] decision : shares) {
                int unit = j;
                most += Arrays.stream(decision)
                        .mapToDouble(share -> Math.abs(share[unit]))
                        .max()
                        .orElse(0);
            }
            if (!(most <= LARGEST)) {
                return null;
            }
        }
        return new DenseChoices(network, options, start, shares);
    }

    private DenseChoices(FlatDense network, OptionColumns options, double[] start, double[][][] shares) {
        this.network = network;
        this.options = options;
        this.units = network.first().outputs();
        this.halves = halves(network.last().weights()[0]);
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
        this.tables = new float[rows.size()][][];
        for (int t = 0; t < tables.length; t++) {
            double[][][] of = Arrays.copyOfRange(shares, first.get(t), first.get(t + 1));
            tables[t] = table(rows.get(t), of, t == 0 ? start : new double[units]);
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

    private static float[] halves(float[] weights) {
        float[] halves = new float[weights.length];
        for (int j = 0; j < halves.length; j++) {
            halves[j] = weights[j] / 2;
        }
        return halves;
    }

    /** The sums of all choices of some decisions, the first one's changing fastest. */
    private static float[][] table(int rows, double[][][] shares, double[] start) {
        int units = start.length;
        float[][] table = new float[rows][units];
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
                table[row][j] = (float) sum[j];
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
        float[][] products = new float[SIDE_BY_SIDE][units];
        float[] sums = new float[SIDE_BY_SIDE];
        for (int from = 0; from < out.length; from += BLOCK) {
            int n = Math.min(BLOCK, out.length - from);
            for (int p = 0; p < places.length; p++) {
                place(choices, from, n, starts[p], starts[p + 1], moves, places[p]);
            }
            sum(places, n, products, sums, out, from);
        }
    }

    private void sum(long[][] places, int n, float[][] products, float[] sums, double[] out, int from) {
        for (int r = 0; r < n; r += SIDE_BY_SIDE) {
            int rows = Math.min(SIDE_BY_SIDE, n - r);
            for (int i = 0; i < rows; i++) {
                multiply(places, r + i, products[i]);
            }
            add(products, sums);
            for (int i = 0; i < rows; i++) {
                out[from + r + i] = network.value(sums[i] + bias);
            }
        }
    }

    /** Adds the products of each of eight rows, in order. */
    private static void add(float[][] products, float[] sums) {
        float[] p0 = products[0];
        float[] p1 = products[1];
        float[] p2 = products[2];
        float[] p3 = products[3];
        float[] p4 = products[4];
        float[] p5 = products[5];
        float[] p6 = products[6];
        float[] p7 = products[7];
        float s0 = 0;
        float s1 = 0;
        float s2 = 0;
        float s3 = 0;
        float s4 = 0;
        float s5 = 0;
        float s6 = 0;
        float s7 = 0;
        for (int j = 0; j < p0.length; j++) {
            s0 += p0[j];
            s1 += p1[j];
            s2 += p2[j];
            s3 += p3[j];
            s4 += p4[j];
            s5 += p5[j];
            s6 += p6[j];
            s7 += p7[j];
        }
        sums[0] = s0;
        sums[1] = s1;
        sums[2] = s2;
        sums[3] = s3;
        sums[4] = s4;
        sums[5] = s5;
        sums[6] = s6;
        sums[7] = s7;
    }

    /** What each unit of a row adds. */
    private void multiply(long[][] places, int r, float[] products) {
        float[][][] t = tables;
        int last = t.length - 2;
        float[] a = at(places, 0, r);
        for (int k = 1; k < last; k += 2) {
            add(a, at(places, k, r), at(places, k + 1, r), products);
            a = products;
        }
        multiply(a, at(places, last, r), at(places, last + 1, r), halves, products);
    }

    /** A table's values for a row. */
    private float[] at(long[][] places, int table, int row) {
        return tables[table][(int) (places[table / PACKED][row] >>> ROW_BITS * (table % PACKED)) & ROW];
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

    private static void add(float[] a, float[] b, float[] c, float[] to) {
        for (int j = 0; j < to.length; j++) {
            to[j] = (a[j] + b[j]) + c[j];
        }
    }

    private static void multiply(float[] a, float[] b, float[] c, float[] halves, float[] to) {
        for (int j = 0; j < to.length; j++) {
            float v = (a[j] + b[j]) + c[j];
            // Twice the larger of it and 0, exactly, in fewer instructions.
            to[j] = halves[j] * (v + Math.abs(v));
        }
    }
}

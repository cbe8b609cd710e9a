package dev.lathe.predict;

import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A linear model of numbers, eight rows at a time: each row's sum is taken in the order of the archive's own code, so it is the
 * same to the last bit, but the processor has eight to work on. Immutable and thread-safe.
 */
@SuppressWarnings("ArrayRecordComponent") // within the package, never compared
record FlatLinear(double[] weights) implements FlatModel {
    private static final int SIDE_BY_SIDE = 8;
    /** Rows at a time: what was looked at for missing values is still in the cache. */
    private static final int BLOCK = 256;

    /**
     * Reads the coefficients from an archive's description, the intercept last.
     *
     * @return null where the model is more than a sum
     */
    static @Nullable FlatLinear of(Map<String, String> description) {
        boolean isSum = "gaussian".equals(description.get("family"))
                && "identity".equals(description.get("link"))
                && "0".equals(description.get("cats"));
        String beta = description.getOrDefault("beta", "");
        if (!isSum || !beta.startsWith("[") || !beta.endsWith("]")) {
            return null;
        }
        String[] cells = beta.substring(1, beta.length() - 1).split(",", -1);
        double[] weights = new double[cells.length];
        for (int i = 0; i < weights.length; i++) {
            try {
                weights[i] = Double.parseDouble(cells[i]);
            } catch (NumberFormatException e) {
                return null;
            }
        }
        return new FlatLinear(weights);
    }

    @Override
    public boolean predict(double[][] rows, double[] out) {
        for (int from = 0; from < rows.length; from += BLOCK) {
            int to = Math.min(rows.length, from + BLOCK);
            if (!FlatModel.isFinite(rows, from, to)) {
                return false;
            }
            predict(rows, from, to, out);
        }
        return true;
    }

    private void predict(double[][] rows, int from, int to, double[] out) {
        int r = from;
        for (; r + SIDE_BY_SIDE <= to; r += SIDE_BY_SIDE) {
            predictEight(rows, r, out);
        }
        for (; r < to; r++) {
            double sum = 0;
            for (int i = 0; i < weights.length - 1; i++) {
                sum += weights[i] * rows[r][i];
            }
            out[r] = sum + weights[weights.length - 1];
        }
    }

    private void predictEight(double[][] rows, int r, double[] out) {
        double[] w = weights;
        double[] r0 = rows[r];
        double[] r1 = rows[r + 1];
        double[] r2 = rows[r + 2];
        double[] r3 = rows[r + 3];
        double[] r4 = rows[r + 4];
        double[] r5 = rows[r + 5];
        double[] r6 = rows[r + 6];
        double[] r7 = rows[r + 7];
        double s0 = 0;
        double s1 = 0;
        double s2 = 0;
        double s3 = 0;
        double s4 = 0;
        double s5 = 0;
        double s6 = 0;
        double s7 = 0;
        int last = w.length - 1;
        for (int i = 0; i < last; i++) {
            double v = w[i];
            s0 += v * r0[i];
            s1 += v * r1[i];
            s2 += v * r2[i];
            s3 += v * r3[i];
            s4 += v * r4[i];
            s5 += v * r5[i];
            s6 += v * r6[i];
            s7 += v * r7[i];
        }
        out[r] = s0 + w[last];
        out[r + 1] = s1 + w[last];
        out[r + 2] = s2 + w[last];
        out[r + 3] = s3 + w[last];
        out[r + 4] = s4 + w[last];
        out[r + 5] = s5 + w[last];
        out[r + 6] = s6 + w[last];
        out[r + 7] = s7 + w[last];
    }

    /** A decision's share of the sum is looked up; the zeros left out change no bit of it. */
    @Override
    public OfChoices of(OptionColumns options) {
        int decisions = options.decisions();
        double intercept = weights[weights.length - 1];
        if (!inOrder(options) || !eachOnce(options)) {
            return (choices, out) -> predict(options.rows(choices), out);
        }
        double[][] shares = new double[decisions][];
        for (int d = 0; d < decisions; d++) {
            shares[d] = new double[options.sizes()[d]];
        }
        for (int f = 0; f < options.features(); f++) {
            shares[options.decision(f)][options.option(f)] = weights[f];
        }
        return (choices, out) -> {
            options.checkLengths(choices);
            try {
                sum(shares, intercept, choices, out);
            } catch (ArrayIndexOutOfBoundsException e) {
                options.check(choices);
                throw e;
            }
        };
    }

    /** What is no option is found by the tables' bounds. */
    private static void sum(double[][] shares, double intercept, int[][] choices, double[] out) {
        for (int r = 0; r < out.length; r++) {
            int[] c = choices[r];
            double sum = 0;
            for (int d = 0; d < shares.length; d++) {
                sum += shares[d][c[d]];
            }
            out[r] = sum + intercept;
        }
    }

    /** Whether the features of a decision follow those of the decision before. */
    private static boolean inOrder(OptionColumns options) {
        for (int f = 1; f < options.features(); f++) {
            if (options.decision(f) < options.decision(f - 1)) {
                return false;
            }
        }
        return true;
    }

    /** Whether no option is two features. */
    private static boolean eachOnce(OptionColumns options) {
        Set<List<Integer>> all = new HashSet<>();
        for (int f = 0; f < options.features(); f++) {
            if (!all.add(List.of(options.decision(f), options.option(f)))) {
                return false;
            }
        }
        return true;
    }
}

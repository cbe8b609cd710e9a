package dev.lathe.predict;

import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A linear model of numbers, eight rows at a time: each row's sum is taken in the order of the archive's own code, so it is the
 * same to the last bit, but the processor has eight to work on. Immutable and thread-safe.
 */
@SuppressWarnings("ArrayRecordComponent") // within the package, never compared
record FlatLinear(double[] weights) {
    private static final int SIDE_BY_SIDE = 8;

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

    /**
     * @param rows values of the features, none of them NaN
     * @param out written, one a row
     */
    void predict(double[][] rows, double[] out) {
        int r = 0;
        for (; r + SIDE_BY_SIDE <= rows.length; r += SIDE_BY_SIDE) {
            predictEight(rows, r, out);
        }
        for (; r < rows.length; r++) {
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
}

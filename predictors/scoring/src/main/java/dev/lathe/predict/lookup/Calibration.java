package dev.lathe.predict.lookup;

import java.util.Arrays;
import org.hipparchus.linear.Array2DRowRealMatrix;
import org.hipparchus.linear.ArrayRealVector;
import org.hipparchus.linear.CholeskyDecomposition;
import org.hipparchus.linear.RealMatrix;

/**
 * How sums of operators' times become the latency of a network: a constant for the call, a cost a step, and a factor of the
 * time of each kind of operator. Factors of kinds are drawn towards one factor for all, by as much as leaving out one network
 * after another says; with few networks that is all the way. Least squares of relative errors, in closed form.
 */
record Calibration(double constantMs, double stepMs, double[] factors, String form) {
    /** How strongly factors of kinds are drawn together; the last leaves one factor. */
    private static final double[] PULLS = {0.01, 0.03, 0.1, 0.3, 1, 3, 10, 1e6};

    /** As a share of a column's mean square: keeps columns that say the same apart. */
    private static final double JITTER = 1e-9;

    static final int LEAST_NETWORKS = 8;

    /**
     * A fit and how good it is.
     *
     * @param calibration fitted to all networks
     * @param leftOutMs for each network the prediction of a fit without it, in milliseconds
     * @param leftOutError root of the mean square of their relative errors
     */
    @SuppressWarnings("ArrayRecordComponent") // a parcel, never compared
    record Fit(Calibration calibration, double[] leftOutMs, double leftOutError) {}

    /**
     * Fits every form and keeps the one with the least squared relative error on left-out networks.
     *
     * @param sums a row of {@link OperatorTimes#of} a network
     * @param latencyMs what was measured
     * @throws IllegalArgumentException if there are fewer than {@value #LEAST_NETWORKS} networks
     */
    static Fit fit(double[][] sums, double[] latencyMs) {
        if (sums.length < LEAST_NETWORKS || sums.length != latencyMs.length) {
            throw new IllegalArgumentException("A calibration takes at least %d networks with their latencies, not %d"
                    .formatted(LEAST_NETWORKS, sums.length));
        }
        Fit best = null;
        for (boolean counts : new boolean[] {false, true}) {
            for (double pull : PULLS) {
                Fit f = fit(sums, latencyMs, counts, pull);
                if (best == null || f.leftOutError() < best.leftOutError()) {
                    best = f;
                }
            }
        }
        return java.util.Objects.requireNonNull(best);
    }

    /** Milliseconds of a network. */
    double predict(double[] sums) {
        double ms = constantMs + stepMs * sums[0];
        for (int k = 0; k < factors.length; k++) {
            ms += factors[k] * sums[1 + k];
        }
        return ms;
    }

    private static Fit fit(double[][] sums, double[] latencyMs, boolean counts, double pull) {
        int n = sums.length;
        int kinds = sums[0].length - 1;
        // Columns: constant, steps, all kinds together, each kind's departure from the common factor.
        int columns = 3 + kinds;
        double[][] x = new double[n][columns];
        for (int i = 0; i < n; i++) {
            double w = 1 / latencyMs[i];
            x[i][0] = w;
            x[i][1] = counts ? w * sums[i][0] : 0;
            for (int k = 0; k < kinds; k++) {
                x[i][2] += w * sums[i][1 + k];
                x[i][3 + k] = w * sums[i][1 + k];
            }
        }
        double[] scale = new double[columns];
        for (int j = 0; j < columns; j++) {
            double square = 0;
            for (double[] row : x) {
                square += row[j] * row[j];
            }
            scale[j] = Math.sqrt(square / n);
            for (double[] row : x) {
                row[j] = scale[j] == 0 ? 0 : row[j] / scale[j];
            }
        }
        RealMatrix m = new Array2DRowRealMatrix(x, false);
        RealMatrix normal = m.transpose().multiply(m);
        for (int j = 0; j < columns; j++) {
            double penalty = scale[j] == 0 ? 1 : j < 3 ? JITTER * n : pull;
            normal.addToEntry(j, j, penalty);
        }
        RealMatrix inverse =
                new CholeskyDecomposition(normal, 1e-12, 1e-15).getSolver().getInverse();
        double[] ones = new double[n];
        Arrays.fill(ones, 1);
        double[] beta = inverse.multiply(m.transpose()).operate(ones);
        double[] leftOut = new double[n];
        double squares = 0;
        for (int i = 0; i < n; i++) {
            ArrayRealVector row = new ArrayRealVector(x[i], false);
            double leverage = row.dotProduct(inverse.operate(row));
            double residual = 1 - row.dotProduct(new ArrayRealVector(beta, false));
            double error = residual / Math.max(1e-6, 1 - leverage);
            leftOut[i] = latencyMs[i] * (1 - error);
            squares += error * error;
        }
        double[] factors = new double[kinds];
        for (int k = 0; k < kinds; k++) {
            factors[k] = unscaled(beta, scale, 2) + unscaled(beta, scale, 3 + k);
        }
        String form = (pull == PULLS[PULLS.length - 1] ? "one factor" : "a factor a kind, pulled together by " + pull)
                + (counts ? ", a cost a step" : "");
        return new Fit(
                new Calibration(unscaled(beta, scale, 0), unscaled(beta, scale, 1), factors, form),
                leftOut,
                Math.sqrt(squares / n));
    }

    private static double unscaled(double[] beta, double[] scale, int j) {
        return scale[j] == 0 ? 0 : beta[j] / scale[j];
    }
}

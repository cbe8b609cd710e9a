package dev.lathe.evolve.surrogate;

import java.util.Arrays;
import org.hipparchus.exception.MathRuntimeException;
import org.hipparchus.linear.Array2DRowRealMatrix;
import org.hipparchus.linear.CholeskyDecomposition;
import org.jspecify.annotations.Nullable;

/**
 * A Gaussian process over architectures (Rasmussen and Williams, <i>Gaussian processes for machine learning</i>, MIT Press,
 * 2006, algorithm 2.1): from evaluated values, a mean and a variance for every other architecture. The kernel's parameters are
 * those of the greatest marginal likelihood, times a wide prior, found by a pattern search from the last ones.
 */
final class GaussianProcess {
    private static final double[] START = {
        Math.log(0.02),
        Math.log(0.5),
        Math.log(0.3),
        Math.log(0.02),
        Math.log(0.3),
        Math.log(0.3),
        Math.log(3e-4),
        Math.log(0.5),
        Math.log(1.5),
        Math.log(1.5)
    };
    /** Spread of the prior of each logarithm. */
    private static final double[] SPREAD = {2, 2, 2, 2, 2, 2, 2, 0.7, 0.7, 0.7};

    private static final double[] LEAST = {-9, -9, -9, -9, -9, -9, -11, -3, -3, -3};
    private static final double[] GREATEST = {5, 5, 5, 5, 5, 5, 0, 3, 3, 3};

    private final Kernel kernel;
    private final double[] logs;
    private final double mean;
    private final double scale;
    private final double[] weights;
    /** The inverse of the Cholesky factor, lower triangle. */
    private final double[][] inverse;

    private final double likelihood;

    private GaussianProcess(double[] logs, double mean, double scale, Factor factor) {
        this.kernel = Kernel.of(logs);
        this.logs = logs;
        this.mean = mean;
        this.scale = scale;
        this.weights = factor.weights;
        this.inverse = inverted(factor.lower);
        this.likelihood = factor.likelihood - factor.weights.length * Math.log(scale);
    }

    // The arrays are this class's own and never changed.
    @SuppressWarnings("ArrayRecordComponent")
    private record Factor(double[][] lower, double[] weights, double likelihood) {}

    /**
     * @param from logarithms of the kernel's parameters to start from, as {@link #logs} gives them; null for the usual ones
     * @param rounds of the pattern search; 0 keeps the parameters
     */
    static GaussianProcess fit(Similarities all, double[] values, double @Nullable [] from, int rounds) {
        int n = values.length;
        double mean = Arrays.stream(values).average().orElse(0);
        double variance = 0;
        for (double v : values) {
            variance += (v - mean) * (v - mean) / n;
        }
        double scale = variance > 0 ? Math.sqrt(variance) : 1;
        double[] y = new double[n];
        for (int i = 0; i < n; i++) {
            y[i] = (values[i] - mean) / scale;
        }
        double[] best = from == null ? START.clone() : from.clone();
        Factor factor = factor(all, y, best);
        double score = score(factor, best);
        double step = 1;
        for (int round = 0; round < rounds; round++) {
            boolean better = false;
            for (int p = 0; p < Kernel.PARAMETERS; p++) {
                for (int sign = -1; sign <= 1; sign += 2) {
                    double[] tried = best.clone();
                    tried[p] = Math.max(LEAST[p], Math.min(GREATEST[p], tried[p] + sign * step));
                    if (tried[p] == best[p]) {
                        continue;
                    }
                    Factor f = factor(all, y, tried);
                    double s = score(f, tried);
                    if (f != null && s > score) {
                        score = s;
                        best = tried;
                        factor = f;
                        better = true;
                        break;
                    }
                }
            }
            step = better ? step : step / 2;
        }
        if (factor == null) {
            throw new IllegalStateException(
                    "The kernel matrix of %d architectures is not positive definite".formatted(n));
        }
        return new GaussianProcess(best, mean, scale, factor);
    }

    private static double score(@Nullable Factor f, double[] logs) {
        if (f == null) {
            return Double.NEGATIVE_INFINITY;
        }
        double prior = 0;
        for (int p = 0; p < logs.length; p++) {
            double z = (logs[p] - START[p]) / SPREAD[p];
            prior -= z * z / 2;
        }
        return f.likelihood + prior;
    }

    private static @Nullable Factor factor(Similarities all, double[] y, double[] logs) {
        int n = y.length;
        Kernel k = Kernel.of(logs);
        double[][] matrix = new double[n][n];
        for (int i = 0; i < n; i++) {
            for (int j = 0; j <= i; j++) {
                double v = all.kernel(k, i, j);
                matrix[i][j] = v;
                matrix[j][i] = v;
            }
            matrix[i][i] += k.noise() + 1e-8;
        }
        double[][] l;
        try {
            l = new CholeskyDecomposition(new Array2DRowRealMatrix(matrix, false))
                    .getL()
                    .getData();
        } catch (MathRuntimeException notPositive) {
            return null;
        }
        double[] w = y.clone();
        double log = 0;
        for (int i = 0; i < n; i++) {
            double s = w[i];
            for (int j = 0; j < i; j++) {
                s -= l[i][j] * w[j];
            }
            w[i] = s / l[i][i];
            log += Math.log(l[i][i]) + w[i] * w[i] / 2;
        }
        for (int i = n - 1; i >= 0; i--) {
            double s = w[i];
            for (int j = i + 1; j < n; j++) {
                s -= l[j][i] * w[j];
            }
            w[i] = s / l[i][i];
        }
        return new Factor(l, w, -log - n * Math.log(2 * Math.PI) / 2);
    }

    private static double[][] inverted(double[][] l) {
        int n = l.length;
        double[][] inverse = new double[n][];
        for (int i = 0; i < n; i++) {
            inverse[i] = new double[i + 1];
            inverse[i][i] = 1 / l[i][i];
            for (int j = 0; j < i; j++) {
                double s = 0;
                for (int k = j; k < i; k++) {
                    s -= l[i][k] * inverse[k][j];
                }
                inverse[i][j] = s / l[i][i];
            }
        }
        return inverse;
    }

    /** What the parameters are, as a start for the next fit. */
    double[] logs() {
        return logs.clone();
    }

    /** The logarithm of the density of the values. */
    double likelihood() {
        return likelihood;
    }

    Kernel kernel() {
        return kernel;
    }

    /** @param covariances with the evaluated ones, in their order, in the kernel's units */
    double mean(double[] covariances) {
        double s = 0;
        for (int i = 0; i < weights.length; i++) {
            s += weights[i] * covariances[i];
        }
        return mean + scale * s;
    }

    /** The covariances seen through the evaluated ones: products of two of these are what the evaluations explain. */
    double[] explained(double[] covariances) {
        int n = inverse.length;
        double[] v = new double[n];
        for (int i = 0; i < n; i++) {
            double s = 0;
            double[] row = inverse[i];
            for (int j = 0; j <= i; j++) {
                s += row[j] * covariances[j];
            }
            v[i] = s;
        }
        return v;
    }

    /** The standard deviation of values is this times the root of the kernel's variance. */
    double scale() {
        return scale;
    }
}

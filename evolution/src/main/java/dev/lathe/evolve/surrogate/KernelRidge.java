package dev.lathe.evolve.surrogate;

import java.util.Arrays;
import java.util.stream.IntStream;
import org.hipparchus.linear.Array2DRowRealMatrix;
import org.hipparchus.linear.ArrayRealVector;
import org.hipparchus.linear.CholeskyDecomposition;

/**
 * Ridge regression on the one-hot code of an architecture's choices, linear or with a kernel of radial basis functions; which of
 * them, and how strong, is chosen by cross-validation. What LINAS predicts with: few samples, and a fit in milliseconds.
 */
public final class KernelRidge {
    private static final int FOLDS = 4;
    /** Of more samples, so many, evenly spread, are cross-validated. */
    private static final int MOST_VALIDATED = 200;

    private static final double[] PENALTIES = {1e-2, 1e-1, 1};
    /** Widths of the radial basis functions, per differing decision; 0 is the linear model. */
    private static final double[] WIDTHS = {0, 0.03, 0.1, 0.3};

    private final int[][] points;
    private final double[] weights;
    private final double width;
    private final double mean;

    private KernelRidge(int[][] points, double[] weights, double width, double mean) {
        this.points = points;
        this.weights = weights;
        this.width = width;
        this.mean = mean;
    }

    /**
     * @param choices of each evaluated architecture
     * @param values one for each, at least 2
     */
    public static KernelRidge fit(int[][] choices, double[] values) {
        int[] some = indices(Math.min(MOST_VALIDATED, values.length))
                .map(i -> (int) ((long) i * values.length / Math.min(MOST_VALIDATED, values.length)))
                .toArray();
        int[][] someChoices = Arrays.stream(some).mapToObj(i -> choices[i]).toArray(int[][]::new);
        double[] someValues = Arrays.stream(some).mapToDouble(i -> values[i]).toArray();
        double bestError = Double.POSITIVE_INFINITY;
        double bestWidth = 0;
        double bestPenalty = 1;
        for (double width : WIDTHS) {
            for (double penalty : PENALTIES) {
                double error = error(someChoices, someValues, width, penalty);
                if (error < bestError) {
                    bestError = error;
                    bestWidth = width;
                    bestPenalty = penalty;
                }
            }
        }
        return fit(choices, values, bestWidth, bestPenalty);
    }

    private static double error(int[][] choices, double[] values, double width, double penalty) {
        double sum = 0;
        int folds = Math.min(FOLDS, values.length);
        for (int f = 0; f < folds; f++) {
            int fold = f;
            int[] in = indices(values.length).filter(i -> i % folds != fold).toArray();
            int[] out = indices(values.length).filter(i -> i % folds == fold).toArray();
            KernelRidge model = fit(
                    Arrays.stream(in).mapToObj(i -> choices[i]).toArray(int[][]::new),
                    Arrays.stream(in).mapToDouble(i -> values[i]).toArray(),
                    width,
                    penalty);
            for (int i : out) {
                double e = model.predict(choices[i]) - values[i];
                sum += e * e;
            }
        }
        return sum;
    }

    private static IntStream indices(int n) {
        return IntStream.range(0, n);
    }

    /**
     * Without cross-validation.
     *
     * @param width of the radial basis functions, per differing decision; 0 for the linear model
     * @param penalty in units of the kernel, above 0
     */
    public static KernelRidge fit(int[][] points, double[] values, double width, double penalty) {
        int n = values.length;
        double mean = Arrays.stream(values).average().orElse(0);
        double[][] k = new double[n][n];
        for (int i = 0; i < n; i++) {
            for (int j = 0; j <= i; j++) {
                k[i][j] = kernel(points[i], points[j], width);
                k[j][i] = k[i][j];
            }
            k[i][i] += penalty;
        }
        double[] centred = Arrays.stream(values).map(v -> v - mean).toArray();
        double[] weights = new CholeskyDecomposition(new Array2DRowRealMatrix(k, false))
                .getSolver()
                .solve(new ArrayRealVector(centred, false))
                .toArray();
        return new KernelRidge(points, weights, width, mean);
    }

    private static double kernel(int[] a, int[] b, double width) {
        int equal = 0;
        for (int i = 0; i < a.length; i++) {
            equal += a[i] == b[i] ? 1 : 0;
        }
        // The product of two one-hot codes is the number of equal decisions, their squared distance twice that of
        // others.
        return width == 0 ? equal : Math.exp(-2 * width * (a.length - equal));
    }

    public double predict(int[] choices) {
        double sum = mean;
        for (int i = 0; i < points.length; i++) {
            sum += weights[i] * kernel(points[i], choices, width);
        }
        return sum;
    }
}

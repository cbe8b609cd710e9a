package dev.lathe.predict.train;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.hipparchus.exception.MathRuntimeException;
import org.hipparchus.linear.Array2DRowRealMatrix;
import org.hipparchus.linear.ArrayRealVector;
import org.hipparchus.linear.LUDecomposition;

/**
 * Weights of a stack: the mean of models, with weights of at least 0, whose squared error on rows that none of them was fitted
 * to is least.
 *
 * @see <a href="https://doi.org/10.1007/BF00117832">Breiman, Stacked Regressions, Machine Learning 24, 1996</a>
 */
final class Stacking {
    /** Of the errors' sum of squares over all models, added so that models that err alike share a weight. */
    private static final double RIDGE = 1e-6;

    private Stacking() {}

    /**
     * Exact: of each subset of the models, the best mean; of those without negative weights, the best.
     *
     * @param predicted out-of-fold predictions, shape (models, rows); few models
     * @param rows those that count
     * @return one weight a model, with a sum of 1
     */
    static double[] weights(double[][] predicted, double[] targets, int[] rows) {
        int n = predicted.length;
        double[][] products = new double[n][n];
        double trace = 0;
        for (int a = 0; a < n; a++) {
            for (int b = 0; b < n; b++) {
                for (int r : rows) {
                    products[a][b] += (predicted[a][r] - targets[r]) * (predicted[b][r] - targets[r]);
                }
            }
            trace += products[a][a];
        }
        double[] best = new double[n];
        Arrays.fill(best, 1.0 / n);
        if (!(trace > 0)) {
            return best;
        }
        for (int a = 0; a < n; a++) {
            for (int b = 0; b < n; b++) {
                products[a][b] = products[a][b] / trace + (a == b ? RIDGE : 0);
            }
        }
        double least = Double.POSITIVE_INFINITY;
        for (int subset = 1; subset < 1 << n; subset++) {
            double[] w = mean(products, subset);
            double error = error(products, w);
            if (error < least && Arrays.stream(w).allMatch(v -> v >= 0)) {
                least = error;
                best = w;
            }
        }
        return best;
    }

    /** With errors e of the models, the w of sum 1 for which the square of the sum of w e is least; 0 outside the subset. */
    private static double[] mean(double[][] products, int subset) {
        List<Integer> members = new ArrayList<>();
        for (int i = 0; i < products.length; i++) {
            if ((subset >> i & 1) != 0) {
                members.add(i);
            }
        }
        Array2DRowRealMatrix part = new Array2DRowRealMatrix(members.size(), members.size());
        for (int i = 0; i < members.size(); i++) {
            for (int j = 0; j < members.size(); j++) {
                part.setEntry(i, j, products[members.get(i)][members.get(j)]);
            }
        }
        double[] w = new double[products.length];
        try {
            double[] solved = new LUDecomposition(part)
                    .getSolver()
                    .solve(new ArrayRealVector(members.size(), 1.0))
                    .toArray();
            double sum = Arrays.stream(solved).sum();
            for (int i = 0; i < solved.length; i++) {
                w[members.get(i)] = solved[i] / sum;
            }
        } catch (MathRuntimeException e) {
            Arrays.fill(w, -1);
        }
        return w;
    }

    private static double error(double[][] products, double[] w) {
        double e = 0;
        for (int a = 0; a < w.length; a++) {
            for (int b = 0; b < w.length; b++) {
                e += w[a] * w[b] * products[a][b];
            }
        }
        return e;
    }
}

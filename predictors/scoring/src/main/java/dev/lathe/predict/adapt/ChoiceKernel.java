package dev.lathe.predict.adapt;

/**
 * How alike two architectures are, from their choices alone: a Gaussian of the distance of their counts, and exponentials
 * of the number of decisions on which they differ, one coarse, one fine. Lengths are in units of the mean distance over the
 * training architectures, so that they mean the same for a cell of 6 decisions and a network of 46.
 *
 * <p>An exponential of the Hamming distance is a product over decisions, so it holds interactions of every order; what a
 * compiler removes from a cell follows from such interactions.
 *
 * @param meanCountDistance mean squared distance of counts over pairs of training architectures, above 0
 * @param meanDiffering mean number of decisions on which a pair differs, above 0
 */
public record ChoiceKernel(double meanCountDistance, double meanDiffering) {
    private static final double COUNT_LENGTH = 4;
    private static final double COARSE = 0.5;
    private static final double FINE = 1.7;

    public ChoiceKernel {
        if (!(meanCountDistance > 0 && meanDiffering > 0)) {
            throw new IllegalArgumentException("Mean distances of architectures are above 0, not %s and %s"
                    .formatted(meanCountDistance, meanDiffering));
        }
    }

    /** With the means over all pairs of the given architectures. */
    public static ChoiceKernel of(ChoiceEncoding encoding, int[][] choices) {
        int[][] counts = encoding.counts(choices);
        double c = 0;
        double h = 0;
        for (int i = 0; i < choices.length; i++) {
            for (int j = 0; j < i; j++) {
                c += ChoiceEncoding.distance(counts[i], counts[j]);
                h += ChoiceEncoding.differing(choices[i], choices[j]);
            }
        }
        double pairs = choices.length * (choices.length - 1) / 2.0;
        return new ChoiceKernel(c / pairs, h / pairs);
    }

    double ofCounts(int[] a, int[] b) {
        return Math.exp(-ChoiceEncoding.distance(a, b) / (2 * COUNT_LENGTH * meanCountDistance));
    }

    double coarse(int differing) {
        return Math.exp(-COARSE * differing / meanDiffering);
    }

    double fine(int differing) {
        return Math.exp(-FINE * differing / meanDiffering);
    }

    /** {@link #ofCounts} for squared distances from 0 to n. */
    double[] countTable(int n) {
        double[] t = new double[n + 1];
        for (int d = 0; d <= n; d++) {
            t[d] = Math.exp(-d / (2 * COUNT_LENGTH * meanCountDistance));
        }
        return t;
    }

    /** {@link #coarse} and {@link #fine} for 0 to n differing decisions. */
    double[][] tables(int n) {
        double[][] t = new double[2][n + 1];
        for (int d = 0; d <= n; d++) {
            t[0][d] = coarse(d);
            t[1][d] = fine(d);
        }
        return t;
    }

    /**
     * The kernel of all pairs, shape (n, n): of counts by the given share, the rest coarse.
     *
     * @param countShare 0 to 1
     */
    public double[][] matrix(ChoiceEncoding encoding, int[][] choices, double countShare) {
        int[][] counts = encoding.counts(choices);
        double[][] k = new double[choices.length][choices.length];
        for (int i = 0; i < k.length; i++) {
            for (int j = 0; j <= i; j++) {
                k[i][j] = countShare * ofCounts(counts[i], counts[j])
                        + (1 - countShare) * coarse(ChoiceEncoding.differing(choices[i], choices[j]));
                k[j][i] = k[i][j];
            }
        }
        return k;
    }
}

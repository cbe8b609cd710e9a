package dev.lathe.predict.adapt;

import dev.lathe.base.InvalidInputException;
import java.util.Arrays;
import java.util.function.IntToDoubleFunction;
import org.hipparchus.linear.Array2DRowRealMatrix;
import org.hipparchus.linear.ArrayRealVector;
import org.hipparchus.linear.CholeskyDecomposition;
import org.hipparchus.linear.DecompositionSolver;
import org.hipparchus.linear.RealMatrix;
import org.hipparchus.linear.RealVector;

/**
 * A Gaussian process over architectures for a device that is not known yet: its covariance is a sum of what known devices
 * say, of counts of choices and of the choices themselves. Immutable and thread-safe.
 */
public final class TransferPrior {
    /** Variance of the unknown level, which the mean of the support does not quite hit. */
    private static final double LEVEL = 10;

    private static final double SMALLEST_VARIANCE = 1e-12;

    /** Shares of the prior's noise; some devices repeat better. */
    private static final double[] NOISE_FACTORS = {1, 0.3, 0.1};

    private final ChoiceKernel kernel;
    private final KernelWeights weights;
    private final double smooth;
    private final double coarse;
    private final double fine;
    private final double[][] tables;

    /**
     * @param kernel how alike choices are
     * @param variances of the kernel's three parts over the training architectures: smooth, coarse, fine; each above 0
     * @param weights how much of each part
     * @param columns number of decisions
     */
    public TransferPrior(ChoiceKernel kernel, double[] variances, KernelWeights weights, int columns) {
        this.kernel = kernel;
        this.weights = weights;
        this.smooth = weights.smooth() / variances[0];
        this.coarse = weights.coarse() / variances[1];
        this.fine = weights.fine() / variances[2];
        this.tables = kernel.tables(columns);
    }

    /** Variances that functions drawn from the three parts of the kernel have over these architectures, on average. */
    public static double[] variances(ChoiceKernel kernel, Described d) {
        double[] mean = new double[3];
        double[][] t = kernel.tables(d.choices[0].length);
        for (int i = 0; i < d.size(); i++) {
            for (int j = 0; j < d.size(); j++) {
                int differing = ChoiceEncoding.differing(d.choices[i], d.choices[j]);
                mean[0] += kernel.ofCounts(d.counts[i], d.counts[j]);
                mean[1] += t[0][differing];
                mean[2] += t[1][differing];
            }
        }
        double pairs = (double) d.size() * d.size();
        return Arrays.stream(mean).map(m -> 1 - m / pairs).toArray();
    }

    double covariance(Described a, int i, Described b, int j) {
        double k = LEVEL + weights.mean() * a.mean[i] * b.mean[j];
        k += weights.sources() * dot(a.sources[i], b.sources[j]) / a.sources[i].length;
        k += weights.counts() * dot(a.linear[i], b.linear[j]) / a.linear[i].length;
        if (smooth > 0) {
            k += smooth * kernel.ofCounts(a.counts[i], b.counts[j]);
        }
        int differing = ChoiceEncoding.differing(a.choices[i], b.choices[j]);
        return k + coarse * tables[0][differing] + fine * tables[1][differing];
    }

    /**
     * Chooses what to measure: each time the architecture of whose latency least is known after measuring the ones before.
     *
     * @param first the row to begin with
     * @return n different rows
     */
    public int[] select(Described pool, int n, int first) {
        int size = pool.size();
        if (n < 1 || n > size) {
            throw new InvalidInputException(
                    "%d architectures are to be chosen from %d; choose at least 1 and at most all".formatted(n, size));
        }
        double[] variance = new double[size];
        Arrays.setAll(variance, i -> covariance(pool, i, pool, i));
        double[][] factor = new double[n][];
        int[] chosen = new int[n];
        boolean[] taken = new boolean[size];
        int next = first;
        for (int s = 0; s < n; s++) {
            chosen[s] = next;
            taken[next] = true;
            double[] column = new double[size];
            double root = Math.sqrt(Math.max(variance[next], 0) + weights.noise());
            for (int i = 0; i < size; i++) {
                double c = covariance(pool, next, pool, i);
                for (int e = 0; e < s; e++) {
                    c -= factor[e][next] * factor[e][i];
                }
                column[i] = c / root;
                variance[i] -= column[i] * column[i];
            }
            factor[s] = column;
            next = largest(variance, taken);
        }
        return chosen;
    }

    private static int largest(double[] variance, boolean[] taken) {
        int best = -1;
        for (int i = 0; i < variance.length; i++) {
            if (!taken[i] && (best < 0 || variance[i] > variance[best])) {
                best = i;
            }
        }
        return Math.max(best, 0);
    }

    /**
     * What is believed after measuring. The share of noise is the one that makes each measurement most likely given the
     * others, since the spread of the latencies alone does not tell a noisy device from a simple one.
     *
     * @see <a href="https://gaussianprocess.org/gpml/chapters/RW5.pdf">Rasmussen and Williams, section 5.4.2</a>
     *
     * @param latencyMs finite, one a row of the support
     */
    public Posterior posterior(Described support, double[] latencyMs) {
        int n = support.size();
        Array2DRowRealMatrix k = new Array2DRowRealMatrix(n, n);
        for (int i = 0; i < n; i++) {
            for (int j = 0; j < n; j++) {
                k.setEntry(i, j, covariance(support, i, support, j));
            }
        }
        double level = Arrays.stream(latencyMs).average().orElse(0);
        RealVector centred = new ArrayRealVector(latencyMs).mapSubtract(level);
        Posterior best = posterior(support, k, NOISE_FACTORS[0], level, centred);
        for (int f = 1; f < NOISE_FACTORS.length; f++) {
            Posterior p = posterior(support, k, NOISE_FACTORS[f], level, centred);
            best = p.likelihood > best.likelihood ? p : best;
        }
        return best;
    }

    private Posterior posterior(
            Described support, RealMatrix covariances, double factor, double level, RealVector centred) {
        int n = support.size();
        double noise = factor * weights.noise();
        RealMatrix k = covariances.copy();
        for (int i = 0; i < n; i++) {
            k.addToEntry(i, i, noise);
        }
        CholeskyDecomposition cholesky = new CholeskyDecomposition(k, 1e-9, SMALLEST_VARIANCE);
        DecompositionSolver solver = cholesky.getSolver();
        RealVector alpha = solver.solve(centred);
        // Each measurement predicted from the others, in closed form: error alpha / i, variance amplitude^2 / i.
        RealMatrix inverse = solver.getInverse();
        double sum = 0;
        double logs = 0;
        for (int i = 0; i < n; i++) {
            sum += alpha.getEntry(i) * alpha.getEntry(i) / inverse.getEntry(i, i);
            logs += Math.log(inverse.getEntry(i, i));
        }
        double amplitude = Math.sqrt(sum / n);
        double likelihood = logs / 2 - n * Math.log(Math.max(amplitude, Double.MIN_NORMAL));
        // Few errors say little, the latencies' own spread says too much of a quiet device: the geometric mean of both
        // scales.
        double spread = Math.sqrt(Math.max(0, centred.dotProduct(alpha)) / n);
        double scale = Math.sqrt(amplitude * spread);
        return new Posterior(support, solver, alpha.toArray(), level, scale, noise, likelihood);
    }

    private static double dot(double[] a, double[] b) {
        double s = 0;
        for (int i = 0; i < a.length; i++) {
            s += a[i] * b[i];
        }
        return s;
    }

    /**
     * A posterior mean taken apart.
     *
     * @param sources of the standardized latency on each known device
     * @param linear of each standardized count
     * @param smooth of each architecture of the support, by the kernel of counts
     * @param coarse the same, by the coarse kernel of choices
     * @param fine the same, by the fine one
     */
    @SuppressWarnings("ArrayRecordComponent") // within the package, never compared
    record Weights(
            double constant, double[] sources, double[] linear, double[] smooth, double[] coarse, double[] fine) {}

    /** The process given its support. Immutable. */
    public final class Posterior {
        private final Described support;
        private final DecompositionSolver solver;
        private final double[] alpha;
        private final double level;
        private final double amplitude;
        private final double noise;
        private final double likelihood;

        private Posterior(
                Described support,
                DecompositionSolver solver,
                double[] alpha,
                double level,
                double amplitude,
                double noise,
                double likelihood) {
            this.support = support;
            this.solver = solver;
            this.alpha = alpha;
            this.level = level;
            this.amplitude = amplitude;
            this.noise = noise;
            this.likelihood = likelihood;
        }

        /**
         * The mean as weights: what {@link #mean} adds up, with the support's share folded into each part.
         *
         * <p>One value for each known device, each count of choices, and each architecture of the support.
         */
        Weights weights() {
            int n = alpha.length;
            int devices = support.sources[0].length;
            double[] sources = new double[devices];
            double[] counts = new double[support.linear[0].length];
            double[] smoothOf = new double[n];
            double[] coarseOf = new double[n];
            double[] fineOf = new double[n];
            double constant = level;
            for (int j = 0; j < n; j++) {
                constant += LEVEL * alpha[j];
                for (int s = 0; s < devices; s++) {
                    sources[s] += alpha[j]
                            * (weights.mean() * support.mean[j] + weights.sources() * support.sources[j][s])
                            / devices;
                }
                for (int v = 0; v < counts.length; v++) {
                    counts[v] += alpha[j] * weights.counts() * support.linear[j][v] / counts.length;
                }
                smoothOf[j] = alpha[j] * smooth;
                coarseOf[j] = alpha[j] * coarse;
                fineOf[j] = alpha[j] * fine;
            }
            return new Weights(constant, sources, counts, smoothOf, coarseOf, fineOf);
        }

        Described support() {
            return support;
        }

        /** Mean in ms, one a row. */
        public double[] mean(Described d) {
            double[] m = new double[d.size()];
            for (int i = 0; i < m.length; i++) {
                double s = level;
                for (int j = 0; j < alpha.length; j++) {
                    s += alpha[j] * covariance(d, i, support, j);
                }
                m[i] = s;
            }
            return m;
        }

        /** Standard deviation of one measurement in ms, one a row; its scale comes from the support's own errors. */
        public double[] deviation(Described d) {
            double[] s = new double[d.size()];
            for (int i = 0; i < s.length; i++) {
                int row = i;
                double[] k = row(j -> covariance(d, row, support, j));
                double known =
                        dot(k, solver.solve(new ArrayRealVector(k, false)).toArray());
                double variance = covariance(d, i, d, i) - known + noise;
                s[i] = amplitude * Math.sqrt(Math.max(variance, SMALLEST_VARIANCE));
            }
            return s;
        }

        private double[] row(IntToDoubleFunction f) {
            double[] r = new double[alpha.length];
            Arrays.setAll(r, f);
            return r;
        }
    }
}

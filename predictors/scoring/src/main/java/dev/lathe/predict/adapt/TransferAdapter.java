package dev.lathe.predict.adapt;

import dev.lathe.base.InvalidInputException;
import java.util.Map;
import java.util.SortedMap;
import java.util.random.RandomGenerator;

/**
 * Transfer over surrogates: each known device is one function of architectures, and a new one is a Gaussian process around
 * them, conditioned on what was measured. Predictions are affine in the measured latencies, so they are milliseconds.
 * What to measure is chosen by the process's own variance.
 *
 * <p>Intervals are split-conformal: their width in predicted standard deviations is the quantile of what happened on
 * training devices that were left out and given as many measurements.
 *
 * @see <a href="https://arxiv.org/abs/2107.07511">Angelopoulos and Bates, A gentle introduction to conformal prediction</a>
 */
public final class TransferAdapter implements DeviceAdapter {
    private static final int LEAST_SUPPORT = 2;

    private final TransferModel model;
    private final TransferPrior prior;
    private final int[][] anchorCounts;
    private final ChoiceEncoding.Counter counter;
    private final double[] coarse;

    public TransferAdapter(TransferModel model) {
        this.model = model;
        this.prior = new TransferPrior(
                model.kernel(),
                model.variances(),
                model.weights(),
                model.encoding().columns().size());
        this.counter = model.encoding().counter();
        this.coarse = model.kernel().tables(model.encoding().columns().size())[0];
        this.anchorCounts = new int[model.anchors().length][];
        for (int i = 0; i < anchorCounts.length; i++) {
            anchorCounts[i] = counter.counts(model.anchors()[i]);
        }
    }

    @Override
    public String name() {
        return "transfer";
    }

    public TransferModel model() {
        return model;
    }

    /** The Gaussian process before anything was measured. */
    public TransferPrior prior() {
        return prior;
    }

    @Override
    public int[] chooseSupport(int[][] pool, int n, RandomGenerator random) {
        if (pool.length == 0) {
            throw new InvalidInputException("there is no architecture to choose from; give a pool");
        }
        return prior.select(describe(pool), n, random.nextInt(pool.length));
    }

    @Override
    public TransferPredictor adapt(int[][] support, double[] latencyMs) {
        return adapt(describe(support), latencyMs);
    }

    /** As {@link #adapt(int[][], double[])}, of architectures that were described before. */
    public TransferPredictor adapt(Described support, double[] latencyMs) {
        Measurements.check(support.size(), latencyMs, LEAST_SUPPORT);
        return new TransferPredictor(
                this,
                prior.posterior(support, latencyMs),
                quantiles(model.scores(), latencyMs.length),
                quantiles(model.upperScores(), latencyMs.length));
    }

    /** Quantiles for the largest number of measurements that is no more than the given; below the least, those. */
    private static double[] quantiles(SortedMap<Integer, double[]> scores, int measurements) {
        double[] quantiles = scores.values().iterator().next();
        for (Map.Entry<Integer, double[]> e : scores.entrySet()) {
            quantiles = e.getKey() <= measurements ? e.getValue() : quantiles;
        }
        return quantiles;
    }

    /**
     * What the known devices say of architectures.
     *
     * @throws InvalidInputException if a choice is one that no training architecture makes
     */
    public Described describe(int[][] architectures) {
        int n = architectures.length;
        int[][] choices = new int[n][];
        int[][] counts = new int[n][];
        double[][] linear = new double[n][];
        double[][] sources = new double[n][];
        for (int i = 0; i < n; i++) {
            choices[i] = architectures[i].clone();
            counts[i] = counter.counts(choices[i]);
            linear[i] = standardized(counts[i]);
            sources[i] = sources(choices[i], counts[i]);
        }
        return new Described(choices, counts, linear, sources);
    }

    private double[] standardized(int[] counts) {
        double[] s = new double[counts.length];
        for (int v = 0; v < s.length; v++) {
            s[v] = (counts[v] - model.countMeans()[v]) / model.countDeviations()[v];
        }
        return s;
    }

    private double[] sources(int[] choices, int[] counts) {
        int devices = model.surrogates().size();
        double[] ofCounts = new double[devices];
        double[] ofChoices = new double[devices];
        double[][] alphas = new double[devices][];
        for (int s = 0; s < devices; s++) {
            alphas[s] = model.surrogates().get(s).alpha();
        }
        for (int j = 0; j < anchorCounts.length; j++) {
            double c = model.kernel().ofCounts(counts, anchorCounts[j]);
            double h = coarse[ChoiceEncoding.differing(choices, model.anchors()[j])];
            for (int s = 0; s < devices; s++) {
                ofCounts[s] += alphas[s][j] * c;
                ofChoices[s] += alphas[s][j] * h;
            }
        }
        double[] out = new double[devices];
        for (int s = 0; s < devices; s++) {
            double share = model.surrogates().get(s).countShare();
            out[s] = share * ofCounts[s] + (1 - share) * ofChoices[s];
        }
        return out;
    }
}

package dev.lathe.predict.adapt;

import dev.lathe.base.InvalidInputException;

/** Latency on one device by transfer over surrogates, with intervals. Immutable and thread-safe. */
public final class TransferPredictor implements AdaptedPredictor {
    private final TransferAdapter adapter;
    private final TransferPrior.Posterior posterior;
    private final double[] scoreQuantiles;

    TransferPredictor(TransferAdapter adapter, TransferPrior.Posterior posterior, double[] scoreQuantiles) {
        this.adapter = adapter;
        this.posterior = posterior;
        this.scoreQuantiles = scoreQuantiles;
    }

    @Override
    public double[] predictMs(int[][] architectures) {
        return predictMs(adapter.describe(architectures));
    }

    /** As {@link #predictMs(int[][])}, of architectures that were described before. */
    public double[] predictMs(Described architectures) {
        return posterior.mean(architectures);
    }

    /**
     * Where the latencies lie.
     *
     * @param level probability with which a device like those of the training holds its latency inside, above 0 and below 1
     * @throws InvalidInputException if the level is another
     */
    public LatencyInterval[] intervals(Described architectures, double level) {
        if (!(level > 0 && level < 1)) {
            throw new InvalidInputException(
                    "an interval holds with a probability above 0 and below 1, not %s; give 0.9, say".formatted(level));
        }
        double at = level * (scoreQuantiles.length - 1);
        int below = (int) at;
        int above = Math.min(below + 1, scoreQuantiles.length - 1);
        double score = scoreQuantiles[below] + (at - below) * (scoreQuantiles[above] - scoreQuantiles[below]);
        double[] mean = posterior.mean(architectures);
        double[] deviation = posterior.deviation(architectures);
        LatencyInterval[] out = new LatencyInterval[mean.length];
        for (int i = 0; i < out.length; i++) {
            double half = score * deviation[i];
            out[i] = new LatencyInterval(mean[i] - half, mean[i], mean[i] + half);
        }
        return out;
    }

    /** As {@link #intervals(Described, double)}. */
    public LatencyInterval[] intervals(int[][] architectures, double level) {
        return intervals(adapter.describe(architectures), level);
    }
}

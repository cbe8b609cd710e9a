package dev.lathe.predict.adapt;

import dev.lathe.base.InvalidInputException;
import org.jspecify.annotations.Nullable;

/** Latency on one device by transfer over surrogates, with intervals. Immutable and thread-safe. */
public final class TransferPredictor implements AdaptedPredictor {
    private final TransferAdapter adapter;
    private final TransferPrior.Posterior posterior;
    private final @Nullable FlatTransfer flat;
    private final double[] scoreQuantiles;
    private final double[] upperQuantiles;

    TransferPredictor(
            TransferAdapter adapter,
            TransferPrior.Posterior posterior,
            double[] scoreQuantiles,
            double[] upperQuantiles) {
        this.adapter = adapter;
        this.posterior = posterior;
        this.flat = FlatTransfer.of(adapter.model(), posterior.support(), posterior.weights());
        this.scoreQuantiles = scoreQuantiles;
        this.upperQuantiles = upperQuantiles;
    }

    @Override
    public double[] predictMs(int[][] architectures) {
        return flat != null ? flat.predictMs(architectures) : predictMs(adapter.describe(architectures));
    }

    /** As {@link #predictMs(int[][])} but for rounding, of architectures that were described before. */
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
        double score = quantile(scoreQuantiles, level);
        double[] mean = posterior.mean(architectures);
        double[] deviation = posterior.deviation(architectures);
        LatencyInterval[] out = new LatencyInterval[mean.length];
        for (int i = 0; i < out.length; i++) {
            double half = score * deviation[i];
            out[i] = new LatencyInterval(mean[i] - half, mean[i], mean[i] + half);
        }
        return out;
    }

    private static double quantile(double[] quantiles, double level) {
        double at = level * (quantiles.length - 1);
        int below = (int) at;
        int above = Math.min(below + 1, quantiles.length - 1);
        return quantiles[below] + (at - below) * (quantiles[above] - quantiles[below]);
    }

    /**
     * What the latencies do not exceed.
     *
     * @param confidence probability with which a device like those of the training is at most as slow, from 0.5 and below 1
     * @return milliseconds, one a row, never below the prediction
     * @throws InvalidInputException if the confidence is another
     */
    public double[] upperMs(Described architectures, double confidence) {
        if (!(confidence >= 0.5 && confidence < 1)) {
            throw new InvalidInputException(
                    "an upper end holds with a probability from 0.5 and below 1, not %s; give 0.9, say"
                            .formatted(confidence));
        }
        double score = Math.max(0, quantile(upperQuantiles, confidence));
        double[] upper = posterior.mean(architectures);
        double[] deviation = posterior.deviation(architectures);
        for (int i = 0; i < upper.length; i++) {
            upper[i] += score * deviation[i];
        }
        return upper;
    }

    /** As {@link #upperMs(Described, double)}. */
    public double[] upperMs(int[][] architectures, double confidence) {
        return upperMs(adapter.describe(architectures), confidence);
    }

    /** As {@link #intervals(Described, double)}. */
    public LatencyInterval[] intervals(int[][] architectures, double level) {
        return intervals(adapter.describe(architectures), level);
    }
}

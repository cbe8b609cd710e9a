package dev.lathe.cli;

import dev.lathe.base.InvalidInputException;
import java.util.Arrays;

/**
 * How far below a budget a predicted latency must be, so that the network is within it with a stated probability:
 * one-sided split conformal prediction on networks that the predictor was not fitted to.
 *
 * @see <a href="https://arxiv.org/abs/1604.04173">Lei et al., Distribution-Free Predictive Inference for Regression, 2018</a>
 */
final class LatencyMargin {
    private LatencyMargin() {}

    /**
     * The quantile of measured / predicted - 1, never below 0.
     *
     * @param heldOut networks that the predictor did not see
     * @param level 0.5 to 0.99
     * @throws InvalidInputException if these are too few, or predictions are not above 0
     */
    static double of(PredictorStep.Scatter heldOut, double level) {
        int n = heldOut.measured().length;
        // Of n + 1 networks that might as well have come in another order, the new one is at most the k-th with
        // probability k / (n + 1).
        int k = (int) Math.ceil((n + 1) * level - 1e-9);
        if (k > n) {
            throw new InvalidInputException(
                    "budget.confidence %s takes more than the %d networks that are held out; raise profile.networks or lower it"
                            .formatted(level, n));
        }
        double[] excess = new double[n];
        for (int i = 0; i < n; i++) {
            double predicted = heldOut.predicted()[i];
            excess[i] = predicted > 0 ? heldOut.measured()[i] / predicted - 1 : Double.POSITIVE_INFINITY;
        }
        Arrays.sort(excess);
        if (!Double.isFinite(excess[k - 1])) {
            throw new InvalidInputException(
                    "the latency predictor gives values that are not above 0, so no confidence can be given; raise profile.networks or leave budget.confidence out");
        }
        return Math.max(0, excess[k - 1]);
    }
}

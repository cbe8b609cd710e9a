package dev.lathe.evolve;

import java.io.Serializable;

/**
 * A hard budget: a network over it is not a result.
 *
 * @param metric name of the metric, for example {@code peakActivationBytes}
 * @param limit largest value that meets the budget, in the metric's unit; positive and finite
 */
public record Budget(String metric, double limit) implements Serializable {
    public Budget {
        if (!(limit > 0 && Double.isFinite(limit))) {
            throw new IllegalArgumentException(
                    "Budget of %s must be positive and finite, but was %s".formatted(metric, limit));
        }
    }

    /** How far the value is over the budget, as a share of it; 0 where it is met. */
    public double excess(double value) {
        return value <= limit ? 0 : (value - limit) / limit;
    }
}

package dev.lathe.space;

import java.util.List;

/**
 * Gives an architecture its metrics, whether predicted or found with inherited weights. The values depend on the architecture alone,
 * to the last bit, in whatever process. Safe for use by several threads.
 */
public interface MetricScorer extends AutoCloseable {
    /** Where the architectures come from. */
    SearchSpace space();

    /** Names of the values of {@link #score}, in order. */
    List<String> metrics();

    /** @throws IllegalArgumentException if the architecture is not of this space */
    double[] score(Architecture architecture);

    @Override
    default void close() {}
}

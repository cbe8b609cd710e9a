package dev.lathe.predict;

import dev.lathe.space.Architecture;
import dev.lathe.space.SearchSpace;
import java.util.List;

/** What learned predictors read of an architecture. Implementations are immutable and thread-safe. */
public interface FeatureSet {
    /** Where the architectures come from. */
    SearchSpace space();

    /** Names of the features, in order. */
    List<String> names();

    /**
     * The features of an architecture, in the order of {@link #names()}.
     *
     * @throws IllegalArgumentException if it is not of this space
     */
    double[] of(Architecture architecture);
}

package dev.lathe.predict;

import dev.lathe.base.InvalidInputException;
import dev.lathe.base.Names;
import dev.lathe.space.Architecture;
import dev.lathe.space.SearchSpace;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

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

    /**
     * Where a predictor's features stand among these.
     *
     * @param what how messages name the predictor
     * @throws InvalidInputException in one line, if it wants one that is not among them
     */
    default int[] placesOf(Predictor predictor, String what) {
        Map<String, Integer> index = new HashMap<>();
        for (String name : names()) {
            index.put(name, index.size());
        }
        List<String> wanted = predictor.featureNames();
        int[] places = new int[wanted.size()];
        for (int i = 0; i < places.length; i++) {
            Integer at = index.get(wanted.get(i));
            if (at == null) {
                throw new InvalidInputException(
                        "the %s predictor wants feature '%s', which space %s does not have; fit one for this space"
                                .formatted(what, Names.shown(wanted.get(i)), space().name()));
            }
            places[i] = at;
        }
        return places;
    }
}

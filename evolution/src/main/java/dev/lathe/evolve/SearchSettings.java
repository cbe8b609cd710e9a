package dev.lathe.evolve;

import dev.lathe.base.InvalidInputException;

/**
 * What decides a search's result besides the problem and the values; how it is executed is not here.
 *
 * @param evaluations number of distinct architectures to evaluate, at least 1; an architecture met again costs nothing
 * @param reference the box in which the hypervolume is reported
 * @param seed the seed of the run
 */
public record SearchSettings(int evaluations, ReferencePoint reference, long seed) {
    public SearchSettings {
        if (evaluations < 1) {
            throw new InvalidInputException(
                    "a search needs at least 1 evaluation, but %d were given; give for example 20000"
                            .formatted(evaluations));
        }
    }
}

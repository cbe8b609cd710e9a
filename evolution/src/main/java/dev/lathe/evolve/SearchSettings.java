package dev.lathe.evolve;

import dev.lathe.base.InvalidInputException;
import dev.lathe.space.Architecture;
import java.util.List;

/**
 * What decides a search's result besides the problem and the values; how it is executed is not here.
 *
 * @param evaluations number of distinct architectures to evaluate, at least 1; an architecture met again costs nothing
 * @param reference the box in which the hypervolume is reported
 * @param seed the seed of the run
 * @param stop when to end before the evaluations are used up
 * @param start canonical architectures, for example an earlier search's front, that are evaluated first
 */
public record SearchSettings(
        int evaluations, ReferencePoint reference, long seed, StopRule stop, List<Architecture> start) {
    public SearchSettings {
        start = start.stream().distinct().toList();
        if (evaluations < 1) {
            throw new InvalidInputException(
                    "a search needs at least 1 evaluation, but %d were given; give for example 20000"
                            .formatted(evaluations));
        }
    }

    /** A search from nothing that uses up its evaluations. */
    public SearchSettings(int evaluations, ReferencePoint reference, long seed) {
        this(evaluations, reference, seed, StopRule.NONE, List.of());
    }
}

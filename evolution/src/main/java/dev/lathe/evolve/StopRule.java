package dev.lathe.evolve;

import dev.lathe.base.InvalidInputException;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * When a search ends before its evaluations are used up.
 *
 * @param stalled it ends where so many evaluations brought less than {@value #LEAST_GAIN} of the hypervolume, or null
 * @param time it ends after the batch in which so much time has passed, or null. Such a search cannot be repeated from its seed;
 *     its log can. A resumed search has the whole time again, and answers from its log in little of it
 */
public record StopRule(@Nullable Integer stalled, @Nullable Duration time) {
    /** The smallest relative growth of the hypervolume that counts as progress. */
    public static final double LEAST_GAIN = 1e-3;

    /** Only the number of evaluations ends the search. */
    public static final StopRule NONE = new StopRule(null, null);

    public StopRule {
        if (stalled != null && stalled < 1) {
            throw new InvalidInputException(
                    "a search cannot stall within %d evaluations; give at least 1".formatted(stalled));
        }
        if (time != null && (time.isNegative() || time.isZero())) {
            throw new InvalidInputException("a search needs time, not %s; give for example 60 s".formatted(time));
        }
    }
}

package dev.lathe.evolve;

import dev.lathe.space.Architecture;
import java.util.List;

/**
 * What a strategy came to between two batches, and all it needs to go on from there besides the evaluations.
 *
 * @param batch canonical architectures to evaluate next, without repeats
 * @param draws steps its random stream has made
 * @param state of its predictors, numbers whose meaning is the strategy's own
 */
public record SearchDecision(List<Architecture> batch, long draws, List<Double> state) {
    public SearchDecision {
        batch = List.copyOf(batch);
        state = List.copyOf(state);
    }
}

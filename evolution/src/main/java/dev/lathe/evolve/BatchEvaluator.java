package dev.lathe.evolve;

import dev.lathe.space.Architecture;
import java.util.List;

/**
 * Scores architectures, by measurement, inherited weights or prediction; the search knows no more than this. The values
 * depend on the architecture alone, so that one seed gives one front whatever the number of threads or workers.
 */
public interface BatchEvaluator extends AutoCloseable {
    /** Names of the metrics, in the order of {@link Evaluation#values()}. */
    List<String> metrics();

    /**
     * Evaluates a batch; result {@code i} belongs to architecture {@code i}, and none is dropped.
     *
     * @param batch canonical architectures without repeats
     */
    List<Evaluation> evaluate(List<Architecture> batch);

    @Override
    default void close() {}
}

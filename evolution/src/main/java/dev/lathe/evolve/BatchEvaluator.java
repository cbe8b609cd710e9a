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

    /**
     * Begins to evaluate one architecture, where the evaluator can do several at a time; otherwise does it at once. Answers are
     * awaited in the order in which they were asked for, by one thread.
     */
    default Pending submit(Architecture architecture) {
        Evaluation done = evaluate(List.of(architecture)).get(0);
        return () -> done;
    }

    /** Lets islands evolve for an epoch each, in parallel where the evaluator can; result {@code i} is that of task {@code i}. */
    default List<IslandOutcome> evolve(SearchProblem problem, List<IslandTask> tasks) {
        return tasks.stream().map(t -> t.run(problem, this::evaluate)).toList();
    }

    @Override
    default void close() {}
}

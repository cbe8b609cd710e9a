package dev.lathe.evolve;

import dev.lathe.space.Architecture;
import java.util.List;
import java.util.Optional;

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

    /**
     * What a strategy decided after the evaluations made so far in an earlier life of this search, where this evaluator keeps that.
     *
     * @param evaluations how many these are
     * @param size of the batch that is wanted now; a decision for another size is none
     */
    default Optional<SearchDecision> recall(int evaluations, int size) {
        return Optional.empty();
    }

    /** Takes down what was decided after so many evaluations, before its batch is evaluated; most evaluators do not. */
    default void remember(int evaluations, SearchDecision decision) {}

    @Override
    default void close() {}
}

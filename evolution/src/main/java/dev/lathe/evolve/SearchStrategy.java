package dev.lathe.evolve;

import dev.lathe.base.ProgressListener;

/**
 * A way to spend a number of evaluations on a problem. The same problem, settings and evaluator's values give the same
 * result, whatever computes the values: one thread, many, or a cluster.
 */
public interface SearchStrategy {
    /** Stable name written into results, for example {@code nsga2}. */
    String name();

    /** Searches until the evaluations are used up or the space is exhausted. */
    SearchResult search(
            SearchProblem problem, BatchEvaluator evaluator, SearchSettings settings, ProgressListener progress);
}

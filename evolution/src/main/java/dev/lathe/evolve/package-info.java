/**
 * Searching a space: objectives, hard budgets, strategies, indicators.
 *
 * <p>The search knows ports only: a {@link BatchEvaluator} turns architectures into {@link Evaluation}s; who measured,
 * predicted or planned the values is not its business. Start with {@link SearchProblem}.
 */
@NullMarked
package dev.lathe.evolve;

import org.jspecify.annotations.NullMarked;

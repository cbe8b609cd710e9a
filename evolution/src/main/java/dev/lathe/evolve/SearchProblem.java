package dev.lathe.evolve;

import dev.lathe.base.InvalidInputException;
import dev.lathe.space.SearchSpace;
import java.util.List;

/**
 * What is searched for: a space, objectives, hard budgets. Immutable.
 *
 * @param space where
 * @param metrics metrics that an evaluation has, in order
 * @param objectives at least one, each on a metric
 * @param budgets hard budgets, each on a metric; may be empty
 */
public record SearchProblem(SearchSpace space, List<String> metrics, List<Objective> objectives, List<Budget> budgets) {
    public SearchProblem {
        metrics = List.copyOf(metrics);
        objectives = List.copyOf(objectives);
        budgets = List.copyOf(budgets);
        if (objectives.isEmpty()) {
            throw new InvalidInputException("a search needs at least one objective; give for example top1");
        }
        for (Objective o : objectives) {
            if (!metrics.contains(o.metric())) {
                throw InvalidInputException.unknown("objective", o.metric(), metrics);
            }
        }
        for (Budget b : budgets) {
            if (!metrics.contains(b.metric())) {
                throw InvalidInputException.unknown("budget", b.metric(), metrics);
            }
        }
    }

    /** The sum of the excesses over all budgets, each as a share of its budget; 0 exactly where all are met. */
    public double violation(Evaluation e) {
        double sum = 0;
        for (Budget b : budgets) {
            sum += b.excess(e.value(metrics.indexOf(b.metric())));
        }
        return sum;
    }

    public boolean isFeasible(Evaluation e) {
        return violation(e) == 0;
    }

    /** The value that budget {@code i} limits. */
    double budgetValue(int i, Evaluation e) {
        return e.value(metrics.indexOf(budgets.get(i).metric()));
    }

    /** The objectives' values, all turned so that smaller is better. */
    double[] minimized(Evaluation e) {
        double[] v = new double[objectives.size()];
        for (int i = 0; i < v.length; i++) {
            Objective o = objectives.get(i);
            v[i] = o.toMinimize(e.value(metrics.indexOf(o.metric())));
        }
        return v;
    }
}

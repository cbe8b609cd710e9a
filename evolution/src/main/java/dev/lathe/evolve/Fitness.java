package dev.lathe.evolve;

import dev.lathe.space.Architecture;
import java.util.Arrays;

/**
 * What the engine knows of an architecture: its objectives, all to be minimized, and by how much it is over budget. The
 * natural order is no more than the engine's formality (a strict total order by violation, objectives, architecture);
 * selection goes by {@link #dominates}.
 *
 * @param architecture whose it is
 * @param minimized the objectives' values, turned so that smaller is better; empty for one that was left unevaluated
 *     because the evaluations ran out
 * @param violation 0 if all budgets are met; infinite for one left unevaluated
 */
// The array is the package's own and never changed; records compare it by identity, which nothing here relies on.
@SuppressWarnings("ArrayRecordComponent")
record Fitness(Architecture architecture, double[] minimized, double violation) implements Comparable<Fitness> {
    static Fitness of(SearchProblem problem, Evaluation e) {
        return new Fitness(e.architecture(), problem.minimized(e), problem.violation(e));
    }

    static Fitness unevaluated(Architecture a) {
        return new Fitness(a, new double[0], Double.POSITIVE_INFINITY);
    }

    /**
     * Constrained dominance (Deb et al., 2002, section VI): the feasible before the infeasible, the less infeasible before
     * the more so, and Pareto dominance among the feasible.
     */
    boolean dominates(Fitness o) {
        if (violation != o.violation) {
            return violation < o.violation;
        }
        return violation == 0 && Dominance.dominates(minimized, o.minimized);
    }

    @Override
    public int compareTo(Fitness o) {
        int c = Double.compare(violation, o.violation);
        c = c != 0 ? c : Arrays.compare(minimized, o.minimized);
        return c != 0 ? c : architecture.compareTo(o.architecture);
    }
}

package dev.lathe.evolve;

import dev.lathe.base.ProgressListener;

/**
 * <b>NSGA-III</b> under hard budgets: Deb and Jain, <i>An evolutionary many-objective optimization algorithm using
 * reference-point-based nondominated sorting approach</i>, IEEE Transactions on Evolutionary Computation 18(4), 2014,
 * doi:10.1109/TEVC.2013.2281535; with budgets as in part II (Jain and Deb, same issue): what meets them comes first, then what is
 * least over, and of two parents to choose from the one that is less over. Its generations are those of {@link
 * GenerationalSearch}.
 *
 * <p>Departures: as many reference directions as the finest even grid of one layer has within the number of parents; crossover and
 * mutation are those for choices instead of real numbers.
 */
public final class Nsga3Strategy implements SearchStrategy {
    private final int parents;

    public Nsga3Strategy() {
        this(Nsga2Strategy.DEFAULT_PARENTS);
    }

    /** @param parents individuals that survive a generation, and children made in it; at least 2 */
    public Nsga3Strategy(int parents) {
        if (parents < 2) {
            throw new IllegalArgumentException("NSGA-III needs at least 2 parents, not " + parents);
        }
        this.parents = parents;
    }

    @Override
    public String name() {
        return "nsga3";
    }

    /** @throws InfeasibleBudgetException if nothing that was evaluated meets all budgets */
    @Override
    public SearchResult search(
            SearchProblem problem, BatchEvaluator evaluator, SearchSettings settings, ProgressListener progress) {
        Survival survival = new NichedSurvival(problem.objectives().size(), parents);
        return new GenerationalSearch(name(), parents, survival, problem, evaluator, settings).run(progress);
    }
}

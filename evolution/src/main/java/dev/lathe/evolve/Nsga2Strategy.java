package dev.lathe.evolve;

import dev.lathe.base.ProgressListener;

/**
 * <b>NSGA-II</b> under hard budgets: Deb, Pratap, Agarwal and Meyarivan, <i>A fast and elitist multiobjective genetic
 * algorithm: NSGA-II</i>, IEEE Transactions on Evolutionary Computation 6(2), 2002, doi:10.1109/4235.996017. Its generations are
 * those of {@link GenerationalSearch}.
 */
public final class Nsga2Strategy implements SearchStrategy {
    /** Parents kept where no number is given. */
    public static final int DEFAULT_PARENTS = 100;

    private final int parents;

    public Nsga2Strategy() {
        this(DEFAULT_PARENTS);
    }

    /** @param parents individuals that survive a generation, and children made in it; at least 2 */
    public Nsga2Strategy(int parents) {
        if (parents < 2) {
            throw new IllegalArgumentException("NSGA-II needs at least 2 parents, not " + parents);
        }
        this.parents = parents;
    }

    @Override
    public String name() {
        return "nsga2";
    }

    /** @throws InfeasibleBudgetException if nothing that was evaluated meets all budgets */
    @Override
    public SearchResult search(
            SearchProblem problem, BatchEvaluator evaluator, SearchSettings settings, ProgressListener progress) {
        return new GenerationalSearch(name(), parents, new CrowdedSurvival(), problem, evaluator, settings)
                .run(progress);
    }
}

package dev.lathe.evolve;

import java.util.List;

/**
 * What a search found. Immutable.
 *
 * @param strategy name of the strategy
 * @param problem what was searched for
 * @param front the Pareto front of all that was evaluated, in the order of {@link ParetoFront}
 * @param evaluations number of distinct architectures evaluated
 * @param feasible how many of these met all budgets
 * @param curve hypervolume over evaluations, at about 100 points, the last one at the end
 * @param reference the box in which the hypervolume is a share
 * @param generations number of generations (for random search: batches)
 * @param seed the seed it can be repeated from
 */
public record SearchResult(
        String strategy,
        SearchProblem problem,
        List<Evaluation> front,
        int evaluations,
        int feasible,
        List<CurvePoint> curve,
        ReferencePoint reference,
        int generations,
        long seed) {
    public SearchResult {
        front = List.copyOf(front);
        curve = List.copyOf(curve);
    }

    /**
     * The hypervolume of the best found so far.
     *
     * @param evaluations distinct architectures evaluated up to here
     * @param hypervolume share of the reference box that the archive dominates
     */
    public record CurvePoint(int evaluations, double hypervolume) {}

    /** The hypervolume at the end; 0 where nothing was evaluated. */
    public double hypervolume() {
        return curve.isEmpty() ? 0 : curve.get(curve.size() - 1).hypervolume();
    }

    /** At most {@code k} members of the front, spread over it (see {@link ParetoFront#thin}). */
    public List<Evaluation> thinnedFront(int k) {
        return ParetoFront.of(problem, front).thin(k).members();
    }
}

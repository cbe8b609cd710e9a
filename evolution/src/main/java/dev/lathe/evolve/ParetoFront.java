package dev.lathe.evolve;

import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/**
 * Feasible evaluations of which none dominates another, one for each vector of objectives, ordered by objectives (best
 * first, the first objective first), then by architecture. Immutable.
 */
public final class ParetoFront {
    private final SearchProblem problem;
    private final List<Evaluation> members;

    private ParetoFront(SearchProblem problem, List<Evaluation> members) {
        this.problem = problem;
        this.members = members;
    }

    /** The front of these evaluations; empty where none is feasible. */
    public static ParetoFront of(SearchProblem problem, Iterable<Evaluation> evaluations) {
        ParetoArchive archive = new ParetoArchive(problem);
        evaluations.forEach(archive::offer);
        return archive.front();
    }

    static ParetoFront ofSorted(SearchProblem problem, List<Evaluation> members) {
        return new ParetoFront(problem, List.copyOf(members));
    }

    public List<Evaluation> members() {
        return members;
    }

    public int size() {
        return members.size();
    }

    /**
     * At most {@code k} members, spread over the front: the most crowded one is dropped until {@code k} are left. The best
     * and the worst member of each objective stay; where {@code k} is too small for all of these, the best ones come first.
     *
     * @param k at least 1
     */
    public ParetoFront thin(int k) {
        if (k < 1) {
            throw new IllegalArgumentException("A front is thinned to at least 1 member, not " + k);
        }
        int[] kept = Crowding.spread(members.stream().map(problem::minimized).toArray(double[][]::new), k);
        return new ParetoFront(
                problem, Arrays.stream(kept).mapToObj(members::get).toList());
    }

    /**
     * The <b>knee</b>: the member that gives up least in all objectives together, each scaled to the front's own extent. With two
     * objectives it is the one that bulges farthest from the line between the extremes (Das, <i>On characterizing the "knee" of the
     * Pareto curve based on normal-boundary intersection</i>, 1999). Of equal ones the first.
     *
     * @return empty where the front is
     */
    public Optional<Evaluation> knee() {
        if (members.isEmpty()) {
            return Optional.empty();
        }
        double[][] points = members.stream().map(problem::minimized).toArray(double[][]::new);
        double[] given = new double[points.length];
        for (int m = 0; m < points[0].length; m++) {
            double low = Double.POSITIVE_INFINITY;
            double high = Double.NEGATIVE_INFINITY;
            for (double[] p : points) {
                low = Math.min(low, p[m]);
                high = Math.max(high, p[m]);
            }
            for (int i = 0; i < points.length; i++) {
                given[i] += high > low ? (points[i][m] - low) / (high - low) : 0;
            }
        }
        int knee = 0;
        for (int i = 1; i < given.length; i++) {
            knee = given[i] < given[knee] ? i : knee;
        }
        return Optional.of(members.get(knee));
    }

    @Override
    public boolean equals(Object o) {
        return o instanceof ParetoFront f && members.equals(f.members) && problem.equals(f.problem);
    }

    @Override
    public int hashCode() {
        return members.hashCode();
    }

    @Override
    public String toString() {
        return members.toString();
    }
}

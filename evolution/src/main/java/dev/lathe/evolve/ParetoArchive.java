package dev.lathe.evolve;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;

/**
 * The non-dominated, feasible evaluations among all that were offered; what it holds does not depend on the order of the
 * offers. Of architectures with equal objectives the smallest by {@link dev.lathe.space.Architecture#compareTo} is kept, so
 * that a front has one member for each trade-off.
 *
 * @implNote An offer costs one pass over the members: O(front times objectives), 20,000 offers a fraction of a second. Not
 *     safe for use by several threads.
 */
public final class ParetoArchive {
    private final SearchProblem problem;
    private double[][] points = new double[64][];
    private Evaluation[] members = new Evaluation[64];
    private int size;

    public ParetoArchive(SearchProblem problem) {
        this.problem = problem;
    }

    /** Takes the evaluation in, and drops what it dominates; false where it is infeasible or covered by a member. */
    public boolean offer(Evaluation e) {
        if (!problem.isFeasible(e)) {
            return false;
        }
        double[] p = problem.minimized(e);
        for (int i = 0; i < size; i++) {
            if (Dominance.covers(points[i], p)
                    && (!Arrays.equals(points[i], p)
                            || members[i].architecture().compareTo(e.architecture()) <= 0)) {
                return false;
            }
        }
        int kept = 0;
        for (int i = 0; i < size; i++) {
            if (!Dominance.covers(p, points[i])) {
                points[kept] = points[i];
                members[kept++] = members[i];
            }
        }
        if (kept == members.length) {
            points = Arrays.copyOf(points, 2 * kept);
            members = Arrays.copyOf(members, 2 * kept);
        }
        points[kept] = p;
        members[kept] = e;
        size = kept + 1;
        return true;
    }

    public int size() {
        return size;
    }

    /** The members, ordered by their objectives (best first, the first objective first), then by architecture. */
    public ParetoFront front() {
        List<Evaluation> sorted = new ArrayList<>(Arrays.asList(members).subList(0, size));
        sorted.sort(order(problem));
        return ParetoFront.ofSorted(problem, sorted);
    }

    /** The hypervolume that the members dominate, as a share of the reference box. */
    public double hypervolume(ReferencePoint reference) {
        return reference.hypervolumeOf(Arrays.copyOf(points, size));
    }

    static Comparator<Evaluation> order(SearchProblem problem) {
        return (a, b) -> {
            int c = Arrays.compare(problem.minimized(a), problem.minimized(b));
            return c != 0 ? c : a.architecture().compareTo(b.architecture());
        };
    }
}

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
 * @implNote With two objectives members are kept in order, so that an offer that is covered, as most are, costs a bisection.
 *     Otherwise it costs a pass over the members, which ends at one that covers it, and such a one is moved ahead: what covered
 *     one offer covers many. Not safe for use by several threads.
 */
public final class ParetoArchive {
    private final SearchProblem problem;
    private final boolean sorted;
    private double[][] points = new double[64][];
    private Evaluation[] members = new Evaluation[64];
    private int size;

    public ParetoArchive(SearchProblem problem) {
        this.problem = problem;
        this.sorted = problem.objectives().size() == 2;
    }

    /** Takes the evaluation in, and drops what it dominates; false where it is infeasible or covered by a member. */
    public boolean offer(Evaluation e) {
        if (!problem.isFeasible(e)) {
            return false;
        }
        double[] p = problem.minimized(e);
        if (sorted) {
            return offerSorted(e, p);
        }
        for (int i = 0; i < size; i++) {
            if (keepsOut(i, e, p)) {
                ahead(i);
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
        replace(kept, size, e, p);
        return true;
    }

    /** The first objective rises and the second falls along the members. */
    private boolean offerSorted(Evaluation e, double[] p) {
        int low = 0;
        int high = size;
        while (low < high) {
            int middle = (low + high) >>> 1;
            if (points[middle][0] <= p[0]) {
                low = middle + 1;
            } else {
                high = middle;
            }
        }
        if (low > 0 && keepsOut(low - 1, e, p)) {
            return false;
        }
        // One with the same first objective, if there is one, is no better in the second.
        int from = low > 0 && points[low - 1][0] == p[0] ? low - 1 : low;
        int to = from;
        while (to < size && Dominance.covers(p, points[to])) {
            to++;
        }
        replace(from, to, e, p);
        return true;
    }

    private boolean keepsOut(int i, Evaluation e, double[] p) {
        return Dominance.covers(points[i], p)
                && (!Arrays.equals(points[i], p) || members[i].architecture().compareTo(e.architecture()) <= 0);
    }

    private void ahead(int i) {
        int to = i / 2;
        double[] point = points[i];
        points[i] = points[to];
        points[to] = point;
        Evaluation member = members[i];
        members[i] = members[to];
        members[to] = member;
    }

    /** Puts one member in the place of those from {@code from} to {@code to}. */
    private void replace(int from, int to, Evaluation e, double[] p) {
        int grown = size - (to - from) + 1;
        if (grown > members.length) {
            points = Arrays.copyOf(points, 2 * members.length);
            members = Arrays.copyOf(members, 2 * members.length);
        }
        System.arraycopy(points, to, points, from + 1, size - to);
        System.arraycopy(members, to, members, from + 1, size - to);
        points[from] = p;
        members[from] = e;
        size = grown;
    }

    public int size() {
        return size;
    }

    /** The members, ordered by their objectives (best first, the first objective first), then by architecture. */
    public ParetoFront front() {
        List<Evaluation> ordered = new ArrayList<>(Arrays.asList(members).subList(0, size));
        ordered.sort(order(problem));
        return ParetoFront.ofSorted(problem, ordered);
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

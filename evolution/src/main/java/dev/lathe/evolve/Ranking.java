package dev.lathe.evolve;

import dev.lathe.space.Architecture;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * A population in constrained-dominance order (Deb et al., 2002, section VI): what meets all budgets by fronts, then the rest by its
 * excess; a repeated architecture comes after everything else, so that a population does not fill with copies.
 */
final class Ranking {
    private final List<Fitness> population;
    private final int[] order;
    private final int[] starts;

    Ranking(List<Fitness> population) {
        this.population = population;
        int n = population.size();
        int[] feasible = new int[n];
        int[] infeasible = new int[n];
        int[] repeated = new int[n];
        int f = 0;
        int v = 0;
        int r = 0;
        Set<Architecture> seen = new HashSet<>(2 * n);
        for (int i = 0; i < n; i++) {
            if (!seen.add(population.get(i).architecture())) {
                repeated[r++] = i;
            } else if (population.get(i).violation() == 0) {
                feasible[f++] = i;
            } else {
                infeasible[v++] = i;
            }
        }
        double[][] points = new double[f][];
        for (int i = 0; i < f; i++) {
            points[i] = population.get(feasible[i]).minimized();
        }
        int[] fronts = Fronts.of(points);
        int last = Arrays.stream(fronts).max().orElse(-1);
        starts = new int[last + 2];
        for (int front : fronts) {
            starts[front + 1]++;
        }
        Arrays.parallelPrefix(starts, Integer::sum);
        order = new int[n];
        int[] at = starts.clone();
        for (int i = 0; i < f; i++) {
            order[at[fronts[i]]++] = feasible[i];
        }
        int[] byExcess = Arrays.stream(infeasible, 0, v)
                .boxed()
                .sorted((a, b) -> population.get(a).compareTo(population.get(b)))
                .mapToInt(Integer::intValue)
                .toArray();
        System.arraycopy(byExcess, 0, order, f, v);
        System.arraycopy(repeated, 0, order, f + v, r);
    }

    /** Indices of the population, each front in the population's order; a caller may sort within fronts. */
    int[] order() {
        return order;
    }

    /** Number of fronts that meet all budgets. */
    int fronts() {
        return starts.length - 1;
    }

    /** Where in the order a front begins; that of {@link #fronts()} is where those over budget begin. */
    int start(int front) {
        return starts[front];
    }

    /** The objectives of a front's members, in the present order. */
    double[][] points(int front) {
        double[][] points = new double[starts[front + 1] - starts[front]][];
        for (int i = 0; i < points.length; i++) {
            points[i] = population.get(order[starts[front] + i]).minimized();
        }
        return points;
    }
}

package dev.lathe.evolve;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * The <b>empirical attainment function</b> of several runs on two objectives (Fonseca and Fleming, <i>On the performance assessment
 * and comparison of stochastic multiobjective optimizers</i>, PPSN IV, 1996): the share of the runs that found something at least as
 * good as a point in both objectives. Where an indicator's mean says how good the runs were, this says where. Immutable.
 *
 * @implNote The surfaces are swept along the first objective, as in Fonseca et al., <i>On the computation of the empirical attainment
 *     function</i>, EMO 2011; here in O(n log n) for n points in all, times the number of runs.
 */
public final class EmpiricalAttainment {
    private final List<double[][]> runs;

    private EmpiricalAttainment(List<double[][]> runs) {
        this.runs = runs;
    }

    /**
     * @param runs what each run found: vectors of which both components are to be minimized; dominated and repeated ones are
     *     harmless, and a run may have found nothing
     * @throws IllegalArgumentException if there is no run, or a vector has another number of components or one that is not a number
     */
    public static EmpiricalAttainment of(List<double[][]> runs) {
        if (runs.isEmpty()) {
            throw new IllegalArgumentException("Attainment is of at least one run");
        }
        List<double[][]> sorted = new ArrayList<>();
        for (double[][] run : runs) {
            for (double[] p : run) {
                if (p.length != 2 || Double.isNaN(p[0]) || Double.isNaN(p[1])) {
                    throw new IllegalArgumentException(
                            "Attainment is for two objectives, which are numbers, not for " + Arrays.toString(p));
                }
            }
            sorted.add(Arrays.stream(run)
                    .map(double[]::clone)
                    .sorted(Arrays::compare)
                    .toArray(double[][]::new));
        }
        return new EmpiricalAttainment(sorted);
    }

    public int runs() {
        return runs.size();
    }

    /** The share of the runs, 0 to 1, that attained a point: found one that is at most it in both components. */
    public double at(double first, double second) {
        long attained = runs.stream()
                .filter(run -> Arrays.stream(run).anyMatch(p -> p[0] <= first && p[1] <= second))
                .count();
        return attained / (double) runs.size();
    }

    /**
     * The best points that at least so many runs attained, by the first component; for half of the runs the median attainment
     * surface, for one the front of all runs together.
     *
     * @param count 1 to {@link #runs}
     */
    public double[][] surface(int count) {
        if (count < 1 || count > runs.size()) {
            throw new IllegalArgumentException("A surface is of 1 to %d runs, not %d".formatted(runs.size(), count));
        }
        double[] firsts = runs.stream()
                .flatMap(Arrays::stream)
                .mapToDouble(p -> p[0])
                .sorted()
                .distinct()
                .toArray();
        int[] next = new int[runs.size()];
        double[] best = new double[runs.size()];
        Arrays.fill(best, Double.POSITIVE_INFINITY);
        List<double[]> surface = new ArrayList<>();
        double last = Double.POSITIVE_INFINITY;
        for (double first : firsts) {
            for (int r = 0; r < next.length; r++) {
                double[][] run = runs.get(r);
                while (next[r] < run.length && run[next[r]][0] <= first) {
                    best[r] = Math.min(best[r], run[next[r]++][1]);
                }
            }
            double[] order = best.clone();
            Arrays.sort(order);
            if (order[count - 1] < last) {
                last = order[count - 1];
                surface.add(new double[] {first, last});
            }
        }
        return surface.toArray(double[][]::new);
    }

    /** The surface that at least half of the runs attained. */
    public double[][] median() {
        return surface((runs.size() + 1) / 2);
    }
}

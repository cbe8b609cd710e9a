package dev.lathe.evolve;

import dev.lathe.base.InvalidInputException;
import dev.lathe.base.Seeds;
import dev.lathe.space.Architecture;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.random.RandomGenerator;

/**
 * The box in which hypervolume is measured; fixed before a search, reported with it, and the same for every strategy that
 * is compared. Hypervolume is given as a share of the box: 1 for a point at (or beyond) its best corner would need ideal
 * values in all objectives at once. A front that goes beyond the best corner may exceed 1.
 *
 * @param worst the reference point proper: for each objective of the problem, in its order, unit and own direction, a value
 *     that points must be better than to count
 * @param best the opposite corner, which scales the volume
 */
public record ReferencePoint(SearchProblem problem, List<Double> worst, List<Double> best) {
    /** @throws IllegalArgumentException if a value is missing, not finite, or best is not better than worst */
    public ReferencePoint {
        worst = List.copyOf(worst);
        best = List.copyOf(best);
        List<Objective> objectives = problem.objectives();
        boolean sized = worst.size() == objectives.size() && best.size() == objectives.size();
        for (int i = 0; sized && i < objectives.size(); i++) {
            double extent = extent(objectives.get(i), worst.get(i), best.get(i));
            if (!(extent > 0 && Double.isFinite(extent))) {
                throw new IllegalArgumentException("Reference point of %s: best %s is not better than worst %s"
                        .formatted(objectives.get(i).metric(), best.get(i), worst.get(i)));
            }
        }
        if (!sized) {
            throw new IllegalArgumentException(
                    "A reference point needs a worst and a best value for each of %d objectives"
                            .formatted(objectives.size()));
        }
    }

    /**
     * The box of given evaluations: for each objective the worst and the best value among the feasible ones, or among all
     * where fewer than two are feasible. An objective without extent (all values equal) gets a box one unit (or, for larger
     * values, the value's own size) wide on its worse side.
     *
     * @throws InvalidInputException if there are no evaluations
     */
    public static ReferencePoint of(SearchProblem problem, List<Evaluation> evaluations) {
        List<Evaluation> used = evaluations.stream().filter(problem::isFeasible).toList();
        if (used.size() < 2) {
            used = evaluations;
        }
        if (used.isEmpty()) {
            throw new InvalidInputException(
                    "a reference point needs at least one evaluation, but there is none; evaluate a sample first");
        }
        List<Double> worst = new ArrayList<>();
        List<Double> best = new ArrayList<>();
        for (int i = 0; i < problem.objectives().size(); i++) {
            int objective = i;
            Objective o = problem.objectives().get(i);
            double low = used.stream()
                    .mapToDouble(e -> problem.minimized(e)[objective])
                    .min()
                    .orElseThrow();
            double high = used.stream()
                    .mapToDouble(e -> problem.minimized(e)[objective])
                    .max()
                    .orElseThrow();
            if (!(high > low)) {
                high = low + Math.max(1, Math.abs(low));
            }
            worst.add(o.toMinimize(high));
            best.add(o.toMinimize(low));
        }
        return new ReferencePoint(problem, worst, best);
    }

    /**
     * The box of a random sample of the space (see {@link #of}), drawn from the seed's own stream and evaluated in one batch;
     * the smallest and the largest network are in the sample.
     *
     * @param samples at least 1; repeated draws count once
     */
    public static ReferencePoint sampled(SearchProblem problem, BatchEvaluator evaluator, int samples, long seed) {
        if (samples < 1) {
            throw new IllegalArgumentException("A sample has at least 1 architecture, not " + samples);
        }
        RandomGenerator random = Seeds.generator(seed, "reference", 0);
        Set<Architecture> sample = new LinkedHashSet<>();
        sample.add(problem.space().smallest());
        sample.add(problem.space().largest());
        for (int i = 0; i < samples; i++) {
            sample.add(problem.space().random(random));
        }
        return of(problem, Evaluations.checked(problem.metrics(), evaluator, List.copyOf(sample)));
    }

    /** The share of the box that the evaluations dominate; infeasible ones do not count. */
    public double hypervolume(List<Evaluation> evaluations) {
        return hypervolumeOf(evaluations.stream()
                .filter(problem::isFeasible)
                .map(problem::minimized)
                .toArray(double[][]::new));
    }

    /** @param minimized vectors of all objectives, turned so that smaller is better */
    double hypervolumeOf(double[][] minimized) {
        int d = worst.size();
        double[][] scaled = new double[minimized.length][d];
        for (int j = 0; j < d; j++) {
            Objective o = problem.objectives().get(j);
            double low = o.toMinimize(best.get(j));
            double extent = extent(o, worst.get(j), best.get(j));
            for (int i = 0; i < minimized.length; i++) {
                scaled[i][j] = (minimized[i][j] - low) / extent;
            }
        }
        double[] corner = new double[d];
        java.util.Arrays.fill(corner, 1);
        return Hypervolume.of(scaled, corner);
    }

    private static double extent(Objective o, double worst, double best) {
        return o.toMinimize(worst) - o.toMinimize(best);
    }
}

package dev.lathe.evolve;

import java.util.List;
import java.util.random.RandomGenerator;

/**
 * Survival of <b>NSGA-II</b>: best fronts first, and in a front the least crowded first (Deb et al., 2002).
 *
 * @implNote The library's own NSGA2Selector measures crowding over the whole population instead of within each front, knows no
 *     repeats, and compares every two individuals.
 */
final class CrowdedSurvival implements Survival {
    @Override
    public int[] order(List<Fitness> population, int count, RandomGenerator random) {
        return order(population, count);
    }

    @Override
    public boolean prefersFirst() {
        return true;
    }

    /** Indices in the crowded-comparison order; at least {@code count} of them are in their place. */
    static int[] order(List<Fitness> population, int count) {
        Ranking ranking = new Ranking(population);
        for (int f = 0; f < ranking.fronts() && ranking.start(f) < count; f++) {
            int from = ranking.start(f);
            double[][] points = ranking.points(f);
            double[] crowding = Crowding.distances(points);
            double[] keys = new double[population.size()];
            for (int i = 0; i < crowding.length; i++) {
                keys[ranking.order()[from + i]] = -crowding[i];
            }
            // A stable sort: equally crowded ones stay in the population's order.
            IndexSort.sort(ranking.order(), from, from + points.length, keys);
        }
        return ranking.order();
    }
}

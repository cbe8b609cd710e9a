package dev.lathe.evolve;

import io.jenetics.IntegerGene;
import io.jenetics.Optimize;
import io.jenetics.Phenotype;
import io.jenetics.Selector;
import io.jenetics.util.ISeq;
import io.jenetics.util.Seq;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * Selection of <b>NSGA-II</b>: best fronts first, and in a front the least crowded first (Deb et al., 2002). A repeated
 * architecture comes after everything else, so that a population does not fill with copies.
 *
 * @implNote The library's own NSGA2Selector measures crowding over the whole population instead of within each front, and
 *     knows no repeats.
 */
final class CrowdedSelector implements Selector<IntegerGene, Fitness> {
    /** The {@code count} best, best first; all of them, cyclically, where there are fewer. */
    @Override
    public ISeq<Phenotype<IntegerGene, Fitness>> select(
            Seq<Phenotype<IntegerGene, Fitness>> population, int count, Optimize optimize) {
        List<Fitness> fitness = new ArrayList<>(population.size());
        population.forEach(p -> fitness.add(p.fitness()));
        int[] order = order(fitness, Math.min(count, fitness.size()));
        List<Phenotype<IntegerGene, Fitness>> selected = new ArrayList<>(count);
        for (int i = 0; i < count && order.length > 0; i++) {
            selected.add(population.get(order[i % order.length]));
        }
        return ISeq.of(selected);
    }

    /** Indices in the crowded-comparison order; at least {@code count} of them are in their place. */
    static int[] order(List<Fitness> population, int count) {
        List<Integer> feasible = new ArrayList<>();
        List<Integer> infeasible = new ArrayList<>();
        List<Integer> repeated = new ArrayList<>();
        Set<Object> seen = new HashSet<>();
        for (int i = 0; i < population.size(); i++) {
            Fitness f = population.get(i);
            (!seen.add(f.architecture()) ? repeated : f.violation() == 0 ? feasible : infeasible).add(i);
        }
        List<Integer> order = new ArrayList<>(population.size());
        List<Integer> rest = feasible;
        while (!rest.isEmpty() && order.size() < count) {
            List<Integer> front = new ArrayList<>();
            List<Integer> behind = new ArrayList<>();
            for (int i : rest) {
                boolean dominated = false;
                for (int k = 0; k < rest.size() && !dominated; k++) {
                    dominated = population.get(rest.get(k)).dominates(population.get(i));
                }
                (dominated ? behind : front).add(i);
            }
            double[] crowding = Crowding.distances(
                    front.stream().map(i -> population.get(i).minimized()).toArray(double[][]::new));
            List<Integer> positions = new ArrayList<>();
            for (int i = 0; i < front.size(); i++) {
                positions.add(i);
            }
            // A stable sort: equally crowded ones stay in the population's order.
            positions.sort(Comparator.comparingDouble((Integer i) -> -crowding[i]));
            positions.forEach(i -> order.add(front.get(i)));
            rest = behind;
        }
        order.addAll(rest);
        infeasible.sort(Comparator.comparing(population::get));
        order.addAll(infeasible);
        order.addAll(repeated);
        return order.stream().mapToInt(Integer::intValue).toArray();
    }
}

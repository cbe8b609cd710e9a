package dev.lathe.evolve;

import dev.lathe.base.Seeds;
import dev.lathe.space.Architecture;
import java.io.Serializable;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Function;
import java.util.random.RandomGenerator;

/**
 * An epoch of one island: some generations of NSGA-II on its own population, which depend on nothing but what stands here. So it can
 * be run anywhere, and an island evaluates only networks of its own share of the space (by their fingerprints), so that no two islands
 * ever evaluate the same one without asking each other.
 *
 * @param island which one, from 0
 * @param islands how many there are
 * @param epoch which epoch, from 0
 * @param seed of the whole search
 * @param parents that survive a generation, and children made in it
 * @param evaluations that this epoch makes; fewer where nothing new is found
 * @param genes of the population, migrants included; none in the first epoch
 * @param values of the population, metric by metric
 * @param start architectures of this island's share that the first epoch begins with
 * @param known fingerprints of all that the island evaluated
 * @param answers values of the epoch's first evaluations where they are known from a log
 */
// The arrays are the package's own and never changed; records compare them by identity, which nothing here relies on.
@SuppressWarnings("ArrayRecordComponent")
public record IslandTask(
        int island,
        int islands,
        int epoch,
        long seed,
        int parents,
        int evaluations,
        int[][] genes,
        double[][] values,
        int[][] start,
        long[] known,
        double[][] answers)
        implements Serializable {

    /** Which island's share an architecture is of. */
    static int owner(Architecture a, int islands) {
        return (int) Long.remainderUnsigned(ArchitectureSet.print(a), islands);
    }

    IslandTask withAnswers(double[][] fromLog) {
        return new IslandTask(island, islands, epoch, seed, parents, evaluations, genes, values, start, known, fromLog);
    }

    /**
     * Runs the epoch.
     *
     * @param evaluator scores a batch, in its order
     */
    public IslandOutcome run(SearchProblem problem, Function<List<Architecture>, List<Evaluation>> evaluator) {
        RandomGenerator random = Seeds.generator(Seeds.derive(seed, "island", island), "epoch", epoch);
        ArchitectureSet evaluated = ArchitectureSet.of(known);
        Variation variation = new Variation(
                problem.space(), a -> owner(a, islands) != island || evaluated.contains(a), Math.max(1, islands));
        List<Evaluation> made = new ArrayList<>();
        List<Evaluation> population = evaluations(problem.space().name(), genes, values);
        List<Architecture> children = genes.length == 0 ? first(problem, random) : List.of();
        while (made.size() < evaluations) {
            if (children.isEmpty()) {
                children = variation.children(mates(problem, population, random), random);
            }
            Set<Architecture> fresh = new LinkedHashSet<>();
            for (Architecture c : children) {
                if (owner(c, islands) == island
                        && fresh.size() < evaluations - made.size()
                        && !fresh.contains(c)
                        && !evaluated.contains(c)) {
                    fresh.add(c);
                }
            }
            children = List.of();
            if (fresh.isEmpty()) {
                break;
            }
            List<Evaluation> scored = scored(List.copyOf(fresh), made.size(), evaluator);
            fresh.forEach(evaluated::add);
            made.addAll(scored);
            population.addAll(scored);
            population = survivors(problem, population);
        }
        return IslandOutcome.of(made, population);
    }

    private List<Evaluation> scored(
            List<Architecture> batch, int before, Function<List<Architecture>, List<Evaluation>> evaluator) {
        List<Evaluation> all = new ArrayList<>(batch.size());
        int answered = Math.max(0, Math.min(batch.size(), answers.length - before));
        for (int i = 0; i < answered; i++) {
            all.add(Evaluation.of(batch.get(i), answers[before + i]));
        }
        if (answered < batch.size()) {
            all.addAll(evaluator.apply(batch.subList(answered, batch.size())));
        }
        return all;
    }

    /** What the search starts from, then draws; an island of a small space may find few. */
    private List<Architecture> first(SearchProblem problem, RandomGenerator random) {
        Set<Architecture> all = new LinkedHashSet<>();
        for (int[] s : start) {
            all.add(Architecture.of(problem.space().name(), s));
        }
        long most = 40L * parents * islands;
        for (long i = 0; i < most && all.size() < 2 * parents; i++) {
            Architecture a = problem.space().random(random);
            if (owner(a, islands) == island) {
                all.add(a);
            }
        }
        return List.copyOf(all);
    }

    private List<Architecture> mates(SearchProblem problem, List<Evaluation> population, RandomGenerator random) {
        List<Evaluation> sorted = survivors(problem, population);
        List<Architecture> mates = new ArrayList<>(parents);
        for (int i = 0; i < parents && !sorted.isEmpty(); i++) {
            int winner = Math.min(random.nextInt(sorted.size()), random.nextInt(sorted.size()));
            mates.add(sorted.get(winner).architecture());
        }
        return mates;
    }

    private List<Evaluation> survivors(SearchProblem problem, List<Evaluation> population) {
        List<Fitness> fitness =
                population.stream().map(e -> Fitness.of(problem, e)).toList();
        int[] order = CrowdedSurvival.order(fitness, Math.min(parents, population.size()));
        return new ArrayList<>(
                Arrays.stream(order).limit(parents).mapToObj(population::get).toList());
    }

    static List<Evaluation> evaluations(String space, int[][] genes, double[][] values) {
        List<Evaluation> all = new ArrayList<>(genes.length);
        for (int i = 0; i < genes.length; i++) {
            all.add(Evaluation.of(Architecture.of(space, genes[i]), values[i]));
        }
        return all;
    }
}

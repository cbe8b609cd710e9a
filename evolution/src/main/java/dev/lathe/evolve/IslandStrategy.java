package dev.lathe.evolve;

import dev.lathe.base.ProgressListener;
import dev.lathe.space.Architecture;
import dev.lathe.space.SearchSpace;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/**
 * <b>Islands</b>: populations that evolve by NSGA-II on their own for some generations, after which the best of each go to the next in
 * a ring (the coarse-grained model: Cantú-Paz, <i>A survey of parallel genetic algorithms</i>, 1998). A task is many generations, so
 * that a cluster waits once an epoch instead of once a generation. Results depend on the seed and the number of islands, not on what
 * runs them.
 */
public final class IslandStrategy implements SearchStrategy {
    public static final int DEFAULT_ISLANDS = 4;
    public static final int DEFAULT_GENERATIONS = 10;
    /** One of so many parents migrates. */
    private static final int MIGRANTS = 10;

    private final int islands;
    private final int parents;
    private final int generations;

    /**
     * @param islands at least 1
     * @param parents of all islands together; each has at least 4
     * @param generations between migrations, at least 1
     */
    public IslandStrategy(int islands, int parents, int generations) {
        if (islands < 1 || parents < 2 || generations < 1) {
            throw new IllegalArgumentException("%d islands, %d parents, %d generations: give at least 1, 2 and 1"
                    .formatted(islands, parents, generations));
        }
        this.islands = islands;
        this.parents = Math.max(4, parents / islands);
        this.generations = generations;
    }

    @Override
    public String name() {
        return "islands";
    }

    /** @throws InfeasibleBudgetException if nothing that was evaluated meets all budgets */
    @Override
    public SearchResult search(
            SearchProblem problem, BatchEvaluator evaluator, SearchSettings settings, ProgressListener progress) {
        SearchTrace trace = new SearchTrace(problem, evaluator, settings);
        List<List<Evaluation>> populations = new ArrayList<>();
        List<ArchitectureSet> known = new ArrayList<>();
        for (int i = 0; i < islands; i++) {
            populations.add(List.of());
            known.add(new ArchitectureSet());
        }
        int epochs = 0;
        int before = -1;
        while (trace.remaining() > 0 && trace.count() > before) {
            before = trace.count();
            List<IslandTask> tasks = new ArrayList<>();
            for (int i = 0; i < islands; i++) {
                List<Evaluation> population = populations.get(i);
                int share = (trace.remaining() + islands - 1 - i) / islands;
                tasks.add(new IslandTask(
                        i,
                        islands,
                        epochs,
                        settings.seed(),
                        parents,
                        Math.min(share, parents * (generations + (epochs == 0 ? 1 : 0))),
                        IslandOutcome.genes(population),
                        IslandOutcome.values(population),
                        epochs == 0 ? start(problem.space(), settings, i) : new int[0][],
                        known.get(i).prints(),
                        new double[0][]));
            }
            List<IslandOutcome> outcomes = evaluator.evolve(problem, tasks);
            for (int i = 0; i < islands; i++) {
                IslandOutcome o = outcomes.get(i);
                List<Evaluation> made = IslandTask.evaluations(problem.space().name(), o.genes(), o.values());
                trace.record(made);
                for (Evaluation e : made) {
                    known.get(i).add(e.architecture());
                }
            }
            migrate(problem.space().name(), outcomes, populations);
            epochs++;
            progress.report("search", trace.count(), trace.limit(), trace.progressNote());
        }
        trace.requireFeasible();
        return trace.result(name(), epochs);
    }

    private int[][] start(SearchSpace space, SearchSettings settings, int island) {
        Set<Architecture> all = new LinkedHashSet<>(settings.start());
        all.add(space.smallest());
        all.add(space.largest());
        return all.stream()
                .filter(a -> IslandTask.owner(a, islands) == island)
                .map(Architecture::choices)
                .toArray(int[][]::new);
    }

    private void migrate(String space, List<IslandOutcome> outcomes, List<List<Evaluation>> populations) {
        List<List<Evaluation>> evolved = new ArrayList<>();
        for (IslandOutcome o : outcomes) {
            evolved.add(IslandTask.evaluations(space, o.populationGenes(), o.populationValues()));
        }
        for (int i = 0; i < islands; i++) {
            List<Evaluation> population = new ArrayList<>(evolved.get(i));
            List<Evaluation> neighbours = evolved.get((i + islands - 1) % islands);
            int migrants = islands == 1 ? 0 : Math.min(neighbours.size(), Math.max(1, parents / MIGRANTS));
            population.addAll(neighbours.subList(0, migrants));
            populations.set(i, population);
        }
    }
}

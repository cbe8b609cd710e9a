package dev.lathe.evolve;

import dev.lathe.base.ProgressListener;
import dev.lathe.base.Seeds;
import dev.lathe.space.Architecture;
import dev.lathe.space.SearchSpace;
import io.jenetics.IntegerGene;
import io.jenetics.Phenotype;
import io.jenetics.Selector;
import io.jenetics.engine.Engine;
import io.jenetics.engine.EvolutionStart;
import io.jenetics.util.ISeq;
import io.jenetics.util.RandomRegistry;
import io.jenetics.util.Seq;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.random.RandomGenerator;

/**
 * <b>NSGA-II</b> under hard budgets: Deb, Pratap, Agarwal and Meyarivan, <i>A fast and elitist multiobjective genetic
 * algorithm: NSGA-II</i>, IEEE Transactions on Evolutionary Computation 6(2), 2002, doi:10.1109/4235.996017.
 *
 * <p>The first generation is the smallest network, the largest one, and uniform draws. From then on the {@code parents} best
 * of parents and children survive, and as many children are made by crowded binary tournaments, uniform crossover and
 * mutation. All individuals are canonical architectures; each generation evaluates its new ones in one batch, without
 * repeats. The front is taken from everything evaluated, not only from the last population.
 *
 * @implNote The random numbers are drawn on the calling thread only, and the values depend on the architecture alone, so
 *     one seed gives one result whatever the evaluator does in parallel.
 */
public final class Nsga2Strategy implements SearchStrategy {
    /** Parents kept where no number is given. */
    public static final int DEFAULT_PARENTS = 100;

    /** Generations in a row without a new architecture after which the space is taken to be exhausted. */
    private static final int FUTILE_GENERATIONS = 20;

    private final int parents;

    public Nsga2Strategy() {
        this(DEFAULT_PARENTS);
    }

    /** @param parents individuals that survive a generation, and children made in it; at least 2 */
    public Nsga2Strategy(int parents) {
        if (parents < 2) {
            throw new IllegalArgumentException("NSGA-II needs at least 2 parents, not " + parents);
        }
        this.parents = parents;
    }

    @Override
    public String name() {
        return "nsga2";
    }

    /** @throws InfeasibleBudgetException if nothing that was evaluated meets all budgets */
    @Override
    public SearchResult search(
            SearchProblem problem, BatchEvaluator evaluator, SearchSettings settings, ProgressListener progress) {
        RandomGenerator random = Seeds.generator(settings.seed(), name(), 0);
        return RandomRegistry.with(random, r -> evolve(problem, evaluator, settings, progress));
    }

    private SearchResult evolve(
            SearchProblem problem, BatchEvaluator evaluator, SearchSettings settings, ProgressListener progress) {
        SearchSpace space = problem.space();
        SearchTrace trace = new SearchTrace(problem, evaluator, settings);
        Genes genes = new Genes(space);
        CrowdedSelector best = new CrowdedSelector();
        Selector<IntegerGene, Fitness> tournament = (population, count, optimize) -> {
            Seq<Phenotype<IntegerGene, Fitness>> mating = best.select(population, parents, optimize);
            RandomGenerator random = RandomRegistry.random();
            List<Phenotype<IntegerGene, Fitness>> winners = new ArrayList<>(count);
            for (int i = 0; i < count; i++) {
                // They are sorted, so the smaller of two positions wins the crowded comparison.
                winners.add(mating.get(Math.min(random.nextInt(parents), random.nextInt(parents))));
            }
            return ISeq.of(winners);
        };
        Engine<IntegerGene, Fitness> engine = new Engine.Builder<IntegerGene, Fitness>(
                        population -> evaluate(population, problem, genes, trace),
                        () -> genes.encode(space.random(RandomRegistry.random())))
                .populationSize(2 * parents)
                .offspringSize(parents)
                .maximalPhenotypeAge(Long.MAX_VALUE)
                .survivorsSelector(best)
                .offspringSelector(tournament)
                .alterers(new NewcomerAlterer(space, genes, trace::isKnown))
                .minimizing()
                .executor(Runnable::run)
                .build();
        EvolutionStart<IntegerGene, Fitness> population = EvolutionStart.of(firstGeneration(space, genes), 1);
        int generations = 0;
        int futile = 0;
        while ((generations == 0 || trace.remaining() > 0) && futile < FUTILE_GENERATIONS) {
            int before = trace.count();
            population = engine.evolve(population).next();
            generations++;
            futile = trace.count() > before ? 0 : futile + 1;
            progress.report("search", trace.count(), trace.limit(), trace.progressNote());
        }
        trace.requireFeasible();
        return trace.result(name(), generations);
    }

    /** Distinct while draws last: a space smaller than a population fills up with repeats. */
    private ISeq<Phenotype<IntegerGene, Fitness>> firstGeneration(SearchSpace space, Genes genes) {
        RandomGenerator random = RandomRegistry.random();
        Set<Architecture> distinct = new LinkedHashSet<>(List.of(space.smallest()));
        distinct.add(space.largest());
        for (int draws = 0; distinct.size() < 2 * parents && draws < 40 * parents; draws++) {
            distinct.add(space.random(random));
        }
        List<Architecture> all = new ArrayList<>(distinct);
        while (all.size() < 2 * parents) {
            all.add(space.random(random));
        }
        return ISeq.of(all.stream()
                .map(a -> Phenotype.<IntegerGene, Fitness>of(genes.encode(a), 1))
                .toList());
    }

    private static ISeq<Phenotype<IntegerGene, Fitness>> evaluate(
            Seq<Phenotype<IntegerGene, Fitness>> population, SearchProblem problem, Genes genes, SearchTrace trace) {
        Set<Architecture> fresh = new LinkedHashSet<>();
        List<Architecture> architectures = new ArrayList<>(population.size());
        for (Phenotype<IntegerGene, Fitness> p : population) {
            Architecture a = p.isEvaluated() ? p.fitness().architecture() : genes.decode(p.genotype());
            architectures.add(a);
            if (p.nonEvaluated() && !trace.isKnown(a) && fresh.size() < trace.remaining()) {
                fresh.add(a);
            }
        }
        trace.evaluate(List.copyOf(fresh));
        List<Phenotype<IntegerGene, Fitness>> evaluated = new ArrayList<>(population.size());
        for (int i = 0; i < architectures.size(); i++) {
            Phenotype<IntegerGene, Fitness> p = population.get(i);
            Architecture a = architectures.get(i);
            Evaluation e = trace.find(a);
            evaluated.add(
                    p.isEvaluated() ? p : p.withFitness(e == null ? Fitness.unevaluated(a) : Fitness.of(problem, e)));
        }
        return ISeq.of(evaluated);
    }
}

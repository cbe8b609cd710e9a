package dev.lathe.evolve;

import dev.lathe.base.ProgressListener;
import dev.lathe.base.Seeds;
import dev.lathe.space.Architecture;
import dev.lathe.space.SearchSpace;
import io.jenetics.AltererResult;
import io.jenetics.AnyGene;
import io.jenetics.Optimize;
import io.jenetics.Phenotype;
import io.jenetics.engine.Engine;
import io.jenetics.engine.EvolutionStart;
import io.jenetics.util.ISeq;
import io.jenetics.util.RandomRegistry;
import io.jenetics.util.Seq;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * The generations of an elitist evolution in Jenetics' engine. The first is what the settings start from, the smallest network, the
 * largest one, and uniform draws. From then on the {@code parents} best of parents and children survive, and as many children are
 * made by binary tournaments, uniform crossover and mutation. All individuals are canonical architectures; each generation
 * evaluates its new ones in one batch, without repeats. The front is taken from everything evaluated, not only from the last
 * population.
 *
 * @implNote The random numbers are drawn on the calling thread only, and the values depend on the architecture alone, so
 *     one seed gives one result whatever the evaluator does in parallel.
 */
final class GenerationalSearch {
    /** Generations in a row without a new architecture after which the space is taken to be exhausted. */
    private static final int FUTILE_GENERATIONS = 20;

    private final String name;
    private final int parents;
    private final Survival survival;
    private final SearchProblem problem;
    private final SearchSettings settings;
    private final SearchTrace trace;

    /** The population that was ordered last: survivors and parents are chosen from one order. */
    private @Nullable Seq<Phenotype<AnyGene<Architecture>, Fitness>> ordered;

    private int[] order = {};

    GenerationalSearch(
            String name,
            int parents,
            Survival survival,
            SearchProblem problem,
            BatchEvaluator evaluator,
            SearchSettings settings) {
        this.name = name;
        this.parents = parents;
        this.survival = survival;
        this.problem = problem;
        this.settings = settings;
        this.trace = new SearchTrace(problem, evaluator, settings);
    }

    /** @throws InfeasibleBudgetException if nothing that was evaluated meets all budgets */
    SearchResult run(ProgressListener progress) {
        return RandomRegistry.with(Seeds.generator(settings.seed(), name, 0), r -> evolve(progress));
    }

    private SearchResult evolve(ProgressListener progress) {
        SearchSpace space = problem.space();
        Variation variation = new Variation(space, trace::isKnown, 1);
        Engine<AnyGene<Architecture>, Fitness> engine = new Engine.Builder<AnyGene<Architecture>, Fitness>(
                        this::evaluate, () -> Genes.encode(space.random(RandomRegistry.random())))
                .populationSize(2 * parents)
                .offspringSize(parents)
                .maximalPhenotypeAge(Long.MAX_VALUE)
                .survivorsSelector(this::survivors)
                .offspringSelector(this::mates)
                .alterers((parents, generation) -> children(variation, parents, generation))
                .minimizing()
                .executor(Runnable::run)
                .build();
        EvolutionStart<AnyGene<Architecture>, Fitness> population = EvolutionStart.of(firstGeneration(space), 1);
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
        return trace.result(name, generations);
    }

    private int[] order(Seq<Phenotype<AnyGene<Architecture>, Fitness>> population) {
        if (population != ordered) {
            List<Fitness> fitness = new ArrayList<>(population.size());
            for (int i = 0; i < population.size(); i++) {
                fitness.add(population.get(i).fitness());
            }
            order = survival.order(fitness, Math.min(parents, fitness.size()), RandomRegistry.random());
            ordered = population;
        }
        return order;
    }

    /** The best, best first; all of them, cyclically, where there are fewer. */
    private ISeq<Phenotype<AnyGene<Architecture>, Fitness>> survivors(
            Seq<Phenotype<AnyGene<Architecture>, Fitness>> population, int count, Optimize optimize) {
        int[] best = order(population);
        List<Phenotype<AnyGene<Architecture>, Fitness>> selected = new ArrayList<>(count);
        for (int i = 0; i < count && best.length > 0; i++) {
            selected.add(population.get(best[i % best.length]));
        }
        return ISeq.of(selected);
    }

    private ISeq<Phenotype<AnyGene<Architecture>, Fitness>> mates(
            Seq<Phenotype<AnyGene<Architecture>, Fitness>> population, int count, Optimize optimize) {
        int[] best = order(population);
        RandomGenerator random = RandomRegistry.random();
        List<Phenotype<AnyGene<Architecture>, Fitness>> winners = new ArrayList<>(count);
        for (int i = 0; i < count; i++) {
            int one = random.nextInt(parents);
            int other = random.nextInt(parents);
            // They are sorted, so the smaller of two positions wins the comparison.
            boolean compared = survival.prefersFirst()
                    || population.get(best[one % best.length]).fitness().violation() > 0;
            winners.add(population.get(best[(compared ? Math.min(one, other) : one) % best.length]));
        }
        return ISeq.of(winners);
    }

    private static AltererResult<AnyGene<Architecture>, Fitness> children(
            Variation variation, Seq<Phenotype<AnyGene<Architecture>, Fitness>> mates, long generation) {
        List<Architecture> children =
                variation.children(mates.stream().map(Genes::decode).toList(), RandomRegistry.random());
        return new AltererResult<>(
                ISeq.of(children.stream()
                        .map(a -> Genes.individual(a, generation))
                        .toList()),
                children.size());
    }

    /** Distinct while draws last: a space smaller than a population fills up with repeats. */
    private ISeq<Phenotype<AnyGene<Architecture>, Fitness>> firstGeneration(SearchSpace space) {
        RandomGenerator random = RandomRegistry.random();
        Set<Architecture> distinct = new LinkedHashSet<>(settings.start());
        distinct.add(space.smallest());
        distinct.add(space.largest());
        for (int draws = 0; distinct.size() < 2 * parents && draws < 40 * parents; draws++) {
            distinct.add(space.random(random));
        }
        List<Architecture> all = new ArrayList<>(distinct);
        while (all.size() < 2 * parents) {
            all.add(space.random(random));
        }
        return ISeq.of(all.stream().map(a -> Genes.individual(a, 1)).toList());
    }

    private ISeq<Phenotype<AnyGene<Architecture>, Fitness>> evaluate(
            Seq<Phenotype<AnyGene<Architecture>, Fitness>> population) {
        Set<Architecture> fresh = new LinkedHashSet<>();
        boolean complete = true;
        for (Phenotype<AnyGene<Architecture>, Fitness> p : population) {
            if (p.nonEvaluated()) {
                complete = false;
                Architecture a = Genes.decode(p);
                if (fresh.size() < trace.remaining() && !trace.isKnown(a)) {
                    fresh.add(a);
                }
            }
        }
        if (complete) {
            return population.asISeq();
        }
        Map<Architecture, Fitness> made = new HashMap<>(2 * fresh.size());
        for (Evaluation e : trace.evaluate(List.copyOf(fresh))) {
            made.put(e.architecture(), Fitness.of(problem, e));
        }
        List<Phenotype<AnyGene<Architecture>, Fitness>> evaluated = new ArrayList<>(population.size());
        for (Phenotype<AnyGene<Architecture>, Fitness> p : population) {
            if (p.isEvaluated()) {
                evaluated.add(p);
            } else {
                Architecture a = Genes.decode(p);
                evaluated.add(p.withFitness(fitness(a, made, population)));
            }
        }
        return ISeq.of(evaluated);
    }

    /** Of a child that was met before, in a space that is nearly exhausted, no more is known than its like in the population. */
    private static Fitness fitness(
            Architecture a,
            Map<Architecture, Fitness> made,
            Seq<Phenotype<AnyGene<Architecture>, Fitness>> population) {
        Fitness known = made.get(a);
        if (known != null) {
            return known;
        }
        for (Phenotype<AnyGene<Architecture>, Fitness> p : population) {
            if (p.isEvaluated() && p.fitness().architecture().equals(a)) {
                return p.fitness();
            }
        }
        return Fitness.unevaluated(a);
    }
}

package dev.lathe.evolve;

import dev.lathe.base.ProgressListener;
import dev.lathe.base.Seeds;
import dev.lathe.space.Architecture;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.random.RandomGenerator;

/**
 * <b>Asynchronous NSGA-II</b>: there are no generations to wait for; as soon as the oldest evaluation under way is there it joins the
 * population, the worst leaves, and another child is made (steady state, as in Nebro and Durillo, <i>On the effect of applying a
 * steady-state selection scheme in the multi-objective genetic algorithm NSGA-II</i>, 2009).
 *
 * <p>Evaluations join in the order in which they were asked for, {@code inFlight} children after they were, however long each takes:
 * so the result depends on the seed and on {@code inFlight} alone. What that costs in idle workers is in docs/scaling.md.
 */
public final class SteadyStateStrategy implements SearchStrategy {
    public static final int DEFAULT_IN_FLIGHT = 8;

    /** Children in a row that are known already after which the space is taken to be exhausted. */
    private static final int ATTEMPTS = 50;

    private final int parents;
    private final int inFlight;

    /**
     * @param parents in the population, at least 2
     * @param inFlight evaluations under way at a time, at least 1
     */
    public SteadyStateStrategy(int parents, int inFlight) {
        if (parents < 2 || inFlight < 1) {
            throw new IllegalArgumentException(
                    "%d parents and %d in flight: give at least 2 and 1".formatted(parents, inFlight));
        }
        this.parents = parents;
        this.inFlight = inFlight;
    }

    @Override
    public String name() {
        return "steady-state";
    }

    /** @throws InfeasibleBudgetException if nothing that was evaluated meets all budgets */
    @Override
    public SearchResult search(
            SearchProblem problem, BatchEvaluator evaluator, SearchSettings settings, ProgressListener progress) {
        SearchTrace trace = new SearchTrace(problem, evaluator, settings);
        RandomGenerator random = Seeds.generator(settings.seed(), name(), 0);
        Variation variation = new Variation(problem.space(), trace::isKnown, 1);
        List<Fitness> living = new ArrayList<>();
        for (Evaluation e : trace.evaluate(first(problem, settings, trace, random))) {
            living.add(Fitness.of(problem, e));
        }
        boolean exhausted = false;
        int step = Math.max(1, trace.limit() / 100);
        while (trace.inFlight() > 0 || (trace.remaining() > 0 && !exhausted)) {
            while (trace.remaining() > 0 && trace.inFlight() < inFlight && !exhausted) {
                Architecture child = child(living, variation, trace, random);
                exhausted = trace.isKnown(child);
                if (!exhausted) {
                    trace.submit(child);
                }
            }
            if (trace.inFlight() > 0) {
                living.add(Fitness.of(problem, trace.take()));
                living = best(living);
            }
            if (trace.count() % step == 0 || trace.inFlight() == 0) {
                progress.report("search", trace.count(), trace.limit(), trace.progressNote());
            }
        }
        trace.requireFeasible();
        return trace.result(name(), trace.count());
    }

    /** Sorted, best first. */
    private List<Fitness> best(List<Fitness> living) {
        int count = Math.min(parents, living.size());
        int[] order = CrowdedSurvival.order(living, count);
        List<Fitness> kept = new ArrayList<>(parents + 1);
        for (int i = 0; i < count; i++) {
            kept.add(living.get(order[i]));
        }
        return kept;
    }

    /** One that is known only where the space seems exhausted. */
    private static Architecture child(
            List<Fitness> living, Variation variation, SearchTrace trace, RandomGenerator random) {
        for (int attempt = 1; ; attempt++) {
            List<Architecture> pair = new ArrayList<>(2);
            for (int i = 0; i < 2; i++) {
                int winner = Math.min(random.nextInt(living.size()), random.nextInt(living.size()));
                pair.add(living.get(winner).architecture());
            }
            Architecture child = variation.children(pair, random).get(0);
            if (attempt == ATTEMPTS || !trace.isKnown(child)) {
                return child;
            }
        }
    }

    private List<Architecture> first(
            SearchProblem problem, SearchSettings settings, SearchTrace trace, RandomGenerator random) {
        Set<Architecture> all = new LinkedHashSet<>(settings.start());
        all.add(problem.space().smallest());
        all.add(problem.space().largest());
        for (int i = 0; i < 40 * parents && all.size() < parents; i++) {
            all.add(problem.space().random(random));
        }
        return all.stream().limit(trace.remaining()).toList();
    }
}

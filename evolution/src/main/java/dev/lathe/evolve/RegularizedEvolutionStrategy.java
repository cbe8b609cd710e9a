package dev.lathe.evolve;

import dev.lathe.base.ProgressListener;
import dev.lathe.base.Seeds;
import dev.lathe.space.Architecture;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Deque;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * <b>Regularised evolution</b>: the oldest of a population dies, whatever it is worth, and a mutant of a tournament's winner takes
 * its place (Real, Aggarwal, Huang and Le, <i>Regularized evolution for image classifier architecture search</i>, AAAI 2019). With
 * several objectives each tournament has weights of its own, and the least of the worst weighted objective wins (Chebyshev
 * scalarisation, as in Liberis, Dudziak and Lane, <i>μNAS</i>, EuroMLSys 2021); a network over budget loses to one that is less so.
 */
public final class RegularizedEvolutionStrategy implements SearchStrategy {
    public static final int DEFAULT_POPULATION = 50;
    public static final int DEFAULT_TOURNAMENT = 10;
    private static final int ATTEMPTS = 2000;
    /** After so many mutants of one distance that are all known, two decisions change at once, then three. */
    private static final int ATTEMPTS_EACH = 50;

    private final int population;
    private final int tournament;
    private final int inFlight;

    public RegularizedEvolutionStrategy() {
        this(DEFAULT_POPULATION, DEFAULT_TOURNAMENT);
    }

    /** One evaluation at a time. */
    public RegularizedEvolutionStrategy(int population, int tournament) {
        this(population, tournament, 1);
    }

    /**
     * @param population living at a time, at least 2
     * @param tournament drawn from them for each child, 1 to {@code population}
     * @param inFlight evaluations under way at a time, at least 1; they join in the order in which they were asked for
     */
    public RegularizedEvolutionStrategy(int population, int tournament, int inFlight) {
        if (population < 2 || tournament < 1 || tournament > population || inFlight < 1) {
            throw new IllegalArgumentException(
                    "A population of %d with tournaments of %d: give at least 2, and at most as many"
                            .formatted(population, tournament));
        }
        this.population = population;
        this.tournament = tournament;
        this.inFlight = inFlight;
    }

    @Override
    public String name() {
        return "regularized-evolution";
    }

    /** @throws InfeasibleBudgetException if nothing that was evaluated meets all budgets */
    @Override
    public SearchResult search(
            SearchProblem problem, BatchEvaluator evaluator, SearchSettings settings, ProgressListener progress) {
        SearchTrace trace = new SearchTrace(problem, evaluator, settings);
        RandomGenerator random = Seeds.generator(settings.seed(), name(), 0);
        Moves moves = new Moves(problem.space(), random);
        Deque<Evaluation> living = new ArrayDeque<>();
        Set<Architecture> start = new LinkedHashSet<>(
                settings.start().stream().limit(trace.limit()).toList());
        for (int i = 0; start.size() < Math.min(population, trace.limit()) && i < ATTEMPTS * population; i++) {
            start.add(moves.draw());
        }
        living.addAll(trace.evaluate(List.copyOf(start)));
        boolean exhausted = false;
        while (trace.inFlight() > 0 || (trace.remaining() > 0 && !exhausted)) {
            while (trace.remaining() > 0 && trace.inFlight() < inFlight && !exhausted) {
                Architecture child = child(problem, new ArrayList<>(living), moves, trace, random);
                exhausted = child == null;
                if (child != null) {
                    trace.submit(child);
                }
            }
            if (trace.inFlight() > 0) {
                living.add(trace.take());
                living.remove();
                progress.report("search", trace.count(), trace.limit(), trace.progressNote());
            }
        }
        trace.requireFeasible();
        return trace.result(name(), trace.count());
    }

    /** A mutant that was not evaluated; null where all that were tried are known. */
    private @Nullable Architecture child(
            SearchProblem problem, List<Evaluation> living, Moves moves, SearchTrace trace, RandomGenerator random) {
        Architecture a = winner(problem, living, random).architecture();
        for (int i = 0; i < ATTEMPTS; i++) {
            Architecture child = moves.mutate(a, 1 + i / ATTEMPTS_EACH);
            if (!trace.isKnown(child)) {
                return child;
            }
        }
        return null;
    }

    private Evaluation winner(SearchProblem problem, List<Evaluation> living, RandomGenerator random) {
        int objectives = problem.objectives().size();
        double[] low = new double[objectives];
        double[] high = new double[objectives];
        Arrays.fill(low, Double.POSITIVE_INFINITY);
        Arrays.fill(high, Double.NEGATIVE_INFINITY);
        for (Evaluation e : living) {
            double[] v = problem.minimized(e);
            for (int i = 0; i < objectives; i++) {
                low[i] = Math.min(low[i], v[i]);
                high[i] = Math.max(high[i], v[i]);
            }
        }
        double[] weights = new double[objectives];
        for (int i = 0; i < objectives; i++) {
            weights[i] = random.nextDouble() / Math.max(high[i] - low[i], Double.MIN_NORMAL);
        }
        List<Evaluation> drawn = new ArrayList<>(living);
        Evaluation best = drawn.get(0);
        double least = Double.POSITIVE_INFINITY;
        double violation = Double.POSITIVE_INFINITY;
        for (int t = 0; t < tournament && !drawn.isEmpty(); t++) {
            Evaluation e = drawn.remove(random.nextInt(drawn.size()));
            double[] v = problem.minimized(e);
            double worst = Double.NEGATIVE_INFINITY;
            for (int i = 0; i < objectives; i++) {
                worst = Math.max(worst, weights[i] * (v[i] - low[i]));
            }
            double over = problem.violation(e);
            if (over < violation || (over == violation && worst < least)) {
                violation = over;
                least = worst;
                best = e;
            }
        }
        return best;
    }
}

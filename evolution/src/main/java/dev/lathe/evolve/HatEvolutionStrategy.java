package dev.lathe.evolve;

import dev.lathe.base.ProgressListener;
import dev.lathe.base.Seeds;
import dev.lathe.space.Architecture;
import dev.lathe.space.Decision;
import dev.lathe.space.SearchSpace;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.Deque;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Supplier;
import java.util.random.RandomGenerator;

/**
 * <b>HAT's evolution</b> of one objective, the problem's first, under hard limits: a fifth of the population are parents, the best
 * within all budgets; two fifths are mutants, in which each decision is drawn anew with probability 0.3, perhaps as it was; two fifths
 * are crossovers of two parents, each decision from either. What is over a budget is made again, so that the population is within.
 *
 * <p>Departures: an architecture is evaluated once, where HAT scores its parents in every generation; one that is over a budget costs
 * an evaluation, because an evaluation tells both; tries are bounded, where HAT would try for ever below the smallest network; the
 * smallest network is in the first generation. The front is that of everything evaluated, in all objectives.
 *
 * @see <a href="https://arxiv.org/abs/2005.14187">Wang et al., HAT: Hardware-Aware Transformers, ACL 2020</a>
 */
public final class HatEvolutionStrategy implements SearchStrategy {
    /** Of the paper: 25 parents, 50 mutants, 50 crossovers. */
    public static final int DEFAULT_POPULATION = 125;

    private static final double MUTATION_PROBABILITY = 0.3;
    /** Batches in which those that were over budget are made again. */
    private static final int ROUNDS = 20;
    /** Known children in a row, for each that is wanted, after which there are no others. */
    private static final int ATTEMPTS = 50;

    private final int parents;
    private final int mutants;
    private final int crossovers;

    public HatEvolutionStrategy() {
        this(DEFAULT_POPULATION);
    }

    /** @param population parents and children, at least 4 */
    public HatEvolutionStrategy(int population) {
        if (population < 4) {
            throw new IllegalArgumentException("HAT's evolution needs a population of at least 4, not " + population);
        }
        this.parents = Math.max(2, population / 5);
        this.crossovers = (population - parents) / 2;
        this.mutants = population - parents - crossovers;
    }

    @Override
    public String name() {
        return "hat-evolution";
    }

    /** @throws InfeasibleBudgetException if nothing that was evaluated meets all budgets */
    @Override
    public SearchResult search(
            SearchProblem problem, BatchEvaluator evaluator, SearchSettings settings, ProgressListener progress) {
        return new Run(problem, evaluator, settings, progress).run();
    }

    /** One search. */
    private final class Run {
        private final SearchProblem problem;
        private final SearchTrace trace;
        private final ProgressListener progress;
        private final RandomGenerator random;
        private final Moves moves;
        private final Deque<Architecture> start;

        Run(SearchProblem problem, BatchEvaluator evaluator, SearchSettings settings, ProgressListener progress) {
            this.problem = problem;
            this.trace = new SearchTrace(problem, evaluator, settings);
            this.progress = progress;
            this.random = Seeds.generator(settings.seed(), name(), 0);
            this.moves = new Moves(problem.space(), random);
            Set<Architecture> first = new LinkedHashSet<>(settings.start());
            first.add(problem.space().smallest());
            this.start = new ArrayDeque<>(first);
        }

        SearchResult run() {
            List<Evaluation> living = new ArrayList<>();
            int generations = 0;
            boolean exhausted = false;
            while (trace.remaining() > 0 && !exhausted) {
                int before = trace.count();
                living = best(living);
                List<Evaluation> from = List.copyOf(living);
                if (!from.isEmpty()) {
                    living.addAll(accepted(mutants, () -> mutant(drawn(from))));
                }
                if (from.size() > 1) {
                    living.addAll(accepted(crossovers, () -> child(from)));
                }
                if (trace.count() == before) {
                    // The first generation; later, where the parents' surroundings are known or nothing is within
                    // budget.
                    living.addAll(accepted(parents + mutants + crossovers, this::newcomer));
                }
                generations++;
                exhausted = trace.count() == before;
                progress.report("search", trace.count(), trace.limit(), trace.progressNote());
            }
            trace.requireFeasible();
            return trace.result(name(), generations);
        }

        /** At most so many new evaluations within all budgets; those over one are recorded, and made again. */
        private List<Evaluation> accepted(int count, Supplier<Architecture> maker) {
            List<Evaluation> within = new ArrayList<>();
            for (int round = 0; round < ROUNDS && within.size() < count; round++) {
                int wanted = Math.min(count - within.size(), trace.remaining());
                Set<Architecture> batch = new LinkedHashSet<>();
                for (int i = 0; i < ATTEMPTS * wanted && batch.size() < wanted; i++) {
                    Architecture a = maker.get();
                    if (!trace.isKnown(a)) {
                        batch.add(a);
                    }
                }
                if (batch.isEmpty()) {
                    break;
                }
                trace.evaluate(List.copyOf(batch)).stream()
                        .filter(problem::isFeasible)
                        .forEach(within::add);
            }
            return within;
        }

        private List<Evaluation> best(List<Evaluation> living) {
            return new ArrayList<>(living.stream()
                    .sorted(Comparator.comparingDouble((Evaluation e) -> problem.minimized(e)[0])
                            .thenComparing(Evaluation::architecture))
                    .limit(parents)
                    .toList());
        }

        private Architecture drawn(List<Evaluation> from) {
            return from.get(random.nextInt(from.size())).architecture();
        }

        private Architecture newcomer() {
            return start.isEmpty() ? moves.draw() : start.remove();
        }

        private Architecture mutant(Architecture a) {
            SearchSpace space = problem.space();
            List<Decision> decisions = space.decisions();
            int[] choices = a.choices();
            for (int i = 0; i < choices.length; i++) {
                if (random.nextDouble() < MUTATION_PROBABILITY) {
                    choices[i] = random.nextInt(decisions.get(i).size());
                }
            }
            return moves.canonical(choices);
        }

        private Architecture child(List<Evaluation> from) {
            int one = random.nextInt(from.size());
            int other = (one + 1 + random.nextInt(from.size() - 1)) % from.size();
            return moves.canonical(
                    moves.crossed(from.get(one).architecture(), from.get(other).architecture()));
        }
    }
}

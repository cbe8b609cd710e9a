package dev.lathe.evolve;

import dev.lathe.base.ProgressListener;
import dev.lathe.evolve.surrogate.Encoding;
import dev.lathe.space.Architecture;
import dev.lathe.space.SearchSpace;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.function.ToDoubleFunction;
import java.util.random.RandomGenerator;

/**
 * Lathe's search for expensive evaluations: a Gaussian process for each objective and budget over what networks are, their costs
 * and their subtrees, and batches of those networks by which the front's hypervolume is expected to grow most. What was evaluated
 * is never evaluated again.
 *
 * <p>The first batch is the smallest network, the largest one, and random draws that lie far from each other. A metric that can be
 * computed exactly, as MACs can, may be given as known: it is not modelled then. Where the evolution meets nothing new, a space is
 * taken to be exhausted.
 *
 * @implNote The random numbers are drawn on the calling thread only. A batch costs O(n³) in the number of evaluations for the
 *     models, and O(n²) for each of some 2,000 candidates: about a second at n = 200.
 */
public final class ExpectedGainStrategy implements SearchStrategy {
    public static final int DEFAULT_INITIAL = 6;
    public static final int DEFAULT_BATCH = 3;
    private static final int DRAWS = 300;
    private static final int FUTILE_DRAWS = 100_000;

    private final int initial;
    private final int batch;
    private final Map<String, ToDoubleFunction<Architecture>> known;

    public ExpectedGainStrategy() {
        this(DEFAULT_INITIAL, DEFAULT_BATCH, Map.of());
    }

    /**
     * @param initial evaluations of the first batch, at least 2
     * @param batch evaluations of each later one, at least 1
     * @param known metrics that need no evaluation, by name
     */
    public ExpectedGainStrategy(int initial, int batch, Map<String, ToDoubleFunction<Architecture>> known) {
        if (initial < 2 || batch < 1) {
            throw new IllegalArgumentException(
                    "A first batch has at least 2 evaluations and later ones at least 1, not %d and %d"
                            .formatted(initial, batch));
        }
        this.initial = initial;
        this.batch = batch;
        this.known = Map.copyOf(known);
    }

    @Override
    public String name() {
        return "expected-gain";
    }

    /** @throws InfeasibleBudgetException if nothing that was evaluated meets all budgets */
    @Override
    public SearchResult search(
            SearchProblem problem, BatchEvaluator evaluator, SearchSettings settings, ProgressListener progress) {
        SearchTrace trace = new SearchTrace(problem, evaluator, settings);
        CountedRandom random = new CountedRandom(settings.seed(), name());
        Encoding encoding = Encoding.of(problem.space(), settings.seed());
        Proposer proposer = new Proposer(problem, encoding, known, settings.reference(), random);
        List<Architecture> next =
                new ArrayList<>(settings.start().stream().limit(trace.limit()).toList());
        for (Architecture a : first(problem.space(), encoding, random, Math.min(initial, trace.limit()))) {
            if (next.size() < Math.min(initial, trace.limit()) && !next.contains(a)) {
                next.add(a);
            }
        }
        int batches = 0;
        while (!next.isEmpty()) {
            trace.evaluate(next).forEach(proposer::learn);
            batches++;
            progress.report("search", trace.count(), trace.limit(), trace.progressNote());
            int wanted = Math.min(batch, trace.remaining());
            Optional<SearchDecision> earlier = trace.recall(wanted);
            if (earlier.isPresent()) {
                random.forwardTo(earlier.get().draws());
                proposer.restore(earlier.get().state());
                next = earlier.get().batch();
            } else if (wanted > 0) {
                next = proposer.propose(wanted);
                next = next.isEmpty() ? unknown(problem.space(), trace, random) : next;
                trace.remember(new SearchDecision(next, random.steps(), proposer.state()));
            } else {
                next = List.of();
            }
        }
        trace.requireFeasible();
        return trace.result(name(), batches);
    }

    private static List<Architecture> unknown(SearchSpace space, SearchTrace trace, RandomGenerator random) {
        for (int i = 0; i < FUTILE_DRAWS; i++) {
            Architecture a = space.random(random);
            if (!trace.isKnown(a)) {
                return List.of(a);
            }
        }
        return List.of();
    }

    /** Each next one of the draws is the one farthest from those chosen. */
    private static List<Architecture> first(SearchSpace space, Encoding encoding, RandomGenerator random, int count) {
        Map<Architecture, Encoding.Point> chosen = new LinkedHashMap<>();
        Map<Architecture, Encoding.Point> draws = new LinkedHashMap<>();
        for (Architecture a : List.of(space.smallest(), space.largest())) {
            if (chosen.size() < count) {
                chosen.computeIfAbsent(a, encoding::encode);
            }
        }
        for (int i = 0; i < DRAWS; i++) {
            Architecture a = space.random(random);
            if (!chosen.containsKey(a)) {
                draws.computeIfAbsent(a, encoding::encode);
            }
        }
        while (chosen.size() < count && !draws.isEmpty()) {
            Architecture best = draws.keySet().iterator().next();
            double farthest = -1;
            for (Map.Entry<Architecture, Encoding.Point> e : draws.entrySet()) {
                double nearest = Double.POSITIVE_INFINITY;
                for (Encoding.Point p : chosen.values()) {
                    nearest = Math.min(nearest, e.getValue().distance(p));
                }
                if (nearest > farthest) {
                    farthest = nearest;
                    best = e.getKey();
                }
            }
            chosen.put(best, Objects.requireNonNull(draws.remove(best)));
        }
        return new ArrayList<>(chosen.keySet());
    }
}

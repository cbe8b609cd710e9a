package dev.lathe.evolve;

import dev.lathe.base.ProgressListener;
import dev.lathe.base.Seeds;
import dev.lathe.evolve.surrogate.KernelRidge;
import dev.lathe.space.Architecture;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.random.RandomGenerator;

/**
 * <b>LINAS</b>: a batch of random networks is evaluated; then, again and again, a predictor of each objective is fitted to all
 * that was evaluated, NSGA-II searches on the predictors alone, and the best it met that are new are the next batch (Cummings et
 * al., <i>A hardware-aware framework for accelerating neural architecture search across modalities</i>, 2022).
 *
 * @see <a href="https://arxiv.org/abs/2205.10358">arXiv 2205.10358</a>
 */
public final class LinasStrategy implements SearchStrategy {
    public static final int DEFAULT_BATCH = 50;
    private static final int INNER_PARENTS = 50;
    private static final int INNER_EVALUATIONS = 4000;
    private static final int FUTILE_DRAWS = 10_000;

    private final int batch;

    public LinasStrategy() {
        this(DEFAULT_BATCH);
    }

    /** @param batch evaluations of each round, at least 2 */
    public LinasStrategy(int batch) {
        if (batch < 2) {
            throw new IllegalArgumentException("LINAS needs batches of at least 2, not " + batch);
        }
        this.batch = batch;
    }

    @Override
    public String name() {
        return "linas";
    }

    /** @throws InfeasibleBudgetException if nothing that was evaluated meets all budgets */
    @Override
    public SearchResult search(
            SearchProblem problem, BatchEvaluator evaluator, SearchSettings settings, ProgressListener progress) {
        SearchTrace trace = new SearchTrace(problem, evaluator, settings);
        CountedRandom random = new CountedRandom(settings.seed(), name());
        List<Evaluation> evaluations = new ArrayList<>();
        List<Architecture> next = filled(
                problem,
                trace,
                random,
                settings.start().stream().limit(trace.limit()).toList());
        int rounds = 0;
        while (!next.isEmpty()) {
            evaluations.addAll(trace.evaluate(next));
            rounds++;
            progress.report("search", trace.count(), trace.limit(), trace.progressNote());
            Optional<SearchDecision> earlier = trace.recall(wanted(trace));
            if (earlier.isPresent()) {
                random.forwardTo(earlier.get().draws());
                next = earlier.get().batch();
            } else if (wanted(trace) > 0) {
                List<Architecture> proposed =
                        evaluations.size() < 2 ? List.of() : propose(problem, evaluations, trace, settings, rounds);
                next = filled(problem, trace, random, proposed);
                trace.remember(new SearchDecision(next, random.steps(), List.of()));
            } else {
                next = List.of();
            }
        }
        trace.requireFeasible();
        return trace.result(name(), rounds);
    }

    private int wanted(SearchTrace trace) {
        return Math.min(batch, trace.remaining());
    }

    /** The batch, filled with random networks that are new where it has too few. */
    private List<Architecture> filled(
            SearchProblem problem, SearchTrace trace, RandomGenerator random, List<Architecture> chosen) {
        Set<Architecture> next = new LinkedHashSet<>(chosen);
        int wanted = wanted(trace);
        for (int i = 0; next.size() < wanted && i < FUTILE_DRAWS; i++) {
            Architecture a = problem.space().random(random);
            if (!trace.isKnown(a)) {
                next.add(a);
            }
        }
        return List.copyOf(next);
    }

    private List<Architecture> propose(
            SearchProblem problem,
            List<Evaluation> evaluations,
            SearchTrace trace,
            SearchSettings settings,
            int round) {
        Predictors predictors = new Predictors(problem.metrics(), evaluations);
        try {
            new Nsga2Strategy(INNER_PARENTS)
                    .search(
                            problem,
                            predictors,
                            new SearchSettings(
                                    INNER_EVALUATIONS,
                                    settings.reference(),
                                    Seeds.derive(settings.seed(), "linas-inner", round)),
                            ProgressListener.SILENT);
        } catch (InfeasibleBudgetException e) {
            // Nothing is predicted to be within budget: the least over it are evaluated.
        }
        List<Fitness> fresh = new ArrayList<>();
        for (Evaluation e : predictors.met.values()) {
            if (!trace.isKnown(e.architecture())) {
                fresh.add(Fitness.of(problem, e));
            }
        }
        int count = Math.min(Math.min(batch, trace.remaining()), fresh.size());
        int[] order = CrowdedSurvival.order(fresh, count);
        List<Architecture> chosen = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            chosen.add(fresh.get(order[i]).architecture());
        }
        return chosen;
    }

    /** Predicts all metrics, and remembers what it was asked. */
    private static final class Predictors implements BatchEvaluator {
        private final List<String> metrics;
        private final List<KernelRidge> models = new ArrayList<>();
        private final Map<Architecture, Evaluation> met = new LinkedHashMap<>();

        Predictors(List<String> metrics, List<Evaluation> evaluations) {
            this.metrics = metrics;
            int[][] choices =
                    evaluations.stream().map(e -> e.architecture().choices()).toArray(int[][]::new);
            for (int m = 0; m < metrics.size(); m++) {
                int metric = m;
                models.add(KernelRidge.fit(
                        choices,
                        evaluations.stream().mapToDouble(e -> e.value(metric)).toArray()));
            }
        }

        @Override
        public List<String> metrics() {
            return metrics;
        }

        @Override
        public List<Evaluation> evaluate(List<Architecture> batch) {
            List<Evaluation> predicted = new ArrayList<>(batch.size());
            for (Architecture a : batch) {
                int[] choices = a.choices();
                Evaluation e = Evaluation.of(
                        a, models.stream().mapToDouble(k -> k.predict(choices)).toArray());
                met.put(a, e);
                predicted.add(e);
            }
            return predicted;
        }
    }
}

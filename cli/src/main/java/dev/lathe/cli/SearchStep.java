package dev.lathe.cli;

import dev.lathe.base.InvalidInputException;
import dev.lathe.cluster.SparkBatchEvaluator;
import dev.lathe.cluster.SparkSecurity;
import dev.lathe.evolve.BatchEvaluator;
import dev.lathe.evolve.Budget;
import dev.lathe.evolve.DecisionLog;
import dev.lathe.evolve.Evaluation;
import dev.lathe.evolve.EvaluationLog;
import dev.lathe.evolve.InfeasibleBudgetException;
import dev.lathe.evolve.LocalBatchEvaluator;
import dev.lathe.evolve.LoggedEvaluator;
import dev.lathe.evolve.Objective;
import dev.lathe.evolve.ParetoFront;
import dev.lathe.evolve.RandomStrategy;
import dev.lathe.evolve.ReferencePoint;
import dev.lathe.evolve.SearchProblem;
import dev.lathe.evolve.SearchResult;
import dev.lathe.evolve.SearchSettings;
import dev.lathe.evolve.StopRule;
import dev.lathe.predict.ArchitectureScorer;
import dev.lathe.predict.PredictorFile;
import dev.lathe.predict.ScorerBundle;
import dev.lathe.predict.adapt.FewShotFile;
import dev.lathe.predict.memory.MemoryFile;
import dev.lathe.results.FrontFile;
import dev.lathe.space.Architecture;
import dev.lathe.space.ScorerSource;
import dev.lathe.space.TaskShape;
import java.io.IOException;
import java.nio.file.Files;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Fits the predictors that the objectives and budgets want, searches, and compares with random search. */
final class SearchStep {
    /** Networks that fix the box in which hypervolume is given. */
    private static final int REFERENCE_SAMPLE = 1000;

    /** How reports name the predictor from a few measurements. */
    private static final String TRANSFER = "transfer from known devices";

    private SearchStep() {}

    /** Everything a search needs: the problem, how to score, and the box for hypervolume. */
    record Prepared(
            SearchProblem problem,
            ScorerBundle bundle,
            ProfileStep.Budgets budgets,
            Map<String, SearchSummary.PredictorSummary> predictors,
            SearchSummary.@Nullable Confidence confidence) {}

    static SearchSummary run(Workbench w) throws IOException {
        if (Files.exists(w.searchSummary()) && Files.exists(w.run().front())) {
            return SearchSummary.read(w.searchSummary());
        }
        Prepared p = prepare(w);
        try (BatchEvaluator evaluator = evaluator(w.execution(), p.bundle())) {
            return search(w, p.problem(), p.budgets(), p.predictors(), p.confidence(), evaluator);
        }
    }

    /** Scores on threads of this process, or on Spark. */
    static BatchEvaluator evaluator(ExecutionOptions execution, ScorerBundle bundle) {
        String master = execution.master;
        if (master != null) {
            return onSpark(execution, master, bundle);
        }
        ArchitectureScorer scorer = new ArchitectureScorer(bundle);
        return new LocalBatchEvaluator(scorer.metrics(), scorer::score, execution.threadCount());
    }

    static SparkBatchEvaluator onSpark(ExecutionOptions execution, String master, ScorerSource source) {
        return new SparkBatchEvaluator(
                master,
                source,
                master.startsWith("local") ? List.of() : SparkBatchEvaluator.workerJars(source),
                SparkSecurity.of(master, System.getenv(), execution.sparkUnauthenticated));
    }

    static Prepared prepare(Workbench w) throws IOException {
        return prepare(w, true);
    }

    /** The same without a predictor of accuracy, which is to come from elsewhere: no supernet is needed. */
    static Prepared prepareUntrained(Workbench w) throws IOException {
        return prepare(w, false);
    }

    private static Prepared prepare(Workbench w, boolean predictsTop1) throws IOException {
        boolean isFewShot = w.experiment().samples() != null;
        FewShotFile fewShot = isFewShot ? FewShotStep.read(w) : null;
        Latencies known =
                fewShot != null ? Latencies.predicted(w, fewShot) : Latencies.measured(w, ProfileStep.read(w));
        ProfileStep.Budgets budgets = ProfileStep.resolve(w, known);
        List<Objective> objectives = objectives(w.experiment());
        Map<String, SearchSummary.PredictorSummary> qualities = new LinkedHashMap<>();
        byte[] latency = {};
        byte[] top1 = {};
        boolean usesLatency = uses(objectives, budgets, "latencyMs");
        if (usesLatency && fewShot != null) {
            qualities.put("latencyMs", new SearchSummary.PredictorSummary(TRANSFER, fewShot.latencyMs().length, null));
        } else if (usesLatency) {
            Map<Architecture, Double> values = new LinkedHashMap<>();
            for (Architecture a : RandomNetworks.withExtremes(w.space(), ProfileStep.sample(w))) {
                Double ms = known.ms().get(a);
                if (ms != null) {
                    values.put(a, ms);
                }
            }
            latency = OperatorStep.isWanted(w)
                    ? OperatorStep.calibrated(w, values, qualities)
                    : fitted(w, "latencyMs", values, qualities);
        }
        if (predictsTop1 && uses(objectives, budgets, "top1")) {
            Map<Architecture, Double> values = new LinkedHashMap<>();
            AccuracyStep.run(w).forEach((a, score) -> values.put(a, score.top1()));
            top1 = fitted(w, "top1", values, qualities);
        }
        MemoryFile memory = uses(objectives, budgets, MemoryStep.METRIC) ? MemoryStep.read(w) : null;
        if (memory != null) {
            qualities.put(MemoryStep.METRIC, MemoryStep.quality(w, memory));
        }
        Double level = w.experiment().confidence();
        byte[] adapted = usesLatency && fewShot != null ? fewShot.bytes() : new byte[0];
        ScorerBundle bundle = new ScorerBundle(
                w.space().reference(),
                TaskShape.of(w.space()),
                latency,
                top1,
                adapted,
                adapted.length == 0 || level == null ? 0 : level,
                w.firmwareRamBytes(),
                memory == null ? new byte[0] : memory.bytes());
        List<String> metrics = new ArrayList<>(predictsTop1 ? List.of() : List.of("top1"));
        metrics.addAll(new ArchitectureScorer(bundle).metrics());
        SearchSummary.Confidence confidence = level == null || !w.budgets().containsKey("latency")
                ? null
                : confidence(w, level, fewShot, budgets.limit("latencyMs"));
        List<Budget> limits = new ArrayList<>();
        for (ProfileStep.ResolvedBudget b : budgets.budgets()) {
            if (confidence != null && b.metric().equals("latencyMs")) {
                limits.add(new Budget(confidence.metric(), confidence.limitMs()));
            } else if (memory != null && b.metric().equals(MemoryStep.METRIC)) {
                limits.add(new Budget(b.metric(), MemoryStep.limit(w, memory, b.limit(), level)));
            } else {
                limits.add(new Budget(b.metric(), b.limit()));
            }
        }
        return new Prepared(
                new SearchProblem(w.space(), metrics, objectives, limits), bundle, budgets, qualities, confidence);
    }

    /** What the search limits so that a network is within the latency budget with some probability. */
    private static SearchSummary.Confidence confidence(
            Workbench w, double level, @Nullable FewShotFile fewShot, double limitMs) throws IOException {
        String asked = "latency at most %s at %.0f %% confidence: "
                .formatted(Quantities.show("latencyMs", limitMs), 100 * level);
        if (fewShot != null) {
            return new SearchSummary.Confidence(
                    level,
                    ArchitectureScorer.LATENCY_UPPER_MS,
                    limitMs,
                    asked
                            + "the upper end of each network's conformal interval is within the budget; devices left"
                            + " out calibrate it");
        }
        double margin = LatencyMargin.of(PredictorStep.scatter(w, "latencyMs"), level);
        double predictedMs = limitMs / (1 + margin);
        return new SearchSummary.Confidence(
                level,
                ArchitectureScorer.LATENCY_MS,
                predictedMs,
                asked
                        + "predictions at most %s, %.1f %% below, as the errors on held-out networks say (split conformal)"
                                .formatted(
                                        Quantities.show("latencyMs", predictedMs), 100 * (1 - predictedMs / limitMs)));
    }

    private static byte[] fitted(
            Workbench w,
            String metric,
            Map<Architecture, Double> values,
            Map<String, SearchSummary.PredictorSummary> qualities)
            throws IOException {
        PredictorFile.Stored s = PredictorStep.run(w, metric, values);
        qualities.put(
                metric,
                new SearchSummary.PredictorSummary(
                        s.file().trainer(), s.file().trainingRows(), s.file().heldOut()));
        return s.mojo();
    }

    private static boolean uses(List<Objective> objectives, ProfileStep.Budgets budgets, String metric) {
        return objectives.stream().anyMatch(o -> o.metric().equals(metric))
                || budgets.budgets().stream().anyMatch(b -> b.metric().equals(metric));
    }

    private static List<Objective> objectives(Experiment e) {
        List<Objective> all = new ArrayList<>();
        for (String name : e.objectives()) {
            all.add(
                    switch (name) {
                        case "top1" -> Objective.maximize("top1");
                        case "latency" -> Objective.minimize("latencyMs");
                        case "peakActivation" -> Objective.minimize("peakActivationBytes");
                        case "peakSram" -> Objective.minimize("peakSramBytes");
                        case "flash" -> Objective.minimize("flashBytes");
                        case MemoryStep.NAME -> Objective.minimize(MemoryStep.METRIC);
                        case "macs", "parameters" -> Objective.minimize(name);
                        case "loss" ->
                            throw new InvalidInputException(
                                    "objective 'loss' is for translators; give top1 for networks that classify");
                        default -> throw new InvalidInputException("objective '%s' is not known".formatted(name));
                    });
        }
        return all;
    }

    /** The box is fixed by a random sample of its own, the same for every strategy and every run of this experiment. */
    static ReferencePoint reference(SearchProblem problem, BatchEvaluator evaluator, long seed) {
        return ReferencePoint.sampled(problem, evaluator, REFERENCE_SAMPLE, seed);
    }

    /** Searches, compares with random search, and writes front and summary. */
    static SearchSummary search(
            Workbench w,
            SearchProblem problem,
            ProfileStep.Budgets budgets,
            Map<String, SearchSummary.PredictorSummary> predictors,
            SearchSummary.@Nullable Confidence confidence,
            BatchEvaluator evaluator)
            throws IOException {
        Experiment e = w.experiment();
        ReferencePoint reference = reference(problem, evaluator, e.seed());
        SearchSettings settings = new SearchSettings(
                e.evaluations(), reference, e.seed(), e.method().stopRule(), WarmStart.of(w));
        SearchResult found;
        long start = System.nanoTime();
        try (EvaluationLog log = EvaluationLog.open(w.run().evaluations(), w.space(), problem.metrics());
                DecisionLog decisions = DecisionLog.open(w.run().decisions(), w.space())) {
            // Not closed: random search is scored by the same evaluator.
            BatchEvaluator logged = new LoggedEvaluator(log, decisions, evaluator);
            found = e.method().create(e.population()).search(problem, logged, settings, w.progress());
        }
        double seconds = (System.nanoTime() - start) / 1e9;
        if (found.front().isEmpty()) {
            throw new InfeasibleBudgetException(
                    "none of the %d networks that %s search looked at meets the budgets; raise one, or give another search.strategy"
                            .formatted(found.evaluations(), found.strategy()));
        }
        SearchResult random = new RandomStrategy()
                .search(
                        problem,
                        evaluator,
                        new SearchSettings(found.evaluations(), reference, e.seed(), StopRule.NONE, List.of()),
                        w.progress());
        List<Evaluation> front = found.thinnedFront(e.frontSize());
        FrontFile.write(w.run().front(), problem.metrics(), front);
        Map<String, Double> limits = new LinkedHashMap<>();
        Map<String, String> texts = new LinkedHashMap<>();
        budgets.budgets().forEach(b -> {
            limits.put(b.metric(), b.limit());
            texts.put(b.metric(), b.text().text());
        });
        SearchSummary summary = new SearchSummary(
                found.strategy(),
                found.evaluations(),
                found.feasible(),
                seconds,
                found.generations(),
                found.front().size(),
                problem.metrics(),
                problem.objectives().stream()
                        .map(o -> (o.direction() == Objective.Direction.MAXIMIZE ? "+" : "-") + o.metric())
                        .toList(),
                limits,
                texts,
                budgets.share(),
                budgets.sample(),
                found.hypervolume(),
                random.hypervolume(),
                reference.worst(),
                reference.best(),
                curve(found),
                curve(random),
                predictors,
                confidence,
                ParetoFront.of(problem, front)
                        .knee()
                        .map(k -> k.architecture().toString())
                        .orElse(null));
        summary.write(w.searchSummary());
        return summary;
    }

    private static List<double[]> curve(SearchResult r) {
        return r.curve().stream()
                .map(c -> new double[] {c.evaluations(), c.hypervolume()})
                .toList();
    }
}

package dev.lathe.cli;

import dev.lathe.base.InvalidInputException;
import dev.lathe.evolve.BatchEvaluator;
import dev.lathe.evolve.Budget;
import dev.lathe.evolve.LocalBatchEvaluator;
import dev.lathe.evolve.Objective;
import dev.lathe.evolve.SearchProblem;
import dev.lathe.predict.ArchitectureFeatures;
import dev.lathe.predict.FeatureKind;
import dev.lathe.predict.Predictor;
import dev.lathe.predict.train.H2OTrainer;
import dev.lathe.predict.train.TrainedPredictor;
import dev.lathe.predict.train.TrainerSettings;
import dev.lathe.predict.train.TrainingTable;
import dev.lathe.space.Architecture;
import dev.lathe.supernet.Translator;
import dev.lathe.supernet.text.TranslationData;
import java.io.IOException;
import java.nio.file.Files;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Searches translators: validation loss by a predictor that is fitted to the losses of a sample of subnets with inherited
 * weights, multiply-accumulates and parameters exact. As in HAT, loss stands for BLEU, which it ranks and is far cheaper.
 */
final class TranslatorSearchStep {
    static final String LOSS = "loss";
    private static final String MACS = "macs";
    private static final String PARAMETERS = "parameters";
    private static final List<String> METRICS = List.of(LOSS, MACS, PARAMETERS);
    /** Networks looked at for budgets that are shares of them. */
    private static final int COST_SAMPLE = 1000;

    private TranslatorSearchStep() {}

    /** @throws InvalidInputException if objectives, budgets or the cluster are none that translators have, or no network fits */
    static void check(Workbench w) {
        checked(w);
    }

    private static ProfileStep.Budgets checked(Workbench w) {
        for (String o : w.experiment().objectives()) {
            if (!METRICS.contains(o)) {
                throw new InvalidInputException(
                        "objective '%s' is not for translators; give --set objectives=[loss,macs], or parameters, with another --out"
                                .formatted(o));
            }
        }
        w.experiment().budgets().forEach((name, text) -> {
            if (!METRICS.contains(name)) {
                throw new InvalidInputException(
                        "budget %s %s is not for translators; give macs or parameters, with another --out"
                                .formatted(name, text));
            }
        });
        if (w.execution().master != null) {
            throw new InvalidInputException("--master %s: translators are searched on this machine; leave it out"
                    .formatted(w.execution().master));
        }
        if (w.experiment().features() != FeatureKind.GRAPH) {
            throw new InvalidInputException(
                    "profile.features %s: predictors of translators read the graph, which is made for the costs anyway; leave it out"
                            .formatted(w.experiment().features().text()));
        }
        return budgets(w);
    }

    static SearchSummary run(Workbench w, TranslationData text) throws IOException {
        ProfileStep.Budgets budgets = checked(w);
        if (Files.exists(w.searchSummary()) && Files.exists(w.run().front())) {
            return SearchSummary.read(w.searchSummary());
        }
        TrainedPredictor trained = fitted(w, losses(w, text));
        PredictorStep.keepScatter(w, LOSS, trained);
        Map<String, SearchSummary.PredictorSummary> qualities = Map.of(
                LOSS, new SearchSummary.PredictorSummary(trained.trainer(), trained.trainingRows(), trained.heldOut()));
        List<Objective> objectives =
                w.experiment().objectives().stream().map(Objective::minimize).toList();
        List<Budget> limits = budgets.budgets().stream()
                .map(b -> new Budget(b.metric(), b.limit()))
                .toList();
        SearchProblem problem = new SearchProblem(w.space(), METRICS, objectives, limits);
        Scorer scorer = new Scorer(new ArchitectureFeatures(w.space()), Predictor.of(trained.mojo(), LOSS));
        try (BatchEvaluator evaluator =
                new LocalBatchEvaluator(METRICS, scorer::score, w.execution().threadCount())) {
            return SearchStep.search(w, problem, budgets, qualities, null, evaluator);
        }
    }

    /** Metrics of an architecture; used by several threads. */
    private static final class Scorer {
        private final ArchitectureFeatures features;
        private final Predictor loss;
        private final int[] columns;
        private final int macs;
        private final int parameters;

        Scorer(ArchitectureFeatures features, Predictor loss) {
            this.features = features;
            this.loss = loss;
            this.columns = loss.featureNames().stream()
                    .mapToInt(features.names()::indexOf)
                    .toArray();
            this.macs = features.names().indexOf("graph.macs");
            this.parameters = features.names().indexOf("graph.parameters");
        }

        double[] score(Architecture a) {
            double[] row = features.of(a);
            double[] own = new double[columns.length];
            for (int i = 0; i < own.length; i++) {
                own[i] = row[columns[i]];
            }
            return new double[] {Math.max(0, loss.predict(own)), row[macs], row[parameters]};
        }
    }

    private static Map<Architecture, Double> losses(Workbench w, TranslationData text) throws IOException {
        List<Architecture> sample = AccuracyStep.sample(w);
        Map<Architecture, Double> values = new LinkedHashMap<>();
        try (Translator translator = TranslationStep.load(w, text);
                InheritedLosses losses = InheritedLosses.open(w, translator)) {
            for (Architecture a : sample) {
                values.put(a, losses.of(a));
                w.progress().report("losses", values.size(), sample.size(), "");
            }
        }
        return values;
    }

    private static TrainedPredictor fitted(Workbench w, Map<Architecture, Double> values) {
        ArchitectureFeatures features = new ArchitectureFeatures(w.space());
        TrainingTable table = new TrainingTable(
                features.names(),
                values.keySet().stream().map(features::of).toArray(double[][]::new),
                LOSS,
                values.values().stream().mapToDouble(Double::doubleValue).toArray());
        return new H2OTrainer(w.experiment().predictor(), w.progress())
                .train(table, TrainerSettings.defaults(), w.experiment().seed());
    }

    /** Budgets as numbers; shares are of random networks' costs, which are exact. */
    private static ProfileStep.Budgets budgets(Workbench w) {
        List<Architecture> random =
                RandomNetworks.draw(w.space(), COST_SAMPLE, w.experiment().seed(), "budget");
        List<ProfileStep.ResolvedBudget> budgets = new ArrayList<>();
        w.experiment().budgets().forEach((name, text) -> {
            Quantities.BudgetText b = Quantities.budget(name, text);
            double[] costs = random.stream()
                    .mapToDouble(a -> ProfileStep.cost(w, a, b.metric()))
                    .toArray();
            double limit = b.isPercentile() ? Latencies.percentile(costs, b.percentile()) : b.limit();
            double least = Math.min(
                    ProfileStep.cost(w, w.space().smallest(), b.metric()),
                    Arrays.stream(costs).min().orElseThrow());
            if (least > limit) {
                throw new InvalidInputException(
                        "no network meets the budget %s %s: the smallest needs %s; raise the budget or take a smaller space"
                                .formatted(name, b.text(), Quantities.show(b.metric(), least)));
            }
            budgets.add(new ProfileStep.ResolvedBudget(b, limit));
        });
        long meeting = random.stream()
                .filter(a -> budgets.stream().allMatch(b -> ProfileStep.cost(w, a, b.metric()) <= b.limit()))
                .count();
        return new ProfileStep.Budgets(budgets, meeting / (double) random.size(), random.size(), true, null);
    }
}

package dev.lathe.cli;

import com.fasterxml.jackson.core.JsonProcessingException;
import dev.lathe.base.AtomicFiles;
import dev.lathe.base.InvalidInputException;
import dev.lathe.base.Json;
import dev.lathe.base.Names;
import dev.lathe.evolve.Evaluation;
import dev.lathe.predict.RankQuality;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * What a search was and found, besides the front itself: {@code search.json}.
 *
 * @param strategy name of the strategy
 * @param evaluations distinct networks scored
 * @param feasible how many of them met all budgets, as predicted
 * @param seconds wall time of the search, of the run that did it; a resumed search answers from its log
 * @param generations generations
 * @param frontFound members of the whole front, before it was thinned
 * @param metrics names of the metrics, in the order of front.csv
 * @param objectives metrics that were objectives, those to be maximized with a + before them, the others with a -
 * @param budgets limits in the units of their metrics
 * @param budgetTexts as the user gave them
 * @param budgetShare share of measured random networks that meet all budgets
 * @param budgetSample how many networks that share is of
 * @param hypervolume of the whole front found, as a share of the reference box
 * @param randomHypervolume of random search with as many evaluations, in the same box
 * @param referenceWorst the reference point, one value an objective
 * @param referenceBest the opposite corner
 * @param curve evaluations and hypervolume, in turn
 * @param randomCurve the same for random search
 * @param predictors by metric: the trainer that was chosen, and its agreement with held-out rows
 * @param confidence how the latency budget was asked for, where with a confidence; null where not
 * @param knee the member of front.csv that gives up least in all objectives together; null in runs of versions that did not say
 */
record SearchSummary(
        String strategy,
        int evaluations,
        int feasible,
        double seconds,
        int generations,
        int frontFound,
        List<String> metrics,
        List<String> objectives,
        Map<String, Double> budgets,
        Map<String, String> budgetTexts,
        double budgetShare,
        int budgetSample,
        double hypervolume,
        double randomHypervolume,
        List<Double> referenceWorst,
        List<Double> referenceBest,
        List<double[]> curve,
        List<double[]> randomCurve,
        Map<String, PredictorSummary> predictors,
        @Nullable Confidence confidence,
        @Nullable String knee) {
    SearchSummary {
        metrics = List.copyOf(metrics);
        objectives = List.copyOf(objectives);
        Objects.requireNonNull(budgets, "budgets");
        Objects.requireNonNull(predictors, "predictors");
    }

    /**
     * A predictor's quality.
     *
     * @param trainer kind of model that cross-validation chose
     * @param rows networks it was fitted to
     * @param heldOut agreement with networks held out; null where none were, for there were few
     */
    record PredictorSummary(
            String trainer, int rows, @Nullable RankQuality heldOut) {}

    /**
     * A latency budget with a confidence.
     *
     * @param level probability with which a network is within the budget
     * @param metric what the search limited in the place of the predicted latency, or that
     * @param limitMs to what
     * @param text in words
     */
    record Confidence(double level, String metric, double limitMs, String text) {}

    /** Whether the search held a network for one within its budgets. */
    boolean isWithin(Evaluation e) {
        Confidence c = confidence;
        return budgets.entrySet().stream().allMatch(b -> {
            if (c != null && b.getKey().equals("latencyMs")) {
                return e.value(metrics.indexOf(c.metric())) <= c.limitMs();
            }
            return e.value(metrics.indexOf(b.getKey())) <= b.getValue();
        });
    }

    void write(Path file) throws IOException {
        AtomicFiles.writeString(file, Json.json().writeValueAsString(this) + "\n");
    }

    /** @throws InvalidInputException if there is none, or it is damaged */
    static SearchSummary read(Path file) throws IOException {
        if (!Files.exists(file)) {
            throw new InvalidInputException(
                    "%s is not there: nothing was searched yet; run lathe search first".formatted(file));
        }
        try {
            return Json.json().readValue(Files.readAllBytes(file), SearchSummary.class);
        } catch (JsonProcessingException e) {
            throw new InvalidInputException(
                    "%s is damaged (%s); delete it and run lathe search again"
                            .formatted(file, Names.shown(e.getOriginalMessage())),
                    e);
        }
    }
}

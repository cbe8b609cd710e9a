package dev.lathe.results;

import dev.lathe.graph.Graph;
import dev.lathe.results.ReportData.CurvePoint;
import dev.lathe.results.ReportData.Scatter;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Everything the report page of a search for translators shows. Immutable; losses in nats a token, BLEU in 0..100.
 *
 * @param title for example {@code hat-mini: German to English}
 * @param summary what was searched and on what data, in one sentence
 * @param objectives what was optimized, in words
 * @param mostMacs hard budget; null where there was none
 * @param front the exported networks
 * @param chosen those to be pointed out, the best first; each is of {@code front}
 * @param cloud evaluated networks with predicted loss; the page shows about 2,000 of them
 * @param evaluations how many networks the search evaluated
 * @param hypervolume of the search, by evaluations
 * @param randomHypervolume of random search, by evaluations; empty where it was not run
 * @param predictor held-out check of the predictor of losses; null where there was none
 * @param training curve of the supernet, by step
 * @param tested how BLEU was got, in one sentence
 * @param facts by name, in the order to be shown
 */
public record TranslatorReport(
        String title,
        String summary,
        List<String> objectives,
        @Nullable Double mostMacs,
        List<Member> front,
        List<Chosen> chosen,
        List<CloudPoint> cloud,
        long evaluations,
        List<CurvePoint> hypervolume,
        List<CurvePoint> randomHypervolume,
        @Nullable Scatter predictor,
        List<CurvePoint> training,
        String tested,
        Map<String, String> facts) {
    public TranslatorReport {
        objectives = List.copyOf(objectives);
        front = List.copyOf(front);
        chosen = List.copyOf(chosen);
        cloud = List.copyOf(cloud);
        hypervolume = List.copyOf(hypervolume);
        randomHypervolume = List.copyOf(randomHypervolume);
        training = List.copyOf(training);
        facts = Collections.unmodifiableMap(new LinkedHashMap<>(facts));
    }

    /**
     * An exported network.
     *
     * @param name of its files
     * @param card what was found of it
     * @param predictedLoss what the search believed; null where it is of no search
     */
    public record Member(
            String name, TranslatorCard card, @Nullable Double predictedLoss) {
        double loss() {
            return card.quality().validationLoss();
        }

        double bleu() {
            return card.quality().testBleu();
        }
    }

    /**
     * A network to be pointed out.
     *
     * @param role why
     * @param member which
     * @param graph the network, to be drawn
     */
    public record Chosen(String role, Member member, Graph graph) {}

    /** An evaluated network with its predicted loss. */
    public record CloudPoint(double macs, double loss, boolean withinBudget) {}
}

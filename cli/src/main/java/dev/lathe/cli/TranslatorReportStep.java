package dev.lathe.cli;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.type.TypeReference;
import dev.lathe.base.InvalidInputException;
import dev.lathe.base.Json;
import dev.lathe.evolve.Evaluation;
import dev.lathe.results.FrontFile;
import dev.lathe.results.Metric;
import dev.lathe.results.TranslatorCard;
import dev.lathe.results.TranslatorPage;
import dev.lathe.results.TranslatorReport;
import dev.lathe.results.TranslatorReport.Chosen;
import dev.lathe.results.TranslatorReport.CloudPoint;
import dev.lathe.results.TranslatorReport.Member;
import dev.lathe.space.Architecture;
import dev.lathe.supernet.text.TranslationData;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Gathers what a search for translators left and writes its report page. */
final class TranslatorReportStep {
    private TranslatorReportStep() {}

    /** @throws InvalidInputException if nothing was exported yet, or the summary is damaged */
    static Map<String, TranslatorCard> cards(Workbench w) throws IOException {
        Path file = w.run().export().resolve(TranslatorExportStep.FILE);
        if (!Files.exists(file)) {
            throw new InvalidInputException("%s is not there: nothing was exported yet; run lathe export --out %s first"
                    .formatted(file, w.folder()));
        }
        try {
            Map<String, @Nullable TranslatorCard> cards =
                    Json.json().readValue(Files.readAllBytes(file), new TypeReference<>() {});
            Map<String, TranslatorCard> whole = new LinkedHashMap<>();
            if (cards != null) {
                cards.forEach((name, card) -> {
                    if (card != null) {
                        whole.put(name, card);
                    }
                });
            }
            return whole;
        } catch (JsonProcessingException e) {
            throw new InvalidInputException(
                    "%s is damaged; run lathe export --out %s again".formatted(file, w.folder()), e);
        }
    }

    static void run(Workbench w, TranslationData text, SearchSummary s, Map<String, TranslatorCard> cards)
            throws IOException {
        Map<String, Double> predicted = predictedLosses(w);
        List<Member> front = new ArrayList<>();
        cards.forEach((name, card) -> front.add(new Member(name, card, predicted.get(card.architecture()))));
        TranslatorReport report = new TranslatorReport(
                "%s for %s".formatted(w.space().name(), text.name()),
                "%,d of %,d translators of %s (%s) were scored."
                        .formatted(
                                s.evaluations(),
                                w.space().size(),
                                w.space().name(),
                                w.space().description()),
                ReportStep.objectives(s),
                s.budgets().get(Metric.MACS.key()),
                front,
                chosen(w, front),
                cloud(w, s),
                s.evaluations(),
                ReportStep.curve(s.curve()),
                ReportStep.curve(s.randomCurve()),
                ReportStep.scatter(w, s, TranslatorSearchStep.LOSS),
                ReportStep.loss(w),
                front.isEmpty() ? "" : front.get(0).card().quality().method() + ".",
                facts(w, text, s));
        TranslatorPage.write(w.run().report(), report);
    }

    private static Map<String, Double> predictedLosses(Workbench w) throws IOException {
        Map<String, Double> losses = new LinkedHashMap<>();
        if (Files.exists(w.run().front())) {
            FrontFile.Front front = FrontFile.read(w.run().front());
            int loss = front.metrics().indexOf(TranslatorSearchStep.LOSS);
            for (Evaluation e : front.members()) {
                if (loss >= 0) {
                    losses.put(e.architecture().toString(), e.value(loss));
                }
            }
        }
        return losses;
    }

    /** Pointed out by the validation part, as everywhere: the test part's BLEU is for the reader only. */
    private static List<Chosen> chosen(Workbench w, List<Member> front) {
        Map<Member, String> roles = new LinkedHashMap<>();
        front.stream()
                .min(Comparator.comparingDouble(m -> m.card().quality().validationLoss()))
                .ifPresent(m -> roles.put(m, "Lowest validation loss within budget"));
        front.stream()
                .min(Comparator.comparingLong(m -> m.card().macs()))
                .ifPresent(m -> roles.putIfAbsent(m, "Fewest multiply-accumulates"));
        List<Chosen> chosen = new ArrayList<>();
        roles.forEach((m, role) -> chosen.add(
                new Chosen(role, m, w.space().lower(Architecture.parse(m.card().architecture())))));
        return chosen;
    }

    private static List<CloudPoint> cloud(Workbench w, SearchSummary s) throws IOException {
        int macs = s.metrics().indexOf(Metric.MACS.key());
        int loss = s.metrics().indexOf(TranslatorSearchStep.LOSS);
        if (macs < 0 || loss < 0) {
            return List.of();
        }
        return ReportStep.evaluated(w, s).stream()
                .map(e -> new CloudPoint(e.value(macs), e.value(loss), s.isWithin(e)))
                .toList();
    }

    private static Map<String, String> facts(Workbench w, TranslationData text, SearchSummary s) {
        Map<String, String> facts = new LinkedHashMap<>();
        facts.put(
                "data",
                "%s: %,d train, %,d validation, %,d test sentences; %,d tokens known. %s"
                        .formatted(
                                text.name(),
                                text.train().size(),
                                text.validation().size(),
                                text.test().size(),
                                text.vocabulary().size(),
                                text.attribution()));
        ReportStep.searched(w, s, facts);
        Versions.all(w).forEach((k, v) -> facts.put("version of " + k, v));
        return facts;
    }
}

package dev.lathe.cli;

import dev.lathe.device.OnnxModel;
import dev.lathe.evolve.Evaluation;
import dev.lathe.evolve.EvaluationLog;
import dev.lathe.predict.RankQuality;
import dev.lathe.results.ModelCard;
import dev.lathe.results.ReportData;
import dev.lathe.results.ReportPage;
import dev.lathe.space.Architecture;
import dev.lathe.space.TaskShape;
import dev.lathe.supernet.SupernetTrainer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;
import org.jspecify.annotations.Nullable;

/** Gathers what the run left and writes the report page. */
final class ReportStep {
    private static final int MOST_CLOUD_POINTS = 2000;
    private static final int MOST_CURVE_POINTS = 1000;

    private ReportStep() {}

    static void run(Workbench w, SearchSummary s, ExportStep.Exported e) throws IOException {
        List<ReportData.Member> members = new ArrayList<>();
        for (ExportStep.Member m : e.members()) {
            members.add(new ReportData.Member(
                    m.architecture(),
                    Double.isNaN(m.predictedTop1()) ? m.validationTop1() : m.predictedTop1(),
                    m.validationTop1(),
                    m.top1(),
                    Double.isNaN(m.predictedLatencyMs()) ? m.latencyMs() : m.predictedLatencyMs(),
                    m.latencyMs(),
                    m.latencySpreadMs(),
                    m.peakActivationBytes(),
                    m.macs(),
                    m.parameters(),
                    m.withinBudget(),
                    "export/" + m.onnx()));
        }
        ReportData data = new ReportData(
                "%s on %s".formatted(w.space().name(), w.device().id()),
                "%,d of %,d networks of %s (%s) were scored for %s, images of %d x %d pixels in %d classes."
                        .formatted(
                                s.evaluations(),
                                w.space().size(),
                                w.space().name(),
                                w.space().description(),
                                w.data().train().name(),
                                TaskShape.of(w.space()).height(),
                                TaskShape.of(w.space()).width(),
                                TaskShape.of(w.space()).classes()),
                s.objectives().stream()
                        .map(o -> o.substring(1) + (o.startsWith("+") ? " (highest)" : " (lowest)"))
                        .toList(),
                new ReportData.Budgets(limit(s, "latencyMs"), limit(s, "peakActivationBytes")),
                members,
                chosen(w, e, members),
                cloud(w, s),
                s.evaluations(),
                curve(s.curve()),
                curve(s.randomCurve()),
                scatter(w, s, "latencyMs"),
                scatter(w, s, "top1"),
                loss(w),
                "%s, %s, %s, %d thread(s), batch %d; %s"
                        .formatted(
                                w.device().description(),
                                w.device().runtime(),
                                w.device().precision(),
                                w.device().threads(),
                                w.device().batch(),
                                w.device().protocol().description()),
                "Top-1 of the exported ONNX file in ONNX Runtime %s on the %d images of the test part; weights inherited from the supernet, not retrained."
                        .formatted(OnnxModel.runtimeVersion(), w.data().test().size()),
                facts(w, s));
        ReportPage.write(w.run().report(), data);
    }

    private static OptionalDouble limit(SearchSummary s, String metric) {
        Double d = s.budgets().get(metric);
        return d == null ? OptionalDouble.empty() : OptionalDouble.of(d);
    }

    private static List<ReportData.Chosen> chosen(Workbench w, ExportStep.Exported e, List<ReportData.Member> members) {
        Map<Integer, String> roles = new LinkedHashMap<>();
        if (e.chosen() >= 0) {
            roles.put(e.chosen(), "Most accurate within budget (by validation)");
        }
        List<Integer> within = new ArrayList<>();
        for (int i = 0; i < members.size(); i++) {
            if (members.get(i).withinBudget()) {
                within.add(i);
            }
        }
        within.stream()
                .min(Comparator.comparingDouble(i -> e.members().get(i).latencyMs()))
                .ifPresent(i -> roles.putIfAbsent(i, "Fastest within budget"));
        within.stream()
                .min(Comparator.comparingLong(i -> e.members().get(i).peakActivationBytes()))
                .ifPresent(i -> roles.putIfAbsent(i, "Least memory within budget"));
        List<ReportData.Chosen> chosen = new ArrayList<>();
        roles.forEach((i, role) -> chosen.add(new ReportData.Chosen(
                role,
                members.get(i),
                ModelCard.decisions(w.space(), Architecture.parse(members.get(i).architecture())))));
        return chosen;
    }

    /** Evaluated networks as predicted, thinned evenly; empty where accuracy or latency was no metric. */
    private static List<ReportData.CloudPoint> cloud(Workbench w, SearchSummary s) throws IOException {
        int top1 = s.metrics().indexOf("top1");
        int latency = s.metrics().indexOf("latencyMs");
        if (top1 < 0 || latency < 0 || !Files.exists(w.run().evaluations())) {
            return List.of();
        }
        List<ReportData.CloudPoint> points = new ArrayList<>();
        try (EvaluationLog log = EvaluationLog.open(w.run().evaluations(), w.space(), s.metrics())) {
            int stride = Math.max(1, s.evaluations() / MOST_CLOUD_POINTS);
            Evaluation e = log.next();
            for (int i = 0; e != null; i++, e = log.next()) {
                if (i % stride != 0) {
                    continue;
                }
                boolean within = true;
                for (Map.Entry<String, Double> b : s.budgets().entrySet()) {
                    within &= e.value(s.metrics().indexOf(b.getKey())) <= b.getValue();
                }
                points.add(new ReportData.CloudPoint(e.value(latency), e.value(top1), within));
            }
        }
        return points;
    }

    private static List<ReportData.CurvePoint> curve(List<double[]> points) {
        return points.stream()
                .map(p -> new ReportData.CurvePoint(Math.round(p[0]), p[1]))
                .toList();
    }

    private static ReportData.@Nullable Scatter scatter(Workbench w, SearchSummary s, String metric)
            throws IOException {
        SearchSummary.PredictorSummary p = s.predictors().get(metric);
        if (p == null) {
            return null;
        }
        PredictorStep.Scatter rows = PredictorStep.scatter(w, metric);
        List<ReportData.Pair> pairs = new ArrayList<>();
        for (int i = 0; i < rows.measured().length; i++) {
            pairs.add(new ReportData.Pair(rows.predicted()[i], rows.measured()[i]));
        }
        RankQuality q = p.heldOut();
        Map<String, Double> metrics = new LinkedHashMap<>();
        metrics.put("Spearman", q.spearman());
        metrics.put("Kendall's tau", q.kendallTauB());
        metrics.put("median error %", q.medianAbsolutePercentageError());
        return new ReportData.Scatter(p.trainer(), pairs, metrics);
    }

    private static List<ReportData.CurvePoint> loss(Workbench w) throws IOException {
        Path file = w.run().supernet().resolve(SupernetTrainer.CURVE);
        if (!Files.exists(file)) {
            return List.of();
        }
        List<String> lines = Files.readAllLines(file);
        int stride = Math.max(1, lines.size() / MOST_CURVE_POINTS);
        List<ReportData.CurvePoint> points = new ArrayList<>();
        for (int i = 1; i < lines.size(); i += stride) {
            String[] cells = lines.get(i).split(",", -1);
            points.add(new ReportData.CurvePoint(Long.parseLong(cells[0]), Double.parseDouble(cells[2])));
        }
        return points;
    }

    private static Map<String, String> facts(Workbench w, SearchSummary s) {
        Map<String, String> facts = new LinkedHashMap<>();
        facts.put(
                "data",
                w.data().train().name() + ": " + w.data().train().size() + " train, "
                        + w.data().validation().size() + " validation, "
                        + w.data().test().size() + " test images. "
                        + w.data().train().attribution());
        s.budgetTexts()
                .forEach((metric, text) -> facts.put(
                        "budget " + metric,
                        "%s, as asked: %s"
                                .formatted(
                                        Quantities.show(
                                                metric,
                                                java.util.Objects.requireNonNull(
                                                        s.budgets().get(metric))),
                                        text)));
        if (!s.budgets().isEmpty()) {
            facts.put(
                    "how hard",
                    "%.1f %% of %d random networks meet the budgets, latency as measured"
                            .formatted(100 * s.budgetShare(), s.budgetSample()));
        }
        facts.put("seed", Long.toString(w.experiment().seed()));
        facts.put(
                "search",
                "%s, %,d evaluations, population %d, hypervolume %.4f against %.4f of random search"
                        .formatted(
                                s.strategy(),
                                s.evaluations(),
                                w.experiment().population(),
                                s.hypervolume(),
                                s.randomHypervolume()));
        facts.put(
                "reference point",
                "worst %s, best %s for %s".formatted(s.referenceWorst(), s.referenceBest(), s.objectives()));
        facts.put("training", w.trainingConfig().toString());
        w.device().hostFacts().forEach(facts::put);
        facts.put("protocol", w.device().protocol().id());
        Versions.all(w).forEach((k, v) -> facts.put("version of " + k, v));
        return facts;
    }
}

package dev.lathe.cli;

import dev.lathe.device.OnnxModel;
import dev.lathe.evolve.Evaluation;
import dev.lathe.evolve.EvaluationLog;
import dev.lathe.graph.c.CFootprint;
import dev.lathe.predict.RankMetrics;
import dev.lathe.predict.RankQuality;
import dev.lathe.results.Metric;
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
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** Gathers what the run left and writes the report page. */
final class ReportStep {
    private static final int MOST_CLOUD_POINTS = 2000;
    private static final int MOST_CURVE_POINTS = 1000;

    private ReportStep() {}

    static void run(Workbench w, SearchSummary s, ExportStep.Exported e) throws IOException {
        List<ReportData.Member> members =
                e.members().stream().map(m -> member(w, m)).toList();
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
                objectives(s),
                budgets(s),
                members,
                chosen(w, s, e, members),
                cloud(w, s),
                s.evaluations(),
                curve(s.curve()),
                curve(s.randomCurve()),
                w.experiment().samples() == null ? scatter(w, s, "latencyMs") : afterwards(s, e.members()),
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
                facts(w, s),
                RankReports.read(w));
        ReportPage.write(w.run().report(), data);
    }

    private static ReportData.Member member(Workbench w, ExportStep.Member m) {
        Long ram = w.firmwareRamBytes();
        if (ram == null) {
            return m.forReport();
        }
        CFootprint footprint = CFootprint.of(w.space().lower(Architecture.parse(m.architecture())), ram);
        return m.forReport()
                .withFirmware(Map.of(
                        Metric.PEAK_SRAM, (double) footprint.ramBytes(),
                        Metric.FLASH, (double) footprint.flashBytes()));
    }

    private static Map<Metric, Double> budgets(SearchSummary s) {
        Map<Metric, Double> budgets = new EnumMap<>(Metric.class);
        s.budgets().forEach((key, limit) -> Metric.of(key).ifPresent(m -> budgets.put(m, limit)));
        return budgets;
    }

    private static List<ReportData.Chosen> chosen(
            Workbench w, SearchSummary s, ExportStep.Exported e, List<ReportData.Member> members) {
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
                .filter(i -> members.get(i).architecture().equals(s.knee()))
                .findFirst()
                .ifPresent(i -> roles.merge(i, "Knee of the front, as predicted", (a, b) -> a + "; knee of the front"));
        within.stream()
                .min(Comparator.comparingDouble(i -> e.members().get(i).latencyMs()))
                .ifPresent(i -> roles.putIfAbsent(i, "Fastest within budget"));
        within.stream()
                .min(Comparator.comparingLong(i -> e.members().get(i).peakActivationBytes()))
                .ifPresent(i -> roles.putIfAbsent(i, "Least memory within budget"));
        List<ReportData.Chosen> chosen = new ArrayList<>();
        roles.forEach((i, role) -> {
            Architecture a = Architecture.parse(members.get(i).architecture());
            chosen.add(new ReportData.Chosen(
                    role,
                    members.get(i),
                    ModelCard.decisions(w.space(), a),
                    w.space().lower(a)));
        });
        return chosen;
    }

    /** What was optimized, in words. */
    static List<String> objectives(SearchSummary s) {
        return s.objectives().stream()
                .map(o -> o.substring(1) + (o.startsWith("+") ? " (highest)" : " (lowest)"))
                .toList();
    }

    private static List<ReportData.CloudPoint> cloud(Workbench w, SearchSummary s) throws IOException {
        return evaluated(w, s).stream()
                .map(e -> new ReportData.CloudPoint(
                        value(s, e, Metric.LATENCY),
                        value(s, e, Metric.TOP1),
                        value(s, e, Metric.PEAK_ACTIVATIONS),
                        value(s, e, Metric.MACS),
                        value(s, e, Metric.PARAMETERS),
                        s.isWithin(e),
                        firmware(s, e)))
                .toList();
    }

    /** Evaluated networks as predicted, thinned evenly. */
    static List<Evaluation> evaluated(Workbench w, SearchSummary s) throws IOException {
        if (!Files.exists(w.run().evaluations())) {
            return List.of();
        }
        List<Evaluation> some = new ArrayList<>();
        try (EvaluationLog log = EvaluationLog.open(w.run().evaluations(), w.space(), s.metrics())) {
            // How many rows there are is known at the end only: when twice as many as wanted are kept, every other one
            // goes.
            int stride = 1;
            int row = 0;
            for (Evaluation e = log.next(); e != null; e = log.next()) {
                if (row++ % stride != 0) {
                    continue;
                }
                if (some.size() == 2 * MOST_CLOUD_POINTS) {
                    List<Evaluation> half = new ArrayList<>();
                    for (int i = 0; i < some.size(); i += 2) {
                        half.add(some.get(i));
                    }
                    some = half;
                    stride *= 2;
                    if ((row - 1) % stride != 0) {
                        continue;
                    }
                }
                some.add(e);
            }
        }
        return some;
    }

    private static Map<Metric, Double> firmware(SearchSummary s, Evaluation e) {
        Map<Metric, Double> bytes = new EnumMap<>(Metric.class);
        for (Metric m : Metric.values()) {
            if (m.isOfFirmware() && s.metrics().contains(m.key())) {
                bytes.put(m, value(s, e, m));
            }
        }
        return bytes;
    }

    private static double value(SearchSummary s, Evaluation e, Metric m) {
        int at = s.metrics().indexOf(m.key());
        return at < 0 ? Double.NaN : e.value(at);
    }

    static List<ReportData.CurvePoint> curve(List<double[]> points) {
        return points.stream()
                .map(p -> new ReportData.CurvePoint(Math.round(p[0]), p[1]))
                .toList();
    }

    static ReportData.@Nullable Scatter scatter(Workbench w, SearchSummary s, String metric) throws IOException {
        SearchSummary.PredictorSummary p = s.predictors().get(metric);
        if (p == null || p.heldOut() == null || !PredictorStep.hasScatter(w, metric)) {
            return null;
        }
        PredictorStep.Scatter rows = PredictorStep.scatter(w, metric);
        List<ReportData.Pair> pairs = new ArrayList<>();
        for (int i = 0; i < rows.measured().length; i++) {
            pairs.add(new ReportData.Pair(rows.predicted()[i], rows.measured()[i]));
        }
        RankQuality q = Objects.requireNonNull(p.heldOut());
        Map<String, Double> metrics = new LinkedHashMap<>();
        metrics.put("Spearman", q.spearman());
        metrics.put("Kendall's tau", q.kendallTauB());
        metrics.put("median error %", q.medianAbsolutePercentageError());
        return new ReportData.Scatter(p.trainer(), pairs, metrics, metric.equals("latencyMs"));
    }

    /** A predictor from a few measurements has no networks held out: it is judged by the exported ones, measured afterwards. */
    private static ReportData.@Nullable Scatter afterwards(SearchSummary s, List<ExportStep.Member> members) {
        SearchSummary.PredictorSummary p = s.predictors().get("latencyMs");
        if (p == null || members.size() < 2) {
            return null;
        }
        List<ReportData.Pair> pairs = members.stream()
                .map(m -> new ReportData.Pair(m.predictedLatencyMs(), m.latencyMs()))
                .toList();
        double[] predicted =
                pairs.stream().mapToDouble(ReportData.Pair::predicted).toArray();
        double[] measured = pairs.stream().mapToDouble(ReportData.Pair::actual).toArray();
        RankQuality q = RankMetrics.of(predicted, measured);
        Map<String, Double> metrics = new LinkedHashMap<>();
        metrics.put("Spearman", q.spearman());
        metrics.put("median error %", q.medianAbsolutePercentageError());
        return new ReportData.Scatter(p.trainer() + "; the exported networks", pairs, metrics, true);
    }

    static List<ReportData.CurvePoint> loss(Workbench w) throws IOException {
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
        if (!w.data().notes().isEmpty()) {
            facts.put("left out", String.join("; ", w.data().notes()));
        }
        searched(w, s, facts);
        w.device().hostFacts().forEach(facts::put);
        facts.put("protocol", w.device().protocol().id());
        Versions.all(w).forEach((k, v) -> facts.put("version of " + k, v));
        return facts;
    }

    /** How it was searched and trained. */
    static void searched(Workbench w, SearchSummary s, Map<String, String> facts) {
        s.budgetTexts()
                .forEach((metric, text) -> facts.put(
                        "budget " + metric,
                        "%s, as asked: %s"
                                .formatted(
                                        Quantities.show(
                                                metric,
                                                Objects.requireNonNull(
                                                        s.budgets().get(metric))),
                                        text)));
        if (!s.budgets().isEmpty()) {
            facts.put(
                    "how hard",
                    "%.1f %% of %d random networks meet the budgets%s"
                            .formatted(
                                    100 * s.budgetShare(),
                                    s.budgetSample(),
                                    !s.metrics().contains(Metric.LATENCY.key())
                                            ? ""
                                            : w.experiment().samples() == null
                                                    ? ", latency as measured"
                                                    : ", latency as predicted"));
        }
        if (s.confidence() != null) {
            facts.put("confidence", s.confidence().text());
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
    }
}

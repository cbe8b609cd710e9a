package dev.lathe.results;

import dev.lathe.base.Seeds;
import dev.lathe.results.ReportData.Chosen;
import dev.lathe.results.ReportData.CloudPoint;
import dev.lathe.results.ReportData.CurvePoint;
import dev.lathe.results.ReportData.Member;
import dev.lathe.results.ReportData.Pair;
import dev.lathe.results.ReportData.Scatter;
import dev.lathe.space.Architecture;
import dev.lathe.space.SearchSpace;
import dev.lathe.space.SearchSpaces;
import dev.lathe.space.TaskShape;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/** Report data as a run on a small machine would leave them; the numbers are invented by a seed. */
final class SampleReport {
    private SampleReport() {}

    static ReportData data() {
        return data("mbconv-tiny on this-machine");
    }

    static ReportData data(String title) {
        return data(title, null);
    }

    /** The same with RAM and flash as firmware, from 32 KiB on, for a device with 64 KiB of RAM. */
    static ReportData forMicrocontroller() {
        ReportData d = data();
        List<Member> front = new ArrayList<>();
        for (int i = 0; i < d.front().size(); i++) {
            front.add(d.front()
                    .get(i)
                    .withFirmware(Map.of(Metric.PEAK_SRAM, 32_768.0 + 512 * i, Metric.FLASH, 90_000.0 - 512 * i)));
        }
        List<CloudPoint> cloud = new ArrayList<>();
        for (CloudPoint c : d.cloud()) {
            cloud.add(new CloudPoint(
                    c.latencyMs(),
                    c.top1(),
                    c.peakActivationBytes(),
                    c.macs(),
                    c.parameters(),
                    c.withinBudget(),
                    Map.of(Metric.PEAK_SRAM, 30_000 + c.peakActivationBytes())));
        }
        Map<Metric, Double> budgets = new LinkedHashMap<>(d.budgets());
        budgets.put(Metric.PEAK_SRAM, 65_536.0);
        Member best = front.get(20);
        return new ReportData(
                d.title(),
                d.summary(),
                List.of("top-1 accuracy (highest)", "peakSramBytes (lowest)", "flashBytes (lowest)"),
                budgets,
                front,
                List.of(new Chosen(
                        "Most accurate within budget", best, d.chosen().get(0).decisions(), null)),
                cloud,
                d.evaluations(),
                d.hypervolume(),
                d.randomHypervolume(),
                d.latencyPredictor(),
                d.accuracyPredictor(),
                d.loss(),
                d.measured(),
                d.tested(),
                d.facts(),
                null);
    }

    static ReportData data(String title, @Nullable RankReport rank) {
        RandomGenerator r = Seeds.generator(5, "sample report", 0);
        SearchSpace space = SearchSpaces.create("mbconv-tiny", new TaskShape(1, 8, 8, 10));
        double budgetMs = 0.0325;
        List<CloudPoint> cloud = new ArrayList<>();
        for (int i = 0; i < 20_000; i++) {
            double size = r.nextDouble();
            double ms = 0.017 + 0.034 * size + 0.003 * r.nextGaussian();
            double top1 = 0.992 - 0.05 * Math.exp(-4 * size) - 0.03 * r.nextExponential() * (1.1 - size);
            cloud.add(new CloudPoint(
                    Math.max(0.015, ms),
                    Math.max(0.1, top1),
                    1024L + 64 * Math.round(90 * size * (0.6 + 0.4 * (i % 7) / 6)),
                    40_000 + Math.round(700_000 * size),
                    3_500 + Math.round(41_000 * size),
                    ms < budgetMs && r.nextDouble() < 0.9));
        }
        List<Member> front = new ArrayList<>();
        for (int i = 0; i < 24; i++) {
            double size = i / 23.0;
            double predicted = 0.0165 + 0.0162 * size;
            double measured = predicted * (1 + 0.03 * r.nextGaussian());
            long bytes = 1024L + 64 * Math.round(90 * size * (0.6 + 0.4 * r.nextDouble()));
            double top1 = 0.991 - 0.045 * Math.exp(-4.5 * size);
            double tested = Math.round((top1 - 0.006 + 0.004 * r.nextGaussian()) * 450) / 450.0;
            String a = space.random(r).toString();
            front.add(new Member(
                    a,
                    top1,
                    top1,
                    Math.min(1, tested),
                    predicted,
                    measured,
                    0.0002 + 0.0003 * r.nextDouble(),
                    bytes,
                    40_000 + Math.round(700_000 * size),
                    3_500 + Math.round(41_000 * size),
                    measured <= budgetMs,
                    i % 3 == 0 ? "network-%02d.onnx".formatted(i) : null));
        }
        List<CurvePoint> search = new ArrayList<>();
        List<CurvePoint> random = new ArrayList<>();
        List<CurvePoint> loss = new ArrayList<>();
        for (int i = 1; i <= 200; i++) {
            search.add(new CurvePoint(i * 100L, 0.74 - 0.22 * Math.exp(-i / 18.0)));
            random.add(new CurvePoint(i * 100L, 0.70 - 0.18 * Math.exp(-i / 40.0)));
        }
        for (int i = 0; i < 1500; i++) {
            loss.add(new CurvePoint(i, 0.12 + 2.2 * Math.exp(-i / 150.0) + 0.06 * r.nextExponential()));
        }
        List<Pair> latencies = new ArrayList<>();
        List<Pair> accuracies = new ArrayList<>();
        for (int i = 0; i < 80; i++) {
            double ms = 0.018 + 0.032 * r.nextDouble();
            latencies.add(new Pair(ms * (1 + 0.03 * r.nextGaussian()), ms));
            double top1 = 0.99 - 0.05 * r.nextDouble();
            accuracies.add(new Pair(top1 + 0.004 * r.nextGaussian(), top1));
        }
        Map<String, Double> metrics = new LinkedHashMap<>();
        metrics.put("Spearman", 0.982);
        metrics.put("Kendall tau", 0.897);
        metrics.put("mean absolute error, %", 2.41);
        Map<String, Double> accuracyMetrics = new LinkedHashMap<>();
        accuracyMetrics.put("Spearman", 0.941);
        accuracyMetrics.put("Kendall tau", 0.802);
        Map<String, String> facts = new LinkedHashMap<>();
        facts.put("space", "mbconv-tiny, 8 x 8 x 1, 10 classes");
        facts.put("data", "optical digits 8x8 (UCI, CC BY 4.0)");
        facts.put("device", "this-machine");
        facts.put("processor", "Some Processor 9000 at 2.10 GHz");
        facts.put("runtime", "ONNX Runtime 1.28.0, 1 thread, FP32, batch 1");
        facts.put("protocol", "median-w20-t40-r9-us20-x0.5-m2");
        facts.put("seed", "1");
        facts.put("experiment", "3f2a9c…");
        facts.put("Java", "17.0.12");
        facts.put("command", "lathe run --seed 1 --out results/digits");
        Member best = front.get(20);
        Member small = front.get(3);
        return new ReportData(
                title,
                "Networks of the space mbconv-tiny (1.9 million) for 8 x 8 images of digits, weights shared in one supernet, "
                        + "searched by NSGA-II under a latency and a memory budget on this machine.",
                List.of("top-1 accuracy (highest)", "latency (lowest)", "peak activation memory (lowest)"),
                Map.of(Metric.LATENCY, budgetMs, Metric.PEAK_ACTIVATIONS, 6144.0),
                front,
                List.of(
                        new Chosen(
                                "Most accurate within budget",
                                best,
                                ModelCard.decisions(space, Architecture.parse(best.architecture())),
                                space.lower(Architecture.parse(best.architecture()))),
                        new Chosen(
                                "Fastest with 97 % or more",
                                small,
                                ModelCard.decisions(space, Architecture.parse(small.architecture())),
                                space.lower(Architecture.parse(small.architecture())))),
                cloud,
                20_000,
                search,
                random,
                new Scatter("gradient boosting on graph features, 200 networks", latencies, metrics, true),
                new Scatter("gradient boosting on decisions, 300 networks", accuracies, accuracyMetrics, false),
                loss,
                "ONNX Runtime 1.28.0 on this machine, 1 thread, median of 9 rounds.",
                "the exported ONNX file run in ONNX Runtime on the 450 test images.",
                facts,
                rank);
    }
}

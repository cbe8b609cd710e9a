package dev.lathe.cli;

import dev.lathe.base.AtomicFiles;
import dev.lathe.base.InvalidInputException;
import dev.lathe.device.LatencyMeasurement;
import dev.lathe.predict.DecisionKinds;
import dev.lathe.predict.OptionEffects;
import dev.lathe.predict.OptionSelection;
import dev.lathe.results.BlocksPage;
import dev.lathe.results.BlocksReport;
import dev.lathe.space.Architecture;
import dev.lathe.space.custom.SpaceReduction;
import dev.lathe.supernet.SubnetScore;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** From a run's measurements and accuracies to what options cost and gain, and to a smaller space. */
final class BlocksStep {
    static final String PAGE = "blocks.html";
    static final String SMALLER = "space-reduced.yaml";
    /** Below this share of the average added multiply-accumulates, a cost per multiply-accumulate says nothing. */
    private static final double LEAST_MACS = 0.01;

    private BlocksStep() {}

    /**
     * @param report what was found
     * @param page where it was written
     * @param smaller the smaller space; null where there is none
     */
    record Result(BlocksReport report, Path page, @Nullable Path smaller) {}

    static Result run(Workbench w, double marginTop1) throws IOException {
        DecisionKinds kinds = new DecisionKinds(w.space());
        Map<Architecture, Double> latencyMs = new LinkedHashMap<>();
        Map<Architecture, Double> macs = new LinkedHashMap<>();
        for (Map.Entry<Architecture, LatencyMeasurement> m : ProfileStep.read(w).entrySet()) {
            Architecture a = w.space().canonical(m.getKey());
            latencyMs.put(a, m.getValue().medianMs());
            macs.put(a, ProfileStep.cost(w, a, "macs"));
        }
        Map<Architecture, Double> top1 = new LinkedHashMap<>();
        for (Map.Entry<Architecture, SubnetScore> s : InheritedScores.read(w).entrySet()) {
            top1.put(s.getKey(), s.getValue().top1());
        }
        OptionEffects latency = OptionEffects.fit(kinds, latencyMs);
        OptionEffects operations = OptionEffects.fit(kinds, macs);
        OptionEffects accuracy = top1.isEmpty() ? null : OptionEffects.fit(kinds, top1);
        Map<String, List<Integer>> kept =
                accuracy == null ? Map.of() : OptionSelection.keep(kinds, latency, accuracy, marginTop1);
        String[] said = new String[1];
        Path smaller = smaller(w, kinds, accuracy, kept, said);
        BlocksReport report = new BlocksReport(
                w.space().name(),
                w.device().id(),
                latency.networks(),
                top1.size(),
                latency.rSquared(),
                accuracy == null ? null : accuracy.rSquared(),
                1e6 * slope(macs, latencyMs),
                kinds(kinds, latency, operations, accuracy, kept, slope(macs, latencyMs)),
                said[0]);
        Path page = w.folder().resolve(PAGE);
        BlocksPage.write(page, report);
        return new Result(report, page, smaller);
    }

    /** Writes the smaller space where there is one, and says what became of it. */
    private static @Nullable Path smaller(
            Workbench w,
            DecisionKinds kinds,
            @Nullable OptionEffects accuracy,
            Map<String, List<Integer>> kept,
            String[] said)
            throws IOException {
        long leftOut = kinds.kinds().stream()
                .mapToLong(k -> k.choices().size()
                        - kept.getOrDefault(k.name(), range(k.choices().size())).size())
                .sum();
        String reference = w.space().reference();
        if (accuracy == null) {
            said[0] = "no accuracies are known yet, so no option is left out; lathe search makes them";
        } else if (leftOut == 0) {
            said[0] = "every option gains accuracy for its time, or may: none is left out";
        } else if (reference.indexOf('\n') < 0) {
            said[0] = "the space is built in, so no smaller one is written; run with a YAML file, as those of"
                    + " examples/spaces";
        } else {
            try {
                String yaml =
                        SpaceReduction.reduce(reference, w.space().name() + "-reduced", kept, DecisionKinds::plain);
                Path file = w.folder().resolve(SMALLER);
                AtomicFiles.writeString(file, yaml);
                said[0] = "%d options left out: %s".formatted(leftOut, file);
                return file;
            } catch (InvalidInputException e) {
                said[0] = "%d options could be left out, but what remains is no space: %s"
                        .formatted(leftOut, e.getMessage());
            }
        }
        return null;
    }

    private static List<Integer> range(int n) {
        List<Integer> all = new ArrayList<>();
        for (int i = 0; i < n; i++) {
            all.add(i);
        }
        return all;
    }

    /** Least-squares slope of y over x. */
    private static double slope(Map<Architecture, Double> x, Map<Architecture, Double> y) {
        double mx = x.values().stream().mapToDouble(v -> v).average().orElse(0);
        double my = y.values().stream().mapToDouble(v -> v).average().orElse(0);
        double xy = 0;
        double xx = 0;
        for (Map.Entry<Architecture, Double> e : x.entrySet()) {
            double dx = e.getValue() - mx;
            xy += dx * (y.getOrDefault(e.getKey(), my) - my);
            xx += dx * dx;
        }
        return xx == 0 ? 0 : xy / xx;
    }

    private static List<BlocksReport.Kind> kinds(
            DecisionKinds kinds,
            OptionEffects latency,
            OptionEffects operations,
            @Nullable OptionEffects accuracy,
            Map<String, List<Integer>> kept,
            double msPerMac) {
        double most = kinds.kinds().stream()
                .mapToDouble(k -> Math.abs(
                        operations.everywhere(k, k.choices().size() - 1, 0).value()))
                .max()
                .orElse(0);
        List<BlocksReport.Kind> list = new ArrayList<>();
        for (DecisionKinds.Kind k : kinds.kinds()) {
            List<BlocksReport.Option> options = new ArrayList<>();
            for (int o = 0; o < k.choices().size(); o++) {
                OptionEffects.Effect ms = latency.everywhere(k, o, 0);
                double macs = operations.everywhere(k, o, 0).value();
                OptionEffects.Effect points = accuracy == null ? null : accuracy.everywhere(k, o, 0);
                options.add(new BlocksReport.Option(
                        k.choices().get(o),
                        kept.getOrDefault(k.name(), range(k.choices().size())).contains(o),
                        ms.value(),
                        ms.standardError(),
                        macs,
                        Math.abs(macs) < LEAST_MACS * most || msPerMac <= 0 ? null : ms.value() / macs / msPerMac,
                        points == null ? null : points.value(),
                        points == null ? null : points.standardError()));
            }
            list.add(new BlocksReport.Kind(
                    k.name(),
                    k.decisions().size(),
                    latency.share(k),
                    operations.share(k),
                    accuracy == null ? null : accuracy.share(k),
                    options));
        }
        return list;
    }
}

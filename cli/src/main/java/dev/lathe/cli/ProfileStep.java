package dev.lathe.cli;

import dev.lathe.base.InvalidInputException;
import dev.lathe.device.LatencyMeasurement;
import dev.lathe.device.MeasurementTable;
import dev.lathe.device.MeasurementTask;
import dev.lathe.graph.CostModel;
import dev.lathe.graph.Graph;
import dev.lathe.graph.MemoryPlanner;
import dev.lathe.graph.c.CFootprint;
import dev.lathe.predict.memory.MemoryPredictor;
import dev.lathe.space.Architecture;
import dev.lathe.space.SearchSpace;
import java.io.IOException;
import java.nio.file.Files;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Measures random networks of the space on the device, and says what the budgets mean there. */
final class ProfileStep {
    private static final String PURPOSE = "profile";
    /** Networks looked at for budgets that need no device. */
    private static final int COST_SAMPLE = 1000;

    private ProfileStep() {}

    /**
     * A budget as a number.
     *
     * @param text as the user gave it
     * @param limit in the metric's unit
     */
    record ResolvedBudget(Quantities.BudgetText text, double limit) {
        String metric() {
            return text.metric();
        }
    }

    /**
     * Budgets as numbers, and how hard they are.
     *
     * @param budgets one for each that the experiment names, and for the memory of a device that runs networks as C
     * @param share share of the random networks that meet all of them
     * @param sample how many networks that share is of
     * @param isMeasured whether the latencies of these were measured, or predicted
     * @param confidence with which the latency budget is to be met, or null
     */
    record Budgets(
            List<ResolvedBudget> budgets,
            double share,
            int sample,
            boolean isMeasured,
            @Nullable Double confidence) {
        /** How the latencies were got by which the share was counted. */
        String how() {
            String latency = isMeasured
                    ? "latency as measured"
                    : confidence == null
                            ? "latency as predicted"
                            : "latency as predicted, at %.0f %% confidence".formatted(100 * confidence);
            return budgets.stream().anyMatch(b -> b.metric().equals(MemoryStep.METRIC))
                    ? latency + ", memory as predicted"
                    : latency;
        }

        double limit(String metric) {
            return budgets.stream()
                    .filter(b -> b.metric().equals(metric))
                    .mapToDouble(ResolvedBudget::limit)
                    .findFirst()
                    .orElse(Double.POSITIVE_INFINITY);
        }
    }

    static List<Architecture> sample(Workbench w) {
        return RandomNetworks.draw(
                w.space(), w.experiment().measuredNetworks(), w.experiment().seed(), PURPOSE);
    }

    /** Measures what is not measured yet; weights are random, for time does not depend on them. */
    static Map<Architecture, LatencyMeasurement> run(Workbench w) throws IOException {
        List<MeasurementTask> tasks =
                TimedForms.ofRandomWeights(w.device(), w.space(), RandomNetworks.withExtremes(w.space(), sample(w)));
        try (MeasurementTable table = MeasurementTable.open(w.run().measurements(), w.device())) {
            table.measureMissing(Meters.of(w.device(), w.experiment().seed()), tasks, w.progress());
            return byArchitecture(w.space(), table);
        }
    }

    /** @throws InvalidInputException if nothing, or not everything, was measured yet */
    static Map<Architecture, LatencyMeasurement> read(Workbench w) throws IOException {
        if (!Files.exists(w.run().measurements())) {
            throw new InvalidInputException(
                    "%s has no measurements.csv; run lathe profile --out %s first".formatted(w.folder(), w.folder()));
        }
        try (MeasurementTable table = MeasurementTable.open(w.run().measurements(), w.device())) {
            return byArchitecture(w.space(), table);
        }
    }

    private static Map<Architecture, LatencyMeasurement> byArchitecture(SearchSpace space, MeasurementTable table) {
        Map<Architecture, LatencyMeasurement> m = new LinkedHashMap<>();
        for (LatencyMeasurement row : table.rows()) {
            Architecture a = Architecture.parse(row.id());
            try {
                space.check(a);
            } catch (InvalidInputException e) {
                throw new InvalidInputException(
                        "measurements.csv: %s; give the measurements of this space".formatted(e.getMessage()), e);
            }
            m.put(a, row);
        }
        return m;
    }

    /** The exact metrics by name. */
    static double cost(Workbench w, Architecture a, String metric) {
        Graph g = w.space().lower(a);
        Long ram = w.firmwareRamBytes();
        if (ram != null && metric.equals("peakSramBytes")) {
            return CFootprint.of(g, ram).ramBytes();
        }
        if (ram != null && metric.equals("flashBytes")) {
            return CFootprint.of(g, ram).flashBytes();
        }
        return switch (metric) {
            case "peakActivationBytes" -> MemoryPlanner.peakBytes(g, Float.BYTES);
            case "macs" -> CostModel.of(g).macs();
            case "parameters" -> CostModel.of(g).parameters();
            default -> throw new IllegalArgumentException("Metric " + metric + " is not read off the graph");
        };
    }

    /**
     * Refuses budgets that not even the smallest network meets, before anything is measured or trained.
     *
     * @throws InvalidInputException naming the smallest network seen
     */
    static void checkExactBudgets(Workbench w) {
        w.budgets().forEach((name, text) -> {
            Quantities.BudgetText b = Quantities.budget(name, text);
            if (!b.isPercentile()
                    && !b.metric().equals("latencyMs")
                    && !b.metric().equals(MemoryStep.METRIC)) {
                Architecture best = w.space().smallest();
                double least = cost(w, best, b.metric());
                if (least <= b.limit()) {
                    return;
                }
                for (Architecture a : RandomNetworks.draw(
                        w.space(), COST_SAMPLE, w.experiment().seed(), "budget")) {
                    double c = cost(w, a, b.metric());
                    if (c < least) {
                        least = c;
                        best = a;
                    }
                    if (least <= b.limit()) {
                        return;
                    }
                }
                throw new InvalidInputException(
                        "no network meets the budget %s %s: the smallest seen, %s, needs %s; raise the budget or take a smaller space"
                                .formatted(name, b.text(), best, Quantities.show(b.metric(), least)));
            }
        });
    }

    /** @throws InvalidInputException if no network of which the latency is known meets a latency budget, naming the fastest; or of memory */
    static Budgets resolve(Workbench w, Latencies known) throws IOException {
        MemoryPredictor memory =
                w.budgets().containsKey(MemoryStep.NAME) ? MemoryStep.read(w).predictor() : null;
        List<ResolvedBudget> budgets = new ArrayList<>();
        w.budgets().forEach((name, text) -> {
            Quantities.BudgetText b = Quantities.budget(name, text);
            boolean isLatency = b.metric().equals("latencyMs");
            double limit = b.limit();
            if (b.isPercentile()) {
                limit = isLatency
                        ? known.percentileMs(b.percentile())
                        : Latencies.percentile(
                                known.random().stream()
                                        .mapToDouble(a -> value(w, known, memory, a, b.metric()))
                                        .toArray(),
                                b.percentile());
                Long has = Workbench.memory(w.device(), name);
                limit = has == null ? limit : Math.min(limit, has);
            }
            budgets.add(new ResolvedBudget(b, limit));
            if (isLatency) {
                known.check(b, limit);
            }
            if (memory != null && b.metric().equals(MemoryStep.METRIC)) {
                checkMemory(w, memory, b, limit);
            }
        });
        long meeting = known.random().stream()
                .filter(a -> budgets.stream().allMatch(b -> value(w, known, memory, a, b.metric()) <= b.limit()))
                .count();
        return new Budgets(
                budgets,
                meeting / (double) known.random().size(),
                known.random().size(),
                known.isMeasured(),
                w.experiment().confidence());
    }

    private static double value(
            Workbench w, Latencies known, @Nullable MemoryPredictor memory, Architecture a, String metric) {
        if (metric.equals("latencyMs")) {
            return known.upperOf(a);
        }
        return memory != null && metric.equals(MemoryStep.METRIC)
                ? memory.predictBytes(w.space().lower(a))
                : cost(w, a, metric);
    }

    private static void checkMemory(Workbench w, MemoryPredictor memory, Quantities.BudgetText b, double limit) {
        List<Architecture> seen = RandomNetworks.withExtremes(
                w.space(),
                RandomNetworks.draw(w.space(), COST_SAMPLE, w.experiment().seed(), "budget"));
        double least = Double.POSITIVE_INFINITY;
        for (Architecture a : seen) {
            least = Math.min(least, memory.predictBytes(w.space().lower(a)));
            if (least <= limit) {
                return;
            }
        }
        throw new InvalidInputException(
                "no network meets the budget memory %s: the least predicted for %d random ones is %s; raise the budget or take a smaller space"
                        .formatted(b.text(), seen.size(), Quantities.show(b.metric(), least)));
    }
}

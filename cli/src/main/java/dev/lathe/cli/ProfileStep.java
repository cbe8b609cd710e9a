package dev.lathe.cli;

import dev.lathe.base.InvalidInputException;
import dev.lathe.device.Devices;
import dev.lathe.device.LatencyMeasurement;
import dev.lathe.device.MeasurementTable;
import dev.lathe.device.MeasurementTask;
import dev.lathe.graph.CostModel;
import dev.lathe.graph.Graph;
import dev.lathe.graph.MemoryPlanner;
import dev.lathe.graph.c.CFootprint;
import dev.lathe.space.Architecture;
import dev.lathe.space.SearchSpace;
import java.io.IOException;
import java.nio.file.Files;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

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
     * @param budgets one for each that the experiment names
     * @param share share of the measured random networks that meet all of them, latency as measured
     * @param sample how many networks that share is of
     */
    record Budgets(List<ResolvedBudget> budgets, double share, int sample) {
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
            table.measureMissing(Devices.meter(w.device(), w.experiment().seed()), tasks, w.progress());
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
            if (!b.isPercentile() && !b.metric().equals("latencyMs")) {
                Architecture best = w.space().smallest();
                double least = cost(w, best, b.metric());
                for (Architecture a : RandomNetworks.draw(
                        w.space(), COST_SAMPLE, w.experiment().seed(), "budget")) {
                    double c = cost(w, a, b.metric());
                    if (c < least) {
                        least = c;
                        best = a;
                    }
                }
                if (least > b.limit()) {
                    throw new InvalidInputException(
                            "no network meets the budget %s %s: the smallest seen, %s, needs %s; raise the budget or take a smaller space"
                                    .formatted(name, b.text(), best, Quantities.show(b.metric(), least)));
                }
            }
        });
    }

    /** @throws InvalidInputException if no measured network meets a latency budget, naming the fastest */
    static Budgets resolve(Workbench w, Map<Architecture, LatencyMeasurement> measured) {
        List<Architecture> random =
                sample(w).stream().filter(measured::containsKey).toList();
        if (random.size() < w.experiment().measuredNetworks()
                && random.size() < sample(w).size()) {
            throw new InvalidInputException("measurements.csv holds %d of %d networks; run lathe profile --out %s first"
                    .formatted(random.size(), sample(w).size(), w.folder()));
        }
        List<ResolvedBudget> budgets = new ArrayList<>();
        w.budgets().forEach((name, text) -> {
            Quantities.BudgetText b = Quantities.budget(name, text);
            double limit = b.limit();
            if (b.isPercentile()) {
                double[] values = random.stream()
                        .mapToDouble(a -> value(w, measured, a, b.metric()))
                        .sorted()
                        .toArray();
                int at = (int) Math.ceil(b.percentile() / 100 * values.length) - 1;
                Long has = Workbench.memory(w.device(), name);
                limit = Math.min(values[Math.max(0, at)], has == null ? Double.POSITIVE_INFINITY : has);
            }
            budgets.add(new ResolvedBudget(b, limit));
            if (b.metric().equals("latencyMs")) {
                Map.Entry<Architecture, LatencyMeasurement> fastest = measured.entrySet().stream()
                        .min(java.util.Comparator.comparingDouble(
                                e -> e.getValue().medianMs()))
                        .orElseThrow();
                if (fastest.getValue().medianMs() > limit) {
                    throw new InvalidInputException(
                            "no network meets the budget latency %s: the fastest of %d measured, %s, takes %s; raise the budget or take a smaller space"
                                    .formatted(
                                            b.text(),
                                            measured.size(),
                                            fastest.getKey(),
                                            Quantities.show(
                                                    "latencyMs",
                                                    fastest.getValue().medianMs())));
                }
            }
        });
        long meeting = random.stream()
                .filter(a -> budgets.stream().allMatch(b -> value(w, measured, a, b.metric()) <= b.limit()))
                .count();
        return new Budgets(budgets, meeting / (double) random.size(), random.size());
    }

    private static double value(
            Workbench w, Map<Architecture, LatencyMeasurement> measured, Architecture a, String metric) {
        if (metric.equals("latencyMs")) {
            return java.util.Objects.requireNonNull(measured.get(a)).medianMs();
        }
        return cost(w, a, metric);
    }
}

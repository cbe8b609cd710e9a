package dev.lathe.cli;

import dev.lathe.base.InvalidInputException;
import dev.lathe.device.LatencyMeasurement;
import dev.lathe.predict.adapt.FewShotFile;
import dev.lathe.predict.adapt.TransferPredictor;
import dev.lathe.space.Architecture;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/**
 * Latencies of random networks on the device, from which budgets get their meaning: measured, or predicted from a few
 * measurements.
 *
 * @param random the random ones among the networks
 * @param ms latency of each network, in milliseconds, the smallest and the largest network included
 * @param upperMs what it does not exceed at the confidence that the budget asks for; where none is asked for, or where it was
 *     measured, the latency itself
 * @param isMeasured whether they were measured
 */
record Latencies(
        List<Architecture> random,
        Map<Architecture, Double> ms,
        Map<Architecture, Double> upperMs,
        boolean isMeasured) {
    /** Networks that are predicted: enough for a percentile. */
    private static final int PREDICTED = 1000;

    /** @throws InvalidInputException if not everything was measured yet */
    static Latencies measured(Workbench w, Map<Architecture, LatencyMeasurement> measured) {
        List<Architecture> sample = ProfileStep.sample(w);
        List<Architecture> random =
                sample.stream().filter(measured::containsKey).toList();
        if (random.size() < sample.size()) {
            throw new InvalidInputException("measurements.csv holds %d of %d networks; run lathe profile --out %s first"
                    .formatted(random.size(), sample.size(), w.folder()));
        }
        Map<Architecture, Double> ms = new LinkedHashMap<>();
        measured.forEach((a, m) -> ms.put(a, m.medianMs()));
        return new Latencies(random, ms, ms, true);
    }

    static Latencies predicted(Workbench w, FewShotFile file) {
        List<Architecture> random =
                RandomNetworks.draw(w.space(), PREDICTED, w.experiment().seed(), "budget");
        List<Architecture> all = RandomNetworks.withExtremes(w.space(), random);
        TransferPredictor predictor = file.predictor();
        double[] predicted = predictor.predictMs(FewShot.choices(all));
        Double confidence = w.experiment().confidence();
        double[] upper = confidence == null ? predicted : predictor.upperMs(FewShot.choices(all), confidence);
        Map<Architecture, Double> ms = new LinkedHashMap<>();
        Map<Architecture, Double> upperMs = new LinkedHashMap<>();
        for (int i = 0; i < predicted.length; i++) {
            ms.put(all.get(i), predicted[i]);
            upperMs.put(all.get(i), upper[i]);
        }
        return new Latencies(random, ms, upperMs, false);
    }

    /** What the fastest so many percent of the random networks take at most. */
    double percentileMs(double percentile) {
        return percentile(random.stream().mapToDouble(this::of).toArray(), percentile);
    }

    static double percentile(double[] values, double percentile) {
        double[] sorted = values.clone();
        Arrays.sort(sorted);
        int at = (int) Math.ceil(percentile / 100 * sorted.length) - 1;
        return sorted[Math.max(0, at)];
    }

    double of(Architecture a) {
        return Objects.requireNonNull(ms.get(a));
    }

    double upperOf(Architecture a) {
        return Objects.requireNonNull(upperMs.get(a));
    }

    /**
     * Refuses a budget that none of the networks meets.
     *
     * @throws InvalidInputException naming the network that comes nearest
     */
    void check(Quantities.BudgetText budget, double limitMs) {
        Map.Entry<Architecture, Double> nearest =
                upperMs.entrySet().stream().min(Map.Entry.comparingByValue()).orElseThrow();
        if (nearest.getValue() > limitMs) {
            String how = isMeasured
                    ? "the fastest of %d measured, %s, takes %s"
                    : ms.equals(upperMs)
                            ? "the fastest of %d predicted, %s, takes %s"
                            : "at the confidence asked for, the fastest of %d predicted, %s, takes up to %s";
            throw new InvalidInputException(
                    ("no network meets the budget latency %s: " + how + "; raise the budget or take a smaller space")
                            .formatted(
                                    budget.text(),
                                    ms.size(),
                                    nearest.getKey(),
                                    Quantities.show("latencyMs", nearest.getValue())));
        }
    }
}

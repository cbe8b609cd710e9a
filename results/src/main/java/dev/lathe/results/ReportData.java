package dev.lathe.results;

import dev.lathe.graph.Graph;
import java.util.Arrays;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Everything the report page shows. Immutable; units as everywhere: milliseconds, bytes, accuracy in 0..1.
 *
 * @param title for example {@code mbconv-tiny on this-machine}
 * @param summary what was searched and on what data, in one sentence
 * @param objectives what was optimized, in words, for example {@code top-1 accuracy (highest)}
 * @param budgets hard budgets in the units of their metrics
 * @param front the Pareto front, re-measured
 * @param chosen what the reader most likely wants, the best first; each is a member of {@code front}
 * @param cloud evaluated networks with predicted values; the page shows about 2,000 of them
 * @param evaluations how many networks the search evaluated
 * @param hypervolume of the search, by evaluations
 * @param randomHypervolume of random search, by evaluations; empty where it was not run
 * @param latencyPredictor held-out check of the latency predictor; null where there was none
 * @param accuracyPredictor held-out check of the accuracy predictor; null where there was none
 * @param loss training curve of the supernet, by step; empty where it was not trained here
 * @param measured how latency was measured: device, runtime, protocol, in one sentence
 * @param tested how {@code testTop1} was got, in one sentence
 * @param facts from the manifest, by name, in the order to be shown
 * @param rank whether the supernet ranks as training alone does; null where that was not asked
 */
public record ReportData(
        String title,
        String summary,
        List<String> objectives,
        Map<Metric, Double> budgets,
        List<Member> front,
        List<Chosen> chosen,
        List<CloudPoint> cloud,
        long evaluations,
        List<CurvePoint> hypervolume,
        List<CurvePoint> randomHypervolume,
        @Nullable Scatter latencyPredictor,
        @Nullable Scatter accuracyPredictor,
        List<CurvePoint> loss,
        String measured,
        String tested,
        Map<String, String> facts,
        @Nullable RankReport rank) {
    public ReportData {
        objectives = List.copyOf(objectives);
        budgets = Collections.unmodifiableMap(new LinkedHashMap<>(budgets));
        front = List.copyOf(front);
        chosen = List.copyOf(chosen);
        cloud = List.copyOf(cloud);
        hypervolume = List.copyOf(hypervolume);
        randomHypervolume = List.copyOf(randomHypervolume);
        loss = List.copyOf(loss);
        facts = Collections.unmodifiableMap(new LinkedHashMap<>(facts));
    }

    /** What networks can be compared by here: all metrics, those of firmware where the front has them. */
    List<Metric> metrics() {
        return Arrays.stream(Metric.values())
                .filter(m -> !m.isOfFirmware()
                        || !front.isEmpty()
                                && front.stream().allMatch(f -> f.firmware().containsKey(m)))
                .toList();
    }

    /**
     * A network of the front.
     *
     * @param architecture text form
     * @param predictedTop1 what the search believed, of the validation part
     * @param validationTop1 of the exported file on the validation part; null where it was not run
     * @param testTop1 of the exported file on the test part; null where it was not run
     * @param predictedLatencyMs what the search believed
     * @param measuredLatencyMs measured on the device; null where it was not measured
     * @param spreadMs of the measurement; null where it was not measured
     * @param peakActivationBytes planned
     * @param macs multiply-accumulates of one image
     * @param parameters number of weights
     * @param withinBudget whether all budgets are met, by the measured latency where there is one
     * @param onnx name of the exported file; null where it was not exported
     * @param firmware RAM and flash as firmware in bytes, planned; empty where the run is for no microcontroller
     */
    public record Member(
            String architecture,
            double predictedTop1,
            @Nullable Double validationTop1,
            @Nullable Double testTop1,
            double predictedLatencyMs,
            @Nullable Double measuredLatencyMs,
            @Nullable Double spreadMs,
            long peakActivationBytes,
            long macs,
            long parameters,
            boolean withinBudget,
            @Nullable String onnx,
            Map<Metric, Double> firmware) {
        public Member {
            firmware = Map.copyOf(firmware);
        }

        /** A network of a run that is for no microcontroller. */
        public Member(
                String architecture,
                double predictedTop1,
                @Nullable Double validationTop1,
                @Nullable Double testTop1,
                double predictedLatencyMs,
                @Nullable Double measuredLatencyMs,
                @Nullable Double spreadMs,
                long peakActivationBytes,
                long macs,
                long parameters,
                boolean withinBudget,
                @Nullable String onnx) {
            this(
                    architecture,
                    predictedTop1,
                    validationTop1,
                    testTop1,
                    predictedLatencyMs,
                    measuredLatencyMs,
                    spreadMs,
                    peakActivationBytes,
                    macs,
                    parameters,
                    withinBudget,
                    onnx,
                    Map.of());
        }

        /** The same as firmware. */
        public Member withFirmware(Map<Metric, Double> bytes) {
            return new Member(
                    architecture,
                    predictedTop1,
                    validationTop1,
                    testTop1,
                    predictedLatencyMs,
                    measuredLatencyMs,
                    spreadMs,
                    peakActivationBytes,
                    macs,
                    parameters,
                    withinBudget,
                    onnx,
                    bytes);
        }

        /** The latency to be shown: measured where it was. */
        double latencyMs() {
            return measuredLatencyMs != null ? measuredLatencyMs : predictedLatencyMs;
        }

        /** The accuracy to be shown: of the test part where it was run. */
        double top1() {
            return testTop1 != null ? testTop1 : predictedTop1;
        }

        /** The value to be shown. */
        double value(Metric m) {
            return switch (m) {
                case TOP1 -> top1();
                case LATENCY -> latencyMs();
                case PEAK_ACTIVATIONS -> peakActivationBytes;
                case MACS -> macs;
                case PARAMETERS -> parameters;
                case PEAK_SRAM, FLASH -> firmware.getOrDefault(m, Double.NaN);
            };
        }
    }

    /**
     * A network to be pointed out.
     *
     * @param role why, for example {@code Most accurate within budget}
     * @param member which
     * @param decisions its decisions' values by name
     * @param graph the network, to be drawn; null where it is not at hand
     */
    public record Chosen(
            String role,
            Member member,
            Map<String, Double> decisions,
            @Nullable Graph graph) {
        public Chosen {
            decisions = Collections.unmodifiableMap(new LinkedHashMap<>(decisions));
        }
    }

    /** An evaluated network, with predicted latency and top-1; NaN, or no entry, for what the search did not know. */
    public record CloudPoint(
            double latencyMs,
            double top1,
            double peakActivationBytes,
            double macs,
            double parameters,
            boolean withinBudget,
            Map<Metric, Double> firmware) {
        public CloudPoint {
            firmware = Map.copyOf(firmware);
        }

        /** A network of a run that is for no microcontroller. */
        public CloudPoint(
                double latencyMs,
                double top1,
                double peakActivationBytes,
                double macs,
                double parameters,
                boolean withinBudget) {
            this(latencyMs, top1, peakActivationBytes, macs, parameters, withinBudget, Map.of());
        }

        double value(Metric m) {
            return switch (m) {
                case TOP1 -> top1;
                case LATENCY -> latencyMs;
                case PEAK_ACTIVATIONS -> peakActivationBytes;
                case MACS -> macs;
                case PARAMETERS -> parameters;
                case PEAK_SRAM, FLASH -> firmware.getOrDefault(m, Double.NaN);
            };
        }
    }

    /**
     * A point of a curve.
     *
     * @param at evaluations or training steps
     * @param value hypervolume or loss
     */
    public record CurvePoint(long at, double value) {}

    /**
     * Predictions beside true values on rows that the predictor was not fitted to.
     *
     * @param model what predicts, for example {@code gradient boosting, 50 trees}
     * @param points pairs, in milliseconds or accuracy in 0..1
     * @param metrics ranking and error metrics by name
     * @param isRelative whether errors grow with the value, as those of latencies do: then intervals are shares of it
     */
    public record Scatter(String model, List<Pair> points, Map<String, Double> metrics, boolean isRelative) {
        public Scatter {
            points = List.copyOf(points);
            metrics = Collections.unmodifiableMap(new LinkedHashMap<>(metrics));
        }
    }

    /** A prediction and what is true. */
    public record Pair(double predicted, double actual) {}
}

package dev.lathe.cli;

import dev.lathe.base.InvalidInputException;
import dev.lathe.base.ProgressListener;
import dev.lathe.base.Seeds;
import dev.lathe.device.DeviceProfile;
import dev.lathe.device.OperatorTable;
import dev.lathe.graph.Graph;
import dev.lathe.graph.operator.FusedOperator;
import dev.lathe.predict.RankMetrics;
import dev.lathe.predict.RankQuality;
import dev.lathe.predict.lookup.LookupFile;
import dev.lathe.predict.lookup.OperatorTimes;
import dev.lathe.predict.train.PredictorKind;
import dev.lathe.space.Architecture;
import dev.lathe.space.SearchSpace;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Profiles a device operator by operator: a table by signature, calibrated by the networks that are measured whole. */
final class OperatorStep {
    static final String TABLE = "operators.csv";
    private static final String PREDICTOR = "lookup-latencyMs.json";

    /** Networks whose operators are measured: enough that few operators of the others are missing. */
    private static final int SAMPLE = 2000;

    private OperatorStep() {}

    static boolean isWanted(Workbench w) {
        return w.experiment().predictor() == PredictorKind.LOOKUP
                && w.experiment().samples() == null;
    }

    /** Different operators of the smallest, the largest and random networks. */
    static Map<String, FusedOperator> operators(SearchSpace space, long seed) {
        List<Architecture> networks =
                RandomNetworks.withExtremes(space, RandomNetworks.draw(space, SAMPLE, seed, "operators"));
        return OperatorTable.distinct(() -> networks.stream().map(space::lower).iterator());
    }

    /** Measures what has no row yet. */
    static OperatorTimes measure(
            DeviceProfile device, SearchSpace space, Path table, long seed, ProgressListener progress)
            throws IOException {
        Map<String, FusedOperator> operators = operators(space, seed);
        Map<String, Double> ms = OperatorTable.measureMissing(
                table,
                Meters.of(device, seed),
                operators,
                new RandomWeights(Seeds.derive(1, "random weights", 0)),
                progress);
        return times(operators, ms, table);
    }

    static void measure(Workbench w) throws IOException {
        measure(w.device(), w.space(), table(w), w.experiment().seed(), w.progress());
    }

    static int merge(Workbench w, Path other) throws IOException {
        if (!Files.isRegularFile(other)) {
            throw new InvalidInputException("--operators %s is no file".formatted(other));
        }
        return OperatorTable.merge(table(w), other, w.device());
    }

    /** Calibrates the table by networks measured whole, and keeps the predictor. */
    static byte[] calibrated(
            Workbench w, Map<Architecture, Double> values, Map<String, SearchSummary.PredictorSummary> qualities)
            throws IOException {
        if (!Files.exists(table(w))) {
            throw new InvalidInputException(
                    "%s has no %s; run lathe profile --out %s first".formatted(w.folder(), TABLE, w.folder()));
        }
        OperatorTimes times =
                times(operators(w.space(), w.experiment().seed()), OperatorTable.read(table(w), w.device()), table(w));
        LookupFile.Calibrated c = calibrate(w.device(), w.space(), times, values);
        c.file().save(w.predictors().resolve(PREDICTOR));
        double[] measured =
                values.values().stream().mapToDouble(Double::doubleValue).toArray();
        PredictorStep.writeScatter(w, "latencyMs", new PredictorStep.Scatter(measured, c.leftOutMs()));
        RankQuality quality = RankMetrics.of(c.leftOutMs(), measured);
        qualities.put(
                "latencyMs",
                new SearchSummary.PredictorSummary(LookupFile.TRAINER, c.file().networks(), quality));
        return c.file().bytes();
    }

    static LookupFile.Calibrated calibrate(
            DeviceProfile device, SearchSpace space, OperatorTimes times, Map<Architecture, Double> values) {
        if (values.size() < LookupFile.LEAST_NETWORKS) {
            throw new InvalidInputException(
                    "%d networks were measured whole, and a look-up table is calibrated by at least %d; raise profile.networks"
                            .formatted(values.size(), LookupFile.LEAST_NETWORKS));
        }
        List<Graph> graphs = values.keySet().stream().map(space::lower).toList();
        return LookupFile.calibrate(
                space.name(),
                device.id(),
                device.protocol().id(),
                times,
                graphs,
                values.values().stream().mapToDouble(Double::doubleValue).toArray());
    }

    /** What to print of a table and its calibration. */
    static String summary(Workbench w) throws IOException {
        Map<Architecture, Double> values = new LinkedHashMap<>();
        ProfileStep.read(w).forEach((a, m) -> values.put(a, m.medianMs()));
        Map<String, SearchSummary.PredictorSummary> quality = new LinkedHashMap<>();
        LookupFile file = LookupFile.of(calibrated(w, values, quality), PREDICTOR);
        RankQuality q = java.util.Objects.requireNonNull(
                java.util.Objects.requireNonNull(quality.get("latencyMs")).heldOut());
        return """
                operators: %s (%d, empty call %s)
                calibrated by %d networks (%s): Spearman %.3f, median error %.1f %% on networks left out one at a time
                predictor: %s
                """.formatted(
                        table(w),
                        file.operators().size(),
                        Quantities.show("latencyMs", file.callMs()),
                        file.networks(),
                        file.form(),
                        q.spearman(),
                        q.medianAbsolutePercentageError(),
                        w.predictors().resolve(PREDICTOR));
    }

    private static OperatorTimes times(Map<String, FusedOperator> operators, Map<String, Double> ms, Path table) {
        Double call = ms.get(OperatorTable.CALL);
        List<String> known = new ArrayList<>(operators.keySet());
        known.retainAll(ms.keySet());
        if (call == null || known.isEmpty()) {
            throw new InvalidInputException(
                    "%s lacks the empty call or every operator of this space; run lathe profile again"
                            .formatted(table));
        }
        return OperatorTimes.of(call, operators, ms);
    }

    private static Path table(Workbench w) {
        return w.folder().resolve(TABLE);
    }
}

package dev.lathe.cli;

import dev.lathe.base.Folders;
import dev.lathe.base.ProgressListener;
import dev.lathe.base.Seeds;
import dev.lathe.device.DeviceProfile;
import dev.lathe.device.Devices;
import dev.lathe.device.LatencyMeasurement;
import dev.lathe.graph.Graph;
import dev.lathe.predict.ArchitectureFeatures;
import dev.lathe.predict.Predictor;
import dev.lathe.predict.RankMetrics;
import dev.lathe.predict.RankQuality;
import dev.lathe.predict.lookup.LookupPredictor;
import dev.lathe.predict.lookup.OperatorTimes;
import dev.lathe.predict.train.H2OTrainer;
import dev.lathe.predict.train.PredictorKind;
import dev.lathe.predict.train.TrainedPredictor;
import dev.lathe.predict.train.TrainerSettings;
import dev.lathe.predict.train.TrainingTable;
import dev.lathe.space.Architecture;
import dev.lathe.space.SearchSpace;
import dev.lathe.space.SearchSpaces;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Latency by a table of operators, calibrated by a few networks, beside learned predictors on networks measured afterwards. */
final class OperatorTableReproduction {
    private static final int CALIBRATING = 20;
    private static final int TRAINING = 200;
    private static final int FRESH = 100;
    private static final double LEAST_SPEARMAN = 0.95;
    private static final long SEED = 1;

    private OperatorTableReproduction() {}

    static List<ReproduceCommand.Row> run(ReproduceCommand o) throws IOException {
        List<ReproduceCommand.Row> rows = new ArrayList<>();
        Path folder = Files.createTempDirectory("lathe-operators");
        try {
            for (String name : List.of("mbconv-tiny", "vit-tiny")) {
                space(rows, SearchSpaces.create(name, SearchSpaces.usualTask(name)), folder, o.execution.progress());
            }
        } finally {
            Folders.delete(folder);
        }
        return rows;
    }

    private static void space(
            List<ReproduceCommand.Row> rows, SearchSpace space, Path folder, ProgressListener progress)
            throws IOException {
        DeviceProfile device = Devices.get("this-machine");
        OperatorTimes times =
                OperatorStep.measure(device, space, folder.resolve(space.name() + "-operators.csv"), SEED, progress);
        List<Architecture> training = RandomNetworks.draw(space, TRAINING, SEED, "operator table");
        Set<Architecture> seen = new HashSet<>(training);
        List<Architecture> fresh =
                RandomNetworks.draw(space, 2 * FRESH, Seeds.derive(SEED, "fresh", 0), "operator table").stream()
                        .filter(a -> !seen.contains(a))
                        .limit(FRESH)
                        .toList();
        List<Architecture> all = new ArrayList<>(training);
        all.addAll(fresh);
        Map<Architecture, Double> ms = new LinkedHashMap<>();
        List<LatencyMeasurement> measured =
                FewShot.measure(device, space, all, folder.resolve(space.name() + ".csv"), SEED, progress);
        for (int i = 0; i < all.size(); i++) {
            ms.put(all.get(i), measured.get(i).medianMs());
        }
        double[] truth = fresh.stream().mapToDouble(ms::get).toArray();

        Map<Architecture, Double> few = firsts(ms, CALIBRATING);
        LookupPredictor table =
                OperatorStep.calibrate(device, space, times, few).file().predictor();
        List<Graph> graphs = fresh.stream().map(space::lower).toList();
        RankQuality q =
                RankMetrics.of(graphs.stream().mapToDouble(table::predictMs).toArray(), truth);
        long unknown = graphs.stream().mapToLong(times::unknown).sum();
        rows.add(new ReproduceCommand.Row(
                "%s: Spearman of %d operators' times, calibrated by %d networks, on %d fresh ones"
                        .formatted(space.name(), times.entries().size(), CALIBRATING, fresh.size()),
                "",
                "%.3f (median error %.1f %%; %d operators not in the table)"
                        .formatted(q.spearman(), q.medianAbsolutePercentageError(), unknown),
                "at least " + LEAST_SPEARMAN,
                q.spearman() >= LEAST_SPEARMAN));
        for (int n : new int[] {CALIBRATING, TRAINING}) {
            RankQuality learned = RankMetrics.of(auto(space, firsts(ms, n), fresh, progress), truth);
            rows.add(new ReproduceCommand.Row(
                    "%s: the same by auto, learnt from %d networks".formatted(space.name(), n),
                    "",
                    "%.3f (median error %.1f %%)"
                            .formatted(learned.spearman(), learned.medianAbsolutePercentageError()),
                    "none",
                    true));
        }
    }

    private static Map<Architecture, Double> firsts(Map<Architecture, Double> all, int n) {
        Map<Architecture, Double> some = new LinkedHashMap<>();
        all.entrySet().stream().limit(n).forEach(e -> some.put(e.getKey(), e.getValue()));
        return some;
    }

    private static double[] auto(
            SearchSpace space,
            Map<Architecture, Double> measured,
            List<Architecture> fresh,
            ProgressListener progress) {
        ArchitectureFeatures features = new ArchitectureFeatures(space);
        TrainingTable table = new TrainingTable(
                features.names(),
                measured.keySet().stream().map(features::of).toArray(double[][]::new),
                "latencyMs",
                measured.values().stream().mapToDouble(Double::doubleValue).toArray());
        TrainedPredictor trained =
                new H2OTrainer(PredictorKind.AUTO, progress).train(table, TrainerSettings.defaults(), SEED);
        Predictor p = Predictor.of(trained.mojo(), "the predictor");
        int[] columns =
                p.featureNames().stream().mapToInt(features.names()::indexOf).toArray();
        return p.predict(fresh.stream()
                .map(features::of)
                .map(row -> Arrays.stream(columns).mapToDouble(c -> row[c]).toArray())
                .toArray(double[][]::new));
    }
}

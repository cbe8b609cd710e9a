package dev.lathe.cli;

import dev.lathe.base.Folders;
import dev.lathe.base.ProgressListener;
import dev.lathe.base.Seeds;
import dev.lathe.device.DeviceProfile;
import dev.lathe.device.Devices;
import dev.lathe.device.MemoryMeasurement;
import dev.lathe.device.mcu.Firmware;
import dev.lathe.graph.Graph;
import dev.lathe.predict.RankMetrics;
import dev.lathe.predict.memory.MemoryFile;
import dev.lathe.predict.memory.MemoryPredictor;
import dev.lathe.space.Architecture;
import dev.lathe.space.SearchSpace;
import dev.lathe.space.SearchSpaces;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;

/**
 * Memory of running networks, predicted from ten that were measured, on fresh ones measured afterwards; beside it what the
 * planner says alone.
 */
final class MemoryReproduction {
    private static final int FRESH = 20;
    private static final double MOST_ERROR = 10;
    private static final double LEVEL = 0.9;
    /** Of twenty intervals at 90 %, fewer than these are within in one of a hundred repetitions. */
    private static final int LEAST_WITHIN = 15;

    private static final long SEED = 1;

    private MemoryReproduction() {}

    static List<ReproduceCommand.Row> run(ReproduceCommand o) throws IOException {
        List<ReproduceCommand.Row> rows = new ArrayList<>();
        Path folder = Files.createTempDirectory("lathe-memory-table");
        try {
            ProgressListener progress = o.execution.progress();
            space(rows, "mbconv-tiny", "this-machine", folder, progress);
            space(rows, "vit-tiny", "this-machine", folder, progress);
            space(rows, "conv-small", "this-machine", folder, progress);
            space(rows, "mbconv-tiny", "this-machine-int8", folder, progress);
            if (Firmware.hasEmulator()) {
                space(rows, "mbconv-tiny", "stm32f746", folder, progress);
            } else {
                rows.add(new ReproduceCommand.Row(
                        "mbconv-tiny on stm32f746", "", Firmware.missing().orElse(""), "skipped", true));
            }
        } finally {
            Folders.delete(folder);
        }
        return rows;
    }

    private static void space(
            List<ReproduceCommand.Row> rows, String name, String deviceName, Path folder, ProgressListener progress)
            throws IOException {
        SearchSpace space = SearchSpaces.create(name, SearchSpaces.usualTask(name));
        DeviceProfile device = Devices.get(deviceName);
        Path table = folder.resolve(name + "-" + deviceName + ".csv");
        List<Architecture> networks = MemoryStep.networks(space, MemoryStep.NETWORKS, SEED);
        MemoryFile file = MemoryStep.calibrated(
                device, space, networks, MemoryStep.measured(device, space, networks, table, progress));

        Set<Architecture> known = new HashSet<>(networks);
        List<Architecture> fresh =
                RandomNetworks.draw(space, 2 * FRESH, Seeds.derive(SEED, "fresh", 0), "memory").stream()
                        .filter(a -> !known.contains(a))
                        .limit(FRESH)
                        .toList();
        double[] seen = MemoryStep.measured(device, space, fresh, table, progress).stream()
                .mapToDouble(MemoryMeasurement::medianBytes)
                .toArray();
        List<Graph> graphs = fresh.stream().map(space::lower).toList();
        MemoryPredictor predictor = file.predictor();
        double[] predicted =
                graphs.stream().mapToDouble(predictor::predictBytes).toArray();
        double[] planned = graphs.stream().mapToDouble(predictor::plannedBytes).toArray();
        double half = file.halfShare(LEVEL);
        int within = 0;
        for (int i = 0; i < seen.length; i++) {
            within += Math.abs(seen[i] / predicted[i] - 1) <= half ? 1 : 0;
        }
        double error = medianError(predicted, seen);
        rows.add(new ReproduceCommand.Row(
                "%s on %s: median error of memory on %d fresh networks, %d fitted; beside it what is planned alone"
                        .formatted(name, deviceName, fresh.size(), file.fitted()),
                "%.1f %% (planned)".formatted(medianError(planned, seen)),
                "%.1f %% (Spearman %.3f; %s to %s)"
                        .formatted(
                                error,
                                RankMetrics.spearman(predicted, seen),
                                kib(Arrays.stream(seen).min().orElse(0)),
                                kib(Arrays.stream(seen).max().orElse(0))),
                "at most %.0f %%".formatted(MOST_ERROR),
                error <= MOST_ERROR));
        rows.add(new ReproduceCommand.Row(
                "%s on %s: of these within their 90 %% interval".formatted(name, deviceName),
                "",
                "%d of %d (± %.1f %%)".formatted(within, fresh.size(), 100 * half),
                "at least %d".formatted(LEAST_WITHIN),
                within >= LEAST_WITHIN));
    }

    private static double medianError(double[] predicted, double[] seen) {
        double[] errors = new double[seen.length];
        for (int i = 0; i < errors.length; i++) {
            errors[i] = 100 * Math.abs(predicted[i] / seen[i] - 1);
        }
        Arrays.sort(errors);
        return (errors[(errors.length - 1) / 2] + errors[errors.length / 2]) / 2;
    }

    private static String kib(double bytes) {
        return String.format(Locale.ROOT, "%,.0f KiB", bytes / 1024);
    }
}

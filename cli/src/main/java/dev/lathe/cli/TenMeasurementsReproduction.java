package dev.lathe.cli;

import dev.lathe.base.Folders;
import dev.lathe.base.ProgressListener;
import dev.lathe.base.Seeds;
import dev.lathe.device.DeviceProfile;
import dev.lathe.device.Devices;
import dev.lathe.device.LatencyMeasurement;
import dev.lathe.device.mcu.Firmware;
import dev.lathe.device.pool.DevicePool;
import dev.lathe.device.pool.PoolTable;
import dev.lathe.predict.RankMetrics;
import dev.lathe.predict.RankQuality;
import dev.lathe.predict.adapt.FewShotFile;
import dev.lathe.predict.adapt.LatencyInterval;
import dev.lathe.predict.adapt.TransferAdapter;
import dev.lathe.space.Architecture;
import dev.lathe.space.SearchSpace;
import dev.lathe.space.SearchSpaces;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Set;

/** From a device that no table knows to predictions, by ten measurements: judged on networks measured afterwards. */
final class TenMeasurementsReproduction {
    private static final int SAMPLES = 10;
    private static final int FRESH = 100;
    private static final double LEAST_SPEARMAN = 0.95;
    private static final double LEAST_COVERAGE = 0.8;
    private static final double MOST_SECONDS = 60;
    private static final long SEED = 1;

    private TenMeasurementsReproduction() {}

    static List<ReproduceCommand.Row> run(ReproduceCommand o) throws IOException {
        List<ReproduceCommand.Row> rows = new ArrayList<>();
        Path folder = Files.createTempDirectory("lathe-ten");
        try {
            for (String name : List.of("mbconv-tiny", "vit-tiny")) {
                SearchSpace space = SearchSpaces.create(name, SearchSpaces.usualTask(name));
                List<PoolTable> pool = DevicePool.tables(name, PoolCommand.task(space), null);
                device(rows, space, pool, "this-machine", folder, o.execution.progress());
                device(rows, space, pool, "this-machine-int8", folder, o.execution.progress());
                if (Firmware.hasEmulator()) {
                    device(rows, space, pool, "cortex-m7", folder, o.execution.progress());
                }
            }
        } finally {
            Folders.delete(folder);
        }
        return rows;
    }

    private static void device(
            List<ReproduceCommand.Row> rows,
            SearchSpace space,
            List<PoolTable> pool,
            String id,
            Path folder,
            ProgressListener progress)
            throws IOException {
        DeviceProfile device = Devices.get(id);
        List<PoolTable> others = pool.stream().filter(t -> !isTwin(t, device)).toList();
        Path table = folder.resolve(space.name() + "-" + id + ".csv");
        long start = System.nanoTime();
        TransferAdapter adapter = FewShot.learn(FewShot.known(space, others, id), SEED, progress);
        List<Architecture> networks = FewShot.choose(adapter, space, SAMPLES, SEED);
        FewShotFile file = FewShot.adapt(
                adapter, space, networks, FewShot.measure(device, space, networks, table, SEED, progress));
        double seconds = (System.nanoTime() - start) / 1e9;

        List<Architecture> fresh = fresh(space, pool, networks);
        double[] measured = FewShot.measure(device, space, fresh, table, SEED, progress).stream()
                .mapToDouble(LatencyMeasurement::medianMs)
                .toArray();
        LatencyInterval[] intervals = file.predictor().intervals(FewShot.choices(fresh), FewShotStep.LEVEL);
        double[] predicted = new double[intervals.length];
        int inside = 0;
        for (int i = 0; i < predicted.length; i++) {
            predicted[i] = intervals[i].latencyMs();
            inside += intervals[i].contains(measured[i]) ? 1 : 0;
        }
        RankQuality q = RankMetrics.of(predicted, measured);
        String what = "%s on %s, known from %d other devices".formatted(space.name(), id, others.size());
        rows.add(new ReproduceCommand.Row(
                what + ": Spearman on %d networks measured afterwards".formatted(fresh.size()),
                "",
                "%.3f (median absolute error %.2f us, %.1f %%)"
                        .formatted(
                                q.spearman(),
                                1e3 * medianError(predicted, measured),
                                q.medianAbsolutePercentageError()),
                "at least " + LEAST_SPEARMAN,
                q.spearman() >= LEAST_SPEARMAN));
        rows.add(new ReproduceCommand.Row(
                what + ": of these within their 90 % intervals",
                "",
                "%d of %d".formatted(inside, fresh.size()),
                "at least %.0f %%".formatted(100 * LEAST_COVERAGE),
                inside >= LEAST_COVERAGE * fresh.size()));
        rows.add(new ReproduceCommand.Row(
                what + ": time for all of it",
                "",
                "%.1f s".formatted(seconds),
                "below %.0f s".formatted(MOST_SECONDS),
                seconds < MOST_SECONDS));
    }

    /**
     * Whether a table is of the device itself, of the same machine with nothing but another number of threads, or of another
     * emulated core, which counts nearly the same instructions.
     */
    private static boolean isTwin(PoolTable t, DeviceProfile d) {
        boolean sameMachine = t.facts().containsKey("cpu") && d.hostFacts().containsKey("cpu");
        boolean bothEmulated = t.facts().containsKey("core") && d.hostFacts().containsKey("core");
        return t.device().equals(d.id())
                || bothEmulated
                || (sameMachine
                        && d.precision().toString().equals(t.facts().get("precision"))
                        && Integer.toString(d.batch()).equals(t.facts().get("batch"))
                        && Boolean.toString(d.optimized()).equals(t.facts().get("optimized"))
                        && Objects.equals(
                                d.hostFacts().get("runtime"), t.facts().get("runtime")));
    }

    private static double medianError(double[] predicted, double[] measured) {
        double[] errors = new double[predicted.length];
        for (int i = 0; i < errors.length; i++) {
            errors[i] = Math.abs(predicted[i] - measured[i]);
        }
        java.util.Arrays.sort(errors);
        return errors[errors.length / 2];
    }

    /** Random networks that no known device was measured on, nor this one. */
    private static List<Architecture> fresh(SearchSpace space, List<PoolTable> pool, List<Architecture> measured) {
        Set<Architecture> seen = new java.util.HashSet<>(measured);
        pool.forEach(t -> seen.addAll(t.rows().keySet()));
        return RandomNetworks.draw(space, 2 * FRESH, Seeds.derive(SEED, "fresh", 0), "fresh").stream()
                .filter(a -> !seen.contains(a))
                .limit(FRESH)
                .toList();
    }
}

package dev.lathe.cli;

import dev.lathe.base.InvalidInputException;
import dev.lathe.base.ProgressListener;
import dev.lathe.base.Seeds;
import dev.lathe.device.LatencyMeasurement;
import dev.lathe.predict.RankMetrics;
import dev.lathe.results.RunManifest;
import dev.lathe.space.Architecture;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.random.RandomGenerator;

/**
 * Two profiles of the same networks on this machine with an hour of noisy load between, and beside both: whether the protocol
 * ranks them alike. A finished run may be the first.
 */
final class ProfileAgainReproduction {
    private static final List<String> SETTINGS = List.of("space=mbconv-tiny", "profile.networks=100");
    private static final int MINUTES = 60;
    private static final double LEAST_TAU = 0.9;
    private static final long LONGEST_BURST_MS = 4000;
    private static final long SEED = 1;

    private ProfileAgainReproduction() {}

    static List<ReproduceCommand.Row> run(ReproduceCommand o) throws IOException {
        Path given = o.run;
        if (given != null) {
            Experiment e = Experiment.fromSettings(
                    RunManifest.read(given.resolve(RunManifest.FILE)).experiment(), given);
            Path file = given.resolve("measurements.csv");
            if (!Files.exists(file)) {
                throw new InvalidInputException(
                        "%s has no measurements.csv; run lathe profile --out %s first".formatted(given, given));
            }
            Duration apart = Duration.between(Files.getLastModifiedTime(file).toInstant(), Instant.now());
            return Reproductions.inRun(o, null, e, w -> {
                Path copy = w.run().measurements();
                Files.copy(file, copy);
                Map<Architecture, LatencyMeasurement> before = ProfileStep.read(w);
                Files.delete(copy);
                return rows(e, before, ProfileStep.run(w), apart, "as it was");
            });
        }
        Experiment e = Experiment.read(null, SETTINGS);
        int minutes = o.count(MINUTES);
        try (Load load = new Load()) {
            Map<Architecture, LatencyMeasurement> before = Reproductions.inRun(o, null, e, ProfileStep::run);
            Instant first = Instant.now();
            load.last(Duration.ofMinutes(minutes), o.execution.progress());
            Duration apart = Duration.between(first, Instant.now());
            return rows(
                    e,
                    before,
                    Reproductions.inRun(o, null, e, ProfileStep::run),
                    apart,
                    "bursts of work on %d threads".formatted(load.threads.size()));
        }
    }

    private static List<ReproduceCommand.Row> rows(
            Experiment e,
            Map<Architecture, LatencyMeasurement> before,
            Map<Architecture, LatencyMeasurement> after,
            Duration apart,
            String load) {
        List<double[]> pairs = new ArrayList<>();
        before.forEach((a, m) -> {
            LatencyMeasurement again = after.get(a);
            if (again != null) {
                pairs.add(new double[] {m.medianMs(), again.medianMs()});
            }
        });
        double[] x = pairs.stream().mapToDouble(p -> p[0]).toArray();
        double[] y = pairs.stream().mapToDouble(p -> p[1]).toArray();
        double[] ratio = pairs.stream().mapToDouble(p -> p[1] / p[0]).sorted().toArray();
        double tau = pairs.size() < 2 ? Double.NaN : RankMetrics.kendallTauB(x, y);
        return List.of(new ReproduceCommand.Row(
                "%s on %s, %d networks measured twice, %d minutes apart (load: %s): Kendall's tau"
                        .formatted(e.space(), e.device(), pairs.size(), apart.toMinutes(), load),
                "",
                pairs.isEmpty()
                        ? "nothing measured twice"
                        : String.format(
                                Locale.ROOT,
                                "%.3f; second over first %.3f (%.3f to %.3f)",
                                tau,
                                ratio[ratio.length / 2],
                                ratio[0],
                                ratio[ratio.length - 1]),
                "at least " + LEAST_TAU,
                tau >= LEAST_TAU));
    }

    /** Threads, as many as processors, that work and rest for random times. */
    private static final class Load implements AutoCloseable {
        private final List<Thread> threads = new ArrayList<>();
        private volatile boolean isOver;

        Load() {
            for (int i = 0; i < Runtime.getRuntime().availableProcessors(); i++) {
                RandomGenerator random = Seeds.generator(SEED, "load", i);
                Thread t = new Thread(() -> work(random), "load-" + i);
                t.setDaemon(true);
                threads.add(t);
                t.start();
            }
        }

        private void work(RandomGenerator random) {
            double[] table = new double[1 << 20];
            try {
                while (!isOver) {
                    long until = System.nanoTime() + random.nextLong(LONGEST_BURST_MS) * 1_000_000;
                    while (!isOver && System.nanoTime() < until) {
                        // Arithmetic and memory: both disturb what runs beside.
                        Arrays.setAll(table, k -> table[k] * 0.5 + k);
                    }
                    Thread.sleep(random.nextLong(LONGEST_BURST_MS));
                }
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        }

        void last(Duration time, ProgressListener progress) throws IOException {
            try {
                for (long s = 0; s < time.toSeconds(); s++) {
                    Thread.sleep(1000);
                    progress.report("load", s + 1, time.toSeconds(), "");
                }
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw new IOException("interrupted", e);
            }
        }

        @Override
        public void close() {
            isOver = true;
            threads.forEach(Thread::interrupt);
        }
    }
}

package dev.lathe.cli;

import dev.lathe.base.Folders;
import dev.lathe.base.InvalidInputException;
import dev.lathe.base.Seeds;
import dev.lathe.evolve.Strategies;
import dev.lathe.results.RunManifest;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.random.RandomGenerator;

/**
 * Searches killed with SIGKILL at random moments and resumed, every strategy, in processes of their own: the front and the log are
 * those of a search left alone, byte for byte, and resuming costs little more than starting.
 */
final class SearchKillsReproduction {
    private static final int KILLS = 50;
    private static final double MOST_RESUME_SECONDS = 1;
    /** One kill in so many falls anywhere between start and end of the process, the others while the log grows. */
    private static final int ANYWHERE = 5;

    private static final int TRIES = 20;
    private static final double LEAST_WINDOW_SECONDS = 0.05;
    private static final long POLL_MS = 3;
    /** Half of the processor time of so short a life is the second compiler's; values do not depend on it. */
    private static final List<String> FAST_START = List.of("-XX:TieredStopAtLevel=1");

    private static final List<String> SMALL = List.of(
            "training={steps: 30, batchSize: 16}",
            "profile={networks: 40, accuracies: 40}",
            "search={population: 20}",
            "front={size: 8}");

    private final Path base;
    private final Path scratch;
    private final int kills;
    private final List<ReproduceCommand.Row> rows = new ArrayList<>();

    private SearchKillsReproduction(Path base, Path scratch, int kills) {
        this.base = base;
        this.scratch = scratch;
        this.kills = kills;
    }

    static List<ReproduceCommand.Row> run(ReproduceCommand o) throws IOException {
        int kills = o.count(KILLS);
        Path given = o.run;
        if (given != null) {
            return of(
                    Experiment.fromSettings(
                            RunManifest.read(given.resolve(RunManifest.FILE)).experiment(), given),
                    given,
                    kills,
                    o);
        }
        Experiment small = Experiment.read(null, SMALL);
        return Reproductions.inRun(o, null, small, w -> {
            ProfileCommand.profile(w);
            TrainStep.run(w);
            SearchStep.prepare(w);
            return of(small, w.folder(), kills, o);
        });
    }

    private static List<ReproduceCommand.Row> of(Experiment e, Path base, int kills, ReproduceCommand o)
            throws IOException {
        Path scratch = Files.createTempDirectory("lathe-kills");
        try {
            SearchKillsReproduction r = new SearchKillsReproduction(base, scratch, kills);
            for (String strategy : Strategies.names()) {
                r.strategy(e, strategy, o);
            }
            return r.rows;
        } finally {
            Folders.delete(scratch);
        }
    }

    /** Enough for a second or so; those that fit models after each batch come further with less. */
    private static int evaluations(String strategy) {
        return switch (strategy) {
            case "expected-gain" -> 36;
            case "linas" -> 200;
            default -> 4000;
        };
    }

    private void strategy(Experiment e, String strategy, ReproduceCommand o) throws IOException {
        Map<String, String> settings = new LinkedHashMap<>(e.settings());
        settings.put("search.strategy", strategy);
        settings.put("search.evaluations", Integer.toString(evaluations(strategy)));
        Path file = scratch.resolve(strategy + ".yaml");
        Files.writeString(file, Experiment.fromSettings(settings, file).yaml());
        Path alone = scratch.resolve(strategy);
        Watched whole = ended(file, alone);
        List<Double> starts = new ArrayList<>(List.of(whole.firstRowCpu));
        List<Double> resumed = new ArrayList<>();
        RandomGenerator random = Seeds.generator(e.seed(), "kills-" + strategy, 0);
        int same = 0;
        int kept = 0;
        for (int k = 0; k < kills; k++) {
            Path folder = scratch.resolve(strategy + "-killed");
            Watched killed = killed(file, folder, random, k % ANYWHERE == ANYWHERE - 1, whole);
            if (killed.firstRowCpu > 0) {
                starts.add(killed.firstRowCpu);
            }
            kept += rows(folder);
            Watched again = ended(file, folder);
            if (again.firstRowCpu > 0) {
                resumed.add(again.firstRowCpu);
            }
            same += same(alone, folder, "front.csv") && same(alone, folder, "evaluations.csv") ? 1 : 0;
            Folders.delete(folder);
            o.execution.progress().report("kills of " + strategy, k + 1, kills, "");
        }
        Collections.sort(starts);
        double start = starts.get(starts.size() / 2);
        double[] beyond = resumed.stream().mapToDouble(s -> s - start).sorted().toArray();
        rows.add(new ReproduceCommand.Row(
                "%s, %,d evaluations, killed and resumed: front.csv and evaluations.csv"
                        .formatted(strategy, evaluations(strategy)),
                "those of a search left alone",
                "the same bytes %d of %d times (%,d rows there at a kill, on average)"
                        .formatted(same, kills, kills == 0 ? 0 : kept / kills),
                "all",
                same == kills));
        double most = beyond.length == 0 ? 0 : beyond[beyond.length - 1];
        rows.add(new ReproduceCommand.Row(
                strategy + ", processor time from start to the first new row, resumed",
                "%.2f s (not resumed, median)".formatted(start),
                "%.2f s more (median), %.2f s at most"
                        .formatted(beyond.length == 0 ? 0 : beyond[beyond.length / 2], most),
                "at most %.0f s more".formatted(MOST_RESUME_SECONDS),
                most <= MOST_RESUME_SECONDS));
    }

    /**
     * How a process went, in seconds from its start.
     *
     * @param opened when its log was there
     * @param firstRowCpu processor time, which does not depend on what else the machine does, when the log first grew; 0 where it did not
     * @param full when the log grew last
     * @param end when it ended
     */
    private record Watched(double opened, double firstRowCpu, double full, double end) {}

    private Watched ended(Path experiment, Path folder) throws IOException {
        Path output = scratch.resolve("output");
        Process p = start(experiment, folder, output);
        Watched w = watch(p, folder, 0, Double.POSITIVE_INFINITY);
        if (p.exitValue() != 0) {
            throw new InvalidInputException("the search in %s ended with exit code %d: %s"
                    .formatted(folder, p.exitValue(), Files.readString(output).strip()));
        }
        return w;
    }

    /** A search that was killed at a random moment; where it ended before, another moment is drawn. */
    private Watched killed(Path experiment, Path folder, RandomGenerator random, boolean anywhere, Watched whole)
            throws IOException {
        for (int i = 0; i < TRIES; i++) {
            double from =
                    anywhere ? 0 : random.nextDouble() * Math.max(LEAST_WINDOW_SECONDS, whole.full - whole.opened);
            double moment = anywhere ? random.nextDouble() * whole.end : Double.POSITIVE_INFINITY;
            Process p = start(experiment, folder, scratch.resolve("output"));
            Watched w = watch(p, folder, from, moment);
            if (p.exitValue() != 0) {
                return w;
            }
            Folders.delete(folder);
        }
        throw new InvalidInputException(
                "%d searches ended before they could be killed; give the machine less to do, and try again"
                        .formatted(TRIES));
    }

    private Process start(Path experiment, Path folder, Path output) throws IOException {
        return LatheProcess.start(
                FAST_START,
                List.of(
                        "search",
                        experiment.toString(),
                        "-q",
                        "--threads",
                        "1",
                        "--from",
                        base.toString(),
                        "--out",
                        folder.toString()),
                output);
    }

    /**
     * Follows a process to its end, and kills it so long after its log was there, or at the moment after its start.
     *
     * @param afterLog seconds; 0 for never
     */
    private static Watched watch(Process p, Path folder, double afterLog, double moment) throws IOException {
        Path log = folder.resolve("evaluations.csv");
        long start = System.nanoTime();
        boolean isResumed = Files.exists(log);
        long length = isResumed ? Files.size(log) : 0;
        double opened = 0;
        double firstRowCpu = 0;
        double full = 0;
        try {
            while (p.isAlive()) {
                double now = (System.nanoTime() - start) / 1e9;
                long size = Files.exists(log) ? Files.size(log) : 0;
                if (opened == 0 && size > 0) {
                    opened = now;
                    length = isResumed ? length : size;
                } else if (size > length) {
                    firstRowCpu = firstRowCpu == 0 ? cpuSeconds(p) : firstRowCpu;
                    full = now;
                    length = size;
                }
                if (now >= moment || (afterLog > 0 && opened > 0 && now >= opened + afterLog)) {
                    p.destroyForcibly(); // SIGKILL
                    break;
                }
                Thread.sleep(POLL_MS);
            }
            p.waitFor();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("Interrupted", e);
        } finally {
            p.destroyForcibly();
        }
        return new Watched(opened, firstRowCpu, full, (System.nanoTime() - start) / 1e9);
    }

    private static double cpuSeconds(Process p) {
        return p.info().totalCpuDuration().map(d -> d.toNanos() / 1e9).orElse(0.0);
    }

    private static int rows(Path folder) throws IOException {
        Path log = folder.resolve("evaluations.csv");
        return Files.exists(log) ? Math.max(0, Files.readAllLines(log).size() - 1) : 0;
    }

    private static boolean same(Path one, Path other, String file) throws IOException {
        return Arrays.equals(Files.readAllBytes(one.resolve(file)), Files.readAllBytes(other.resolve(file)));
    }
}

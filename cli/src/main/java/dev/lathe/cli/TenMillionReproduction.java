package dev.lathe.cli;

import dev.lathe.base.Folders;
import dev.lathe.base.InvalidInputException;
import dev.lathe.results.RunManifest;
import dev.lathe.results.RunProgress;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;

/**
 * One search of ten million networks, in a process of its own with 512 MiB of heap: what stays in memory, read off ten collections on
 * the way, the size of the log, the time, and whether the export and the report are made of it as of any other.
 */
final class TenMillionReproduction {
    private static final int EVALUATIONS = 10_000_000;
    private static final int POPULATION = 500;
    private static final int POINTS = 10;
    private static final String HEAP = "-Xmx512m";
    /** Fingerprints of 8 bytes in tables that are at least five sixteenths full. */
    private static final double MOST_BYTES_EACH = 8 * 16 / 5.0;

    private static final double MOST_MICROSECONDS = 120;
    private static final long MOST_REPORT_BYTES = 2_000_000;
    private static final long POLL_MS = 200;

    private static final List<String> SMALL =
            List.of("training={steps: 30, batchSize: 16}", "profile={networks: 40, accuracies: 40}", "front={size: 8}");

    /** {@code mbconv-tiny} with a fourth width and a fourth expansion: 9.6e7 networks, where that has 6.0e6. */
    private static final String SPACE = """
            name: mbconv-wide
            description: inverted residuals for small images, with more widths and expansions than mbconv-tiny
            input: {channels: 1, height: 8, width: 8, classes: 10}
            decisions:
              width: [0.5, 0.75, 1.0, 1.25]
            layers:
              stem: {type: conv, outputs: 16 * width, divisor: 4, kernel: 3}
              stage:
                repeat: 3
                decisions:
                  width: [0.5, 0.75, 1.0, 1.25]
                  depth: [1, 2]
                layers:
                  block:
                    type: inverted-residual
                    repeat: depth
                    decisions:
                      kernel: [3, 5]
                      expand: [2, 3, 4, 6]
                    outputs: pick(stage.index, 16, 24, 40) * width
                    divisor: 4
                    kernel: kernel
                    expand: expand
                    stride: if(stage.index > 0 and block.index == 0, 2, 1)
              head: {type: conv, outputs: 96 * width, divisor: 4, kernel: 1}
              classifier: {type: classifier}
            """;

    private final Path out;
    private final Path scratch;
    private final int evaluations;
    private final List<ReproduceCommand.Row> rows = new ArrayList<>();

    private TenMillionReproduction(Path scratch, int evaluations) {
        this.scratch = scratch;
        this.out = scratch.resolve("run");
        this.evaluations = evaluations;
    }

    static List<ReproduceCommand.Row> run(ReproduceCommand o) throws IOException {
        int evaluations = o.count(EVALUATIONS);
        if (evaluations < 10 * POPULATION) {
            throw new InvalidInputException(
                    "--count is %,d; give at least %,d evaluations, or memory cannot be followed"
                            .formatted(evaluations, 10 * POPULATION));
        }
        Path scratch = Files.createTempDirectory("lathe-ten-million");
        try {
            TenMillionReproduction r = new TenMillionReproduction(scratch, evaluations);
            Path given = o.run;
            if (given != null) {
                r.of(
                        Experiment.fromSettings(
                                RunManifest.read(given.resolve(RunManifest.FILE))
                                        .experiment(),
                                given),
                        given,
                        o);
                return r.rows;
            }
            Path space = Files.writeString(scratch.resolve("space.yaml"), SPACE);
            List<String> settings = new ArrayList<>(SMALL);
            settings.add("space='" + space + "'");
            Experiment small = Experiment.read(null, settings);
            return Reproductions.inRun(o, null, small, w -> {
                ProfileCommand.profile(w);
                TrainStep.run(w);
                SearchStep.prepare(w);
                r.of(small, w.folder(), o);
                return r.rows;
            });
        } finally {
            Folders.delete(scratch);
        }
    }

    private void of(Experiment e, Path base, ReproduceCommand o) throws IOException {
        Map<String, String> settings = new LinkedHashMap<>(e.settings());
        settings.put("search.strategy", "nsga2");
        settings.put("search.evaluations", Integer.toString(evaluations));
        settings.put("search.population", Integer.toString(POPULATION));
        Path file = scratch.resolve("experiment.yaml");
        Files.writeString(file, Experiment.fromSettings(settings, file).yaml());
        Map<Long, Long> heap = new TreeMap<>();
        Process search = lathe(
                "search", file.toString(), "-q", "--threads", "1", "--from", base.toString(), "--out", out.toString());
        follow(search, heap, o);
        SearchSummary s = SearchSummary.read(out.resolve("search.json"));
        rows.add(new ReproduceCommand.Row(
                "distinct networks evaluated in one search with 512 MiB of heap",
                "%,d".formatted(evaluations),
                "%,d".formatted(s.evaluations()),
                "all",
                s.evaluations() == evaluations));
        memory(heap);
        double micros = 1e6 * s.seconds() / s.evaluations();
        rows.add(new ReproduceCommand.Row(
                "time of the search, one thread",
                "",
                "%,.0f s, %.1f us an evaluation".formatted(s.seconds(), micros),
                "at most %.0f us (20 min for 10^7)".formatted(MOST_MICROSECONDS),
                micros <= MOST_MICROSECONDS));
        long bytes = Files.size(out.resolve("evaluations.csv"));
        rows.add(new ReproduceCommand.Row(
                "log",
                "",
                "%,.1f MB, %.0f bytes an evaluation".formatted(bytes / 1e6, bytes / (double) s.evaluations()),
                "stated",
                true));
        ended(lathe("export", "-q", "--out", out.toString()));
        ended(lathe("report", "-q", "--out", out.toString()));
        Path report = out.resolve("report.html");
        String page = Files.readString(report);
        boolean whole =
                page.strip().endsWith("</html>") && page.contains(String.format(Locale.ROOT, "%,d", s.evaluations()));
        rows.add(new ReproduceCommand.Row(
                "report.html of it, with 512 MiB of heap",
                "",
                "%,d bytes, %s".formatted(Files.size(report), whole ? "whole" : "not whole"),
                "whole, at most %,d bytes".formatted(MOST_REPORT_BYTES),
                whole && Files.size(report) <= MOST_REPORT_BYTES));
    }

    private void memory(Map<Long, Long> heap) {
        StringBuilder text = new StringBuilder();
        heap.forEach((done, bytes) -> text.append(text.isEmpty() ? "" : ", ")
                .append("%.0f at %.2g".formatted(bytes / 1048576.0, (double) done)));
        rows.add(new ReproduceCommand.Row(
                "live heap on the way, MiB at evaluations",
                "",
                text.toString(),
                POINTS + " points",
                heap.size() == POINTS));
        if (heap.size() > 1) {
            long[] done = heap.keySet().stream().mapToLong(Long::longValue).toArray();
            long[] bytes = heap.values().stream().mapToLong(Long::longValue).toArray();
            int last = done.length - 1;
            double each = (bytes[last] - bytes[0]) / (double) (done[last] - done[0]);
            rows.add(new ReproduceCommand.Row(
                    "growth of the live heap, from the first point to the last",
                    "%.1f bytes (fingerprints, at most)".formatted(MOST_BYTES_EACH),
                    "%.1f bytes an evaluation".formatted(each),
                    "at most that",
                    each <= MOST_BYTES_EACH));
        }
    }

    /** Follows the search to its end, and has its heap collected and counted each time another tenth is done. */
    private void follow(Process search, Map<Long, Long> heap, ReproduceCommand o) throws IOException {
        try {
            while (search.isAlive()) {
                RunProgress at = RunProgress.read(out).orElse(null);
                if (at != null && at.phase().equals("search")) {
                    o.execution.progress().report("search", at.done(), at.total(), at.note());
                    // The last one just before the end, while the search is there.
                    if (at.done() >= Math.min(0.98, (heap.size() + 1.0) / POINTS) * evaluations
                            && heap.size() < POINTS) {
                        long bytes = liveBytes(search);
                        if (bytes > 0) {
                            heap.put(at.done(), bytes);
                        }
                    }
                }
                Thread.sleep(POLL_MS);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("Interrupted", e);
        } finally {
            search.destroyForcibly();
        }
        ended(search);
    }

    /** What is reachable in a process's heap, by the JDK's jcmd; 0 where the process is gone. */
    private static long liveBytes(Process p) throws IOException, InterruptedException {
        Process jcmd = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "jcmd").toString(),
                        Long.toString(p.pid()),
                        "GC.class_histogram")
                .redirectErrorStream(true)
                .start();
        String text = new String(jcmd.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        jcmd.waitFor();
        return text.lines()
                .filter(l -> l.startsWith("Total"))
                .mapToLong(l -> Long.parseLong(l.strip().split("\\s+", -1)[2]))
                .findFirst()
                .orElse(0);
    }

    private Process lathe(String... words) throws IOException {
        return LatheProcess.start(List.of(HEAP), List.of(words), scratch.resolve("output"));
    }

    private void ended(Process p) throws IOException {
        try {
            p.waitFor();
        } catch (InterruptedException e) {
            p.destroyForcibly();
            Thread.currentThread().interrupt();
            throw new IllegalStateException("Interrupted", e);
        }
        if (p.exitValue() != 0) {
            throw new InvalidInputException("a process ended with exit code %d: %s"
                    .formatted(
                            p.exitValue(),
                            Files.readString(scratch.resolve("output")).strip()));
        }
    }
}

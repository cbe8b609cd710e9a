package dev.lathe.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.lathe.base.Hashes;
import dev.lathe.base.Json;
import dev.lathe.device.OnnxModel;
import dev.lathe.device.mcu.Firmware;
import dev.lathe.evolve.Strategies;
import dev.lathe.results.BoardServer;
import dev.lathe.results.ModelCard;
import dev.lathe.results.RunProgress;
import dev.lathe.supernet.SupernetTrainer;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Whole runs, small: real data, a real supernet, real measurements, real predictors, in this process or in processes killed at random. */
class RunTest {
    @TempDir
    static Path folder;

    private static Path base;
    private static Lathe.Result first;

    @BeforeAll
    static void oneRun() {
        base = folder.resolve("base");
        first = Lathe.run("run", "-q", "--json", Lathe.SMALL, "--out", base);
    }

    private static void assertRefused(Lathe.Result r, String... parts) {
        assertThat(r.exitCode()).as(r.err()).isEqualTo(2);
        assertThat(r.err().strip().lines()).as(r.err()).hasSize(1);
        assertThat(r.err()).contains(parts);
    }

    @Test
    void aRunPrintsOneObjectAndLeavesVerifiedFiles() throws Exception {
        assertThat(first.exitCode()).as(first.err()).isZero();
        JsonNode o = Json.json().readTree(first.out());
        assertThat(o.get("runDirectory").asText()).isEqualTo(base.toString());
        assertThat(o.get("hypervolume").asDouble()).isBetween(0.0, 1.5);
        assertThat(o.get("randomHypervolume").isNumber()).isTrue();
        assertThat(o.get("evaluations").asInt()).isEqualTo(400);
        assertThat(o.get("front")).isNotEmpty().hasSizeLessThanOrEqualTo(4);
        for (JsonNode m : o.get("front")) {
            Path onnx = Path.of(m.get("onnx").asText());
            ModelCard card = ModelCard.read(Path.of(onnx.toString().replace(".onnx", ".json")));
            assertThat(card.file().sha256()).isEqualTo(Hashes.sha256(Files.readAllBytes(onnx)));
            assertThat(card.architecture()).isEqualTo(m.get("architecture").asText());
            assertThat(card.withinBudget()).isEqualTo(m.get("withinBudget").asBoolean());
            assertThat(m.get("latencyMs").asDouble()).isPositive();
            assertThat(m.get("top1").asDouble()).isBetween(0.0, 1.0);
            assertThat(m.get("peakActivationBytes").asLong()).isPositive();
        }
        assertThat(base.resolve("report.html")).isNotEmptyFile();
        JsonNode search = Json.json().readTree(Files.readAllBytes(base.resolve("search.json")));
        assertThat(Files.readString(base.resolve("front.csv")))
                .contains(search.get("knee").asText());
    }

    @Test
    void stepsRunAloneOnWhatIsThere() {
        assertThat(Lathe.run("export", "-q", "--out", base).exitCode()).isZero();
        Lathe.Result report = Lathe.run("report", "-q", "--out", base);
        assertThat(report.exitCode()).as(report.err()).isZero();
        assertThat(report.out()).contains("report.html");
        assertThat(Lathe.run("search", "-q", "--out", base).out()).contains("top1 (predicted)", "hypervolume");
    }

    @Test
    void aRankingStandsInTheReport() throws Exception {
        assertThat(Lathe.run("rank", "-q", "--networks", "5", "--out", base).exitCode())
                .isZero();
        Files.writeString(base.resolve(RankStep.FILE), "mbconv-tiny:torn", StandardOpenOption.APPEND);
        assertThat(Lathe.run("report", "-q", "--out", base).exitCode()).isZero();
        assertThat(Files.readString(base.resolve("report.html")))
                .contains("Does the supernet rank right?", "of 5 networks", "tau by MACs alone");
    }

    @Test
    void runsAreComparedAndReadByTheBoard() throws Exception {
        Path page = folder.resolve("compare.html");
        Lathe.Result r = Lathe.run("compare", base, base, "--json", "--out", page);
        assertThat(r.exitCode()).as(r.err()).isZero();
        JsonNode runs = Json.json().readTree(r.out()).get("runs");
        assertThat(runs).hasSize(2);
        assertThat(runs.get(0).get("isMeasured").asBoolean()).isTrue();
        assertThat(runs.get(0).get("hypervolume").asDouble())
                .isPositive()
                .isEqualTo(runs.get(1).get("hypervolume").asDouble());
        assertThat(page).content().contains("2 runs compared", "All were asked the same");
        assertRefused(Lathe.run("compare", base, folder.resolve("nowhere")), "nowhere");
        assertRefused(Lathe.run("board", folder.resolve("nowhere"), "--port", "0"), "nowhere");
        assertThat(RunProgress.read(base).orElseThrow().ending()).isEqualTo(RunProgress.Ending.DONE);
        try (BoardServer board = BoardServer.start(base.getParent(), 0, RunSummaries::read)) {
            String index = new String(
                    new java.net.URL(board.address()).openStream().readAllBytes(),
                    java.nio.charset.StandardCharsets.UTF_8);
            assertThat(index).contains("/run/base/", "done", "mbconv-tiny").doesNotContain("cannot be read");
        }
    }

    @Test
    void theFrontIsExportedAsCWithACardOfEach() throws Exception {
        Lathe.Result r = Lathe.run("export", "-q", "--json", "--format", "c", "--mcu", "stm32f427", "--out", base);
        assertThat(r.exitCode()).as(r.err()).isZero();
        JsonNode members = Json.json().readTree(r.out()).get("members");
        assertThat(members).hasSameSizeAs(Json.json().readTree(first.out()).get("front"));
        for (JsonNode m : members) {
            Path net = base.resolve("export/c").resolve(m.get("name").asText());
            JsonNode card = Json.json().readTree(Files.readAllBytes(net.resolve("card.json")));
            assertThat(card).isEqualTo(m.get("card"));
            for (JsonNode f : card.get("files")) {
                assertThat(Hashes.sha256(
                                Files.readAllBytes(net.resolve(f.get("name").asText()))))
                        .isEqualTo(f.get("sha256").asText());
            }
            assertThat(card.get("accuracy").get("int8Top1").asDouble()).isBetween(0.0, 1.0);
            assertThat(card.get("memory").get("arenaBytes").asLong()).isPositive();
            int comparisons = (Firmware.hasHost() ? 1 : 0) + (Firmware.hasEmulator() ? 1 : 0);
            assertThat(card.get("checks"))
                    .hasSize(comparisons + (Firmware.missing().isPresent() ? 1 : 0));
        }
        assertRefused(
                Lathe.run("export", "-q", "--format", "c", "--mcu", "stm32f745", "--out", base),
                "microcontroller",
                "stm32f746");
        assertRefused(
                Lathe.run("export", "-q", "--format", "c", "--percentile", "20", "--out", base), "percentile", "20");
    }

    @Test
    void theFrontIsExportedInEightBitsWithBothAccuracies() throws Exception {
        Lathe.Result r = Lathe.run("export", "-q", "--json", "--precision", "int8", "--out", base);
        assertThat(r.exitCode()).as(r.err()).isZero();
        JsonNode members = Json.json().readTree(r.out()).get("members");
        assertThat(members).hasSameSizeAs(Json.json().readTree(first.out()).get("front"));
        for (JsonNode card : members) {
            JsonNode file = card.get("file");
            Path onnx = base.resolve("export/int8").resolve(file.get("name").asText());
            assertThat(Hashes.sha256(Files.readAllBytes(onnx)))
                    .isEqualTo(file.get("sha256").asText());
            assertThat(card.get("top1Drop").asDouble())
                    .isEqualTo(card.get("accuracy").get("float32Top1").asDouble()
                            - card.get("accuracy").get("int8Top1").asDouble());
            // This supernet was trained for a few steps; a whole training loses at most 1.5 points (reproduce
            // c-export).
            assertThat(card.get("top1Drop").asDouble()).isLessThan(0.05);
            assertThat(card.get("largestDifference").asDouble()).isLessThan(0.1);
            assertThat(card.get("sameAnswers").asDouble()).isGreaterThan(0.9);
        }
    }

    @Test
    void theFrontIsTheSameOnOneThreadOnTwoAndOnSpark() throws Exception {
        byte[] expected = Files.readAllBytes(base.resolve("front.csv"));
        for (List<String> how :
                List.of(List.of("--threads", "1"), List.of("--threads", "2"), List.of("--master", "local[2]"))) {
            Path out = folder.resolve("front" + String.join("", how));
            Lathe.Result r = Lathe.run("search", "-q", Lathe.SMALL, "--from", base, "--out", out, how);
            assertThat(r.exitCode()).as(r.err()).isZero();
            assertThat(Files.readAllBytes(out.resolve("front.csv")))
                    .as("%s", how)
                    .isEqualTo(expected);
        }
    }

    @Test
    void everyStrategyCanBeChosenAndStartsFromAnEarlierFront() throws Exception {
        for (String strategy : Strategies.names()) {
            Path out = folder.resolve("strategy-" + strategy);
            int evaluations = strategy.equals("expected-gain") ? 12 : 120;
            List<String> settings =
                    List.of("--set", "search.strategy=" + strategy, "--set", "search.evaluations=" + evaluations);
            Lathe.Result r = Lathe.run(
                    "search", "-q", Lathe.SMALL, settings, "--warm-start", base, "--from", base, "--out", out);
            assertThat(r.exitCode()).as(strategy + r.err()).isZero();
            assertThat(r.out()).contains(strategy);
            assertThat(Files.readAllLines(out.resolve("evaluations.csv"))).hasSize(1 + evaluations);
            assertThat(out.resolve("warm-start.csv")).hasSameTextualContentAs(base.resolve("front.csv"));
        }
        assertRefused(
                Lathe.run("search", "-q", "--set", "search.strategy=nsga4", "--out", folder.resolve("no")),
                "search.strategy",
                "did you mean 'nsga2'?");
        assertRefused(
                Lathe.run("search", "-q", "--set", "search.stop.second=3", "--out", folder.resolve("no")),
                "did you mean 'stop.seconds'?");
        assertRefused(
                Lathe.run(
                        "search",
                        "-q",
                        Lathe.SMALL,
                        "--from",
                        base,
                        "--warm-start",
                        folder.resolve("nowhere"),
                        "--out",
                        folder.resolve("warm")),
                "nowhere",
                "front.csv");
    }

    /** Killed where the log has grown to some length, each time further on; the front is that of a search left alone. */
    @ParameterizedTest
    @ValueSource(strings = {"islands", "steady-state"})
    void aSearchByAnotherStrategySurvivesKills(String strategy) throws Exception {
        List<String> asked = new ArrayList<>(Lathe.SMALL);
        asked.addAll(List.of(
                "--set", "search.strategy=" + strategy, "--set", "search.evaluations=4000", "--from", base.toString()));
        Path alone = folder.resolve("alone-" + strategy);
        assertThat(Lathe.run("search", "-q", asked, "--out", alone).exitCode()).isZero();
        Path killed = folder.resolve("killed-" + strategy);
        Path log = killed.resolve("evaluations.csv");
        for (int length : new int[] {1, 60_000, 150_000}) {
            Process p = start(command("search", "-q", asked, "--out", killed));
            while (p.isAlive() && (!Files.exists(log) || Files.size(log) < length)) {
                Thread.sleep(2);
            }
            p.destroyForcibly().waitFor();
        }
        assertThat(Lathe.run("search", "-q", asked, "--out", killed).exitCode()).isZero();
        for (String file : List.of("front.csv", "evaluations.csv")) {
            assertThat(Files.readAllBytes(killed.resolve(file))).isEqualTo(Files.readAllBytes(alone.resolve(file)));
        }
    }

    /** Ten kills anywhere between start and report: the front and the log of evaluations are those of a run left alone. */
    @Test
    void aRunKilledTenTimesEndsAsOneLeftAlone() throws Exception {
        Path profile = folder.resolve("profile");
        assertThat(Lathe.run("profile", "-q", Lathe.SMALL, "--out", profile).exitCode())
                .isZero();
        Path alone = folder.resolve("alone");
        assertThat(Lathe.run("run", "-q", Lathe.SMALL, "--from", profile, "--out", alone)
                        .exitCode())
                .isZero();
        Path killed = folder.resolve("killed");
        SplittableRandom random = new SplittableRandom(11);
        List<String> command = command("run", "-q", Lathe.SMALL, "--from", profile, "--out", killed, "--resume");
        for (int i = 0; i < 10; i++) {
            Process p = start(command);
            if (!p.waitFor(500 + random.nextInt(9_500), TimeUnit.MILLISECONDS)) {
                p.destroyForcibly().waitFor();
            }
        }
        Process last = start(command);
        assertThat(last.waitFor(5, TimeUnit.MINUTES)).isTrue();
        assertThat(last.exitValue()).isZero();
        assertThat(Files.readAllBytes(killed.resolve("front.csv")))
                .isEqualTo(Files.readAllBytes(alone.resolve("front.csv")));
        List<String> evaluations = Files.readAllLines(killed.resolve("evaluations.csv"));
        assertThat(new HashSet<>(evaluations)).hasSameSizeAs(evaluations);
        assertThat(evaluations).isEqualTo(Files.readAllLines(alone.resolve("evaluations.csv")));
        assertThat(Files.readAllLines(killed.resolve("accuracies.csv")))
                .isEqualTo(Files.readAllLines(alone.resolve("accuracies.csv")));
        assertThat(Files.readAllLines(killed.resolve("supernet/training.csv")))
                .isEqualTo(Files.readAllLines(alone.resolve("supernet/training.csv")));
        assertThat(killed.resolve("report.html")).isNotEmptyFile();
    }

    /** The polite signal of Ctrl-C: the process says how to go on. */
    @Test
    void anInterruptedRunSaysHowToGoOn() throws Exception {
        Path out = folder.resolve("interrupted");
        Path err = folder.resolve("interrupted.err");
        Process p = builder(command("run", "-q", Lathe.SMALL, "--set", "training.steps=100000", "--out", out))
                .redirectError(err.toFile())
                .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                .start();
        for (int i = 0; i < 600 && !Files.exists(out.resolve("measurements.csv")); i++) {
            Thread.sleep(100);
        }
        new ProcessBuilder("kill", "-INT", Long.toString(p.pid())).start().waitFor();
        assertThat(p.waitFor(60, TimeUnit.SECONDS)).isTrue();
        assertThat(p.exitValue()).isEqualTo(130);
        assertThat(err).content().contains("--resume --out " + out);
    }

    /**
     * A limit on the size of files stands for a disk with that much room: writing fails in the same place. The runtime's libraries,
     * which it unpacks at its start, are unpacked before.
     */
    @Test
    @EnabledOnOs(OS.LINUX)
    void aRunOnAFullDiskSaysSoAndGoesOnWhenThereIsRoom() throws Exception {
        Path out = folder.resolve("full");
        Path err = folder.resolve("full.err");
        List<String> limited = new ArrayList<>(List.of("bash", "-c", "ulimit -f 200; exec \"$0\" \"$@\""));
        List<String> run = command("run", "-q", Lathe.SMALL, "--out", out);
        run.add(1, "-Donnxruntime.native.path=" + unpackedRuntime());
        limited.addAll(run);
        Process p = builder(limited)
                .redirectError(err.toFile())
                .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                .start();
        assertThat(p.waitFor(3, TimeUnit.MINUTES)).isTrue();
        assertThat(err).content().contains("the disk is full", "--resume");
        assertThat(p.exitValue()).isEqualTo(2);
        Lathe.Result r = Lathe.run("run", "-q", Lathe.SMALL, "--out", out, "--resume");
        assertThat(r.exitCode()).as(r.err()).isZero();
        assertThat(out.resolve("front.csv")).isNotEmptyFile();
    }

    private Path unpackedRuntime() throws Exception {
        Path libraries = Files.createDirectory(folder.resolve("onnxruntime"));
        for (String library : List.of("libonnxruntime.so", "libonnxruntime4j_jni.so")) {
            String resource = "/ai/onnxruntime/native/linux-x64/" + library;
            try (InputStream in = Objects.requireNonNull(OnnxModel.class.getResourceAsStream(resource), resource)) {
                Files.copy(in, libraries.resolve(library));
            }
        }
        return libraries;
    }

    private static List<String> command(Object... words) {
        List<String> c =
                new ArrayList<>(List.of(ProcessHandle.current().info().command().orElse("java")));
        c.addAll(List.of(
                "-XX:TieredStopAtLevel=1",
                "-Dai.djl.pytorch.num_threads=1",
                "-Dai.djl.pytorch.num_interop_threads=1",
                "-Dsys.ai.h2o.debug.noJavaVersionCheck=true"));
        for (String p : List.of("java.lang", "java.lang.invoke", "java.nio", "java.util", "sun.nio.ch")) {
            c.add("--add-opens=java.base/" + p + "=ALL-UNNAMED");
        }
        c.add(Main.class.getName());
        for (Object w : words) {
            if (w instanceof List<?> list) {
                list.forEach(x -> c.add(x.toString()));
            } else {
                c.add(w.toString());
            }
        }
        return c;
    }

    private static Process start(List<String> command) throws Exception {
        return builder(command)
                .redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                .start();
    }

    private static ProcessBuilder builder(List<String> command) {
        ProcessBuilder b = new ProcessBuilder(command);
        b.environment().put("CLASSPATH", System.getProperty("java.class.path"));
        return b;
    }

    @Test
    void anotherExperimentIsNotResumed() {
        assertRefused(
                Lathe.run("run", "-q", Lathe.SMALL, "--seed", 2, "--out", base, "--resume"),
                "another experiment",
                "seed is 1 there and 2 here");
        assertRefused(Lathe.run("run", "-q", Lathe.SMALL, "--out", base), "holds a run already", "--resume");
    }

    @Test
    void aTruncatedCheckpointIsRefused() throws Exception {
        Path out = folder.resolve("truncated");
        assertThat(Lathe.run("train", "-q", Lathe.SMALL, "--out", out).exitCode())
                .isZero();
        Path checkpoint = out.resolve("supernet").resolve(SupernetTrainer.CHECKPOINT);
        byte[] whole = Files.readAllBytes(checkpoint);
        for (int length : new int[] {0, 7, 100, whole.length / 2, whole.length - 1}) {
            Files.write(checkpoint, Arrays.copyOf(whole, length));
            assertRefused(Lathe.run("train", "-q", "--out", out), SupernetTrainer.CHECKPOINT);
        }
    }

    @Test
    void aBudgetThatNothingMeetsNamesTheNearestNetwork() {
        assertRefused(
                Lathe.run(
                        "search",
                        "-q",
                        Lathe.SMALL,
                        "--from",
                        base,
                        "--budget",
                        "latency=0.001 us",
                        "--out",
                        folder.resolve("fast")),
                "no network meets the budget latency 0.001 us",
                "mbconv-tiny:");
        Path out = folder.resolve("small");
        assertRefused(
                Lathe.run("run", "-q", "--budget", "peakActivation=100 B", "--out", out),
                "no network meets the budget peakActivation 100 B",
                "the smallest seen, mbconv-tiny:");
    }

    @Test
    void whatASearchCannotUseIsRefused() throws Exception {
        assertRefused(
                Lathe.run("search", "-q", "--set", "objectives=[top1, energy]", "--out", folder.resolve("energy")),
                "objective",
                "energy",
                "parameters");
        Path poisoned = folder.resolve("poisoned");
        List<String> again = List.of("search", "-q", "--out", poisoned.toString());
        assertThat(Lathe.run("search", "-q", Lathe.SMALL, "--from", base, "--out", poisoned)
                        .exitCode())
                .isZero();
        Path log = poisoned.resolve("evaluations.csv");
        List<String> rows = Files.readAllLines(log);
        Files.delete(poisoned.resolve("front.csv"));
        // A value that reads as a number, in a row that is whole.
        String row = rows.get(100);
        rows.set(100, row.replaceFirst(",0\\.", ",0.1"));
        assertThat(rows.get(100)).isNotEqualTo(row);
        Files.write(log, rows);
        assertRefused(Lathe.run(again), "evaluations.csv, line 101 is corrupt");
        rows.set(100, row);
        Files.write(log, rows);
        Lathe.Result r = Lathe.run(again);
        assertThat(r.exitCode()).as(r.err()).isZero();
        assertThat(poisoned.resolve("front.csv")).hasSameBinaryContentAs(base.resolve("front.csv"));
    }

    /** One bit anywhere in the parameters or in what surrounds them. */
    @Test
    void aPoisonedCheckpointIsRefused() throws Exception {
        Path out = folder.resolve("poisoned-checkpoint");
        assertThat(Lathe.run("train", "-q", Lathe.SMALL, "--out", out).exitCode())
                .isZero();
        Path checkpoint = out.resolve("supernet").resolve(SupernetTrainer.CHECKPOINT);
        byte[] whole = Files.readAllBytes(checkpoint);
        for (int at : new int[] {whole.length / 3, whole.length / 2, whole.length - 100}) {
            byte[] changed = whole.clone();
            changed[at] ^= 1;
            Files.write(checkpoint, changed);
            assertRefused(Lathe.run("train", "-q", "--out", out), SupernetTrainer.CHECKPOINT);
        }
    }

    @Test
    void stepsSayWhatIsMissing() {
        Path out = folder.resolve("nothing");
        assertRefused(Lathe.run("search", "-q", "--out", out), "lathe profile");
        assertRefused(Lathe.run("export", "-q", "--out", out), "lathe search");
        assertRefused(Lathe.run("report", "-q", "--out", out), "lathe search");
    }

    @Test
    void wrongNamesAreRefusedBeforeAFolderIsMade() throws Exception {
        Path out = folder.resolve("wrong");
        assertRefused(Lathe.run("run", "--space", "vit-tini", "--out", out), "did you mean 'vit-tiny'?");
        assertRefused(Lathe.run("run", "--device", "this-machin", "--out", out), "did you mean 'this-machine'?");
        assertRefused(Lathe.run("run", "--budget", "latncy=3 ms", "--out", out), "did you mean 'budget.latency'?");
        assertRefused(Lathe.run("run", "--budget", "latency=3 parsecs", "--out", out), "parsecs");
        assertRefused(Lathe.run("run", "--set", "trainig.steps=3", "--out", out), "did you mean 'training'?");
        assertRefused(Lathe.run("run", "--data", folder.resolve("no-such"), "--out", out), "no-such");
        Files.createDirectories(folder.resolve("empty"));
        assertRefused(Lathe.run("run", "--data", folder.resolve("empty"), "--out", out), "empty");
        assertRefused(Lathe.run("run", "--no-such-option"), "--no-such-option");
        assertRefused(Lathe.run(), "a command is missing");
        assertRefused(
                Lathe.run(
                        "search",
                        Lathe.SMALL,
                        "--from",
                        base,
                        "--master",
                        "spark://127.0.0.1:1",
                        "--out",
                        folder.resolve("sp")),
                "spark://127.0.0.1:1");
        assertThat(out).doesNotExist();
    }

    @Test
    void everyCommandHasHelpWithAnExample() {
        for (String c : List.of(
                "run",
                "profile",
                "train",
                "search",
                "export",
                "rank",
                "report",
                "spaces",
                "devices",
                "reproduce",
                "completion")) {
            Lathe.Result r = Lathe.run(c, "--help");
            assertThat(r.exitCode()).isZero();
            assertThat(r.out()).contains("Example", "lathe " + c);
        }
        assertThat(Lathe.run("completion").out()).contains("complete", "lathe");
        assertThat(Lathe.run("spaces", "show", "mbconv-tiny", "--samples", "20").out())
                .contains("6,001,128 architectures", "stage0.depth");
        assertThat(Lathe.run("devices", "--json").out()).contains("this-machine", "protocol");
    }
}

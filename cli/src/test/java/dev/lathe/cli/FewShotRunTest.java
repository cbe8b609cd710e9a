package dev.lathe.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.lathe.base.Json;
import dev.lathe.evolve.Evaluation;
import dev.lathe.predict.adapt.FewShotFile;
import dev.lathe.predict.adapt.TransferPredictor;
import dev.lathe.results.FrontFile;
import dev.lathe.results.RunManifest;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The whole way with ten measurements in the place of hundreds, and a budget with a confidence. */
class FewShotRunTest {
    private static final List<String> ASKED = List.of("--set", "profile.samples=10", "--budget", "confidence=0.9");

    @TempDir
    static Path folder;

    static Path base;

    @BeforeAll
    static void run() {
        base = folder.resolve("base");
        Lathe.Result r = Lathe.run("run", "-q", Lathe.SMALL, ASKED, "--out", base);
        assertThat(r.exitCode()).as(r.err()).isZero();
        assertThat(r.out()).contains("transfer from known devices, 10 networks", "at 90 % confidence");
    }

    @Test
    void everyNetworkOfTheFrontIsWithinTheBudgetAtItsUpperEnd() throws Exception {
        FrontFile.Front front = FrontFile.read(base.resolve("front.csv"));
        SearchSummary search = SearchSummary.read(base.resolve("search.json"));
        double limitMs = search.budgets().getOrDefault("latencyMs", Double.NaN);
        TransferPredictor predictor =
                FewShotFile.load(base.resolve("few-shot/latency.json")).predictor();
        int latency = front.metrics().indexOf("latencyMs");
        int upper = front.metrics().indexOf("latencyUpperMs");
        assertThat(front.members()).isNotEmpty();
        for (Evaluation e : front.members()) {
            int[][] network = {e.architecture().choices()};
            assertThat(e.value(latency)).isEqualTo(predictor.predictMs(network)[0]);
            assertThat(e.value(upper))
                    .isEqualTo(predictor.upperMs(network, 0.9)[0])
                    .isGreaterThan(e.value(latency))
                    .isLessThanOrEqualTo(limitMs);
            assertThat(search.isWithin(e)).isTrue();
        }
        assertThat(base.resolve("measurements.csv")).doesNotExist();
        assertThat(base.resolve("report.html")).content().contains("at 90 % confidence", "transfer from known devices");
    }

    @Test
    void theManifestAsksForTheSameAgain() throws Exception {
        RunManifest manifest = RunManifest.read(base.resolve(RunManifest.FILE));
        Experiment e = Experiment.fromSettings(manifest.experiment(), base);
        assertThat(e.samples()).isEqualTo(10);
        assertThat(e.confidence()).isEqualTo(0.9);
        assertThat(e.settings()).containsExactlyInAnyOrderEntriesOf(manifest.experiment());
    }

    @Test
    void theFrontIsTheSameOnTwoThreadsAndOnSpark() throws Exception {
        byte[] expected = Files.readAllBytes(base.resolve("front.csv"));
        for (List<String> how : List.of(List.of("--threads", "2"), List.of("--master", "local[2]"))) {
            Path out = folder.resolve("front" + String.join("", how));
            Lathe.Result r = Lathe.run("search", "-q", Lathe.SMALL, ASKED, "--from", base, "--out", out, how);
            assertThat(r.exitCode()).as(r.err()).isZero();
            assertThat(Files.readAllBytes(out.resolve("front.csv")))
                    .as("%s", how)
                    .isEqualTo(expected);
        }
    }

    @Test
    void whatIsMissingOrOfAnotherDeviceIsRefused() throws Exception {
        Path out = folder.resolve("nothing");
        assertRefused(Lathe.run("search", "-q", ASKED, "--out", out), "few-shot", "lathe profile --samples");
        Path foreign = folder.resolve("foreign");
        Files.createDirectories(foreign.resolve("few-shot"));
        Files.copy(base.resolve("run.yaml"), foreign.resolve("run.yaml"));
        String text = Files.readString(base.resolve("few-shot/latency.json"));
        Files.writeString(
                foreign.resolve("few-shot/latency.json"),
                text.replaceFirst("\"device\":\"this-machine\"", "\"device\":\"that-machine\""));
        assertRefused(Lathe.run("search", "-q", "--out", foreign), "that-machine", "this-machine");
        assertRefused(
                Lathe.run("search", "-q", Lathe.SMALL, "--from", base, "--out", folder.resolve("other")),
                "profile.samples is 10 there and not set here");
    }

    /** With hundreds of measurements the errors on the networks held out say how far below the budget to stay. */
    @Test
    void aConfidenceWithoutFewMeasurementsTightensTheBudget() throws Exception {
        Path out = folder.resolve("measured");
        List<String> asked = List.of("--set", "profile.networks=50", "--budget", "confidence=0.8");
        Lathe.Result p = Lathe.run("profile", "-q", Lathe.SMALL, asked, "--out", out);
        assertThat(p.exitCode()).as(p.err()).isZero();
        for (String part : List.of("supernet/checkpoint.safetensors", "supernet/training.csv", "accuracies.csv")) {
            Files.createDirectories(out.resolve(part).getParent());
            Files.copy(base.resolve(part), out.resolve(part));
        }
        Lathe.Result r = Lathe.run("search", "-q", Lathe.SMALL, asked, "--out", out);
        assertThat(r.exitCode()).as(r.err()).isZero();
        assertThat(r.out()).contains("at 80 % confidence: predictions at most");
        JsonNode search = Json.json().readTree(out.resolve("search.json").toFile());
        double margin = LatencyMargin.of(new PredictorStep.Scatter(column(out, 0), column(out, 1)), 0.8);
        double limitMs = search.get("confidence").get("limitMs").asDouble();
        assertThat(limitMs).isEqualTo(search.get("budgets").get("latencyMs").asDouble() / (1 + margin));
        FrontFile.Front front = FrontFile.read(out.resolve("front.csv"));
        assertThat(front.members())
                .isNotEmpty()
                .allSatisfy(e -> assertThat(e.value(front.metrics().indexOf("latencyMs")))
                        .isLessThanOrEqualTo(limitMs));
    }

    private static double[] column(Path run, int c) throws Exception {
        return Files.readAllLines(run.resolve("predictors/scatter-latencyMs.csv")).stream()
                .skip(1)
                .mapToDouble(l -> Double.parseDouble(l.split(",", -1)[c]))
                .toArray();
    }

    private static void assertRefused(Lathe.Result r, String... parts) {
        assertThat(r.exitCode()).as(r.err()).isEqualTo(2);
        assertThat(r.err()).contains(parts);
    }
}

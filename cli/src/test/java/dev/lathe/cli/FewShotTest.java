package dev.lathe.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import dev.lathe.base.InvalidInputException;
import dev.lathe.base.Json;
import dev.lathe.base.ProgressListener;
import dev.lathe.base.Seeds;
import dev.lathe.device.LatencyMeasurement;
import dev.lathe.device.pool.DevicePool;
import dev.lathe.device.pool.PoolTable;
import dev.lathe.predict.RankMetrics;
import dev.lathe.predict.adapt.FewShotFile;
import dev.lathe.predict.adapt.LatencyInterval;
import dev.lathe.predict.adapt.LatencyTable;
import dev.lathe.predict.adapt.TransferAdapter;
import dev.lathe.space.Architecture;
import dev.lathe.space.SearchSpace;
import dev.lathe.space.SearchSpaces;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A device by ten measurements: on the built-in tables, which do not change, and by the command. */
class FewShotTest {
    private static final int SAMPLES = 10;
    private static final double LEAST_SPEARMAN = 0.95;
    private static final double UNLIKE = 0.8;
    private static final double LEAST_SPEARMAN_OF_UNLIKE = 0.9;

    @TempDir
    Path folder;

    private static SearchSpace space(String name) {
        return SearchSpaces.create(name, SearchSpaces.usualTask(name));
    }

    /**
     * Each table in turn is the device that nobody knows; networks of which no other table tells are predicted. Of a device that
     * ranks like none of the others, as PyTorch does on {@code vit-tiny} (0.62 at best), ten measurements tell less.
     */
    @ParameterizedTest
    @ValueSource(strings = {"mbconv-tiny", "vit-tiny"})
    void everyDeviceOfThePoolIsPredictedByTheOthers(String name) throws Exception {
        SearchSpace space = space(name);
        List<PoolTable> pool = DevicePool.tables(name, PoolCommand.task(space), null);
        int inside = 0;
        int judged = 0;
        for (PoolTable device : pool) {
            LatencyTable known = FewShot.known(space, pool, device.device());
            assertThat(known.devices()).doesNotContain(device.device()).contains("(macs)");
            int[] first = IntStream.range(0, 300).toArray();
            int[][] choices = known.choices();
            TransferAdapter adapter = FewShot.learn(known.part(first, known.devices()), 1, ProgressListener.SILENT);
            int[][] candidates = Arrays.copyOf(choices, first.length);
            int[] chosen = adapter.chooseSupport(candidates, SAMPLES, Seeds.generator(1, "test", 0));
            int[][] support = Arrays.stream(chosen).mapToObj(i -> candidates[i]).toArray(int[][]::new);
            int[][] rest = Arrays.copyOfRange(choices, first.length, choices.length);
            double[] measured = latencies(device, rest);
            LatencyInterval[] intervals =
                    adapter.adapt(support, latencies(device, support)).intervals(rest, 0.9);
            double[] predicted = Arrays.stream(intervals)
                    .mapToDouble(LatencyInterval::latencyMs)
                    .toArray();
            assertThat(RankMetrics.spearman(predicted, measured))
                    .as(device.device())
                    .isGreaterThan(likest(device, pool) < UNLIKE ? LEAST_SPEARMAN_OF_UNLIKE : LEAST_SPEARMAN);
            for (int i = 0; i < rest.length; i++) {
                inside += intervals[i].contains(measured[i]) ? 1 : 0;
                judged++;
            }
        }
        assertThat(inside / (double) judged).isBetween(0.75, 1.0);
    }

    /** The highest rank correlation of a table with another one. */
    private static double likest(PoolTable device, List<PoolTable> pool) {
        int[][] choices =
                device.rows().keySet().stream().map(Architecture::choices).toArray(int[][]::new);
        double[] own = latencies(device, choices);
        return pool.stream()
                .filter(t -> !t.device().equals(device.device()))
                .mapToDouble(t -> RankMetrics.spearman(latencies(t, choices), own))
                .max()
                .orElseThrow();
    }

    private static double[] latencies(PoolTable t, int[][] choices) {
        return Arrays.stream(choices)
                .mapToDouble(c -> Objects.requireNonNull(t.rows().get(Architecture.of(t.space(), c)))
                        .medianMs())
                .toArray();
    }

    @Test
    void theCommandKeepsAPredictorThatGivesTheSameAgain() throws Exception {
        Path out = folder.resolve("run");
        Lathe.Result r = Lathe.run("profile", "-q", "--samples", "10", "--json", "--out", out, "--pool", folder);
        assertThat(r.exitCode()).as(r.err()).isZero();
        JsonNode said = Json.json().readTree(r.out());
        assertThat(said.get("measured").asInt()).isEqualTo(SAMPLES);
        assertThat(said.get("knownDevices").toString())
                .doesNotContain("\"this-machine\"")
                // Both emulated cores count the same instructions: one of them tells all.
                .contains("cortex-m4")
                .doesNotContain("cortex-m7");
        assertThat(said.get("predictedTenthMs").asDouble())
                .isPositive()
                .isLessThan(said.get("predictedMedianMs").asDouble());
        assertThat(said.get("intervalHalfShare").asDouble()).isPositive();

        Path file = out.resolve("few-shot/latency.json");
        FewShotFile predictor = FewShotFile.load(file);
        assertThat(predictor.latencyMs()).hasSize(SAMPLES);
        int[][] networks = FewShot.choices(RandomNetworks.draw(space("mbconv-tiny"), 20, 5, "test"));
        double[] predicted = predictor.predictor().predictMs(networks);
        Path copy = folder.resolve("copy.json");
        predictor.save(copy);
        assertThat(FewShotFile.load(copy).predictor().predictMs(networks)).isEqualTo(predicted);

        // What was measured is not measured again: the same numbers, so the same file.
        byte[] before = Files.readAllBytes(file);
        assertThat(Lathe.run("profile", "-q", "--samples", "10", "--out", out).exitCode())
                .isZero();
        assertThat(Files.readAllBytes(file)).isEqualTo(before);

        String text = Files.readString(file);
        for (String bad : List.of(
                "",
                text.substring(0, text.length() / 2),
                text.replaceFirst("\"latencyMs\":\\[[^,]*", "\"latencyMs\":[\"NaN\""),
                text.replaceFirst("\"latencyMs\":\\[[^,]*,", "\"latencyMs\":["),
                text.replaceFirst("\"format\":2", "\"format\":1"))) {
            Files.writeString(file, bad);
            assertThatThrownBy(() -> FewShotFile.load(file))
                    .isInstanceOf(InvalidInputException.class)
                    .hasMessageContaining("latency.json")
                    .hasMessageNotContaining("\n");
        }
    }

    @Test
    void tooFewSamplesOrDevicesAreRefusedInOneLine() {
        assertRefused(
                Lathe.run("profile", "-q", "--samples", "1", "--out", folder.resolve("a")),
                "'samples' is '1', it must be a whole number from 2 to 200");
        assertRefused(
                Lathe.run(
                        "profile",
                        "-q",
                        "--samples",
                        "10",
                        "--space",
                        "micronas",
                        "--data",
                        "digits",
                        "--out",
                        folder.resolve("b")),
                "the pool has 0 known devices");
        assertRefused(Lathe.run("pool", "add", "--device", "this-machin"), "did you mean 'this-machine'");
        assertRefused(Lathe.run("profile", "--device", folder.resolve("none.yaml"), "--out", folder), "is no file");
        assertThat(folder.resolve("a/few-shot")).doesNotExist();
    }

    private static void assertRefused(Lathe.Result r, String message) {
        assertThat(r.exitCode()).as(r.err()).isEqualTo(2);
        assertThat(r.err()).contains(message);
    }

    @Test
    void devicesAndThePoolAreListed() throws Exception {
        assertThat(Lathe.run("devices").out()).contains("raspberry-pi", "stm32f746", "estimate", "nothing fused");
        assertThat(Lathe.run("devices", "--schema").out()).startsWith("{").contains("draft/2020-12");
        Lathe.Result list = Lathe.run("pool", "--json", "--pool", folder);
        List<String> devices = new ArrayList<>();
        Json.json()
                .readTree(list.out())
                .forEach(t -> devices.add(t.get("device").asText()));
        assertThat(devices).contains("this-machine", "cortex-m7").isSorted();
    }

    @Test
    void theSameMeasurementsGiveTheSameFile() throws Exception {
        SearchSpace space = space("mbconv-tiny");
        List<PoolTable> pool = DevicePool.tables("mbconv-tiny", PoolCommand.task(space), null);
        LatencyTable known = FewShot.known(space, pool, "this-machine");
        List<byte[]> files = new ArrayList<>();
        for (int i = 0; i < 2; i++) {
            TransferAdapter adapter = FewShot.learn(known, 1, ProgressListener.SILENT);
            List<Architecture> networks = FewShot.choose(adapter, space, SAMPLES, 1);
            List<LatencyMeasurement> measured = new ArrayList<>();
            for (Architecture a : networks) {
                double ms = 0.01 + 1e-4 * Arrays.stream(a.choices()).sum();
                measured.add(new LatencyMeasurement(a.toString(), ms, ms, ms, 0, 9, 40, "d", "p", List.of()));
            }
            Path file = folder.resolve(i + ".json");
            FewShot.adapt(adapter, space, networks, measured).save(file);
            files.add(Files.readAllBytes(file));
        }
        assertThat(files.get(0)).isEqualTo(files.get(1));
    }
}

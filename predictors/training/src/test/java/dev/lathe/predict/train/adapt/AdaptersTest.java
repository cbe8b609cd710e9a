package dev.lathe.predict.train.adapt;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lathe.base.InvalidInputException;
import dev.lathe.base.ProgressListener;
import dev.lathe.base.Seeds;
import dev.lathe.predict.RankMetrics;
import dev.lathe.predict.adapt.ChoiceEncoding;
import dev.lathe.predict.adapt.DeviceAdapter;
import dev.lathe.predict.adapt.LatencyInterval;
import dev.lathe.predict.adapt.LatencyTable;
import dev.lathe.predict.adapt.TransferAdapter;
import dev.lathe.predict.adapt.TransferPredictor;
import dev.lathe.predict.help.AdapterFile;
import dev.lathe.predict.help.CellGraph;
import dev.lathe.predict.help.HelpAdapter;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.random.RandomGenerator;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Both adapters on made-up devices of a made-up space: neither knows NAS-Bench-201. */
class AdaptersTest {
    private static final int ARCHITECTURES = 220;
    private static final List<String> KNOWN = List.of("a", "b", "c", "d");
    private static final int[] REFERENCES = {0, 1, 2, 3, 4, 5};

    private static LatencyTable table;
    private static TransferAdapter transfer;
    private static HelpAdapter help;

    @TempDir
    Path folder;

    /** Devices weigh four operations on five edges differently, and one pair of edges together. */
    @BeforeAll
    static void train() {
        RandomGenerator random = Seeds.generator(3, "made-up", 0);
        int[][] choices = new int[ARCHITECTURES][5];
        for (int[] c : choices) {
            Arrays.setAll(c, i -> random.nextInt(4));
        }
        List<String> devices = List.of("a", "b", "c", "d", "new");
        double[][] latency = new double[devices.size()][ARCHITECTURES];
        for (int d = 0; d < latency.length; d++) {
            double[] cost = {0.1, 1 + random.nextDouble(), 3 + 3 * random.nextDouble(), 0.5 + random.nextDouble()};
            double together = random.nextDouble();
            double noise = 0.05;
            for (int i = 0; i < ARCHITECTURES; i++) {
                double ms = 2;
                for (int c : choices[i]) {
                    ms += cost[c];
                }
                ms += choices[i][0] == 2 && choices[i][3] == 2 ? together : 0;
                latency[d][i] = (d + 1) * (ms + noise * random.nextGaussian());
            }
        }
        table = new LatencyTable(List.of("op0", "op1", "op2", "op3", "op4"), choices, devices, latency);
        LatencyTable known = table.part(IntStream.range(0, ARCHITECTURES).toArray(), KNOWN);
        transfer = new TransferTrainer(12, ProgressListener.SILENT).train(known, 1);
        help = trainHelp(known, 250);
    }

    private static HelpAdapter trainHelp(LatencyTable known, int episodes) {
        HelpSettings settings = new HelpSettings(episodes, 3, 10, 30, 16, 2, 5e-3, true);
        return new HelpTrainer(ProgressListener.SILENT)
                .train(known, REFERENCES, List.of("d"), CellGraph.star(ChoiceEncoding.of(known)), settings, 1);
    }

    private static double[] measured(int[] rows) {
        double[] latency = table.latencyMs("new");
        return Arrays.stream(rows).mapToDouble(r -> latency[r]).toArray();
    }

    private static int[][] choices(int[] rows) {
        return Arrays.stream(rows).mapToObj(table::choices).toArray(int[][]::new);
    }

    private static int[] support(int n) {
        return transfer.chooseSupport(table.choices(), n, Seeds.generator(1, "support", 0));
    }

    @Test
    void tenMeasurementsMakeMillisecondsOfANewDevice() {
        int[] rows = support(10);
        assertThat(Arrays.stream(rows).distinct().count()).isEqualTo(10);
        double[] predicted = transfer.adapt(choices(rows), measured(rows)).predictMs(table.choices());
        assertThat(RankMetrics.of(predicted, table.latencyMs("new")))
                .satisfies(q -> assertThat(q.spearman()).isGreaterThan(0.98))
                .satisfies(q -> assertThat(q.medianAbsolutePercentageError()).isLessThan(3));
    }

    /** One sum over all architectures, or device by device: but for rounding, the same. */
    @Test
    void foldedWeightsPredictTheSame() {
        for (int n : new int[] {2, 10, 40}) {
            int[] rows = support(n);
            TransferPredictor p = transfer.adapt(choices(rows), measured(rows));
            double[] byDevice = p.predictMs(transfer.describe(table.choices()));
            double[] folded = p.predictMs(table.choices());
            for (int i = 0; i < folded.length; i++) {
                assertThat(folded[i]).isCloseTo(byDevice[i], org.assertj.core.data.Offset.offset(1e-9 * byDevice[i]));
                assertThat(p.predictMs(new int[][] {table.choices(i)})[0]).isEqualTo(folded[i]);
            }
        }
        int[] rows = support(10);
        TransferPredictor p = transfer.adapt(choices(rows), measured(rows));
        assertThatThrownBy(() -> p.predictMs(new int[][] {{0, 1, 2, 3, 9}}))
                .isInstanceOf(InvalidInputException.class)
                .hasMessageContaining("choice 9 of 'op4'");
        assertThatThrownBy(() -> p.predictMs(new int[][] {{0, 1}}))
                .isInstanceOf(InvalidInputException.class)
                .hasMessageContaining("2 choices");
    }

    /** Twice the latencies, twice the predictions: nothing depends on a device's absolute speed. */
    @Test
    void predictionsAndIntervalsAreLinearInWhatWasMeasured() {
        int[] rows = support(10);
        double[] latency = measured(rows);
        TransferPredictor once = transfer.adapt(choices(rows), latency);
        TransferPredictor twice = transfer.adapt(
                choices(rows), Arrays.stream(latency).map(v -> 2 * v).toArray());
        LatencyInterval a = once.intervals(table.choices(), 0.9)[50];
        LatencyInterval b = twice.intervals(table.choices(), 0.9)[50];
        assertThat(b.latencyMs()).isCloseTo(2 * a.latencyMs(), org.assertj.core.data.Offset.offset(1e-6));
        assertThat(b.widthMs()).isCloseTo(2 * a.widthMs(), org.assertj.core.data.Offset.offset(1e-6));
    }

    @Test
    void upperEndsGrowWithTheConfidenceAndHoldTheStatedShare() {
        int[] rows = support(10);
        double[] latency = table.latencyMs("new");
        TransferPredictor p = transfer.adapt(choices(rows), measured(rows));
        double[] before = p.predictMs(table.choices());
        for (double confidence : new double[] {0.5, 0.8, 0.9, 0.99}) {
            double[] upper = p.upperMs(table.choices(), confidence);
            int inside = 0;
            for (int i = 0; i < upper.length; i++) {
                assertThat(upper[i]).isGreaterThanOrEqualTo(before[i]);
                inside += latency[i] <= upper[i] ? 1 : 0;
            }
            assertThat(inside / (double) upper.length).isGreaterThan(confidence - 0.1);
            before = upper;
        }
        for (double bad : new double[] {0.4, 1, Double.NaN}) {
            assertThatThrownBy(() -> p.upperMs(table.choices(), bad))
                    .isInstanceOf(InvalidInputException.class)
                    .hasMessageContaining("give 0.9");
        }
    }

    @Test
    void widerIntervalsHoldMore() {
        int[] rows = support(10);
        TransferPredictor p = transfer.adapt(choices(rows), measured(rows));
        double[] latency = table.latencyMs("new");
        double before = 0;
        for (double level : new double[] {0.5, 0.8, 0.95}) {
            LatencyInterval[] intervals = p.intervals(table.choices(), level);
            double held = IntStream.range(0, latency.length)
                    .filter(i -> intervals[i].contains(latency[i]))
                    .count();
            assertThat(held).isGreaterThanOrEqualTo(before);
            before = held;
        }
        assertThat(before / latency.length).isGreaterThan(0.8);
        assertThatThrownBy(() -> p.intervals(table.choices(), 1)).isInstanceOf(InvalidInputException.class);
    }

    @Test
    void helpAdaptsToANewDevice() {
        int[] chosen = help.chooseSupport(table.choices(), 10, Seeds.generator(1, "support", 0));
        int[] rows = IntStream.concat(Arrays.stream(REFERENCES), Arrays.stream(chosen))
                .toArray();
        double[] predicted = help.adapt(choices(rows), measured(rows)).predictMs(table.choices());
        assertThat(RankMetrics.spearman(predicted, table.latencyMs("new"))).isGreaterThan(0.8);
        int[] wrong = rows.clone();
        wrong[0] = chosen[0];
        assertThatThrownBy(() -> help.adapt(choices(wrong), measured(wrong)))
                .isInstanceOf(InvalidInputException.class)
                .hasMessageContaining("measure the references first");
    }

    @Test
    void equalSeedsTrainEqualAdapters() {
        LatencyTable known = table.part(IntStream.range(0, ARCHITECTURES).toArray(), KNOWN);
        assertThat(trainHelp(known, 5).model().theta())
                .isEqualTo(trainHelp(known, 5).model().theta());
        assertThat(new TransferTrainer(12, ProgressListener.SILENT)
                        .train(known, 1)
                        .model()
                        .weights())
                .isEqualTo(transfer.model().weights());
    }

    @Test
    void whatIsStoredPredictsTheSameBits() throws IOException {
        AdapterFile.save(folder.resolve("transfer.json"), transfer);
        AdapterFile.save(folder.resolve("help.json"), help);
        int[] rows = IntStream.range(0, 16).toArray();
        for (DeviceAdapter adapter : List.of(transfer, help)) {
            DeviceAdapter loaded = AdapterFile.load(folder.resolve(adapter.name() + ".json"));
            assertThat(loaded.adapt(choices(rows), measured(rows)).predictMs(table.choices()))
                    .isEqualTo(adapter.adapt(choices(rows), measured(rows)).predictMs(table.choices()));
        }
        assertThat(transfer.model().provenance().dataSha256())
                .isEqualTo(table.part(IntStream.range(0, ARCHITECTURES).toArray(), KNOWN)
                        .sha256());
    }

    @Test
    void damagedFilesAreRefusedInOneLine() throws IOException {
        Path file = folder.resolve("transfer.json");
        AdapterFile.save(file, transfer);
        String whole = Files.readString(file);
        for (String damaged : List.of(
                "",
                "null",
                "[]",
                "{}",
                whole.substring(0, whole.length() / 2),
                whole.replace("\"format\":1", "\"format\":9"),
                whole.replaceFirst("\"alpha\":\\[[^,]+", "\"alpha\":[\"NaN\""),
                whole.replaceFirst("\"anchors\":\\[\\[\\d", "\"anchors\":[[99"),
                whole.replaceFirst("\"noise\":[^}]+", "\"noise\":-1"),
                whole.replaceFirst("\"surrogates\":", "\"@class\":\"java.lang.Runtime\",\"surrogates\":"))) {
            Files.write(file, damaged.getBytes(StandardCharsets.UTF_8));
            assertThatThrownBy(() -> AdapterFile.load(file))
                    .as(damaged.substring(0, Math.min(40, damaged.length())))
                    .isInstanceOf(InvalidInputException.class)
                    .hasMessageContaining("train it again")
                    .hasMessageNotContaining("\n");
        }
    }

    @Test
    void measurementsThatAreNoneAreRefused() {
        int[] rows = support(10);
        double[] latency = measured(rows);
        latency[3] = Double.NaN;
        for (DeviceAdapter adapter : List.of(transfer, help)) {
            assertThatThrownBy(() -> adapter.adapt(choices(rows), latency))
                    .isInstanceOf(InvalidInputException.class)
                    .hasMessageContaining("measurement 3 is NaN ms");
            assertThatThrownBy(() -> adapter.adapt(new int[1][5], new double[] {1}))
                    .isInstanceOf(InvalidInputException.class);
        }
        assertThatThrownBy(() -> transfer.describe(new int[][] {{0, 1, 2, 3, 9}}))
                .isInstanceOf(InvalidInputException.class)
                .hasMessageContaining("choice 9 of 'op4'");
    }

    @Test
    void equalMeasurementsPredictThemselves() {
        int[] rows = IntStream.range(0, 16).toArray();
        double[] same = new double[16];
        Arrays.fill(same, 5);
        assertThat(transfer.adapt(choices(rows), same).predictMs(table.choices()))
                .containsOnly(5);
        assertThat(help.adapt(choices(rows), same).predictMs(table.choices())).containsOnly(5);
    }

    @Test
    void tooLittleToLearnFromIsRefused() {
        LatencyTable two = table.part(IntStream.range(0, ARCHITECTURES).toArray(), List.of("a", "b"));
        assertThatThrownBy(() -> new TransferTrainer(1, ProgressListener.SILENT).train(two, 1))
                .isInstanceOf(InvalidInputException.class)
                .hasMessageContaining("at least 3 devices");
    }
}

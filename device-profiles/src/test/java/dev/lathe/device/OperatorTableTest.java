package dev.lathe.device;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lathe.base.InvalidInputException;
import dev.lathe.base.ProgressListener;
import dev.lathe.graph.WeightProvider;
import dev.lathe.graph.operator.FusedOperator;
import dev.lathe.space.SearchSpace;
import dev.lathe.space.SearchSpaces;
import dev.lathe.space.TaskShape;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class OperatorTableTest {
    private static final WeightProvider WEIGHTS = use -> {
        float[] v = new float[(int) use.slice().elements()];
        Arrays.fill(v, 0.1f);
        return v;
    };
    private static final MeasurementProtocol QUICK = new MeasurementProtocol(1, 1, 1, 0, 0.5, 0);

    @TempDir
    Path folder;

    private static Map<String, FusedOperator> operators(String space) {
        SearchSpace s = SearchSpaces.create(space, new TaskShape(1, 8, 8, 10));
        return OperatorTable.distinct(List.of(s.lower(s.smallest()), s.lower(s.largest())));
    }

    private static LatencyMeter meter(String device) {
        return TestMeters.of(Devices.get(device).withProtocol(QUICK), 1);
    }

    @ParameterizedTest
    @ValueSource(strings = {"mbconv-tiny", "vit-tiny"})
    void theRuntimeTakesEveryOperatorAlone(String space) throws Exception {
        Map<String, FusedOperator> operators = operators(space);
        Map<String, Double> ms = OperatorTable.measureMissing(
                folder.resolve("operators.csv"), meter("this-machine"), operators, WEIGHTS, ProgressListener.SILENT);
        assertThat(ms).containsKeys(operators.keySet().toArray(String[]::new)).containsKey(OperatorTable.CALL);
        assertThat(ms.values()).allMatch(v -> v > 0);
    }

    @Test
    void aTableGoesOnWhereItStoppedAndMeasuresNothingTwice() throws Exception {
        Path file = folder.resolve("operators.csv");
        Map<String, FusedOperator> all = operators("mbconv-tiny");
        Map<String, FusedOperator> some = new LinkedHashMap<>();
        all.entrySet().stream().limit(3).forEach(e -> some.put(e.getKey(), e.getValue()));
        Map<String, Double> first =
                OperatorTable.measureMissing(file, meter("this-machine"), some, WEIGHTS, ProgressListener.SILENT);
        // The power went out in the middle of a line.
        Files.writeString(file, Files.readString(file) + "Conv2d.4", java.nio.charset.StandardCharsets.UTF_8);
        Map<String, Double> second =
                OperatorTable.measureMissing(file, meter("this-machine"), all, WEIGHTS, ProgressListener.SILENT);
        assertThat(second).containsAllEntriesOf(first).hasSize(all.size() + 1);
        List<String> lines = Files.readAllLines(file);
        OperatorTable.measureMissing(file, meter("this-machine"), all, WEIGHTS, ProgressListener.SILENT);
        assertThat(Files.readAllLines(file)).isEqualTo(lines);
    }

    @Test
    void mergingTakesWhatIsMissingAndKeepsItsOwn() throws Exception {
        DeviceProfile device = Devices.get("this-machine").withProtocol(QUICK);
        Path ours = write("ours.csv", device, "a", 1, "b", 2);
        Path theirs = write("theirs.csv", device, "b", 5, "c", 3);
        assertThat(OperatorTable.merge(ours, theirs, device)).isEqualTo(1);
        assertThat(OperatorTable.read(ours, device))
                .containsExactly(Map.entry("a", 1.0), Map.entry("b", 2.0), Map.entry("c", 3.0));
        assertThat(OperatorTable.merge(ours, theirs, device)).isZero();
    }

    @Test
    void tablesOfAnotherDeviceOrProtocolAreNotMerged() throws Exception {
        DeviceProfile device = Devices.get("this-machine").withProtocol(QUICK);
        Path ours = write("ours.csv", device, "a", 1, "b", 2);
        byte[] before = Files.readAllBytes(ours);
        Path other = write("other.csv", Devices.get("this-machine-t2").withProtocol(QUICK), "c", 5, "d", 3);
        Path protocol = write("protocol.csv", Devices.get("this-machine"), "c", 5, "d", 3);
        for (Path p : List.of(other, protocol)) {
            assertThatThrownBy(() -> OperatorTable.merge(ours, p, device))
                    .isInstanceOf(InvalidInputException.class)
                    .hasMessageContaining("give a table of this device");
        }
        assertThat(Files.readAllBytes(ours)).isEqualTo(before);
    }

    @Test
    void aDeviceThatRunsCodeIsRefused() {
        LatencyMeter meter = TestMeters.of(Devices.get("cortex-m7"), 1);
        assertThatThrownBy(() -> OperatorTable.measureMissing(
                        folder.resolve("x.csv"), meter, operators("mbconv-tiny"), WEIGHTS, ProgressListener.SILENT))
                .isInstanceOf(InvalidInputException.class)
                .hasMessageContaining("cortex-m7");
        assertThat(folder.resolve("x.csv")).doesNotExist();
    }

    private Path write(String name, DeviceProfile device, String id1, double ms1, String id2, double ms2)
            throws IOException {
        Path file = folder.resolve(name);
        try (MeasurementTable t = MeasurementTable.open(file, device)) {
            t.append(List.of(row(device, id1, ms1), row(device, id2, ms2)));
        }
        return file;
    }

    private static LatencyMeasurement row(DeviceProfile d, String id, double ms) {
        return new LatencyMeasurement(
                id, ms, ms, ms, 0, 1, 1, d.id(), d.protocol().id(), List.of());
    }
}

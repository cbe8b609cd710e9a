package dev.lathe.device.pool;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lathe.base.InvalidInputException;
import dev.lathe.device.LatencyMeasurement;
import dev.lathe.space.Architecture;
import dev.lathe.space.SearchSpace;
import dev.lathe.space.SearchSpaces;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class DevicePoolTest {
    private static final String TASK = "1x8x8, 10 classes";

    @TempDir
    Path folder;

    private static PoolTable table(String device, double ms) {
        SearchSpace space = SearchSpaces.create("mbconv-tiny", SearchSpaces.usualTask("mbconv-tiny"));
        List<LatencyMeasurement> rows =
                List.of(measurement(space.smallest(), ms), measurement(space.largest(), 3 * ms));
        return PoolTable.of(
                new TreeMap<>(Map.of("space", "mbconv-tiny", "task", TASK, "device", device, "load", "2.5")), rows);
    }

    private static LatencyMeasurement measurement(Architecture a, double ms) {
        return new LatencyMeasurement(a.toString(), ms, ms / 2, 2 * ms, ms / 4, 9, 40, "d", "p", List.of());
    }

    @ParameterizedTest
    @ValueSource(strings = {"mbconv-tiny", "vit-tiny"})
    void theBuiltInTablesHoldTheSameNetworksUnderFacts(String name) throws Exception {
        List<PoolTable> tables = DevicePool.tables(name, TASK, null);
        assertThat(tables).hasSizeGreaterThanOrEqualTo(10);
        assertThat(tables).allSatisfy(t -> {
            assertThat(t.rows()).hasSizeGreaterThanOrEqualTo(500);
            assertThat(t.rows().keySet()).isEqualTo(tables.get(0).rows().keySet());
            assertThat(t.facts()).containsKeys("load", "protocol", "measured", "precision", "description");
            assertThat(t.rows().values()).allMatch(r -> r.minMs() <= r.medianMs() && r.medianMs() <= r.p90Ms() * 1.001);
        });
        assertThat(DevicePool.tables(name, "3x32x32, 10 classes", null)).isEmpty();
        assertThat(DevicePool.tables("micronas", TASK, null)).isEmpty();
    }

    @Test
    void aTableIsReadAsItWasWrittenAndWinsOverABuiltInOne() throws Exception {
        PoolTable written = table("this-machine", 0.125);
        Path file = DevicePool.file(folder, "mbconv-tiny", "this-machine");
        written.write(file);
        assertThat(DevicePool.read(file)).isEqualTo(written);
        table("my-board", 2).write(DevicePool.file(folder, "mbconv-tiny", "my-board"));
        Files.writeString(file.resolveSibling("other.partial.csv"), "not finished");
        List<PoolTable> all = DevicePool.tables("mbconv-tiny", TASK, folder);
        assertThat(all)
                .extracting(PoolTable::device)
                .contains("my-board", "this-machine")
                .isSorted();
        assertThat(all).contains(written);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "# lathe device table 1 | # something | first line",
                "# space: mbconv-tiny | # space=mbconv-tiny | no fact",
                "# task: 1x8x8, 10 classes | # tusk: x | before the facts [task]",
                "architecture,medianMs | architecture,medianS | is not the header",
                "0.125000,0.0625000 | 0.125000 | fields",
                "0.125000,0.0625000 | NaN,0.0625000 | NaN is no latency",
                "0.125000,0.0625000 | -1,0.0625000 | -1 is no latency",
                "mbconv-tiny:0 | vit-tiny:0 | is of space vit-tiny",
                "mbconv-tiny:0 | mbconv-tiny;0 | no measurement",
            })
    void aDamagedTableIsRefusedByFileAndLine(String what, String by, String message) throws Exception {
        Path file = DevicePool.file(folder, "mbconv-tiny", "x");
        table("x", 0.125).write(file);
        String text = Files.readString(file);
        assertThat(text).contains(what);
        Files.writeString(file, text.replaceFirst(java.util.regex.Pattern.quote(what), by));
        assertThatThrownBy(() -> DevicePool.tables("mbconv-tiny", TASK, folder))
                .isInstanceOf(InvalidInputException.class)
                .hasMessageContainingAll("x.csv", message)
                .hasMessageNotContaining("\n");
    }

    @Test
    void truncatedAndRepeatedRowsAreRefused() throws Exception {
        Path file = DevicePool.file(folder, "mbconv-tiny", "x");
        table("x", 0.125).write(file);
        String text = Files.readString(file);
        for (String bad : List.of(
                "",
                text.substring(0, 40),
                text.substring(0, text.length() - 9),
                text + text.lines().reduce((a, b) -> b).orElseThrow())) {
            Files.writeString(file, bad);
            assertThatThrownBy(() -> DevicePool.read(file)).isInstanceOf(InvalidInputException.class);
        }
    }
}

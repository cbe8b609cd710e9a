package dev.lathe.device;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lathe.base.InvalidInputException;
import dev.lathe.base.ProgressListener;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class MeasurementTableTest {
    private static final MeasurementProtocol PROTOCOL = new MeasurementProtocol(1, 2, 3, 0, 0.5, 0);
    private static final DeviceProfile DEVICE = FakeDevice.profile(PROTOCOL);
    private static final String GOOD = "net-0,0.2,0.1,0.3,0.01,3,2,fake," + PROTOCOL.id();

    @TempDir
    Path folder;

    /** Counts what it measures; the latency is a law of the id. */
    private static final class CountingMeter implements LatencyMeter {
        final List<String> measured = new ArrayList<>();
        int blocksUntilCrash = Integer.MAX_VALUE;

        @Override
        public DeviceProfile device() {
            return DEVICE;
        }

        @Override
        public List<LatencyMeasurement> measure(
                List<MeasurementTask> tasks, ProgressListener progress, MeasurementSink sink) throws IOException {
            List<LatencyMeasurement> all = new ArrayList<>();
            for (int from = 0; from < tasks.size(); from += 4) {
                if (blocksUntilCrash-- == 0) {
                    throw new IOException("crash");
                }
                List<LatencyMeasurement> block = new ArrayList<>();
                for (MeasurementTask t : tasks.subList(from, Math.min(tasks.size(), from + 4))) {
                    measured.add(t.id());
                    block.add(measurement(t.id()));
                }
                sink.accept(block);
                all.addAll(block);
            }
            return all;
        }
    }

    private static LatencyMeasurement measurement(String id) {
        double ms = 0.1 + 1.0 / 3 * Math.abs(id.hashCode() % 1000);
        return new LatencyMeasurement(id, ms, ms * 0.9, ms * 1.7, ms / 7, 3, 2, "fake", PROTOCOL.id(), List.of());
    }

    @Test
    void givenACrashAndATornLine_whenMeasuredAgain_thenWhatWasWrittenIsNotMeasuredTwice() throws IOException {
        Path file = folder.resolve("measurements.csv");
        List<MeasurementTask> tasks = FakeDevice.tasks(10);
        CountingMeter crashing = new CountingMeter();
        crashing.blocksUntilCrash = 2;
        try (MeasurementTable table = MeasurementTable.open(file, DEVICE)) {
            assertThatThrownBy(() -> table.measureMissing(crashing, tasks, ProgressListener.SILENT))
                    .hasMessage("crash");
        }
        // The last row is torn in its middle: it was not written.
        String text = Files.readString(file);
        Files.writeString(file, text.substring(0, text.length() - 9));

        CountingMeter meter = new CountingMeter();
        try (MeasurementTable table = MeasurementTable.open(file, DEVICE)) {
            assertThat(table.rows()).hasSize(7);
            List<LatencyMeasurement> all = table.measureMissing(meter, tasks, ProgressListener.SILENT);
            assertThat(meter.measured).containsExactly("net-7", "net-8", "net-9");
            assertThat(all)
                    .isEqualTo(tasks.stream().map(t -> measurement(t.id())).toList());
        }
        CountingMeter idle = new CountingMeter();
        try (MeasurementTable table = MeasurementTable.open(file, DEVICE)) {
            table.measureMissing(idle, tasks, ProgressListener.SILENT);
            assertThat(table.get("net-3")).isEqualTo(measurement("net-3"));
            assertThat(table.get("net-99")).isNull();
        }
        assertThat(idle.measured).isEmpty();
        assertThat(MeasurementTable.read(file))
                .isEqualTo(tasks.stream().map(t -> measurement(t.id())).toList());
        assertThat(Files.readAllLines(file))
                .hasSize(11)
                .startsWith("architecture,medianMs,minMs,p90Ms,spreadMs,rounds,repetitions,device,protocol");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "net-1,NaN,0.1,0.3,0.01,3,2,fake,P | medianMs is NaN",
                "net-1,-0.2,0.1,0.3,0.01,3,2,fake,P | medianMs is -0.2",
                "net-1,0.2,0,0.3,0.01,3,2,fake,P | minMs is 0.0",
                "net-1,0.2,0.1,Infinity,0.01,3,2,fake,P | p90Ms is Infinity",
                "net-1,0.2,0.1,0.3,-1,3,2,fake,P | spreadMs is -1.0",
                "net-1,0.2,0.25,0.3,0.01,3,2,fake,P | minMs is 0.25, above medianMs 0.2",
                "net-1,0.2,0.1,0.3,0.01,0,2,fake,P | rounds is 0",
                "net-1,0.2,abc,0.3,0.01,3,2,fake,P | abc",
                "net-1,0.2,0.1,0.3,0.01,3,2,fake | 8 fields",
                "net-0,0.2,0.1,0.3,0.01,3,2,fake,P | repeats architecture net-0",
                ",0.2,0.1,0.3,0.01,3,2,fake,P | id, device and protocol",
                "net-1,0.2,0.1,0.3,0.01,3,2,phone,P | on device 'phone'",
                "net-1,0.2,0.1,0.3,0.01,3,2,fake,quick | by protocol 'quick'",
            })
    void givenABadRow_whenOpened_thenOneLineNamesTheFileTheLineAndTheValue(String row, String expected)
            throws IOException {
        Path file = folder.resolve("measurements.csv");
        Files.writeString(
                file, MeasurementTable.HEADER + "\n" + GOOD + "\n" + row.replace(",P", "," + PROTOCOL.id()) + "\n");
        assertThatThrownBy(() -> MeasurementTable.open(file, DEVICE))
                .isInstanceOf(InvalidInputException.class)
                .hasMessageContainingAll("measurements.csv line 3", expected)
                .hasMessageNotContaining("\n");
    }

    @Test
    void givenAnotherFile_whenOpenedOrRead_thenItIsRefused() throws IOException {
        Path file = folder.resolve("measurements.csv");
        Files.writeString(file, "a,b\n1,2\n");
        assertThatThrownBy(() -> MeasurementTable.open(file, DEVICE)).isInstanceOf(InvalidInputException.class);
        assertThatThrownBy(() -> MeasurementTable.read(file))
                .isInstanceOf(InvalidInputException.class)
                .hasMessageContaining("a,b");
        assertThat(Files.readString(file)).isEqualTo("a,b\n1,2\n");
    }

    @Test
    void givenARowOfAnotherDeviceOrARepeatedOne_whenAppended_thenNothingIsWritten() throws IOException {
        Path file = folder.resolve("measurements.csv");
        try (MeasurementTable table = MeasurementTable.open(file, DEVICE)) {
            table.append(List.of(measurement("net-0")));
            assertThatThrownBy(() -> table.append(List.of(measurement("net-1"), measurement("net-0"))))
                    .isInstanceOf(IllegalArgumentException.class);
            LatencyMeasurement other =
                    new LatencyMeasurement("net-2", 1, 1, 1, 0, 3, 2, "phone", PROTOCOL.id(), List.of());
            assertThatThrownBy(() -> table.append(List.of(other))).hasMessageContaining("phone");
        }
        assertThat(MeasurementTable.read(file)).containsExactly(measurement("net-0"));
    }
}

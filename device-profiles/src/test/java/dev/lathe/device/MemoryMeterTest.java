package dev.lathe.device;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.lathe.base.InvalidInputException;
import dev.lathe.base.ProgressListener;
import dev.lathe.graph.Graph;
import dev.lathe.graph.GraphBuilder;
import dev.lathe.graph.OnnxWriter;
import dev.lathe.graph.Operator;
import dev.lathe.graph.Shape;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class MemoryMeterTest {
    private static final DeviceProfile HERE = Devices.get("this-machine");

    @TempDir
    Path folder;

    /** A network that only hands on a tensor of so many elements. */
    private static MeasurementTask task(String id, int elements) {
        GraphBuilder b = new GraphBuilder("wide");
        Graph g = b.build(b.add("same", new Operator.Reshape(Shape.of(elements)), b.input("input", elements)));
        return new MeasurementTask(id, () -> OnnxWriter.write(g, use -> new float[0], Map.of()), Shape.of(elements));
    }

    private static List<MemoryMeasurement> measured(MeasurementTask... tasks) throws IOException {
        assumeTrue(ResidentProbe.canRead(), "this system does not tell what memory a process holds");
        return new SessionMemoryMeter(HERE).measure(List.of(tasks), ProgressListener.SILENT, m -> {});
    }

    @Test
    void megabytesThatANetworkTakesAreSeen() throws Exception {
        List<MemoryMeasurement> seen = measured(task("small", 16), task("large", 4 << 20));
        double more = seen.get(1).medianBytes() - seen.get(0).medianBytes();
        // The input and the output of 16 MiB each are this network's, and nothing else is large.
        assertThat(more / (1 << 20)).isBetween(31.0, 52.0);
        for (MemoryMeasurement m : seen) {
            assertThat(m.bytes()).hasSizeGreaterThan(1);
            double most = m.bytes().stream().mapToDouble(b -> b).max().orElseThrow();
            double least = m.bytes().stream().mapToDouble(b -> b).min().orElseThrow();
            assertThat(most - least).isLessThan(0.1 * most + (64 << 10));
        }
    }

    @Test
    void aModelThatTheRuntimeRefusesIsNamed() {
        MeasurementTask bad = new MeasurementTask("the damaged one", () -> new byte[] {1, 2, 3}, Shape.of(4));
        assertThatThrownBy(() -> measured(bad))
                .isInstanceOf(InvalidInputException.class)
                .hasMessageContaining("the damaged one")
                .hasMessageContaining("refuses");
    }

    @Test
    void whatTheSystemSaysIsReadInBytes() throws Exception {
        assertThat(ResidentProbe.anonymousBytes("Rss:   900 kB\nAnonymous:         123 kB\nSwap: 0 kB\n"))
                .isEqualTo(123 * 1024);
        assertThatThrownBy(() -> ResidentProbe.anonymousBytes("Anonymous: many kB"))
                .isInstanceOf(IOException.class);
        assertThatThrownBy(() -> ResidentProbe.anonymousBytes("")).isInstanceOf(IOException.class);
    }

    @ParameterizedTest
    @ValueSource(strings = {"raspberry-pi", "this-machine-torch"})
    void memoryThatIsNotSeenIsRefusedInOneLine(String device) {
        assertThatThrownBy(() -> Devices.memoryMeter(Devices.get(device)))
                .isInstanceOf(InvalidInputException.class)
                .hasMessageContaining(device);
    }

    /** Says what it is told to, and fails at one network. */
    private static MemoryMeter meter(String failing, List<String> asked) {
        return new MemoryMeter() {
            @Override
            public DeviceProfile device() {
                return HERE;
            }

            @Override
            public String protocol() {
                return "told";
            }

            @Override
            public List<MemoryMeasurement> measure(List<MeasurementTask> tasks, ProgressListener p, Sink sink)
                    throws IOException {
                List<MemoryMeasurement> all = new ArrayList<>();
                for (MeasurementTask t : tasks) {
                    if (t.id().equals(failing)) {
                        throw new DeviceException("gone");
                    }
                    asked.add(t.id());
                    MemoryMeasurement m =
                            new MemoryMeasurement(t.id(), List.of(3000L, 1000L, 2000L), HERE.id(), "told");
                    sink.accept(m);
                    all.add(m);
                }
                return all;
            }
        };
    }

    @Test
    void aTableKeepsWhatWasSeenBeforeADeviceWasLostAndGoesOn() throws Exception {
        Path file = folder.resolve("memory.csv");
        List<MeasurementTask> tasks = List.of(task("a", 4), task("b", 4), task("c", 4));
        List<String> asked = new ArrayList<>();
        try (MemoryTable t = MemoryTable.open(file, HERE, "told")) {
            assertThatThrownBy(() -> t.measureMissing(meter("c", asked), tasks, ProgressListener.SILENT))
                    .isInstanceOf(DeviceException.class);
        }
        try (MemoryTable t = MemoryTable.open(file, HERE, "told")) {
            List<MemoryMeasurement> all = t.measureMissing(meter("", asked), tasks, ProgressListener.SILENT);
            assertThat(all).extracting(MemoryMeasurement::id).containsExactly("a", "b", "c");
            assertThat(all.get(0).bytes()).containsExactly(3000L, 1000L, 2000L);
            assertThat(all.get(0).medianBytes()).isEqualTo(2000);
        }
        assertThat(asked).containsExactly("a", "b", "c");
        assertThatThrownBy(() -> MemoryTable.open(file, HERE, "other").close())
                .isInstanceOf(InvalidInputException.class)
                .hasMessageContaining("told");
        assertThatThrownBy(() -> MemoryTable.open(file, Devices.get("this-machine-t2"), "told")
                        .close())
                .isInstanceOf(InvalidInputException.class);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "a,1 2",
                "a,,this-machine,told",
                "a,0,this-machine,told",
                "a,NaN,this-machine,told",
                "a,1  2,this-machine,told"
            })
    void damagedRowsAreNamedByTheirLine(String row) throws Exception {
        Path file = folder.resolve("memory.csv");
        Files.writeString(file, MemoryTable.HEADER + "\n" + row + "\n");
        assertThatThrownBy(() -> MemoryTable.open(file, HERE, "told").close())
                .isInstanceOf(InvalidInputException.class)
                .hasMessageContaining("line 2");
    }
}

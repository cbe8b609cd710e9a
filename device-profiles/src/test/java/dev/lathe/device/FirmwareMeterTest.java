package dev.lathe.device;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.lathe.base.ProgressListener;
import dev.lathe.base.Seeds;
import dev.lathe.device.mcu.Firmware;
import dev.lathe.graph.Graph;
import dev.lathe.graph.WeightProvider;
import dev.lathe.graph.c.CModel;
import dev.lathe.graph.c.CWriter;
import dev.lathe.graph.quant.Calibration;
import dev.lathe.graph.quant.Quantizer;
import dev.lathe.graph.quant.RandomTrial;
import dev.lathe.space.Architecture;
import dev.lathe.space.SearchSpace;
import dev.lathe.space.SearchSpaces;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class FirmwareMeterTest {
    private static final SearchSpace SPACE = SearchSpaces.create("mbconv-tiny", SearchSpaces.usualTask("mbconv-tiny"));

    private static MeasurementTask task(Architecture a, String name) {
        return new MeasurementTask(
                name,
                () -> new byte[0],
                SPACE.lower(a).inputs().get(0).shape(),
                () -> code(SPACE.lower(a), name),
                null);
    }

    private static CModel code(Graph graph, String name) {
        WeightProvider weights = RandomTrial.weights(1, 0.2);
        Calibration ranges =
                Calibration.of(graph, weights, RandomTrial.inputs(graph, 2, Seeds.generator(1, "samples", 0)), 100);
        return CWriter.write(Quantizer.quantize(graph, weights, ranges), name, Map.of());
    }

    @Test
    void instructionsRepeatExactlyAndMillisecondsFollowTheClock() throws IOException {
        assumeTrue(Firmware.hasEmulator(), () -> Firmware.missing().orElse(""));
        List<MeasurementTask> tasks = List.of(task(SPACE.smallest(), "small"), task(SPACE.largest(), "large"));
        DeviceProfile m7 = Devices.get("cortex-m7");
        List<LatencyMeasurement> first = TestMeters.of(m7, 1).measure(tasks, ProgressListener.SILENT, block -> {});
        assertThat(TestMeters.of(m7, 2).measure(tasks, ProgressListener.SILENT, block -> {}))
                .isEqualTo(first);
        assertThat(first.get(1).medianMs()).isGreaterThan(3 * first.get(0).medianMs());
        assertThat(first).allSatisfy(m -> {
            assertThat(m.protocol()).isEqualTo("instructions");
            assertThat(m.spreadMs()).isZero();
            // 100 MHz: 100,000 instructions a millisecond, a whole number of them.
            assertThat(m.medianMs() * 1e5)
                    .isCloseTo(Math.rint(m.medianMs() * 1e5), org.assertj.core.data.Offset.offset(1e-3));
        });
        double faster = TestMeters.of(Devices.get("stm32f746"), 1)
                .measure(tasks.subList(0, 1), ProgressListener.SILENT, block -> {})
                .get(0)
                .medianMs();
        // The counter resolves a few instructions of hundreds of thousands.
        assertThat(faster * 216)
                .isCloseTo(first.get(0).medianMs() * 100, org.assertj.core.data.Percentage.withPercentage(0.01));
    }

    @Test
    void aNetworkWithoutCodeIsNamed() {
        assumeTrue(Firmware.hasEmulator(), () -> Firmware.missing().orElse(""));
        assertThatThrownBy(() -> TestMeters.of(Devices.get("cortex-m7"), 1)
                        .measure(FakeDevice.tasks(1), ProgressListener.SILENT, MeasurementSink.NONE))
                .hasMessageContaining("net-0");
    }
}

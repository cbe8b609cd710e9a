package dev.lathe.device;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lathe.base.InvalidInputException;
import dev.lathe.base.ProgressListener;
import dev.lathe.base.Seeds;
import dev.lathe.graph.Shape;
import dev.lathe.space.SearchSpace;
import dev.lathe.space.SearchSpaces;
import dev.lathe.space.TaskShape;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.random.RandomGenerator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class OnnxModelTest {
    private static final TaskShape DIGITS = new TaskShape(1, 8, 8, 10);

    @ParameterizedTest
    @ValueSource(strings = {"mbconv-tiny", "vit-tiny"})
    void givenRandomNetworks_whenRunInABatch_thenEachRowIsWhatTheImageAloneGives(String name) {
        SearchSpace space = SearchSpaces.create(name, DIGITS);
        for (int seed = 0; seed < 5; seed++) {
            RandomGenerator random = Seeds.generator(seed, "test", 0);
            byte[] file = TestModels.export(space, space.random(random), seed);
            try (OnnxModel model = OnnxModel.load(file, "test")) {
                assertThat(model.inputShape()).isEqualTo(Shape.of(1, 8, 8));
                float[] images = new float[3 * 64];
                for (int i = 0; i < images.length; i++) {
                    images[i] = random.nextFloat();
                }
                float[] three = model.logits(images, 3);
                assertThat(three).hasSize(3 * 10);
                float[] second = model.logits(Arrays.copyOfRange(images, 64, 128), 1);
                assertThat(second).hasSize(10);
                for (int c = 0; c < 10; c++) {
                    assertThat(three[10 + c]).isCloseTo(second[c], org.assertj.core.data.Offset.offset(1e-4f));
                }
                assertThat(second).isNotEqualTo(Arrays.copyOf(three, 10));
                assertThatThrownBy(() -> model.logits(images, 2))
                        .isInstanceOf(IllegalArgumentException.class)
                        .hasMessageContainingAll("[1, 8, 8]", "192");
            }
        }
    }

    @Test
    void givenBytesThatAreNoModel_whenLoaded_thenOneLineSaysSo() {
        SearchSpace space = SearchSpaces.create("mbconv-tiny", DIGITS);
        byte[] whole = TestModels.export(space, space.smallest(), 1);
        byte[] noise = new byte[500];
        Seeds.generator(1, "noise", 0).nextBytes(noise);
        for (byte[] bad : List.of(
                noise,
                new byte[0],
                Arrays.copyOf(whole, whole.length / 2),
                "text".getBytes(java.nio.charset.StandardCharsets.UTF_8))) {
            assertThatThrownBy(() -> OnnxModel.load(bad, "broken.onnx"))
                    .isInstanceOf(InvalidInputException.class)
                    .hasMessageContaining("broken.onnx")
                    .hasMessageNotContaining("\n");
        }
    }

    @Test
    void givenExportedNetworks_whenMeasured_thenTheLargestTakesLongerThanTheSmallest() throws IOException {
        SearchSpace space = SearchSpaces.create("mbconv-tiny", DIGITS);
        List<MeasurementTask> tasks = new ArrayList<>();
        for (var a : List.of(space.smallest(), space.largest())) {
            tasks.add(new MeasurementTask(a.toString(), () -> TestModels.export(space, a, 1), Shape.of(1, 8, 8)));
        }
        DeviceProfile device = Devices.get("this-machine");
        List<LatencyMeasurement> m =
                TestMeters.of(device, 1).measure(tasks, ProgressListener.SILENT, MeasurementSink.NONE);
        assertThat(m)
                .extracting(LatencyMeasurement::id)
                .containsExactlyElementsOf(
                        tasks.stream().map(MeasurementTask::id).toList());
        // Their sizes differ by far more than any noise.
        assertThat(m.get(1).medianMs()).isGreaterThan(m.get(0).medianMs());
        assertThat(m.get(0).roundMediansMs())
                .hasSizeGreaterThanOrEqualTo(device.protocol().rounds());
        assertThat(m.get(0).protocol()).isEqualTo(device.protocol().id());
    }
}

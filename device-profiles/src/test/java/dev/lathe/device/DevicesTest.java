package dev.lathe.device;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lathe.base.InvalidInputException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DevicesTest {
    @Test
    void givenThisMachine_whenAskedFor_thenItsFactsAreThere() {
        DeviceProfile d = Devices.get("this-machine");
        assertThat(d.id()).isEqualTo("this-machine");
        assertThat(d.runtime()).startsWith("ONNX Runtime 1.");
        assertThat(d.threads()).isEqualTo(1);
        assertThat(d.precision()).isEqualTo(Precision.FP32);
        assertThat(d.precision().bytesPerElement()).isEqualTo(4);
        assertThat(d.hostFacts()).containsOnlyKeys("cpu", "logicalCores", "os", "jvm", "runtime");
        assertThat(d.hostFacts().values()).noneMatch(String::isBlank);
        assertThat(TestMeters.of(d, 1).device()).isEqualTo(d);
        assertThat(Devices.names()).contains("this-machine");
    }

    @Test
    void givenAnUnknownName_whenAskedFor_thenTheNearestIsSuggested() {
        assertThatThrownBy(() -> Devices.get("this-machin"))
                .isInstanceOf(InvalidInputException.class)
                .hasMessageContainingAll("unknown device 'this-machin'", "did you mean 'this-machine'");
    }

    @Test
    void givenProcessorTables_whenRead_thenTheModelIsFoundOrSaidToBeUntold(@TempDir Path folder) throws IOException {
        Path table = folder.resolve("cpuinfo");
        Files.writeString(table, "processor\t: 0\nmodel name\t: Some CPU: 9000\nmodel name\t: Other\n");
        assertThat(Devices.cpuModel(table)).isEqualTo("Some CPU: 9000");
        Files.writeString(table, "processor\t: 0\n");
        assertThat(Devices.cpuModel(table)).contains("not told");
        assertThat(Devices.cpuModel(folder.resolve("none"))).contains("not told");
    }

    @Test
    void givenABadProfile_whenMade_thenTheValueIsNamed() {
        assertThatThrownBy(() -> FakeDevice.profile("a,b", 1, MeasurementProtocol.STANDARD))
                .hasMessageContaining("a,b");
        assertThatThrownBy(() -> FakeDevice.profile("a", 0, MeasurementProtocol.STANDARD))
                .hasMessageContaining("at least 1 thread");
    }
}

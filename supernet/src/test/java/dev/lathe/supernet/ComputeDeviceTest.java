package dev.lathe.supernet;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lathe.base.InvalidInputException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ComputeDeviceTest {
    @Test
    void theCpuCanAlwaysBeTaken() {
        ComputeDevice.use(ComputeDevice.CPU);
        assertThat(ComputeDevice.name()).isEqualTo("cpu");
    }

    @ParameterizedTest
    @ValueSource(ints = {-2, 1000, Integer.MAX_VALUE, Integer.MIN_VALUE})
    void aGpuThatIsNotThereIsRefusedWithWhatIs(int index) {
        assertThatThrownBy(() -> ComputeDevice.use(index))
                .isInstanceOf(InvalidInputException.class)
                .hasMessageContaining("--device-index is " + index)
                .hasMessageContaining("-1 is the CPU");
    }
}

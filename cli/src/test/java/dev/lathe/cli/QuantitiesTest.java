package dev.lathe.cli;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class QuantitiesTest {
    @ParameterizedTest
    @CsvSource({
        "latency, 80 us, 0.08",
        "latency, 0.5ms, 0.5",
        "latency, 2 s, 2000",
        "peakActivation, 16 KiB, 16384",
        "peakActivation, 2 MB, 2000000",
        "macs, 2M, 2000000",
        "parameters, 45000, 45000"
    })
    void quantitiesAreReadInTheMetricsUnit(String name, String text, double expected) {
        assertThat(Quantities.budget(name, text).limit()).isEqualTo(expected);
    }

    @ParameterizedTest
    @CsvSource({
        "latencyMs, 0.0413, 41.3 us",
        "latencyMs, 12.3, 12.30 ms",
        "peakActivationBytes, 16384, 16.0 KiB",
        "top1, 0.981, 98.1 %",
    })
    void valuesAreShownWithTheirUnit(String metric, double value, String expected) {
        assertThat(Quantities.show(metric, value)).isEqualTo(expected);
    }
}

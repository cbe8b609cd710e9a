package dev.lathe.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lathe.base.ProgressListener;
import dev.lathe.supernet.data.Datasets;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Two readers of one graph: the executor and, by way of the ONNX writer, ONNX Runtime. */
class AgreementTest {
    @ParameterizedTest
    @ValueSource(strings = {"mbconv-tiny", "vit-tiny"})
    void executorAndOnnxRuntimeAgreeOnTwoHundredRandomSubnets(String space) throws Exception {
        assertThat(Reproductions.worstDifference(space, Datasets.digits(1), 200, ProgressListener.SILENT))
                .isLessThan(1e-4);
    }
}

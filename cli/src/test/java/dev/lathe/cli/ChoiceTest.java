package dev.lathe.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

class ChoiceTest {
    private static ExportStep.Member member(double validationTop1, double loss, boolean within) {
        return new ExportStep.Member("s:0", "n.onnx", 0.9, validationTop1, loss, 0.5, 1, 1, 0, 1, 1, 1, within, 0);
    }

    @Test
    void amongEqualsWithinOneStandardErrorTheLowestLossIsProposed() {
        // One standard error of 0.98 on 300 images is 0.0081.
        assertThat(ExportStep.choose(
                        List.of(member(0.98, 0.20, true), member(0.975, 0.10, true), member(0.96, 0.01, true)), 300))
                .isEqualTo(1);
    }

    @Test
    void aNetworkOutsideTheBudgetIsNeverProposed() {
        assertThat(ExportStep.choose(List.of(member(0.99, 0.1, false), member(0.9, 0.5, true)), 300))
                .isEqualTo(1);
        assertThat(ExportStep.choose(List.of(member(0.99, 0.1, false)), 300)).isEqualTo(-1);
    }
}

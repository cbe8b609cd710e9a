package dev.lathe.graph.memory;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lathe.base.InvalidInputException;
import dev.lathe.graph.Graph;
import dev.lathe.graph.memory.DeploymentOptions.Staging;
import java.util.EnumSet;
import java.util.List;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;

class DeploymentOptionsTest {
    private static final DeploymentOptions INT8 = DeploymentOptions.int8();

    @Test
    void valuesOutOfRangeAreNamed() {
        refused(() -> INT8.withSramLimit(-1), "sramLimitBytes must not be negative, but was -1");
        refused(() -> INT8.withPatchGrids(List.of(3, 2)), "[3, 2]");
        refused(() -> INT8.withPatchGrids(List.of(1)), "[1]");
        refused(() -> INT8.withPatchGrids(List.of(65)), "[65]");
        refused(() -> INT8.withStaging(Staging.TILE, 0), "TILE");
        refused(() -> INT8.withStaging(Staging.WHOLE, 10), "10 bytes");
        refused(() -> options(0, 2, 0), "0 and 1");
        refused(() -> options(1, 0, 0), "tileTokens was 0");
        refused(() -> options(1, 2, -5), "codeBytes must not be negative, but was -5");
    }

    private static DeploymentOptions options(int bytes, int tile, long code) {
        return new DeploymentOptions(
                bytes,
                1,
                DeploymentOptions.Image.STREAMED,
                Staging.IN_PLACE,
                0,
                EnumSet.allOf(Technique.class),
                tile,
                List.of(),
                code,
                0,
                false);
    }

    private static void refused(ThrowingCallable call, String message) {
        assertThatThrownBy(call)
                .isInstanceOf(InvalidInputException.class)
                .hasMessageContaining(message)
                .hasMessageNotContaining("\n");
    }

    @Test
    void aTechniqueIsTakenAwayAlone() {
        assertThat(INT8.techniques()).containsExactlyInAnyOrder(Technique.values());
        DeploymentOptions fewer = INT8.without(Technique.FUSION);
        assertThat(fewer.techniques()).hasSize(Technique.values().length - 1).doesNotContain(Technique.FUSION);
        assertThat(fewer.without(Technique.FUSION)).isEqualTo(fewer);
    }

    @Test
    void aReportSaysTotalsScheduleAndArena() {
        Graph graph = Networks.mobileNetV2(224, 1000);
        String report = DeploymentReport.of(graph, DeploymentPlanner.plan(graph, INT8));
        assertThat(report)
                .contains("arena 176,400 bytes")
                .contains("in 4 x 4 patches: stem to stem.act\n")
                .contains("block4.project to block4.sum, written over block3.project.norm")
                .contains(" of scratch")
                .contains("tile image");
        Graph transformer = new Networks.Transformer(16, 4, 12, 1, 2, 6, 4, 3, 10, false).graph();
        assertThat(DeploymentReport.of(transformer, DeploymentPlanner.plan(transformer, INT8)))
                .contains("the image in bands of patch rows, tokens written to their place")
                .contains("one head's keys and values and one query row at a time")
                .contains("2 tokens at a time, written over layer0.attention.sum")
                .contains("last.norm to mean, one token at a time");
    }
}

package dev.lathe.space.spaceevo;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lathe.base.InvalidInputException;
import dev.lathe.space.TaskShape;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class NetworkTextTest {
    private static final String A0 = "d1#1#2#2#2#2#2#1_k3#3#3#3#3#3#3#3#3#3#3#3#3"
            + "_w16#16#32#32#64#64#112#112#144#144#240#240#320_e0#0.5#4.0#4.0#1.0#1.0#4.0#4.0#4.0#4.0#4.0#4.0#4.0_r160";

    private final NetworkText form = new NetworkText(new SpaceEvoSpace(SpaceGenome.VNNI, SpaceEvoSpace.IMAGENET));

    @Test
    void theReleasedFormIsReadAndWrittenExactly() {
        assertThat(form.toText(form.parse(A0))).isEqualTo(A0);
        assertThat(form.parse(A0)).isEqualTo(new SpaceEvoSpace(SpaceGenome.VNNI, SpaceEvoSpace.IMAGENET).smallest());
    }

    @Test
    void blocksBeyondTheDepthAreNotWritten() {
        SpaceEvoSpace space = new SpaceEvoSpace(SpaceGenome.VNNI, SpaceEvoSpace.IMAGENET);
        int[] c = new int[space.decisions().size()];
        StageGenes stage = space.stages().get(2);
        c[stage.widthAt(3)] = 1;
        assertThat(form.toText(dev.lathe.space.Architecture.of(space.name(), c)))
                .isEqualTo(A0);
    }

    @Test
    void withoutAChoiceOfResolutionTheImageIsWritten() {
        SpaceEvoSpace small = new SpaceEvoSpace(SpaceGenome.VNNI, new TaskShape(3, 32, 32, 10));
        String text = new NetworkText(small).toText(small.smallest());
        assertThat(text).isEqualTo(A0.replace("r160", "r32"));
        assertThat(new NetworkText(small).parse(text)).isEqualTo(small.smallest());
        assertThatThrownBy(() -> new NetworkText(small).parse(A0)).hasMessageContainingAll("[32]", "160");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "d1",
                "d1#1_k3_w16_e0",
                "d1#1_k3_w16_e0_r160_",
                "d1#-1_k3_w16_e0_r160",
                "D1#1_k3_w16_e0_r160",
                "d1_k3_w16_e1e9_r160",
                "d1_k3_w16_e0_r99999999999",
                "d1 _k3_w16_e0_r160",
                "d1\n_k3_w16_e0_r160"
            })
    void malformedTextIsRefusedInOneLine(String text) {
        assertThatThrownBy(() -> form.parse(text))
                .isInstanceOf(InvalidInputException.class)
                .hasMessageContaining("dDEPTHS_kKERNELS")
                .hasMessageNotContaining("\n");
        assertThatThrownBy(() -> form.parse("d1" + "#1".repeat(1_000_000) + "_k3_w16_e0_r160"))
                .isInstanceOf(InvalidInputException.class)
                .satisfies(e -> assertThat(e.getMessage()).hasSizeLessThan(300));
    }

    /** One value of a right text replaced by one that the space does not have. */
    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "d1#1#2#2#2#2#2#1|d1#1#2#2#2#2#2|depths",
                "d1#1#2#2#2#2#2#1|d1##2#2#2#2#2#1|no number",
                "d1#1#2#2#2#2#2#1|d2#1#2#2#2#2#2#1|1 and then 7 depths",
                "d1#1#2#2#2#2#2#1|d1#1#1#3#2#2#2#1|2 to 4 blocks in stage 1, not 1",
                "d1#1#2#2#2#2#2#1|d1#1#2#2#2#2#2#2|as many kernels",
                "d1#1#2#2#2#2#2#1|d1#1#99999#2#2#2#2#1|no number",
                "_k3#3|_k5#3|3x3",
                "_k3#3#3|_k3#3#9|not 9",
                "_w16#16|_w48#16|[16, 32]",
                "_w16#16#32|_w16#16#64|not 3, 64",
                "_e0#0.5|_e1#0.5|without expansion",
                "_e0#0.5|_e0#0.50.5|no number",
                "_e0#0.5|_e0#1.0|expansions [0.5]",
                "_e0#0.5|_e0|as many kernels",
                "_r160|_r165|resolutions [160, 176, 192, 208, 224], not 165"
            })
    void whatTheSpaceDoesNotHaveIsRefusedWithTheReason(String from, String to, String reason) {
        assertThatThrownBy(() -> form.parse(A0.replace(from, to)))
                .isInstanceOf(InvalidInputException.class)
                .hasMessageContainingAll(reason)
                .hasMessageNotContaining("\n");
    }
}

package dev.lathe.space.mcuformer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lathe.base.InvalidInputException;
import dev.lathe.space.Architecture;
import dev.lathe.space.TaskShape;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class TransformerTextTest {
    private static final TaskShape TASK = new TaskShape(3, 224, 224, 1000);

    private final McuFormerSpace mcuFormer = new McuFormerSpace(TransformerSize.TINY, TASK);
    private final AutoFormerSpace autoFormer = new AutoFormerSpace(TransformerSize.BASE, TASK);

    @Test
    void everyArchitectureIsReadBack() {
        SplittableRandom random = new SplittableRandom(1);
        for (int i = 0; i < 300; i++) {
            Architecture m = mcuFormer.random(random);
            assertThat(TransformerText.parse(mcuFormer, TransformerText.of(mcuFormer, m)))
                    .isEqualTo(m);
            Architecture a = autoFormer.random(random);
            assertThat(TransformerText.parse(autoFormer, TransformerText.of(autoFormer, a)))
                    .isEqualTo(a);
        }
    }

    @Test
    void theTextIsThatOfThePublicCode() {
        assertThat(TransformerText.of(mcuFormer, mcuFormer.smallest()))
                .isEqualTo("{\"patch_size\":32,\"rank_ratio\":0.4,"
                        + "\"mlp_ratio\":[3.5,3.5,3.5,3.5,3.5,3.5,3.5,3.5,3.5,3.5,3.5,3.5],"
                        + "\"num_heads\":[3,3,3,3,3,3,3,3,3,3,3,3],"
                        + "\"embed_dim\":[168,168,168,168,168,168,168,168,168,168,168,168],\"layer_num\":12}");
    }

    @Test
    void aBlockOfYamlIsRead() {
        String yaml = "layer_num: 14\npatch_size: 20\nrank_ratio: 0.85\n"
                + "mlp_ratio: [" + "4, ".repeat(13) + "3.5]\n"
                + "num_heads:\n" + "- 4\n".repeat(14)
                + "embed_dim: [" + "216, ".repeat(13) + "216]\n";
        Architecture a = TransformerText.parse(mcuFormer, yaml);
        TransformerSettings s = mcuFormer.settings(a);
        assertThat(s.patch()).isEqualTo(20);
        assertThat(s.factoring().mlpRatio()).isEqualTo(0.85);
        assertThat(s.blocks()).hasSize(14).endsWith(new TransformerSettings.Block(4, 756));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "null",
                "[]",
                "3",
                "{",
                "{]",
                "\0",
                "\u001b[2J",
                "a: &x [*x]",
                "--- !!java.lang.Runtime {}",
                "layer_num: 12",
                "{'layer_num': 12, 'layer_num': 12}",
                "\uD800",
                "? ? ? ?",
                "- - - - -",
                "%TAG ! x",
                "{\"mlp_ratio\": 1, \"num_heads\": 1, \"embed_dim\": 1, \"layer_num\": 12}"
            })
    void whatIsNoNetworkIsRefusedInOneLine(String text) {
        assertThatThrownBy(() -> TransformerText.parse(mcuFormer, text))
                .isInstanceOf(InvalidInputException.class)
                .message()
                .doesNotContain("\n", "\u001b");
        assertThatThrownBy(() -> TransformerText.parse(autoFormer, text)).isInstanceOf(InvalidInputException.class);
    }

    @Test
    void deepAndLongTextsAreRefused() {
        for (String text :
                new String[] {"[".repeat(9_000), "x".repeat(10_001), "{a: ".repeat(2_000), "9".repeat(9_000)}) {
            assertThatThrownBy(() -> TransformerText.parse(mcuFormer, text))
                    .isInstanceOf(InvalidInputException.class)
                    .message()
                    .hasSizeLessThan(300);
        }
    }

    @Test
    void valuesThatTheSpaceDoesNotOfferAreNamed() {
        String good = TransformerText.of(mcuFormer, mcuFormer.smallest());
        assertRefused(good.replace("168,168]", "168,192]"), "embed_dim", "168", "192");
        assertRefused(good.replace("168]", "169]"), "embed_dim", "169");
        assertRefused(good.replace("[3,", "[5,"), "num_heads", "'5'", "3.0, 4.0");
        assertRefused(good.replace("[3,", "[\"3\","), "num_heads", "'3'");
        assertRefused(good.replace("[3,", "["), "num_heads", "12 values");
        assertRefused(good.replace("[3.5,", "[.nan,"), "mlp_ratio");
        assertRefused(good.replace("[3.5,", "[1e999,"), "mlp_ratio");
        assertRefused(good.replace("[3.5,", "[{},"), "mlp_ratio", "{}");
        assertRefused(good.replace(":12}", ":15}"), "layer_num", "15");
        assertRefused(good.replace(":12}", ":13}"), "embed_dim", "13 values");
        assertRefused(good.replace(":32,", ":18,"), "patch_size", "18");
        assertRefused(good.replace("0.4,", "0.42,"), "rank_ratio", "0.42");
        assertRefused(good.replace("patch_size", "patch"), "patch_size");
        assertThatThrownBy(() -> TransformerText.parse(autoFormer, good)).hasMessageContaining("keys");
    }

    private void assertRefused(String text, String... parts) {
        assertThatThrownBy(() -> TransformerText.parse(mcuFormer, text))
                .isInstanceOf(InvalidInputException.class)
                .hasMessageContainingAll(parts);
    }
}

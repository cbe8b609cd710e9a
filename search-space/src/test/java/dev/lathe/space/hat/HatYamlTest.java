package dev.lathe.space.hat;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lathe.base.InvalidInputException;
import dev.lathe.space.Architecture;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class HatYamlTest {
    private final HatSpace space = new HatSpace(HatSettings.WMT_EN_DE, HatSettings.WMT_EN_DE.usualTask());
    private final HatYaml yaml = new HatYaml(space);

    /** The published network for the Raspberry Pi at 5.0 s. */
    private final HatConfiguration published = new HatConfiguration(
            512,
            List.of(3072, 3072, 3072, 2048, 3072, 3072),
            List.of(8, 8, 8, 8, 8, 4),
            512,
            List.of(1024, 2048, 3072),
            List.of(4, 8, 8),
            List.of(4, 8, 8),
            List.of(1, 2, 1));

    private final String text = yaml.toText(space.architecture(published));

    @Test
    void theTextIsThatOfTheRepository() {
        assertThat(text.lines().filter(l -> !l.isEmpty()))
                .containsExactly(
                        "encoder-embed-dim-subtransformer: 512",
                        "decoder-embed-dim-subtransformer: 512",
                        "encoder-ffn-embed-dim-all-subtransformer: [3072, 3072, 3072, 2048, 3072, 3072]",
                        "decoder-ffn-embed-dim-all-subtransformer: [1024, 2048, 3072]",
                        "encoder-layer-num-subtransformer: 6",
                        "decoder-layer-num-subtransformer: 3",
                        "encoder-self-attention-heads-all-subtransformer: [8, 8, 8, 8, 8, 4]",
                        "decoder-self-attention-heads-all-subtransformer: [4, 8, 8]",
                        "decoder-ende-attention-heads-all-subtransformer: [4, 8, 8]",
                        "decoder-arbitrary-ende-attn-all-subtransformer: [-1, 1, -1]");
    }

    @Test
    void everyArchitectureIsReadBack() {
        SplittableRandom random = new SplittableRandom(4);
        for (HatSettings s : List.of(HatSettings.WMT_EN_DE, HatSettings.IWSLT_DE_EN, HatSettings.MINI)) {
            HatSpace other = new HatSpace(s, s.usualTask());
            HatYaml y = new HatYaml(other);
            for (int i = 0; i < 300; i++) {
                Architecture a = other.random(random);
                assertThat(y.parse(y.toText(a))).isEqualTo(a);
                assertThat(y.toText(y.parse(y.toText(a)))).isEqualTo(y.toText(a));
            }
        }
    }

    @Test
    void commentsBlocksAndEntriesBeyondTheDepthAreRead() {
        String other = "# searched\n"
                + text.replace("[-1, 1, -1]", "[-1, 1, -1, 2, 1, -1]")
                        .replace("[1024, 2048, 3072]", "\n  - 1024\n  - 2048\n  - 3072");
        assertThat(yaml.parse(other)).isEqualTo(space.architecture(published));
    }

    @Test
    void whatIsNoNetworkIsRefusedInOneLine() {
        refused("", "no network");
        refused("[1, 2]", "no network");
        refused("a: [", "no YAML");
        refused(text + "dropout: 0.3\n", "unknown key 'dropout'");
        refused(text + "encoder-embed-dim-subtransformer: 512\n", "no YAML", "uplicate");
        refused(text.replace("encoder-embed-dim-", "encoder-embed-dims-"), "unknown key", "did you mean");
        refused(
                text.replace("encoder-embed-dim-subtransformer: 512\n", ""),
                "encoder-embed-dim-subtransformer is missing");
        refused(
                text.replace("encoder-embed-dim-subtransformer: 512", "encoder-embed-dim-subtransformer: '512'"),
                "whole number");
        refused(text.replace("[-1, 1, -1]", "[-1, 1]"), "one for each of the 3 layers");
        refused(text.replace("[-1, 1, -1]", "[-1, 1, -1, 1, 1, 1, 1]"), "decoder-arbitrary");
        refused(text.replace("[-1, 1, -1]", "[-1, 1, 0]"), "entry of 0");
        refused(text.replace("[-1, 1, -1]", "[-1, 1, 1.5]"), "whole numbers");
        refused(text.replace("layer-num-subtransformer: 3", "layer-num-subtransformer: -3"), "-3 layers");
        refused(text.replace("layer-num-subtransformer: 6", "layer-num-subtransformer: 4"), "6 encoder layers, not 4");
        refused(text.replace("[1024, 2048, 3072]", "[1024, 2048, 512]"), "decoder2.ffn", "512");
        refused("a: ".repeat(100_000), "at most 16384 characters");
        refused("[".repeat(10_000), "no YAML");
        refused("!!javax.script.ScriptEngineManager [x]", "no network");
    }

    /** Whatever is done to a text, it is read or refused. */
    @Test
    void damagedTextsAreReadOrRefused() {
        SplittableRandom random = new SplittableRandom(5);
        String letters = "0123456789-[]{},: \n\t#&*!|>'\"%@`_.xe\u0000\uFFFE";
        int refused = 0;
        for (int i = 0; i < 2_000; i++) {
            StringBuilder b = new StringBuilder(text);
            for (int j = random.nextInt(1, 4); j > 0; j--) {
                b.setCharAt(random.nextInt(b.length()), letters.charAt(random.nextInt(letters.length())));
            }
            try {
                space.check(yaml.parse(b.toString()));
            } catch (InvalidInputException e) {
                refused++;
                assertThat(e.getMessage()).doesNotContain("\n");
            }
        }
        assertThat(refused).isBetween(1_500, 2_000);
    }

    private void refused(String yamlText, String... expected) {
        assertThatThrownBy(() -> yaml.parse(yamlText))
                .isInstanceOf(InvalidInputException.class)
                .hasMessageContainingAll(expected)
                .hasMessageNotContaining("\n");
    }
}

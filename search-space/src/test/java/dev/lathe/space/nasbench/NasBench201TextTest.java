package dev.lathe.space.nasbench;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lathe.base.InvalidInputException;
import dev.lathe.space.Architecture;
import java.util.HashSet;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class NasBench201TextTest {
    private static final String TEXT =
            "|nor_conv_3x3~0|+|nor_conv_3x3~0|avg_pool_3x3~1|+|skip_connect~0|nor_conv_3x3~1|skip_connect~2|";

    @Test
    void thePublishedFormIsRead() {
        Architecture a = NasBench201Text.parse(TEXT);
        assertThat(a.choices()).containsExactly(3, 3, 4, 1, 3, 1);
        assertThat(NasBench201Text.toText(a)).isEqualTo(TEXT);
    }

    @Test
    void everyCellIsReadBackAndTheAuthorsRuleGivesTheirCount() {
        Set<String> unique = new HashSet<>();
        int[] choices = new int[Cells.EDGES];
        for (int n = 0; n < Cells.COUNT; n++) {
            Cells.read(n, choices);
            Architecture a = Architecture.of(NasBench201Space.NAME, choices);
            assertThat(NasBench201Text.parse(NasBench201Text.toText(a))).isEqualTo(a);
            unique.add(NasBench201Text.uniqueForm(a));
        }
        assertThat(unique).hasSize(6_466);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "|",
                "nor_conv_3x3",
                "|nor_conv_3x3~0|+|nor_conv_3x3~0|avg_pool_3x3~1|+|skip_connect~0|nor_conv_3x3~1|skip_connect~2",
                "|nor_conv_3x3~0|+|nor_conv_3x3~0|avg_pool_3x3~1|+|skip_connect~0|nor_conv_3x3~1|skip_connect~2|x",
                "|nor_conv_3x3~1|+|nor_conv_3x3~0|avg_pool_3x3~1|+|skip_connect~0|nor_conv_3x3~1|skip_connect~2|",
                "|nor_conv_5x5~0|+|nor_conv_3x3~0|avg_pool_3x3~1|+|skip_connect~0|nor_conv_3x3~1|skip_connect~2|",
                "|nor_conv_3x3~0|+|nor_conv_3x3~0|+|skip_connect~0|nor_conv_3x3~1|skip_connect~2|"
            })
    void otherTextIsRefused(String text) {
        assertThatThrownBy(() -> NasBench201Text.parse(text))
                .isInstanceOf(InvalidInputException.class)
                .hasMessageContaining("no NAS-Bench-201 cell");
    }

    @Test
    void hostileTextGivesOneShortLine() {
        assertThatThrownBy(() -> NasBench201Text.parse("|none~0|\n".repeat(100_000)))
                .isInstanceOf(InvalidInputException.class)
                .message()
                .hasSizeLessThan(400)
                .doesNotContain("\n");
    }

    @Test
    void cellsOfOtherSpacesAreRefused() {
        assertThatThrownBy(() -> NasBench201Text.toText(Architecture.of("vit-tiny", 0, 0, 0, 0, 0, 0)))
                .hasMessageContaining("vit-tiny");
    }
}

package dev.lathe.space.hat;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lathe.base.InvalidInputException;
import dev.lathe.space.Architecture;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class HatChromosomeTest {
    private final HatSpace space = new HatSpace(HatSettings.WMT_EN_DE, HatSettings.WMT_EN_DE.usualTask());
    private final HatChromosome chromosome = new HatChromosome(space);

    @Test
    void thereAreFortyGenesInTheRepositorysOrder() {
        Architecture a = space.architecture(new HatConfiguration(
                640,
                List.of(1024, 2048, 3072, 2048, 1024, 3072),
                List.of(4, 8, 8, 4, 4, 8),
                512,
                List.of(3072, 2048, 3072, 2048, 1024),
                List.of(8, 4, 8, 8, 4),
                List.of(4, 4, 8, 8, 4),
                List.of(1, 3, 2, 1, 3)));
        assertThat(chromosome.genes(a))
                .hasSize(40)
                .containsExactly(
                        640, 6, 1024, 2048, 3072, 2048, 1024, 3072, 4, 8, 8, 4, 4, 8, //
                        512, 5, 3072, 2048, 3072, 2048, 1024, 1024, 8, 4, 8, 8, 4, 4, //
                        4, 4, 8, 8, 4, 4, -1, 2, 1, -1, 2, -1);
    }

    @Test
    void everyArchitectureIsReadBack() {
        SplittableRandom random = new SplittableRandom(3);
        for (HatSettings s : List.of(HatSettings.WMT_EN_FR, HatSettings.IWSLT_DE_EN, HatSettings.MINI)) {
            HatSpace other = new HatSpace(s, s.usualTask());
            HatChromosome c = new HatChromosome(other);
            for (int i = 0; i < 500; i++) {
                Architecture a = other.random(random);
                assertThat(c.architecture(c.genes(a))).isEqualTo(a);
                assertThat(c.parse(c.toText(a))).isEqualTo(a);
            }
        }
        HatSpace mini = new HatSpace(HatSettings.MINI, HatSettings.MINI.usualTask());
        assertThat(new HatChromosome(mini).length()).isEqualTo(28);
    }

    @Test
    void genesBeyondTheDepthSayNothing() {
        int[] genes = chromosome.genes(space.smallest());
        for (int first : new int[] {16, 22, 28}) {
            genes[first + 3] = first == 16 ? 3072 : 8;
        }
        genes[39] = 2;
        assertThat(chromosome.architecture(genes)).isEqualTo(space.smallest());
        assertThat(chromosome.genes(chromosome.architecture(genes))[39]).isEqualTo(-1);
    }

    @Test
    void whatIsNoChromosomeIsRefusedInOneLine() {
        String good = chromosome.toText(space.smallest());
        refused("", "no chromosome");
        refused(good + " 1", "40 genes, not 41");
        refused(good.replaceFirst("512", "513"), "gene 0", "encoder.width", "513");
        refused(good.replaceFirst("512 6", "512 5"), "gene 1", "encoder.layers");
        refused(good.substring(0, good.length() - 2) + "3", "gene 39", "decoder5.attended");
        refused(good.replaceFirst(" ", "  "), "no chromosome");
        refused(good.replaceFirst("512", "99999999999"), "no chromosome");
        refused("1 ".repeat(1_000_000), "no chromosome");
        refused("a\nb\u0000c", "no chromosome");
    }

    private void refused(String text, String... expected) {
        assertThatThrownBy(() -> chromosome.parse(text))
                .isInstanceOf(InvalidInputException.class)
                .hasMessageContainingAll(expected)
                .hasMessageNotContaining("\n");
    }
}

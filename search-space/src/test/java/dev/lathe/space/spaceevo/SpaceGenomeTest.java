package dev.lathe.space.spaceevo;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lathe.base.InvalidInputException;
import java.math.BigInteger;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

class SpaceGenomeTest {
    @Test
    void thereAreAsManySpacesAsPublished() {
        assertThat(Hyperspace.MOBILEW.size()).isEqualTo(BigInteger.valueOf(117_649L * 2 * 6 * 6 * 7 * 5 * 4));
        assertThat(Hyperspace.ONNXW.size()).isEqualTo(BigInteger.valueOf(46_656L * 2 * 1024));
    }

    @Test
    void aWindowKeepsNeighbouringWidths() {
        SpaceGenome g = SpaceGenome.PIXEL4;
        assertThat(g.widths(1)).containsExactly(32, 40);
        assertThat(g.widths(2)).containsExactly(64, 72);
        assertThat(g.widths(3)).containsExactly(96, 104, 112);
        assertThat(g.widths(4)).containsExactly(144, 152, 160);
        assertThat(g.widths(5)).containsExactly(192, 200, 208, 216, 224);
        assertThat(g.widths(6)).containsExactly(216, 232, 248, 264, 280, 296, 312);
        assertThat(SpaceGenome.VNNI_LARGE.widths(6)).containsExactly(352, 368, 384, 400, 416, 432, 448);
        assertThat(Hyperspace.MOBILEW.stage(5).widths(4)).containsExactly(224, 240, 256, 272, 288);
    }

    @ParameterizedTest
    @EnumSource(Hyperspace.class)
    void textFormsAreReadBack(Hyperspace h) {
        SplittableRandom random = new SplittableRandom(1);
        for (int i = 0; i < 1_000; i++) {
            SpaceGenome g = SpaceGenome.random(h, random);
            assertThat(g.toText()).matches(h.id() + "-[0-6]{6}-[0-6]{6}");
            assertThat(SpaceGenome.parse(g.toText())).isEqualTo(g);
        }
        SpaceGenome.released()
                .forEach(g -> assertThat(SpaceGenome.parse(g.toText())).isEqualTo(g));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "onnxw",
                "onnxw-151122",
                "onnxw-15112-023231",
                "onnxw-151122-0232310",
                "onnxw-15112a-023231",
                "onnxw-151122-023231-",
                "onnxw-１51122-023231",
                "onnxw--151122-023231",
                "onnxw-151122\n-023231"
            })
    void malformedTextIsRefusedInOneLine(String text) {
        assertThatThrownBy(() -> SpaceGenome.parse(text))
                .isInstanceOf(InvalidInputException.class)
                .hasMessageContaining("for example onnxw-151122-023231")
                .hasMessageNotContaining("\n");
        assertThatThrownBy(() -> SpaceGenome.parse(text.repeat(100) + "-".repeat(100_000)))
                .isInstanceOf(InvalidInputException.class)
                .satisfies(e -> assertThat(e.getMessage()).hasSizeLessThan(300));
    }

    @Test
    void unknownIndicesAndHyperspacesAreRefusedWithTheReason() {
        assertThatThrownBy(() -> SpaceGenome.parse("onnxw-151162-023231"))
                .isInstanceOf(InvalidInputException.class)
                .hasMessageContainingAll("block type 6", "stage 5", "onnxw", "0 to 5");
        assertThatThrownBy(() -> SpaceGenome.parse("mobilew-151162-223231"))
                .isInstanceOf(InvalidInputException.class)
                .hasMessageContainingAll("window 2", "stage 1", "0 to 1");
        assertThatThrownBy(() -> SpaceGenome.parse("onnx-151122-023231"))
                .isInstanceOf(InvalidInputException.class)
                .hasMessageContaining("did you mean 'onnxw'?");
    }

    /** Every block type and every window of every stage is drawn about as often as every other. */
    @ParameterizedTest
    @EnumSource(Hyperspace.class)
    void drawsAreUniform(Hyperspace h) {
        int draws = 21_000;
        int[][] blocks = new int[Hyperspace.STAGES][h.blockTypes().size()];
        int[][] windows = new int[Hyperspace.STAGES][7];
        SplittableRandom random = new SplittableRandom(2);
        for (int i = 0; i < draws; i++) {
            SpaceGenome g = SpaceGenome.random(h, random);
            for (int s = 0; s < Hyperspace.STAGES; s++) {
                blocks[s][g.blocks().get(s)]++;
                windows[s][g.windows().get(s)]++;
            }
        }
        for (int s = 0; s < Hyperspace.STAGES; s++) {
            for (int n : blocks[s]) {
                assertThat(n * blocks[s].length / (double) draws).isBetween(0.9, 1.1);
            }
            for (int w = 0; w < h.stage(s + 1).windows(); w++) {
                assertThat(windows[s][w] * h.stage(s + 1).windows() / (double) draws)
                        .isBetween(0.9, 1.1);
            }
        }
    }

    /** One child has another block type in one stage, the other another window; all such neighbours are reached. */
    @ParameterizedTest
    @EnumSource(Hyperspace.class)
    void mutationReachesAllNeighboursAndNothingElse(Hyperspace h) {
        SpaceGenome parent = SpaceGenome.random(h, new SplittableRandom(3));
        Set<SpaceGenome> byBlock = new HashSet<>();
        Set<SpaceGenome> byWindow = new HashSet<>();
        SplittableRandom random = new SplittableRandom(4);
        for (int i = 0; i < 5_000; i++) {
            List<SpaceGenome> children = parent.children(random);
            assertThat(children).hasSize(2);
            byBlock.add(children.get(0));
            byWindow.add(children.get(1));
        }
        assertThat(byBlock).hasSize(6 * (h.blockTypes().size() - 1)).allSatisfy(g -> {
            assertThat(g.windows()).isEqualTo(parent.windows());
            assertThat(differences(g.blocks(), parent.blocks())).isEqualTo(1);
        });
        int neighbours = 0;
        for (int i = 1; i <= Hyperspace.STAGES; i++) {
            neighbours += h.stage(i).windows() - 1;
        }
        assertThat(byWindow).hasSize(neighbours).allSatisfy(g -> {
            assertThat(g.blocks()).isEqualTo(parent.blocks());
            assertThat(differences(g.windows(), parent.windows())).isEqualTo(1);
        });
    }

    private static int differences(List<Integer> a, List<Integer> b) {
        int n = 0;
        for (int i = 0; i < a.size(); i++) {
            n += a.get(i).equals(b.get(i)) ? 0 : 1;
        }
        return n;
    }
}

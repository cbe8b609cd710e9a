package dev.lathe.supernet.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.lathe.base.InvalidInputException;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class AugmentationTest {
    private static ImageDataset dot() {
        float[] p = new float[25];
        p[12] = 1f;
        return new ImageDataset("dot", "", 1, 5, 5, List.of("a", "b"), p, new int[] {0});
    }

    private static float[] apply(Augmentation a, ImageDataset d, long seed) {
        float[] out = new float[d.imageLength()];
        a.apply(d, 0, new SplittableRandom(seed), out, 0);
        return out;
    }

    @Test
    void givenNone_whenApplied_thenTheImageIsUnchanged() {
        for (long seed = 0; seed < 20; seed++) {
            assertThat(apply(Augmentation.NONE, dot(), seed)[12]).isEqualTo(1f);
        }
    }

    @Test
    void givenShiftOfOne_whenApplied_thenTheDotMovesAtMostOneAndReachesAllNinePlaces() {
        Augmentation shift = new Augmentation(1, 0, 0, 0, false, Augmentation.Fill.ZERO);
        boolean[] seen = new boolean[25];
        for (long seed = 0; seed < 300; seed++) {
            float[] out = apply(shift, dot(), seed);
            for (int i = 0; i < 25; i++) {
                if (out[i] == 1f) {
                    assertThat(Math.abs(i / 5 - 2)).isLessThanOrEqualTo(1);
                    assertThat(Math.abs(i % 5 - 2)).isLessThanOrEqualTo(1);
                    seen[i] = true;
                }
            }
        }
        int places = 0;
        for (boolean s : seen) {
            places += s ? 1 : 0;
        }
        assertThat(places).isEqualTo(9);
    }

    @Test
    void givenAnAffineMap_whenApplied_thenValuesStayInRangeAndTheSeedDecides() {
        Augmentation affine = new Augmentation(1, 20, 0.2, 0.2, true, Augmentation.Fill.EDGE);
        for (long seed = 0; seed < 50; seed++) {
            float[] out = apply(affine, dot(), seed);
            for (float v : out) {
                assertThat(v).isBetween(0f, 1f);
            }
            assertThat(out).containsExactly(apply(affine, dot(), seed));
        }
    }

    @Test
    void givenEdgeFill_whenAConstantImageIsWarped_thenItStaysConstant() {
        float[] p = new float[25];
        java.util.Arrays.fill(p, 0.5f);
        ImageDataset d = new ImageDataset("flat", "", 1, 5, 5, List.of("a", "b"), p, new int[] {0});
        for (float v : apply(new Augmentation(2, 30, 0.3, 0.3, true, Augmentation.Fill.EDGE), d, 7)) {
            assertThat(v).isCloseTo(0.5f, within(1e-6f));
        }
    }

    @Test
    void givenANegativeShift_whenMade_thenRefused() {
        assertThatThrownBy(() -> new Augmentation(-1, 0, 0, 0, false, Augmentation.Fill.ZERO))
                .isInstanceOf(InvalidInputException.class)
                .hasMessageContaining("-1");
    }
}

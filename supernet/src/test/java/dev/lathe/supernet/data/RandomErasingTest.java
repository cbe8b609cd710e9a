package dev.lathe.supernet.data;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class RandomErasingTest {
    private static final int SIDE = 20;

    private static float[] erased(double probability, long seed) {
        float[] pixels = new float[3 * SIDE * SIDE + 2];
        Arrays.fill(pixels, -1);
        new RandomErasing(probability).apply(pixels, 1, 3, SIDE, SIDE, new SplittableRandom(seed));
        return pixels;
    }

    @Test
    void givenProbabilityOne_whenApplied_thenOneRectangleOfTheSameAreaInAllChannelsBecomesNoise() {
        for (long seed = 0; seed < 200; seed++) {
            float[] p = erased(1, seed);
            assertThat(p[0]).isEqualTo(-1);
            assertThat(p[p.length - 1]).isEqualTo(-1);
            int top = SIDE;
            int bottom = -1;
            int left = SIDE;
            int right = -1;
            int changed = 0;
            for (int i = 0; i < 3 * SIDE * SIDE; i++) {
                if (p[1 + i] != -1) {
                    assertThat(p[1 + i]).isBetween(0f, 1f);
                    int y = i % (SIDE * SIDE) / SIDE;
                    int x = i % SIDE;
                    top = Math.min(top, y);
                    bottom = Math.max(bottom, y);
                    left = Math.min(left, x);
                    right = Math.max(right, x);
                    changed++;
                }
            }
            int area = (bottom - top + 1) * (right - left + 1);
            assertThat(changed).isEqualTo(3 * area);
            // 8 to 132 of 400 pixels, before sides are rounded.
            assertThat(area).isBetween(5, 150);
            assertThat(erased(1, seed)).isEqualTo(p);
        }
    }

    @Test
    void givenAShare_whenApplied_thenAboutAsManyImagesChange() {
        int changed = 0;
        for (long seed = 0; seed < 2000; seed++) {
            changed += Arrays.equals(erased(0.3, seed), erased(0, seed)) ? 0 : 1;
        }
        assertThat(changed).isBetween(520, 680);
    }

    @Test
    void givenATinyImage_whenApplied_thenItStands() {
        float[] p = {1, 1};
        new RandomErasing(1).apply(p, 0, 2, 1, 1, new SplittableRandom(1));
        assertThat(p).containsExactly(1, 1);
    }
}

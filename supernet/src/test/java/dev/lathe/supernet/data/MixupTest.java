package dev.lathe.supernet.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class MixupTest {
    @ParameterizedTest
    @ValueSource(doubles = {0.2, 1, 2})
    void givenAParameter_whenSharesAreDrawn_thenTheyHaveTheMomentsOfTheBetaDistribution(double alpha) {
        int n = 20_000;
        Mixup.Pairs pairs = new Mixup(alpha).draw(n, new SplittableRandom(1));
        double sum = 0;
        double squares = 0;
        boolean[] taken = new boolean[n];
        for (int i = 0; i < n; i++) {
            assertThat(pairs.share(i)).isBetween(0f, 1f);
            sum += pairs.share(i);
            squares += (pairs.share(i) - 0.5) * (pairs.share(i) - 0.5);
            taken[pairs.partner(i)] = true;
        }
        assertThat(taken).doesNotContain(false);
        assertThat(sum / n).isCloseTo(0.5, within(0.012));
        assertThat(squares / n).isCloseTo(1 / (4 * (2 * alpha + 1)), within(0.006));
    }

    @Test
    void givenATinyParameter_whenDrawn_thenSharesAreStillNumbers() {
        Mixup.Pairs pairs = new Mixup(1e-4).draw(500, new SplittableRandom(2));
        for (int i = 0; i < 500; i++) {
            assertThat(pairs.share(i)).isBetween(0f, 1f);
        }
    }

    @Test
    void givenRows_whenMixed_thenEachIsTheShareOfItselfAndTheRestOfItsPartner() {
        float[] rows = {1, 10, 2, 20, 3, 30};
        Mixup.Pairs pairs = new Mixup.Pairs(new int[] {1, 2, 2}, new float[] {0.25f, 1f, 0.5f});
        assertThat(pairs.mix(rows)).containsExactly(1.75f, 17.5f, 2, 20, 3, 30);
    }
}

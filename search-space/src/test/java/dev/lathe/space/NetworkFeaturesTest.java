package dev.lathe.space;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lathe.space.nasbench.NasBench201Space;
import dev.lathe.space.nasbench.NasBench201Text;
import java.math.BigInteger;
import java.util.Arrays;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class NetworkFeaturesTest {
    private static final NasBench201Space CELLS = new NasBench201Space(new TaskShape(3, 8, 8, 10));
    private static final String DEAD = "|nor_conv_3x3~0|+|none~0|skip_connect~1|+|none~0|none~1|none~2|";
    private static final String ONE = "|none~0|+|none~0|none~1|+|nor_conv_3x3~0|none~1|none~2|";
    private static final String ONE_AND_DEAD =
            "|avg_pool_3x3~0|+|nor_conv_1x1~0|skip_connect~1|+|nor_conv_3x3~0|none~1|none~2|";
    private static final String RENAMED = "|skip_connect~0|+|none~0|none~1|+|none~0|nor_conv_3x3~1|none~2|";
    private static final String OTHER = "|none~0|+|none~0|none~1|+|nor_conv_1x1~0|none~1|none~2|";

    private static double[] of(String cell) {
        return NetworkFeatures.of(CELLS.lowerAsPublished(NasBench201Text.parse(cell)));
    }

    /** All but the costs of what is written: features 4 to 7. */
    private static double[] live(String cell) {
        double[] f = of(cell);
        Arrays.fill(f, 4, 8, 0);
        return f;
    }

    @Test
    void operationsThatLeadNowhereAndNamesOfValuesChangeNothing() {
        assertThat(live(ONE_AND_DEAD)).containsExactly(live(ONE));
        assertThat(live(RENAMED)).containsExactly(live(ONE));
        assertThat(live(OTHER)).isNotEqualTo(live(ONE));
        assertThat(of(ONE_AND_DEAD)[5]).isGreaterThan(of(ONE)[5]);
    }

    @Test
    void aNetworkThatDoesNotSeeItsInputHasNoPaths() {
        double[] f = of(DEAD);
        assertThat(f[0]).isZero();
        assertThat(f[8]).isZero();
        assertThat(f[9]).isZero();
    }

    @Test
    void theOrderOfOperationsShows() {
        String first = "|nor_conv_3x3~0|+|none~0|nor_conv_1x1~1|+|none~0|none~1|avg_pool_3x3~2|";
        String second = "|nor_conv_1x1~0|+|none~0|nor_conv_3x3~1|+|none~0|none~1|avg_pool_3x3~2|";
        assertThat(Arrays.copyOf(of(first), NetworkFeatures.TOTALS))
                .containsExactly(Arrays.copyOf(of(second), NetworkFeatures.TOTALS));
        assertThat(of(first)).isNotEqualTo(of(second));
    }

    @ParameterizedTest
    @ValueSource(strings = {"mbconv-tiny", "vit-tiny"})
    void everySpaceHasFiniteFeaturesOfOneLength(String name) {
        SearchSpace space = SearchSpaces.create(name, new TaskShape(1, 8, 8, 10));
        SplittableRandom random = new SplittableRandom(1);
        for (int i = 0; i < 50; i++) {
            double[] f = NetworkFeatures.of(space.lower(space.random(random)));
            assertThat(f).hasSize(NetworkFeatures.LENGTH);
            assertThat(Arrays.stream(f).allMatch(Double::isFinite)).isTrue();
            assertThat(f[0]).isPositive();
            assertThat(f[8]).isGreaterThanOrEqualTo(f[9]);
        }
    }

    @Test
    void aFixedDecisionStaysAndIsCounted() {
        SearchSpace whole = SearchSpaces.create("mbconv-tiny", new TaskShape(1, 8, 8, 10));
        FixedDecision fixed = new FixedDecision(whole, 0, 1);
        SplittableRandom random = new SplittableRandom(2);
        for (int i = 0; i < 100; i++) {
            Architecture a = fixed.random(random);
            assertThat(a.choice(0)).isEqualTo(1);
            assertThat(fixed.canonical(a)).isEqualTo(a);
            assertThat(fixed.lower(a)).isEqualTo(whole.lower(a));
        }
        assertThat(fixed.smallest().choice(0)).isEqualTo(1);
        assertThat(fixed.size()
                        .multiply(BigInteger.valueOf(whole.decisions().get(0).size())))
                .isLessThanOrEqualTo(whole.size()
                        .add(BigInteger.valueOf(whole.decisions().get(0).size())));
        assertThatThrownBy(() -> new FixedDecision(whole, 0, 99)).isInstanceOf(IllegalArgumentException.class);
    }
}

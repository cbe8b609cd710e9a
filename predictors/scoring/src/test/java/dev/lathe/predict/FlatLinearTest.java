package dev.lathe.predict;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lathe.base.Seeds;
import java.util.Arrays;
import java.util.List;
import java.util.random.RandomGenerator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class FlatLinearTest {
    private static final int[] BATCHES = {0, 1, 7, 8, 9, 255, 256, 257, 1000};

    private static RandomGenerator random(long seed) {
        return Seeds.generator(seed, "linear", 0);
    }

    /** Weights of any size, some of them a zero. */
    private static FlatLinear linear(RandomGenerator random, OptionColumns options) {
        double[] weights = new double[options.features() + 1];
        for (int f = 0; f < weights.length; f++) {
            double[] kinds = {0, -0.0, random.nextGaussian(), 1e6 * random.nextGaussian(), 1e-6 * random.nextGaussian()
            };
            weights[f] = kinds[random.nextInt(kinds.length)];
        }
        return new FlatLinear(weights);
    }

    private static double[] predictAll(FlatModel.OfChoices model, int[][] choices) {
        double[] out = new double[choices.length];
        model.predict(choices, out);
        return out;
    }

    private static void assertSameBits(RandomGenerator random, OptionColumns options) {
        FlatLinear linear = linear(random, options);
        for (int n : BATCHES) {
            int[][] choices = HandOptions.choices(random, options.sizes(), n);
            double[] ofRows = new double[n];
            assertThat(linear.predict(options.rows(choices), ofRows)).isTrue();
            assertThat(predictAll(linear.of(options), choices)).isEqualTo(ofRows);
        }
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10})
    void choicesGiveTheBitsOfTheirRows(long seed) {
        RandomGenerator random = random(seed);
        int[] sizes = random.ints(1 + random.nextInt(30), 1, 9).toArray();
        assertSameBits(random, HandOptions.inOrder(sizes));
        assertSameBits(random, HandOptions.shuffled(random, sizes));
    }

    @Test
    void featuresMayBeMissingOrThereTwice() {
        assertSameBits(random(1), HandOptions.columns(List.of(new int[] {0, 2}, new int[] {2, 1}), 3, 6, 2));
        assertSameBits(
                random(2),
                HandOptions.columns(
                        List.of(new int[] {0, 2}, new int[] {0, 1}, new int[] {0, 2}, new int[] {1, 0}), 3, 6));
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 9})
    void whatIsNoOptionIsRefused(int n) {
        RandomGenerator random = random(1);
        for (OptionColumns options : List.of(HandOptions.inOrder(3, 2, 4), HandOptions.shuffled(random, 3, 2, 4))) {
            FlatModel.OfChoices of = linear(random, options).of(options);
            for (int[] row : HandOptions.wrong324()) {
                int[][] choices = HandOptions.choices(random, options.sizes(), n);
                choices[n - 1] = row;
                assertThatThrownBy(() -> predictAll(of, choices))
                        .isInstanceOf(IllegalArgumentException.class)
                        .hasMessageContaining(Arrays.toString(row));
            }
        }
    }
}

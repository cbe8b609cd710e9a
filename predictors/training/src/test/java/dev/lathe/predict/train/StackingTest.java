package dev.lathe.predict.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.lathe.base.Seeds;
import java.util.Arrays;
import java.util.random.RandomGenerator;
import java.util.stream.IntStream;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.RepetitionInfo;
import org.junit.jupiter.api.Test;

class StackingTest {
    private static final int ROWS = 60;
    private static final int[] ALL = IntStream.range(0, ROWS).toArray();

    private static double[] noise(RandomGenerator random, double size) {
        return random.doubles(ROWS).map(v -> size * (v - 0.5)).toArray();
    }

    private static double error(double[][] predicted, double[] w, double[] targets) {
        double sum = 0;
        for (int r = 0; r < ROWS; r++) {
            double e = -targets[r];
            for (int m = 0; m < w.length; m++) {
                e += w[m] * predicted[m][r];
            }
            sum += e * e;
        }
        return sum;
    }

    /** No mean of the models, drawn anywhere, is better than the one found. */
    @RepeatedTest(20)
    void noOtherMeanIsBetter(RepetitionInfo repetition) {
        RandomGenerator random = Seeds.generator(repetition.getCurrentRepetition(), "stack", 0);
        double[] targets = noise(random, 10);
        double[][] predicted = new double[4][];
        for (int m = 0; m < predicted.length; m++) {
            double[] error = noise(random, 0.5 + m);
            double shift = random.nextGaussian();
            predicted[m] = IntStream.range(0, ROWS)
                    .mapToDouble(r -> targets[r] + error[r] + shift)
                    .toArray();
        }
        double[] w = Stacking.weights(predicted, targets, ALL);
        assertThat(w).hasSize(4);
        assertThat(Arrays.stream(w).min().orElseThrow()).isNotNegative();
        assertThat(Arrays.stream(w).sum()).isCloseTo(1, within(1e-9));
        double least = error(predicted, w, targets);
        for (int t = 0; t < 2000; t++) {
            double[] other = random.doubles(4).map(v -> -Math.log(v)).toArray();
            double sum = Arrays.stream(other).sum();
            for (int m = 0; m < other.length; m++) {
                other[m] /= sum;
            }
            assertThat(error(predicted, other, targets)).isGreaterThan(least * (1 - 1e-4));
        }
    }

    @Test
    void aPerfectModelGetsAllAndTwinsShare() {
        RandomGenerator random = Seeds.generator(1, "stack", 0);
        double[] targets = noise(random, 10);
        double[] far = noise(random, 10);
        assertThat(Stacking.weights(new double[][] {far, targets}, targets, ALL)[1])
                .isCloseTo(1, within(1e-4));
        assertThat(Stacking.weights(new double[][] {far, far.clone()}, targets, ALL))
                .containsExactly(new double[] {0.5, 0.5}, within(1e-6));
        assertThat(Stacking.weights(new double[][] {targets, targets.clone()}, targets, ALL))
                .containsExactly(new double[] {0.5, 0.5}, within(1e-6));
    }
}

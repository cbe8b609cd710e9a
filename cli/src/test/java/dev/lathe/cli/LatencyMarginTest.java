package dev.lathe.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.lathe.base.InvalidInputException;
import dev.lathe.base.Seeds;
import java.util.Arrays;
import java.util.random.RandomGenerator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class LatencyMarginTest {
    private static PredictorStep.Scatter networks(RandomGenerator random, int n) {
        double[] measured = new double[n];
        double[] predicted = new double[n];
        for (int i = 0; i < n; i++) {
            predicted[i] = 1 + random.nextDouble();
            // Skewed: slow networks are further off than fast ones.
            measured[i] = predicted[i] * (0.95 + 0.1 * Math.exp(random.nextGaussian()));
        }
        return new PredictorStep.Scatter(measured, predicted);
    }

    /** Whatever the distribution of the errors: of networks like those held out, the stated share is within. */
    @ParameterizedTest
    @ValueSource(doubles = {0.5, 0.8, 0.9, 0.95})
    void theStatedShareOfNewNetworksIsWithinTheBudget(double level) {
        RandomGenerator random = Seeds.generator(1, "margin", 0);
        int inside = 0;
        int trials = 4000;
        for (int t = 0; t < trials; t++) {
            double margin = LatencyMargin.of(networks(random, 40), level);
            PredictorStep.Scatter fresh = networks(random, 1);
            inside += fresh.measured()[0] <= fresh.predicted()[0] * (1 + margin) ? 1 : 0;
        }
        assertThat(inside / (double) trials).isBetween(level - 0.015, level + 0.04);
    }

    @Test
    void nineNetworksSupportNinetyPercentByTheirWorst() {
        double[] predicted = new double[9];
        Arrays.fill(predicted, 2);
        double[] measured = {2, 2.1, 2, 1.9, 2.5, 2, 2, 2, 2};
        assertThat(LatencyMargin.of(new PredictorStep.Scatter(measured, predicted), 0.9))
                .isCloseTo(0.25, within(1e-12));
        assertThatThrownBy(() -> LatencyMargin.of(new PredictorStep.Scatter(measured, predicted), 0.95))
                .isInstanceOf(InvalidInputException.class)
                .hasMessageContainingAll("0.95", "9 networks", "profile.networks");
    }

    @Test
    void aPredictorThatIsTooSlowNeedsNoMargin() {
        double[] measured = new double[20];
        double[] predicted = new double[20];
        Arrays.fill(measured, 1);
        Arrays.fill(predicted, 3);
        assertThat(LatencyMargin.of(new PredictorStep.Scatter(measured, predicted), 0.9))
                .isZero();
        Arrays.fill(predicted, 0);
        assertThatThrownBy(() -> LatencyMargin.of(new PredictorStep.Scatter(measured, predicted), 0.9))
                .isInstanceOf(InvalidInputException.class)
                .hasMessageContaining("not above 0");
    }
}

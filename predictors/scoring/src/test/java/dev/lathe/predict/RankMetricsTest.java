package dev.lathe.predict;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import org.junit.jupiter.api.Test;

class RankMetricsTest {
    private static final org.assertj.core.data.Offset<Double> EXACT = within(1e-12);

    @Test
    void agreesWithNumbersWorkedByHand() {
        // Squared rank differences 0, 1, 1, 0: rho = 1 - 6*2/(4*15). One of six pairs is discordant: tau = (5-1)/6.
        double[] predicted = {10, 20, 30, 40};
        double[] measured = {1, 3, 2, 4};
        assertThat(RankMetrics.spearman(predicted, measured)).isCloseTo(0.8, EXACT);
        assertThat(RankMetrics.kendallTauB(predicted, measured)).isCloseTo(2.0 / 3, EXACT);
        assertThat(RankMetrics.spearman(predicted, new double[] {4, 3, 2, 1})).isCloseTo(-1, EXACT);
        assertThat(RankMetrics.kendallTauB(predicted, new double[] {4, 3, 2, 1}))
                .isCloseTo(-1, EXACT);
    }

    @Test
    void tiesShareTheirMeanRankAndAreCorrectedFor() {
        // Ranks 1, 2.5, 2.5, 4 against 1, 2, 3, 4: covariance 4.5, variances 4.5 and 5. Five concordant pairs, one tie.
        double[] predicted = {1, 2, 2, 3};
        double[] measured = {1, 2, 3, 4};
        assertThat(RankMetrics.spearman(predicted, measured)).isCloseTo(4.5 / Math.sqrt(4.5 * 5), EXACT);
        assertThat(RankMetrics.kendallTauB(predicted, measured)).isCloseTo(5 / Math.sqrt(5 * 6.0), EXACT);
    }

    @Test
    void errorsAreInTheUnitOfTheMetricAndInPercent() {
        RankQuality q = RankMetrics.of(new double[] {2, 4, 9}, new double[] {1, 4, 10});
        assertThat(q.rows()).isEqualTo(3);
        assertThat(q.meanAbsoluteError()).isCloseTo(2.0 / 3, EXACT);
        assertThat(q.rootMeanSquareError()).isCloseTo(Math.sqrt(2.0 / 3), EXACT);
        assertThat(q.medianAbsolutePercentageError()).isCloseTo(10, EXACT);
        // 100 %, 0 %, 10 %, 50 %: the mean of the middle two; the row measured as 0 has no percentage.
        RankQuality even = RankMetrics.of(new double[] {2, 4, 9, 3, 7}, new double[] {1, 4, 10, 2, 0});
        assertThat(even.medianAbsolutePercentageError()).isCloseTo(30, EXACT);
    }

    @Test
    void aConstantRanksNothing() {
        RankQuality q = RankMetrics.of(new double[] {5, 5, 5}, new double[] {1, 2, 3});
        assertThat(q.spearman()).isZero();
        assertThat(q.kendallTauB()).isZero();
    }

    @Test
    void refusesWhatCannotBeCompared() {
        assertThatThrownBy(() -> RankMetrics.of(new double[] {1, 2}, new double[] {1, 2, 3}))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("2 and 3");
        assertThatThrownBy(() -> RankMetrics.of(new double[] {1}, new double[] {1}))
                .isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> RankMetrics.of(new double[] {1, Double.NaN}, new double[] {1, 2}))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("finite");
    }
}

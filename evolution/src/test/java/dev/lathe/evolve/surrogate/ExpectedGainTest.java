package dev.lathe.evolve.surrogate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.lathe.evolve.Hypervolume;
import java.util.Arrays;
import java.util.SplittableRandom;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ExpectedGainTest {
    private static double[][] front(int n, int d, SplittableRandom random) {
        double[][] points = new double[n][d];
        for (double[] p : points) {
            Arrays.setAll(p, i -> random.nextDouble());
        }
        return points;
    }

    private static double[] ones(int d) {
        double[] r = new double[d];
        Arrays.fill(r, 1);
        return r;
    }

    private static double grown(double[][] front, double[] point, double[] reference) {
        double[][] more = Arrays.copyOf(front, front.length + 1);
        more[front.length] = point;
        return Hypervolume.of(more, reference) - Hypervolume.of(front, reference);
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 3, 4})
    void withoutDoubtItIsTheGrowthOfTheHypervolume(int d) {
        SplittableRandom random = new SplittableRandom(5);
        double[][] front = front(12, d, random);
        ExpectedGain gain = new ExpectedGain(front, ones(d));
        for (int i = 0; i < 50; i++) {
            double[] p = new double[d];
            Arrays.setAll(p, k -> 1.2 * random.nextDouble() - 0.2);
            assertThat(gain.of(p, new double[d])).isCloseTo(grown(front, p, ones(d)), within(1e-12));
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 3, 4})
    void agreesWithSampling(int d) {
        SplittableRandom random = new SplittableRandom(11);
        double[][] front = front(8, d, random);
        double[] mean = new double[d];
        double[] deviation = new double[d];
        Arrays.fill(mean, 0.3);
        Arrays.setAll(deviation, i -> 0.1 + 0.05 * i);
        int n = 20_000;
        double sum = 0;
        double squares = 0;
        for (int s = 0; s < n; s++) {
            double[] p = new double[d];
            Arrays.setAll(p, i -> mean[i] + deviation[i] * random.nextGaussian());
            double g = grown(front, p, ones(d));
            sum += g;
            squares += g * g;
        }
        double error = Math.sqrt((squares / n - sum / n * (sum / n)) / n);
        assertThat(new ExpectedGain(front, ones(d)).of(mean, deviation)).isCloseTo(sum / n, within(4 * error));
    }

    @ParameterizedTest
    @ValueSource(ints = {2, 3})
    void whatIsFoundGainsNoMore(int d) {
        SplittableRandom random = new SplittableRandom(3);
        ExpectedGain gain = new ExpectedGain(front(5, d, random), ones(d));
        double[] p = new double[d];
        Arrays.fill(p, 0.05);
        double before = gain.of(p, new double[d]);
        gain.add(p);
        assertThat(before).isPositive();
        assertThat(gain.of(p, new double[d])).isZero();
    }
}

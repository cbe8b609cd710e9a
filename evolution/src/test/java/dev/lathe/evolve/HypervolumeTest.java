package dev.lathe.evolve;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.Arrays;
import java.util.Random;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;

class HypervolumeTest {
    private static double[] p(double... v) {
        return v;
    }

    @Test
    void valuesWorkedByHand() {
        assertThat(Hypervolume.of(new double[][] {p(3), p(1)}, p(4))).isEqualTo(3);
        // Three steps: 1x1 + 1x2 + 1x3 of a 4x4 box.
        assertThat(Hypervolume.of(new double[][] {p(1, 3), p(2, 2), p(3, 1)}, p(4, 4)))
                .isEqualTo(6);
        // Two boxes of 2x2x1 and 1x1x2 ... that share 1x1x1.
        assertThat(Hypervolume.of(new double[][] {p(0, 0, 1), p(1, 1, 0)}, p(2, 2, 2)))
                .isEqualTo(5);
        assertThat(Hypervolume.of(new double[][] {p(0, 0, 0, 1), p(1, 1, 1, 0)}, p(2, 2, 2, 2)))
                .isEqualTo(8 + 2 - 1);
    }

    @Test
    void pointsOutsideTheReferenceAddNothing() {
        assertThat(Hypervolume.of(new double[0][], p(1, 1, 1))).isZero();
        assertThat(Hypervolume.of(new double[][] {p(1, 0, 0), p(0, 2, 0), p(-9, -9, 1)}, p(1, 1, 1)))
                .isZero();
    }

    @Test
    void refusesWhatItCannotMeasure() {
        assertThatThrownBy(() -> Hypervolume.of(new double[0][], new double[5])).hasMessageContaining("not 5");
        assertThatThrownBy(() -> Hypervolume.of(new double[][] {p(1, 2)}, p(1, 1, 1)))
                .hasMessageContaining("[1.0, 2.0] has 2 components, the reference point has 3");
    }

    /** Volume of a union by inclusion and exclusion over all subsets: slow, and obviously right. */
    private static double byInclusionExclusion(double[][] points, double[] reference) {
        double sum = 0;
        for (int set = 1; set < 1 << points.length; set++) {
            double volume = Integer.bitCount(set) % 2 == 1 ? 1 : -1;
            for (int j = 0; j < reference.length; j++) {
                double worst = Double.NEGATIVE_INFINITY;
                for (int i = 0; i < points.length; i++) {
                    if ((set >> i & 1) == 1) {
                        worst = Math.max(worst, points[i][j]);
                    }
                }
                volume *= Math.max(0, reference[j] - worst);
            }
            sum += volume;
        }
        return sum;
    }

    @Property(tries = 600)
    void equalsInclusionExclusion(
            @ForAll long seed, @ForAll @IntRange(min = 1, max = 4) int d, @ForAll @IntRange(min = 0, max = 9) int n) {
        Random random = new Random(seed);
        double[][] points = new double[n][d];
        double[] reference = new double[d];
        Arrays.fill(reference, 5);
        boolean grid = random.nextBoolean(); // grids have ties
        for (double[] point : points) {
            for (int j = 0; j < d; j++) {
                point[j] = grid ? random.nextInt(7) : random.nextDouble() * 6;
            }
        }
        assertThat(Hypervolume.of(points, reference)).isCloseTo(byInclusionExclusion(points, reference), within(1e-9));
    }

    @Test
    void aFrontOf500AgreesWithSampling() {
        for (int d = 2; d <= 4; d++) {
            Random random = new Random(d);
            double[][] points = new double[500][d];
            for (double[] point : points) {
                double norm = 0;
                for (int j = 0; j < d; j++) {
                    point[j] = Math.abs(random.nextGaussian());
                    norm += point[j] * point[j];
                }
                for (int j = 0; j < d; j++) {
                    point[j] = 1 - point[j] / Math.sqrt(norm);
                }
            }
            double[] reference = new double[d];
            Arrays.fill(reference, 1);
            int draws = 40_000;
            int hit = 0;
            for (int i = 0; i < draws; i++) {
                double[] q = random.doubles(d).toArray();
                hit += Arrays.stream(points).anyMatch(point -> Dominance.covers(point, q)) ? 1 : 0;
            }
            assertThat(Hypervolume.of(points, reference)).isCloseTo((double) hit / draws, within(0.01));
        }
    }
}

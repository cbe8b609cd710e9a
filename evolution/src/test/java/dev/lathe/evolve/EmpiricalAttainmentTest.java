package dev.lathe.evolve;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class EmpiricalAttainmentTest {
    private static final double[] WORST = {10, 10};

    private static List<double[][]> drawn(int runs, Random random) {
        List<double[][]> all = new ArrayList<>();
        for (int r = 0; r < runs; r++) {
            double[][] points = new double[random.nextInt(8)][];
            for (int i = 0; i < points.length; i++) {
                points[i] = new double[] {random.nextInt(10), random.nextInt(10)};
            }
            all.add(points);
        }
        return all;
    }

    private static boolean isAttained(double[][] surface, double x, double y) {
        return Arrays.stream(surface).anyMatch(p -> p[0] <= x && p[1] <= y);
    }

    /** Three staircases: by hand, (2, 4) is reached by the first and the second, (4, 2) by the second and the third. */
    @Test
    void theMedianOfThreeRunsIsWhatTwoOfThemReached() {
        EmpiricalAttainment a = EmpiricalAttainment.of(List.of(
                new double[][] {{1, 4}, {5, 3}}, new double[][] {{2, 4}, {3, 2}}, new double[][] {{4, 1}, {9, 0}}));
        assertThat(a.median()).isDeepEqualTo(new double[][] {{2, 4}, {4, 2}});
        assertThat(a.surface(1)).isDeepEqualTo(new double[][] {{1, 4}, {3, 2}, {4, 1}, {9, 0}});
        assertThat(a.surface(3)).isDeepEqualTo(new double[][] {{4, 4}, {5, 3}});
        assertThat(a.at(2, 4)).isEqualTo(2 / 3.0);
        assertThat(a.at(0, 9)).isZero();
        assertThat(a.at(5, 3)).isEqualTo(1);
    }

    /** What defines them: a surface attains exactly the points that so many runs attain. */
    @Test
    void aSurfaceAttainsWhatSoManyRunsAttain() {
        Random random = new Random(1);
        for (int trial = 0; trial < 100; trial++) {
            int runs = 1 + random.nextInt(6);
            EmpiricalAttainment a = EmpiricalAttainment.of(drawn(runs, random));
            for (int k = 1; k <= runs; k++) {
                double[][] surface = a.surface(k);
                for (int i = 1; i < surface.length; i++) {
                    assertThat(surface[i][0]).isGreaterThan(surface[i - 1][0]);
                    assertThat(surface[i][1]).isLessThan(surface[i - 1][1]);
                }
                for (double x = -0.5; x < 11; x += 0.5) {
                    for (double y = -0.5; y < 11; y += 0.5) {
                        assertThat(isAttained(surface, x, y)).isEqualTo(Math.round(a.at(x, y) * runs) >= k);
                    }
                }
            }
        }
    }

    /** Each point counts once for each run that attains it, whether one adds run by run or surface by surface. */
    @Test
    void theHypervolumesOfTheSurfacesAddUpToThoseOfTheRuns() {
        Random random = new Random(2);
        for (int trial = 0; trial < 100; trial++) {
            int runs = 1 + random.nextInt(9);
            List<double[][]> found = drawn(runs, random);
            EmpiricalAttainment a = EmpiricalAttainment.of(found);
            double byRun =
                    found.stream().mapToDouble(f -> Hypervolume.of(f, WORST)).sum();
            double bySurface = 0;
            double last = Double.POSITIVE_INFINITY;
            for (int k = 1; k <= runs; k++) {
                double volume = Hypervolume.of(a.surface(k), WORST);
                assertThat(volume).isLessThanOrEqualTo(last);
                bySurface += volume;
                last = volume;
            }
            assertThat(bySurface).isCloseTo(byRun, within(1e-9));
            List<double[][]> shuffled = new ArrayList<>(found);
            Collections.shuffle(shuffled, random);
            assertThat(EmpiricalAttainment.of(shuffled).median()).isDeepEqualTo(a.median());
        }
    }

    @Test
    void runsThatFoundNothingCount() {
        EmpiricalAttainment a = EmpiricalAttainment.of(List.of(new double[][] {{1, 1}}, new double[0][]));
        assertThat(a.median()).isDeepEqualTo(new double[][] {{1, 1}});
        assertThat(a.surface(2)).isEmpty();
        assertThat(a.at(1, 1)).isEqualTo(0.5);
    }

    @Test
    void otherThanTwoNumbersAreRefused() {
        assertThatThrownBy(() -> EmpiricalAttainment.of(List.of())).hasMessageContaining("at least one run");
        assertThatThrownBy(() -> EmpiricalAttainment.of(List.<double[][]>of(new double[][] {{1, 2, 3}})))
                .hasMessageContaining("[1.0, 2.0, 3.0]");
        assertThatThrownBy(() -> EmpiricalAttainment.of(List.<double[][]>of(new double[][] {{1, Double.NaN}})))
                .hasMessageContaining("NaN");
        EmpiricalAttainment one = EmpiricalAttainment.of(List.<double[][]>of(new double[][] {{1, 2}}));
        assertThatThrownBy(() -> one.surface(2)).hasMessageContaining("1 to 1 runs, not 2");
        assertThatThrownBy(() -> one.surface(0)).hasMessageContaining("not 0");
    }
}

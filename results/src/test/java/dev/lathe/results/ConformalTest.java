package dev.lathe.results;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lathe.base.Seeds;
import dev.lathe.results.ReportData.Pair;
import dev.lathe.results.ReportData.Scatter;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.random.RandomGenerator;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class ConformalTest {
    private static Scatter scatter(List<Pair> points, boolean isRelative) {
        return new Scatter("m", points, Map.of(), isRelative);
    }

    /** Ten errors 1 to 10: the interval of each is the largest of the others (the 9th of 9). */
    @Test
    void givenTenErrors_whenIntervalsAreMade_thenTheyAreThoseWorkedByHand() {
        List<Pair> points = IntStream.rangeClosed(1, 10)
                .mapToObj(i -> new Pair(100, 100 + i))
                .toList();
        List<double[]> intervals = Conformal.intervals(scatter(points, false));
        assertThat(intervals.get(0)).containsExactly(90, 110);
        assertThat(intervals.get(9)).containsExactly(91, 109);
        List<double[]> relative = Conformal.intervals(scatter(points, true));
        assertThat(relative.get(0)[1]).isBetween(109.999, 110.001);
    }

    @Test
    void givenFewerThanTen_whenIntervalsAreMade_thenThereAreNone() {
        for (int n = 0; n < 10; n++) {
            List<Pair> points =
                    IntStream.range(0, n).mapToObj(i -> new Pair(1, i)).toList();
            assertThat(Conformal.intervals(scatter(points, false)))
                    .as("%d points", n)
                    .isEmpty();
        }
    }

    /** The law of split conformal prediction: at least nine of ten on average, whatever the errors are like. */
    @Test
    void givenSkewedErrors_whenManySetsAreDrawn_thenNineOfTenAreInside() {
        RandomGenerator random = Seeds.generator(1, "conformal", 0);
        for (boolean isRelative : new boolean[] {false, true}) {
            int inside = 0;
            int all = 0;
            for (int set = 0; set < 300; set++) {
                List<Pair> points = new ArrayList<>();
                for (int i = 0; i < 25; i++) {
                    double predicted = 1 + random.nextDouble();
                    points.add(new Pair(predicted, predicted * (1 + 0.2 * random.nextExponential())));
                }
                List<double[]> intervals = Conformal.intervals(scatter(points, isRelative));
                for (int i = 0; i < points.size(); i++) {
                    double actual = points.get(i).actual();
                    inside +=
                            actual >= intervals.get(i)[0] && actual <= intervals.get(i)[1] ? 1 : 0;
                    all++;
                }
            }
            assertThat(inside / (double) all).isBetween(0.89, 0.95);
        }
    }
}

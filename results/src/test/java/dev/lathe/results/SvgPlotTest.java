package dev.lathe.results;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lathe.results.SvgPlot.Axis;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class SvgPlotTest {
    @Test
    void givenAnyRange_whenTicksAreMade_thenTheyAreRoundDistinctAndWithin() {
        Random r = new Random(1);
        for (int i = 0; i < 2000; i++) {
            double low = r.nextGaussian() * Math.pow(10, r.nextInt(9) - 4);
            double high = low + r.nextDouble() * Math.pow(10, r.nextInt(9) - 4) + 1e-6;
            int wanted = 3 + r.nextInt(8);
            Axis axis = new Axis("x", low, high);
            List<Double> ticks = axis.ticks(wanted);
            double slack = axis.step(wanted) * 1e-6;
            assertThat(ticks).hasSizeBetween(1, wanted + 1).isSorted();
            assertThat(ticks).allMatch(t -> t >= low - slack && t <= high + slack);
            assertThat(ticks.stream().map(t -> axis.tick(t, wanted))).doesNotHaveDuplicates();
        }
        assertThat(new Axis("x", 0, 1).ticks(5)).hasSize(6);
        assertThat(new Axis("x", 0, 20_000).tick(10_000, 4)).isEqualTo("10,000");
        assertThat(new Axis("x", -1, 1).tick(-0.0, 4)).isEqualTo("0.0");
    }

    @Test
    void givenValues_whenAnAxisIsMade_thenItHoldsAllEvenOneOrNone() {
        assertThat(Axis.over("x", 1, 2).holds(1)).isTrue();
        assertThat(Axis.over("x", 5, 5).holds(5)).isTrue();
        assertThat(Axis.over("x", 0).holds(0)).isTrue();
        assertThat(Axis.over("x").low()).isLessThan(Axis.over("x").high());
        assertThatThrownBy(() -> new Axis("x", 1, 1)).hasMessageContaining("x");
        assertThatThrownBy(() -> new Axis("x", 0, Double.POSITIVE_INFINITY)).hasMessageContaining("Infinity");
    }

    @Test
    void givenDotsOutsideTheAxes_whenDrawn_thenTheyAreLeftOutAndCounted() {
        SvgPlot plot = new SvgPlot(200, 100, new Axis("x", 0, 1), new Axis("y", 0, 1));
        int left = plot.dots(List.of(new double[] {0.5, 0.5}, new double[] {2, 0.5}, new double[] {0.5, -1}), "a");
        assertThat(left).isEqualTo(2);
        assertThat(plot.render("p", "").split("h0", -1)).hasSize(2);
    }

    @Test
    void givenNumbers_whenShown_thenTheyHaveUnitsAndThreeDigits() {
        assertThat(Shown.percent(0.97333)).isEqualTo("97.33 %");
        assertThat(Shown.kib(1024)).isEqualTo("1.00 KiB");
        assertThat(Shown.kib(3 * 1024 * 1024)).isEqualTo("3.00 MiB");
        assertThat(Shown.count(999)).isEqualTo("999");
        assertThat(Shown.count(1_234_567)).isEqualTo("1.23 M");
        assertThat(Shown.digits(0.012345)).isEqualTo("0.0123");
        assertThat(Shown.digits(12.345)).isEqualTo("12.3");
        assertThat(Shown.digits(0)).isEqualTo("0");
        assertThat(Shown.plain(3)).isEqualTo("3");
        assertThat(Shown.plain(0.5)).isEqualTo("0.5");
        assertThat(Shown.TimeUnit.fit(0.9).shown(0.0342)).isEqualTo("34.2 µs");
        assertThat(Shown.TimeUnit.fit(1.5).shown(0.0342)).isEqualTo("0.0342 ms");
    }
}

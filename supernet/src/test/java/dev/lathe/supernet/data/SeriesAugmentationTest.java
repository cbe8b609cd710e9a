package dev.lathe.supernet.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lathe.base.InvalidInputException;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class SeriesAugmentationTest {
    private static final int SENSORS = 3;
    private static final int STEPS = 64;

    private static float[] ramp() {
        float[] v = new float[2 + SENSORS * STEPS + 2];
        for (int i = 0; i < v.length; i++) {
            v[i] = 0.3f + 0.002f * i;
        }
        return v;
    }

    private static float[] changed(SeriesAugmentation a, long seed) {
        float[] v = ramp();
        a.apply(v, 2, STEPS, SENSORS, new SplittableRandom(seed));
        return v;
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4, 5})
    void nothingOutsideTheSeriesChangesAndNoneLeavesItAsItIs(long seed) {
        float[] before = ramp();
        float[] after = changed(new SeriesAugmentation(0.1, 0.2, 0.2), seed);
        for (int i : new int[] {0, 1, before.length - 2, before.length - 1}) {
            assertThat(after[i]).isEqualTo(before[i]);
        }
        assertThat(after).isNotEqualTo(before).isEqualTo(changed(new SeriesAugmentation(0.1, 0.2, 0.2), seed));
        assertThat(changed(SeriesAugmentation.NONE, seed))
                .containsExactly(before, org.assertj.core.data.Offset.offset(1e-7f));
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8})
    void shiftMovesAllSensorsAlikeAndRepeatsTheEdge(long seed) {
        float[] before = ramp();
        float[] after = changed(new SeriesAugmentation(0, 0, 0.25), seed);
        int middle = 2 + 30 * SENSORS;
        int by = Math.round((before[middle] - after[middle]) / (0.002f * SENSORS));
        assertThat(Math.abs(by)).isLessThanOrEqualTo(STEPS / 4);
        for (int c = 0; c < SENSORS; c++) {
            for (int t = 0; t < STEPS; t++) {
                int from = Math.max(0, Math.min(STEPS - 1, t - by));
                assertThat(after[2 + t * SENSORS + c])
                        .isCloseTo(before[2 + from * SENSORS + c], org.assertj.core.data.Offset.offset(1e-6f));
            }
        }
    }

    @Test
    void scalingIsAboutTheMeanWithOneFactorASensor() {
        float[] before = ramp();
        float[] after = changed(new SeriesAugmentation(0, 0.3, 0), 7);
        for (int c = 0; c < SENSORS; c++) {
            int at = 2 + c;
            double factor = (after[at] - 0.5) / (before[at] - 0.5);
            for (int t = 0; t < STEPS; t++) {
                assertThat((double) after[at + t * SENSORS])
                        .isCloseTo(
                                0.5 + factor * (before[at + t * SENSORS] - 0.5),
                                org.assertj.core.data.Offset.offset(1e-5));
            }
        }
    }

    @Test
    void jitterHasTheDeviationAskedFor() {
        double squares = 0;
        int n = 0;
        for (int seed = 0; seed < 200; seed++) {
            float[] before = ramp();
            float[] after = changed(new SeriesAugmentation(0.2, 0, 0), seed);
            for (int i = 2; i < 2 + SENSORS * STEPS; i++) {
                squares += Math.pow(after[i] - before[i], 2);
                n++;
            }
        }
        assertThat(Math.sqrt(squares / n)).isCloseTo(0.2 * 0.1, org.assertj.core.data.Offset.offset(0.0005));
    }

    @ParameterizedTest
    @ValueSource(doubles = {-0.1, 1.5, Double.NaN, Double.POSITIVE_INFINITY})
    void valuesOutOfRangeAreRefused(double v) {
        assertThatThrownBy(() -> new SeriesAugmentation(v, 0, 0))
                .isInstanceOf(InvalidInputException.class)
                .hasMessageContaining("training.jitter is");
        assertThatThrownBy(() -> new SeriesAugmentation(0, v, 0)).hasMessageContaining("training.scaling is");
        assertThatThrownBy(() -> new SeriesAugmentation(0, 0, v)).hasMessageContaining("training.shift is");
    }
}

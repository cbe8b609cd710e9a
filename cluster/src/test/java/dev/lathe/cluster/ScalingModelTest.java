package dev.lathe.cluster;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import org.junit.jupiter.api.Test;

class ScalingModelTest {
    private static ScalingModel model(double spread, double stragglers) {
        return new ScalingModel(40, 1, 2, 100, spread, stragglers, 10);
    }

    @Test
    void equalEvaluationsTakeWhatTheirPartsTake() {
        // 5 generations of 100 on 10 cores in 20 tasks of 5: a job, the start of each core's first task, two tasks one
        // after the other.
        assertThat(model(0, 0).generations(10, 100, 500).seconds()).isCloseTo(5 * (40 + 10 + 1000) / 1e3, within(1e-9));
        // 10 islands of 10 parents: 100 evaluations each and epoch.
        assertThat(model(0, 0).islands(10, 100, 2000).seconds()).isCloseTo(2 * (40 + 10 + 10_000) / 1e3, within(1e-9));
        // 10 cores, 100 evaluations: the driver starts the last core's first after 20 ms.
        assertThat(model(0, 0).asynchronous(10, 20, 100).seconds()).isCloseTo((40 + 20 + 1000) / 1e3, within(1e-9));
    }

    @Test
    void withStragglersAsynchronousEvaluationWaitsLeastAndGenerationsMost() {
        ScalingModel m = model(0.3, 0.01);
        double generations = m.generations(100, 200, 20_000).speedUp();
        double islands = m.islands(100, 400, 20_000).speedUp();
        double asynchronous = m.asynchronous(100, 400, 20_000).speedUp();
        assertThat(generations).isLessThan(islands);
        assertThat(generations).isLessThan(asynchronous);
        assertThat(Math.max(islands, asynchronous)).isLessThan(100);
    }

    @Test
    void nothingIsFasterThanItsCores() {
        for (int cores : new int[] {1, 7, 64}) {
            assertThat(model(0.5, 0.05).generations(cores, 300, 3000).speedUp()).isLessThanOrEqualTo(cores);
            assertThat(model(0.5, 0.05).islands(cores, 300, 3000).speedUp()).isLessThanOrEqualTo(cores);
            assertThat(model(0.5, 0.05).asynchronous(cores, 2 * cores, 3000).speedUp())
                    .isLessThanOrEqualTo(cores);
        }
    }
}

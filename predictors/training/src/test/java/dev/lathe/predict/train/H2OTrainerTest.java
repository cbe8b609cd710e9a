package dev.lathe.predict.train;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lathe.base.Seeds;
import dev.lathe.predict.ArchitectureFeatures;
import dev.lathe.space.Architecture;
import dev.lathe.space.SearchSpace;
import dev.lathe.space.SearchSpaces;
import dev.lathe.space.TaskShape;
import java.util.List;
import java.util.random.RandomGenerator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class H2OTrainerTest {
    private static final TaskShape DIGITS = new TaskShape(1, 8, 8, 10);
    private static final TrainerSettings SETTINGS = TrainerSettings.defaults();
    private static final TrainerSettings QUICK = new TrainerSettings(40, 4, 0.15, 3, 0.8, 0.6, 0.2, 3, true);

    /** A smooth function with an interaction and a threshold, which neither a line nor a tree has for free. */
    private static TrainingTable synthetic(int rows, long seed) {
        RandomGenerator random = Seeds.generator(seed, "synthetic", 0);
        double[][] x = new double[rows][6];
        double[] y = new double[rows];
        for (int i = 0; i < rows; i++) {
            for (int j = 0; j < 6; j++) {
                x[i][j] = random.nextInt(5);
            }
            y[i] = 1 + 2 * x[i][0] + x[i][1] * x[i][2] + (x[i][3] > 2 ? 3 : 0) + 0.1 * random.nextGaussian();
        }
        return new TrainingTable(List.of("a", "b", "c", "d", "e", "f"), x, "latencyMs", y);
    }

    /** Made-up latencies of random networks: a start-up cost per operator, a cost per MAC and per element, 3 % noise. */
    private static TrainingTable networks(String spaceName, int rows, long seed) {
        SearchSpace space = SearchSpaces.create(spaceName, DIGITS);
        ArchitectureFeatures features = new ArchitectureFeatures(space);
        RandomGenerator random = Seeds.generator(seed, "networks", 0);
        double[][] x = new double[rows][];
        double[] y = new double[rows];
        for (int i = 0; i < rows; i++) {
            Architecture a = space.random(random);
            x[i] = features.of(a);
            y[i] = space.lower(a).nodes().stream()
                            .mapToDouble(n -> 2e-3
                                    + 1e-7
                                            * n.macs()
                                            / Math.sqrt(n.output().shape().extent(0))
                                    + 5e-7 * n.output().shape().elements())
                            .sum()
                    * (1 + 0.03 * random.nextGaussian());
        }
        return new TrainingTable(features.names(), x, "latencyMs", y);
    }

    @Test
    void ranksHeldOutRowsOfASyntheticFunction() {
        TrainedPredictor p = new H2OTrainer().train(synthetic(250, 1), SETTINGS, 1);
        System.err.println(p.candidates());
        System.err.println(p.heldOut());
        assertThat(p.heldOut().rows()).isEqualTo(50);
        assertThat(p.heldOut().spearman()).isGreaterThan(0.95);
        assertThat(p.trainingRows()).isEqualTo(250);
    }

    @ParameterizedTest
    @ValueSource(strings = {"mbconv-tiny", "vit-tiny"})
    void ranksHeldOutNetworksOfBothSpaces(String space) {
        long t = System.nanoTime();
        TrainedPredictor p = new H2OTrainer().train(networks(space, 250, 3), SETTINGS, 7);
        System.err.println(space + " " + (System.nanoTime() - t) / 1e9 + " s " + p.trainer() + " " + p.heldOut());
        p.candidates().forEach((k, v) -> System.err.println("  " + k + " " + v));
        assertThat(p.heldOut().spearman()).isGreaterThan(0.9);
    }
}

package dev.lathe.predict.help;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lathe.predict.adapt.ChoiceEncoding;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import java.util.random.RandomGenerator;
import org.junit.jupiter.api.Test;

/** The hand-written derivatives against central differences of the loss they claim to differentiate. */
class MetaStepTest {
    private static final double DIVERGENCE = 0.01;

    private final RandomGenerator random = new SplittableRandom(7);
    private final ChoiceEncoding encoding =
            new ChoiceEncoding(List.of("op_0", "op_1", "op_2"), List.of(List.of(0, 1, 2)));
    private final CellGraph graph =
            CellGraph.of(encoding, List.of(-1, 0, 1, 2, -1), new int[][] {{0, 1}, {0, 2}, {1, 3}, {2, 4}, {3, 4}});
    private final HelpNetwork network = new HelpNetwork(graph.types(), 4, 5);
    private final HardwareModulation modulation = new HardwareModulation(network, 4);
    private final MetaStep step = new MetaStep(network, modulation);

    @Test
    void thePublishedNetworkHasThePublishedNumberOfParameters() {
        HelpNetwork published = new HelpNetwork(8, 10, 100);
        assertThat(published.size()).isEqualTo(123_001);
        assertThat(new HardwareModulation(published, 10).size()).isEqualTo(13_376);
    }

    @Test
    void secondOrderGradientsAreThoseOfTheLoss() {
        assertThat(worstError(true)).isLessThan(1e-5);
    }

    /** Otherwise the test above would pass without the Hessian. */
    @Test
    void firstOrderGradientsAreNot() {
        assertThat(worstError(false)).isGreaterThan(1e-3);
    }

    private double worstError(boolean secondOrder) {
        MetaStep.Learned l = learned();
        MetaStep.DeviceTask task = task();
        MetaStep.Learned gradient = l.zeros();
        step.gradient(l, task, DIVERGENCE, secondOrder, gradient);
        double worst = 0;
        for (double[][] pair : new double[][][] {
            {l.theta(), gradient.theta()}, {l.alpha(), gradient.alpha()}, {l.phi(), gradient.phi()}
        }) {
            double scale = Arrays.stream(pair[1]).map(Math::abs).max().orElse(1);
            for (int i = 0; i < pair[0].length; i++) {
                worst = Math.max(worst, Math.abs(difference(l, task, pair[0], i) - pair[1][i]) / scale);
            }
        }
        return worst;
    }

    private double difference(MetaStep.Learned l, MetaStep.DeviceTask task, double[] parameters, int i) {
        double h = 1e-6;
        double at = parameters[i];
        parameters[i] = at + h;
        double above = step.gradient(l, task, DIVERGENCE, true, l.zeros());
        parameters[i] = at - h;
        double below = step.gradient(l, task, DIVERGENCE, true, l.zeros());
        parameters[i] = at;
        return (above - below) / (2 * h);
    }

    private MetaStep.Learned learned() {
        double[] theta = network.initial(random);
        double[] alpha = new double[theta.length];
        Arrays.setAll(alpha, i -> 0.3 * random.nextDouble() - 0.05);
        return new MetaStep.Learned(theta, alpha, modulation.initial(random));
    }

    private MetaStep.DeviceTask task() {
        double[] epsilon = new double[modulation.latents()];
        Arrays.setAll(epsilon, i -> random.nextGaussian());
        return new MetaStep.DeviceTask(
                new double[] {0, 0.3, 1, 0.6},
                batch(new int[][] {{0, 1, 2}, {2, 2, 0}, {1, 1, 1}}),
                new double[] {0.1, 0.9, 0.4},
                batch(new int[][] {{0, 0, 0}, {1, 0, 2}, {2, 1, 1}, {0, 2, 1}}),
                new double[] {0.2, 0.5, 0.7, 0.3},
                epsilon);
    }

    private GraphBatch batch(int[][] architectures) {
        return GraphBatch.of(graph, architectures, HelpNetwork.CONVOLUTIONS);
    }

    /** States computed once for all graphs are those of each graph alone. */
    @Test
    void aBatchPredictsWhatItsGraphsPredictAlone() {
        double[] theta = network.initial(random);
        double[] embedding = {0, 0.3, 1, 0.6};
        int[][] all = {{0, 1, 2}, {2, 2, 0}, {0, 1, 2}, {1, 2, 1}};
        double[] together = network.predict(theta, batch(all), embedding);
        for (int i = 0; i < all.length; i++) {
            assertThat(network.predict(theta, batch(new int[][] {all[i]}), embedding)[0])
                    .isEqualTo(together[i]);
        }
    }
}

package dev.lathe.predict.help;

import dev.lathe.base.InvalidInputException;
import dev.lathe.base.Seeds;
import dev.lathe.predict.adapt.AdaptedPredictor;
import dev.lathe.predict.adapt.DeviceAdapter;
import dev.lathe.predict.adapt.Measurements;
import java.util.Arrays;
import java.util.Comparator;
import java.util.random.RandomGenerator;
import java.util.stream.IntStream;

/**
 * HELP on a new device. Its k reference architectures are measured for the hardware embedding and serve as support as well;
 * those chosen besides are spread evenly over the latencies that the start expects of an average device.
 */
public final class HelpAdapter implements DeviceAdapter {
    private final HelpModel model;
    private final HelpNetwork network;
    private final HardwareModulation modulation;

    public HelpAdapter(HelpModel model) {
        this.model = model;
        this.network = new HelpNetwork(model.graph().types(), model.references().length, model.width());
        this.modulation = new HardwareModulation(network, model.references().length);
    }

    @Override
    public String name() {
        return "help";
    }

    public HelpModel model() {
        return model;
    }

    @Override
    public int[][] references() {
        return Arrays.stream(model.references()).map(int[]::clone).toArray(int[][]::new);
    }

    @Override
    public int[] chooseSupport(int[][] pool, int n, RandomGenerator random) {
        if (n < 0 || n > pool.length) {
            throw new InvalidInputException(
                    "%d architectures are to be chosen from %d; choose at least 0 and at most all"
                            .formatted(n, pool.length));
        }
        double[] expected = network.predict(model.theta(), batch(pool), model.embedding());
        return spread(expected, n, random);
    }

    /** One row from each of n equally large parts of the rows ordered by value. */
    public static int[] spread(double[] values, int n, RandomGenerator random) {
        int[] order = IntStream.range(0, values.length)
                .boxed()
                .sorted(Comparator.comparingDouble(i -> values[i]))
                .mapToInt(i -> i)
                .toArray();
        int[] chosen = new int[n];
        for (int i = 0; i < n; i++) {
            int from = (int) ((long) order.length * i / n);
            int to = (int) ((long) order.length * (i + 1) / n);
            chosen[i] = order[from + random.nextInt(to - from)];
        }
        return chosen;
    }

    @Override
    public AdaptedPredictor adapt(int[][] support, double[] latencyMs) {
        int k = model.references().length;
        Measurements.check(support.length, latencyMs, k);
        for (int i = 0; i < k; i++) {
            if (!Arrays.equals(support[i], model.references()[i])) {
                throw new InvalidInputException(
                        "measurement %d is of %s, not of reference %s; measure the references first"
                                .formatted(i, Arrays.toString(support[i]), Arrays.toString(model.references()[i])));
            }
        }
        double[] embedding = LatencyScale.embedding(Arrays.copyOf(latencyMs, k));
        LatencyScale scale = LatencyScale.of(latencyMs);
        if (scale.isConstant()) {
            return architectures -> constant(latencyMs[0], batch(architectures).size());
        }
        GraphBatch batch = batch(support);
        MetaStep step = new MetaStep(network, modulation);
        MetaStep.Learned learned = new MetaStep.Learned(model.theta(), model.alpha(), model.phi());
        double[][] adapted = new double[model.draws()][];
        for (int d = 0; d < adapted.length; d++) {
            RandomGenerator random = Seeds.generator(model.provenance().seed(), "help-draw", d);
            double[] epsilon = new double[modulation.latents()];
            Arrays.setAll(epsilon, i -> random.nextGaussian());
            adapted[d] = adapted(step, learned, embedding, epsilon, batch, scale.labels(latencyMs));
        }
        return architectures -> predict(adapted, embedding, scale, batch(architectures));
    }

    private static double[] constant(double latencyMs, int n) {
        double[] same = new double[n];
        Arrays.fill(same, latencyMs);
        return same;
    }

    /** On a device so odd that the steps run away, fewer are taken. */
    private double[] adapted(
            MetaStep step,
            MetaStep.Learned learned,
            double[] embedding,
            double[] epsilon,
            GraphBatch batch,
            double[] targets) {
        for (int steps = model.steps(); steps > 0; steps /= 2) {
            double[] theta = step.adapt(learned, steps, embedding, epsilon, batch, targets);
            if (Arrays.stream(theta).allMatch(Double::isFinite)
                    && Arrays.stream(network.predict(theta, batch, embedding)).allMatch(Double::isFinite)) {
                return theta;
            }
        }
        return step.adapt(learned, 0, embedding, epsilon, batch, targets);
    }

    private double[] predict(double[][] adapted, double[] embedding, LatencyScale scale, GraphBatch batch) {
        double[] mean = new double[batch.size()];
        for (double[] theta : adapted) {
            Rows.addOne(mean, 0, mean.length, network.predict(theta, batch, embedding), 1.0 / adapted.length, 0);
        }
        return Arrays.stream(mean).map(scale::milliseconds).toArray();
    }

    private GraphBatch batch(int[][] architectures) {
        return GraphBatch.of(model.graph(), architectures, HelpNetwork.CONVOLUTIONS);
    }
}

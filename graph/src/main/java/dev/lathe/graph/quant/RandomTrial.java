package dev.lathe.graph.quant;

import dev.lathe.base.Seeds;
import dev.lathe.graph.Graph;
import dev.lathe.graph.WeightProvider;
import java.util.ArrayList;
import java.util.List;
import java.util.random.RandomGenerator;

/** Random weights and inputs, to compare executors of a network that nothing was trained for. */
public final class RandomTrial {
    private RandomTrial() {}

    /**
     * Weights of a size that keeps activations in range, with gains, offsets and variances that are not those of a start. A
     * parameter has the same values in every network.
     *
     * @param spread standard deviation of biases, shifts, tables and running means
     */
    public static WeightProvider weights(long seed, double spread) {
        return use -> {
            RandomGenerator random = Seeds.generator(seed, use.slice().parameter(), 0);
            float[] v = new float[(int) use.slice().elements()];
            double fan = Math.max(1, (double) v.length / use.slice().extent(0));
            for (int i = 0; i < v.length; i++) {
                double g = random.nextGaussian();
                v[i] = (float)
                        switch (use.role()) {
                            case SCALE -> 1 + 0.3 * g;
                            case RUNNING_VARIANCE -> 0.5 + g * g;
                            case WEIGHT -> g * Math.sqrt(2 / fan);
                            default -> spread * g;
                        };
            }
            return v;
        };
    }

    /** Inputs of a graph that has one, of normally distributed values. */
    public static List<float[]> inputs(Graph graph, int n, RandomGenerator random) {
        List<float[]> inputs = new ArrayList<>();
        for (int i = 0; i < n; i++) {
            float[] x = new float[(int) graph.inputs().get(0).shape().elements()];
            for (int k = 0; k < x.length; k++) {
                x[k] = (float) random.nextGaussian();
            }
            inputs.add(x);
        }
        return inputs;
    }
}

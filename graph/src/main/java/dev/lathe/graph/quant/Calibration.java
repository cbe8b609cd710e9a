package dev.lathe.graph.quant;

import dev.lathe.base.InvalidInputException;
import dev.lathe.graph.Graph;
import dev.lathe.graph.WeightProvider;
import java.util.List;

/**
 * The range of each tensor of a network over given samples. With a percentile below 100, as large a share of the values of a
 * tensor on each side may lie outside its range: rare extremes then do not cost the others their resolution.
 */
public final class Calibration {
    private static final int BINS = 4096;

    private final double[] least;
    private final double[] most;

    private Calibration(int tensors) {
        least = new double[tensors];
        most = new double[tensors];
    }

    /** Every tensor in -1..1: for what depends on the operators alone. */
    public static Calibration unit(Graph graph) {
        Calibration c = new Calibration(graph.tensors());
        java.util.Arrays.fill(c.least, -1);
        java.util.Arrays.fill(c.most, 1);
        return c;
    }

    /**
     * Runs the network.
     *
     * @param inputs samples of the input's shape, row-major; at least one
     * @param percentile above 50, at most 100: 100 keeps the least and the largest value
     * @throws InvalidInputException if there is no sample, or a value is not finite
     */
    public static Calibration of(Graph graph, WeightProvider weights, List<float[]> inputs, double percentile) {
        if (inputs.isEmpty() || !(percentile > 50 && percentile <= 100)) {
            throw new InvalidInputException(
                    "Calibration takes samples and a percentile above 50 and at most 100, but got %d samples and %s"
                            .formatted(inputs.size(), percentile));
        }
        FloatExecutor executor = new FloatExecutor(graph, weights);
        Calibration c = new Calibration(graph.tensors());
        java.util.Arrays.fill(c.least, Double.POSITIVE_INFINITY);
        java.util.Arrays.fill(c.most, Double.NEGATIVE_INFINITY);
        for (float[] x : inputs) {
            executor.run(x, (t, values) -> {
                for (float v : values) {
                    if (!Float.isFinite(v)) {
                        throw new InvalidInputException(
                                "%s gives %s in calibration; check samples and weights".formatted(graph.name(), v));
                    }
                    c.least[t] = Math.min(c.least[t], v);
                    c.most[t] = Math.max(c.most[t], v);
                }
            });
        }
        if (percentile < 100) {
            c.narrow(executor, inputs, 1 - percentile / 100);
        }
        return c;
    }

    private void narrow(FloatExecutor executor, List<float[]> inputs, double share) {
        int[][] bins = new int[least.length][BINS];
        long[] count = new long[least.length];
        for (float[] x : inputs) {
            executor.run(x, (t, values) -> {
                double width = (most[t] - least[t]) / BINS;
                for (float v : values) {
                    bins[t][width > 0 ? (int) Math.min(BINS - 1, (v - least[t]) / width) : 0]++;
                }
                count[t] += values.length;
            });
        }
        for (int t = 0; t < bins.length; t++) {
            double width = (most[t] - least[t]) / BINS;
            long outside = (long) (share * count[t]);
            int low = 0;
            for (long n = bins[t][0]; n <= outside && low < BINS - 1; n += bins[t][low]) {
                low++;
            }
            int high = BINS - 1;
            for (long n = bins[t][high]; n <= outside && high > low; n += bins[t][high]) {
                high--;
            }
            most[t] = least[t] + (high + 1) * width;
            least[t] += low * width;
        }
    }

    double least(int tensor) {
        return least[tensor];
    }

    double most(int tensor) {
        return most[tensor];
    }
}

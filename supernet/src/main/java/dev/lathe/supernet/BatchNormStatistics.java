package dev.lathe.supernet;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import dev.lathe.graph.Graph;
import dev.lathe.graph.Node;
import dev.lathe.graph.Operator;
import dev.lathe.graph.WeightSlice;
import java.util.HashMap;
import java.util.Map;

/**
 * Mean and variance of each batch normalization of <i>one</i> subnet. The averages a supernet could keep in training fit
 * no subnet, so they are re-estimated for each: batches of training data pass with batch statistics, and the averages of
 * batch means and of (unbiased) batch variances are kept, every batch weighing the same.
 *
 * @see <a href="https://arxiv.org/abs/1903.05134">Yu and Huang, Universally Slimmable Networks, ICCV 2019</a>, section 3.3
 */
final class BatchNormStatistics {
    /** Arrays of one normalization, shape (channels). */
    record Moments(NDArray mean, NDArray variance) {}

    private final Map<WeightSlice, Moments> moments = new HashMap<>();
    private int batches;

    /** Statistics of {@code graph}, owned by {@code manager}; to be filled by passes in mode CALIBRATE. */
    BatchNormStatistics(Graph graph, NDManager manager) {
        for (Node node : graph.nodes()) {
            if (node.op() instanceof Operator.BatchNorm n) {
                Shape shape = new Shape(n.mean().extent(0));
                if (moments.put(n.mean(), new Moments(manager.zeros(shape), manager.ones(shape))) != null) {
                    throw new IllegalArgumentException(
                            "Two nodes of graph %s share the running mean %s; statistics are kept by that name"
                                    .formatted(graph.name(), n.mean().parameter()));
                }
            }
        }
    }

    /** Statistics that are known already. @param values means and variances by parameter name */
    static BatchNormStatistics of(Graph graph, Map<String, float[]> values, NDManager manager) {
        BatchNormStatistics s = new BatchNormStatistics(graph, manager);
        for (Node node : graph.nodes()) {
            if (node.op() instanceof Operator.BatchNorm n) {
                s.moments.put(
                        n.mean(),
                        new Moments(
                                manager.create(values.get(n.mean().parameter())),
                                manager.create(values.get(n.variance().parameter()))));
            }
        }
        return s;
    }

    boolean isEmpty() {
        return moments.isEmpty();
    }

    /** To be called before each calibration pass. */
    void nextBatch() {
        batches++;
    }

    /** Weight of the past in the running average: 0 for the first batch, then 1/2, 2/3, so that all weigh the same. */
    float momentum() {
        return 1f - 1f / batches;
    }

    Moments of(Operator.BatchNorm n) {
        Moments m = moments.get(n.mean());
        if (m == null) {
            throw new IllegalArgumentException("No statistics of " + n.mean());
        }
        return m;
    }
}

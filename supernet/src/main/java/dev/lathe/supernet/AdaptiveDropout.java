package dev.lathe.supernet;

import dev.lathe.base.InvalidInputException;
import dev.lathe.base.Seeds;
import dev.lathe.graph.Graph;
import dev.lathe.graph.Node;
import dev.lathe.graph.Operator;
import dev.lathe.graph.Tensor;
import dev.lathe.graph.WeightSlice;
import dev.lathe.space.SearchSpace;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.IntFunction;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * Dropout that falls with the width of a layer, because small subnets under-fit: p(sub) = p(max) (width / full width)^gamma for
 * each layer. In transformers only, behind the last matrix of each residual branch (the stream's width), between both matrices
 * of a feed-forward network (its inner width) and behind embeddings with their positions.
 *
 * <p>Masks are drawn in Java from (seed, step, network, place), so that a step means the same on every machine and after a
 * resumed training. Values that stay are divided by 1 - p; p is rounded to 1/65536. Departure from HAT: it has none between the
 * matrices of a feed-forward network.
 *
 * @see <a href="https://arxiv.org/abs/2005.14187">Wang et al., HAT, ACL 2020</a>
 * @see <a href="https://arxiv.org/abs/2309.01947">Shangguan et al., TODM, ICASSP 2024</a>
 */
final class AdaptiveDropout {
    private static final int LEVELS = 1 << 16;

    private final double rate;
    private final double gamma;
    private final long seed;
    private final ParameterLayout layout;

    AdaptiveDropout(Regularization r, ParameterLayout layout, long seed) {
        this.rate = r.dropout();
        this.gamma = r.dropoutGamma();
        this.layout = layout;
        this.seed = seed;
    }

    /** @throws InvalidInputException if the space's networks have no place for dropout */
    static void requireTransformer(SearchSpace space, double rate) {
        if (!isTransformer(space.lower(space.largest()))) {
            throw new InvalidInputException(
                    "training.dropout is %s, but networks of %s are no transformers; leave it out"
                            .formatted(rate, space.name()));
        }
    }

    private static boolean isTransformer(Graph graph) {
        return graph.nodes().stream().anyMatch(n -> n.op() instanceof Operator.LayerNorm);
    }

    /** The rate in a layer. */
    static double rate(double largest, double gamma, int width, int fullWidth) {
        return largest * StrictMath.pow((double) width / fullWidth, gamma);
    }

    /** Rates above 0 by the id of the tensor that they are for. */
    Map<Integer, Double> rates(Graph graph) {
        Map<Integer, Double> rates = new HashMap<>();
        if (!isTransformer(graph)) {
            return rates;
        }
        Map<Integer, Node> producers = new HashMap<>();
        graph.nodes().forEach(n -> producers.put(n.output().id(), n));
        for (Node node : graph.nodes()) {
            Operator op = node.op();
            if (op instanceof Operator.Add) {
                for (Tensor t : node.inputs()) {
                    putLinear(rates, t.id(), behindScale(producers.get(t.id()), producers));
                }
            } else if (op instanceof Operator.Linear) {
                Node before = producers.get(node.inputs().get(0).id());
                if (before != null && before.op() instanceof Operator.Activate) {
                    Node first = producers.get(before.inputs().get(0).id());
                    putLinear(rates, before.output().id(), first);
                }
            } else if (op instanceof Operator.AddTable t) {
                put(rates, node.output().id(), t.table());
            } else if (op instanceof Operator.SinusoidalPositions) {
                Node before = producers.get(node.inputs().get(0).id());
                if (before != null && before.op() instanceof Operator.Embedding e) {
                    put(rates, node.output().id(), e.table());
                }
            }
        }
        return rates;
    }

    /** The node itself, or what a factor per channel follows. */
    private static @Nullable Node behindScale(@Nullable Node node, Map<Integer, Node> producers) {
        return node != null && node.op() instanceof Operator.LayerScale
                ? producers.get(node.inputs().get(0).id())
                : node;
    }

    private void putLinear(Map<Integer, Double> rates, int tensor, @Nullable Node node) {
        if (node != null && node.op() instanceof Operator.Linear l) {
            put(rates, tensor, l.weight(), 0);
        }
    }

    /** Of a table, whose last axis is the width. */
    private void put(Map<Integer, Double> rates, int tensor, WeightSlice table) {
        put(rates, tensor, table, table.rank() - 1);
    }

    private void put(Map<Integer, Double> rates, int tensor, WeightSlice slice, int axis) {
        int full = layout.get(slice.parameter()).extents()[axis];
        double p = rate(rate, gamma, slice.extent(axis), full);
        if (Math.round(p * LEVELS) > 0) {
            rates.put(tensor, p);
        }
    }

    /** The dropout of the passes of a step, by network. */
    IntFunction<NodeOutputs> of(List<Graph> graphs, int step) {
        return i -> of(graphs.get(i), step, i);
    }

    private NodeOutputs of(Graph graph, int step, int network) {
        Map<Integer, Double> rates = rates(graph);
        long pass = Seeds.derive(Seeds.derive(seed, "dropout", step), "network", network);
        return (node, output) -> {
            int tensor = node.output().id();
            Double p = rates.get(tensor);
            if (p == null) {
                return output;
            }
            int size = Math.toIntExact(output.getShape().size());
            float[] mask = mask(p, size, Seeds.generator(pass, "place", tensor));
            return output.mul(output.getManager().create(mask, output.getShape()));
        };
    }

    /** 0 with probability p, else 1 / (1 - p). */
    static float[] mask(double p, int size, RandomGenerator random) {
        long dropped = Math.round(p * LEVELS);
        float kept = (float) (LEVELS / (double) (LEVELS - dropped));
        float[] mask = new float[size];
        long bits = 0;
        for (int i = 0; i < size; i++) {
            // Four draws of 16 bits from one number.
            bits = i % 4 == 0 ? random.nextLong() : bits >>> 16;
            mask[i] = (bits & (LEVELS - 1)) < dropped ? 0 : kept;
        }
        return mask;
    }
}

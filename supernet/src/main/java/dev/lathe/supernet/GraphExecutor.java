package dev.lathe.supernet;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import dev.lathe.graph.Activation;
import dev.lathe.graph.Graph;
import dev.lathe.graph.Node;
import dev.lathe.graph.Operator;
import dev.lathe.graph.Tensor;
import dev.lathe.graph.WeightSlice;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * Runs a graph on slices of shared parameters. Slices are views, so a pass costs what the network of that size costs, and
 * in a training pass the gradient reaches exactly the slice.
 *
 * <p>All results belong to the manager of the input, which is to be closed when the step is over. Passes without gradient
 * may run in several threads; training passes only in one.
 */
public final class GraphExecutor {
    /** What a pass is for. */
    public enum Mode {
        /** With gradient; batch normalization by the batch's statistics, which are not kept. */
        TRAIN,
        /** Without gradient; batch normalization by the subnet's own statistics. */
        EVALUATE,
        /** Without gradient; batch normalization by the batch's statistics, which are averaged into the subnet's own. */
        CALIBRATE
    }

    private static final Shape NO_DILATION = new Shape(1, 1);

    private final SharedParameters parameters;
    private final Scalars scalars;
    private final SmallDepthwise smallDepthwise;
    private final Map<Long, BatchNormStatistics.Moments> scratch = new ConcurrentHashMap<>();

    public GraphExecutor(SharedParameters parameters) {
        this.parameters = parameters;
        this.scalars = parameters.scalars();
        this.smallDepthwise = new SmallDepthwise(parameters.manager());
    }

    /**
     * One pass.
     *
     * @param graph lowered by the space that the parameters are of; one input
     * @param input standardized images (B, C, H, W)
     * @param statistics of this graph; may be null in mode TRAIN, and where there is no batch normalization
     * @return logits (B, classes), owned by the input's manager
     */
    NDArray forward(Graph graph, NDArray input, Mode mode, @Nullable BatchNormStatistics statistics) {
        if (graph.inputs().size() != 1) {
            throw new IllegalArgumentException("The executor takes graphs of one input, but %s has %d"
                    .formatted(graph.name(), graph.inputs().size()));
        }
        NDManager step = input.getManager();
        NDArray[] values = new NDArray[graph.tensors()];
        values[0] = isConvolutional(graph) ? channelsLast(input) : input;
        for (Node node : graph.nodes()) {
            values[node.output().id()] =
                    run(node, values, step, input.getShape().get(0), mode, statistics);
        }
        return values[graph.output().id()];
    }

    /** The chain of tests is closed by {@code GraphExecutorTest}, which asks for every permitted operator. */
    private NDArray run(
            Node node,
            NDArray[] values,
            NDManager step,
            long batch,
            Mode mode,
            @Nullable BatchNormStatistics statistics) {
        Operator op = node.op();
        List<Tensor> inputs = node.inputs();
        NDArray x = values[inputs.get(0).id()];
        boolean train = mode == Mode.TRAIN;
        if (op instanceof Operator.Conv2d c) {
            if (SmallDepthwise.suits(c, inputs.get(0).shape(), node.output().shape())) {
                return smallDepthwise.convolve(
                        c,
                        x,
                        parameters.slice(c.weight(), step, train),
                        node.output().shape());
            }
            if (isPointwise(c)) {
                return pointwise(x, parameters.slice(c.weight(), step, train));
            }
            return x.getNDArrayInternal()
                    .convolution(
                            x,
                            parameters.slice(c.weight(), step, train),
                            optional(c.bias(), step, train),
                            new Shape(c.stride(), c.stride()),
                            new Shape(c.padding(), c.padding()),
                            NO_DILATION,
                            c.groups())
                    .singletonOrThrow();
        }
        if (op instanceof Operator.Linear l) {
            return x.getNDArrayInternal()
                    .linear(x, parameters.slice(l.weight(), step, train), optional(l.bias(), step, train))
                    .singletonOrThrow();
        }
        if (op instanceof Operator.BatchNorm n) {
            return batchNorm(n, x, step, mode, statistics);
        }
        if (op instanceof Operator.LayerNorm n) {
            return x.getNDArrayInternal()
                    .layerNorm(
                            x,
                            new Shape(n.scale().extent(0)),
                            parameters.slice(n.scale(), step, train),
                            parameters.slice(n.shift(), step, train),
                            n.epsilon())
                    .singletonOrThrow();
        }
        if (op instanceof Operator.Activate a) {
            return activate(a.function(), x);
        }
        if (op instanceof Operator.Add) {
            return x.add(values[inputs.get(1).id()]);
        }
        if (op instanceof Operator.AddTable t) {
            return x.add(parameters.slice(t.table(), step, train));
        }
        if (op instanceof Operator.MatMul m) {
            NDArray right = values[inputs.get(1).id()];
            // The factor goes to the operand, which is never larger than the product in attention.
            return scalars.multiply(x, m.scale()).matMul(m.transposeRight() ? right.transpose(0, 1, 3, 2) : right);
        }
        if (op instanceof Operator.Softmax) {
            return x.softmax(-1);
        }
        if (op instanceof Operator.Reshape r) {
            return x.reshape(withBatch(batch, r.target()));
        }
        if (op instanceof Operator.Transpose t) {
            int[] order = new int[t.order().size() + 1];
            for (int i = 1; i < order.length; i++) {
                order[i] = t.order().get(i - 1) + 1;
            }
            return x.transpose(order);
        }
        if (op instanceof Operator.GlobalAveragePool) {
            Shape s = x.getShape();
            return x.reshape(s.get(0), s.get(1), s.get(2) * s.get(3)).mean(new int[] {2});
        }
        if (op instanceof Operator.MeanTokens) {
            return x.mean(new int[] {1});
        }
        throw new IllegalStateException(
                "The executor does not know operator %s of node %s".formatted(op.type(), node.name()));
    }

    private static boolean isPointwise(Operator.Conv2d c) {
        return c.kernel() == 1 && c.stride() == 1 && c.padding() == 0 && c.groups() == 1 && c.bias() == null;
    }

    /** A 1x1 convolution as what it is, a matrix product over the channels: nothing is copied where they are innermost. */
    private static NDArray pointwise(NDArray x, NDArray weight) {
        Shape s = x.getShape();
        long outputs = weight.getShape().get(0);
        NDArray matrix = weight.reshape(outputs, s.get(1));
        // Of a whole parameter, which lives long, the result would too.
        matrix.attach(x.getManager());
        NDArray rows = x.transpose(0, 2, 3, 1).reshape(s.get(0) * s.get(2) * s.get(3), s.get(1));
        return rows.getNDArrayInternal()
                .linear(rows, matrix, null)
                .singletonOrThrow()
                .reshape(s.get(0), s.get(2), s.get(3), outputs)
                .transpose(0, 3, 1, 2);
    }

    private static boolean isConvolutional(Graph graph) {
        for (Node node : graph.nodes()) {
            if (node.op() instanceof Operator.BatchNorm) {
                return true;
            }
        }
        return false;
    }

    /**
     * The same values, channels innermost in memory. The engine follows the input's layout through a whole net, and its
     * batch normalization and small convolutions take about two thirds of the time in this one.
     */
    private static NDArray channelsLast(NDArray x) {
        Shape s = x.getShape();
        return x.transpose(0, 2, 3, 1)
                .reshape(s.get(0) * s.get(2) * s.get(3), s.get(1))
                .reshape(s.get(0), s.get(2), s.get(3), s.get(1))
                .transpose(0, 3, 1, 2);
    }

    private @Nullable NDArray optional(@Nullable WeightSlice slice, NDManager step, boolean withGradient) {
        return slice == null ? null : parameters.slice(slice, step, withGradient);
    }

    private NDArray batchNorm(
            Operator.BatchNorm n, NDArray x, NDManager step, Mode mode, @Nullable BatchNormStatistics statistics) {
        boolean train = mode == Mode.TRAIN;
        BatchNormStatistics.Moments moments;
        float momentum = 0f;
        if (train) {
            moments = scratch(n.mean().extent(0));
        } else if (statistics == null) {
            throw new IllegalArgumentException(
                    "%s of a graph with batch normalization needs its statistics".formatted(mode));
        } else {
            moments = statistics.of(n);
            momentum = mode == Mode.CALIBRATE ? statistics.momentum() : 0f;
        }
        return x.getNDArrayInternal()
                .batchNorm(
                        x,
                        moments.mean(),
                        moments.variance(),
                        parameters.slice(n.scale(), step, train),
                        parameters.slice(n.shift(), step, train),
                        1,
                        momentum,
                        n.epsilon(),
                        mode != Mode.EVALUATE)
                .singletonOrThrow();
    }

    /** The engine insists on running averages in training; these are never read. */
    private BatchNormStatistics.Moments scratch(long channels) {
        return scratch.computeIfAbsent(channels, c -> {
            Shape shape = new Shape(c);
            return new BatchNormStatistics.Moments(
                    parameters.manager().zeros(shape), parameters.manager().ones(shape));
        });
    }

    private NDArray activate(Activation function, NDArray x) {
        return switch (function) {
            case RELU -> x.getNDArrayInternal().relu();
            case GELU -> x.getNDArrayInternal().gelu();
            case HARD_SWISH -> {
                // relu6(x + 3) = relu(x + 3) - relu(x - 3): no clip, whose limits are numbers (see Scalars).
                NDArray gate = scalars.add(x, 3f)
                        .getNDArrayInternal()
                        .relu()
                        .sub(scalars.add(x, -3f).getNDArrayInternal().relu());
                yield scalars.multiply(x.mul(gate), 1f / 6f);
            }
        };
    }

    private static Shape withBatch(long batch, dev.lathe.graph.Shape s) {
        long[] e = new long[s.rank() + 1];
        e[0] = batch;
        for (int i = 1; i < e.length; i++) {
            e[i] = s.extent(i - 1);
        }
        return new Shape(e);
    }
}

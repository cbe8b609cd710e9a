package dev.lathe.supernet;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDArrays;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.index.NDIndex;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.ndarray.types.SparseFormat;
import dev.lathe.graph.Activation;
import dev.lathe.graph.Graph;
import dev.lathe.graph.Node;
import dev.lathe.graph.Operator;
import dev.lathe.graph.Tensor;
import dev.lathe.graph.WeightSlice;
import java.util.List;
import java.util.Map;
import java.util.Set;
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
    private final Constants constants;
    private final @Nullable FakeQuantization quantization;
    private final Map<Long, BatchNormStatistics.Moments> scratch = new ConcurrentHashMap<>();

    public GraphExecutor(SharedParameters parameters) {
        this(parameters, null);
    }

    /** @param quantization what rounds weights and activations, or null for float32 */
    GraphExecutor(SharedParameters parameters, @Nullable FakeQuantization quantization) {
        this.parameters = parameters;
        this.quantization = quantization;
        this.scalars = parameters.scalars();
        this.smallDepthwise = new SmallDepthwise(parameters.manager());
        this.constants = new Constants(parameters.manager());
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
        return forward(graph, List.of(input), mode, statistics);
    }

    /**
     * One pass of a graph of several inputs.
     *
     * @param inputs one for each input of the graph, in its order, the batch in front; token numbers in any type
     */
    NDArray forward(Graph graph, List<NDArray> inputs, Mode mode, @Nullable BatchNormStatistics statistics) {
        return values(graph, inputs, mode, statistics)[graph.output().id()];
    }

    /** One training pass. @param outputs what is done to each node's output */
    NDArray train(Graph graph, List<NDArray> inputs, NodeOutputs outputs) {
        return values(graph, inputs, Mode.TRAIN, null, outputs)[graph.output().id()];
    }

    /** One pass, of which every tensor is kept, by its id. */
    NDArray[] values(Graph graph, List<NDArray> inputs, Mode mode, @Nullable BatchNormStatistics statistics) {
        return values(graph, inputs, mode, statistics, NodeOutputs.SAME);
    }

    private NDArray[] values(
            Graph graph,
            List<NDArray> inputs,
            Mode mode,
            @Nullable BatchNormStatistics statistics,
            NodeOutputs outputs) {
        if (graph.inputs().size() != inputs.size()) {
            throw new IllegalArgumentException("Graph %s has %d inputs, but got %d"
                    .formatted(graph.name(), graph.inputs().size(), inputs.size()));
        }
        NDManager step = inputs.get(0).getManager();
        long batch = inputs.get(0).getShape().get(0);
        boolean convolutional = isConvolutional(graph);
        QuantizationPoints points = quantization == null ? null : quantization.points(graph);
        NDArray[] values = new NDArray[graph.tensors()];
        for (int i = 0; i < inputs.size(); i++) {
            NDArray x = inputs.get(i);
            values[i] = rounded(
                    i, convolutional && x.getShape().dimension() == 4 ? channelsLast(x) : x, points, step, mode);
        }
        for (Node node : graph.nodes()) {
            int out = node.output().id();
            NDArray y = outputs.of(node, run(node, values, step, batch, mode, statistics, points));
            values[out] = rounded(out, y, points, step, mode);
        }
        return values;
    }

    /** As the network's integer form rounds a tensor, where there are {@code points}. */
    private NDArray rounded(int tensor, NDArray x, @Nullable QuantizationPoints points, NDManager step, Mode mode) {
        QuantizationPoints.Point p = points == null ? null : points.activation(tensor);
        return p == null || quantization == null ? x : quantization.activation(p, x, step, mode == Mode.TRAIN);
    }

    /** Weights of a convolution or linear layer, rounded where there are {@code points}. */
    private NDArray weight(WeightSlice slice, @Nullable QuantizationPoints points, NDManager step, boolean train) {
        NDArray w = parameters.slice(slice, step, train);
        return points == null || quantization == null ? w : quantization.weight(slice, w, points, step, train);
    }

    /** Trained parameters that at least one of the graphs uses, those of quantisers among them. */
    Set<String> used(List<Graph> graphs) {
        Set<String> names = SandwichStep.used(graphs);
        if (quantization != null) {
            graphs.forEach(g -> names.addAll(quantization.points(g).parameters()));
        }
        graphs.forEach(g -> names.addAll(parameters.kernels().used(g)));
        return names;
    }

    /** The chain of tests is closed by {@code GraphExecutorTest}, which asks for every permitted operator. */
    private NDArray run(
            Node node,
            NDArray[] values,
            NDManager step,
            long batch,
            Mode mode,
            @Nullable BatchNormStatistics statistics,
            @Nullable QuantizationPoints points) {
        Operator op = node.op();
        List<Tensor> inputs = node.inputs();
        NDArray x = values[inputs.get(0).id()];
        boolean train = mode == Mode.TRAIN;
        if (op instanceof Operator.Conv2d c) {
            if (SmallDepthwise.suits(c, inputs.get(0).shape(), node.output().shape())) {
                return smallDepthwise.convolve(
                        c,
                        x,
                        weight(c.weight(), points, step, train),
                        node.output().shape());
            }
            if (c.isPointwise() && c.bias() == null) {
                return pointwise(x, weight(c.weight(), points, step, train));
            }
            return x.getNDArrayInternal()
                    .convolution(
                            x,
                            weight(c.weight(), points, step, train),
                            optional(c.bias(), step, train),
                            new Shape(c.strideY(), c.strideX()),
                            new Shape(c.paddingY(), c.paddingX()),
                            NO_DILATION,
                            c.groups())
                    .singletonOrThrow();
        }
        if (op instanceof Operator.Linear l) {
            return x.getNDArrayInternal()
                    .linear(x, weight(l.weight(), points, step, train), optional(l.bias(), step, train))
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
        if (op instanceof Operator.Softmax s) {
            NDArray scores = x;
            if (inputs.size() == 2) {
                NDArray columns = values[inputs.get(1).id()];
                Shape rows = new Shape(batch);
                for (int i = 1; i < node.output().shape().rank(); i++) {
                    rows = rows.add(1);
                }
                scores = scores.add(columns.reshape(rows.add(columns.getShape().get(1))));
            }
            if (s.causal()) {
                scores = scores.add(constants.causalMask(node.output().shape().last()));
            }
            return scores.softmax(-1);
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
        return lessCommon(node, values, step, batch, train);
    }

    private NDArray lessCommon(Node node, NDArray[] values, NDManager step, long batch, boolean train) {
        Operator op = node.op();
        NDArray x = values[node.inputs().get(0).id()];
        if (op instanceof Operator.Pool2d p) {
            return pool(p, x, node.output().shape());
        }
        if (op instanceof Operator.Gate) {
            NDArray gate = values[node.inputs().get(1).id()];
            return x.mul(gate.reshape(batch, gate.getShape().get(1), 1, 1));
        }
        if (op instanceof Operator.LayerScale s) {
            NDArray factors = parameters.slice(s.factors(), step, train);
            if (x.getShape().dimension() == 4) {
                factors = factors.reshape(s.factors().extent(0), 1, 1);
                factors.attach(step);
            }
            return x.mul(factors);
        }
        if (op instanceof Operator.Zero) {
            return step.zeros(x.getShape());
        }
        if (op instanceof Operator.Concat c) {
            NDList all = new NDList();
            node.inputs().forEach(t -> all.add(values[t.id()]));
            return NDArrays.concat(all, c.axis() + 1);
        }
        if (op instanceof Operator.Slice s) {
            NDIndex index = new NDIndex().addAllDim(s.axis() + 1);
            return x.get(index.addSliceDim(s.range().from(), s.range().to()));
        }
        if (op instanceof Operator.PrependToken t) {
            int width = t.token().extent(0);
            NDArray token = parameters.slice(t.token(), step, train).reshape(1, 1, width);
            token.attach(step);
            return NDArrays.concat(new NDList(token.broadcast(batch, 1, width), x), 1);
        }
        if (op instanceof Operator.Embedding e) {
            return scalars.multiply(rows(x, parameters.slice(e.table(), step, train)), e.scale());
        }
        if (op instanceof Operator.PaddingMask m) {
            return scalars.multiply(x.eq(m.padding()).toType(DataType.FLOAT32, false), Operator.PaddingMask.HIDDEN);
        }
        if (op instanceof Operator.SinusoidalPositions p) {
            return x.add(constants.positions(p, node.output().shape()));
        }
        if (op instanceof Operator.RelativeKeys r) {
            dev.lathe.graph.Shape s = node.output().shape();
            NDArray vectors = relative(r.vertical(), r.horizontal(), r.columns(), r.clip(), s.extent(1), step, train);
            return scalars.multiply(perPosition(x, vectors.transpose(0, 2, 1), s), r.scale());
        }
        if (op instanceof Operator.RelativeValues r) {
            dev.lathe.graph.Shape s = node.output().shape();
            return perPosition(
                    x, relative(r.vertical(), r.horizontal(), r.columns(), r.clip(), s.extent(1), step, train), s);
        }
        throw new IllegalStateException(
                "The executor does not know operator %s of node %s".formatted(op.type(), node.name()));
    }

    private NDArray pool(Operator.Pool2d p, NDArray x, dev.lathe.graph.Shape out) {
        Shape window = new Shape(p.kernelY(), p.kernelX());
        Shape stride = new Shape(p.strideY(), p.strideX());
        Shape padding = new Shape(p.paddingY(), p.paddingX());
        if (p.kind() == Operator.PoolKind.MAX) {
            return x.getNDArrayInternal().maxPool(window, stride, padding, p.ceil());
        }
        NDArray mean = x.getNDArrayInternal().avgPool(window, stride, padding, p.ceil(), p.countPadding());
        // The engine divides by the whole window, padding and all, whatever it is told.
        boolean padded = p.paddingY() > 0 || p.paddingX() > 0;
        return padded && !p.countPadding()
                ? mean.mul(constants.windowCorrection(
                        p, (int) x.getShape().get(2), (int) x.getShape().get(3), out))
                : mean;
    }

    /** Rows of a table (V, E) by their numbers. */
    static NDArray rows(NDArray numbers, NDArray table) {
        return numbers.getNDArrayInternal()
                .embedding(numbers.toType(DataType.INT64, false), table, SparseFormat.DENSE)
                .singletonOrThrow();
    }

    /** The vectors of all pairs of tokens (T, T, d). */
    private NDArray relative(
            WeightSlice vertical,
            WeightSlice horizontal,
            int columns,
            int clip,
            int tokens,
            NDManager step,
            boolean train) {
        NDArray down = constants.relativeRows(tokens, columns, clip, true);
        NDArray right = constants.relativeRows(tokens, columns, clip, false);
        NDArray v = rows(down, parameters.slice(vertical, step, train));
        v.attach(step);
        NDArray h = rows(right, parameters.slice(horizontal, step, train));
        h.attach(step);
        return v.add(h);
    }

    /** (B, G, T, k) times (T, k, n), each query position by its own matrix: (B, G, T, n). */
    private static NDArray perPosition(NDArray x, NDArray matrices, dev.lathe.graph.Shape out) {
        long batch = x.getShape().get(0);
        long groups = out.extent(0);
        long tokens = out.extent(1);
        return x.transpose(2, 0, 1, 3)
                .reshape(tokens, batch * groups, x.getShape().get(3))
                .matMul(matrices)
                .reshape(tokens, batch, groups, out.extent(2))
                .transpose(1, 2, 0, 3);
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
            case HARD_SWISH -> scalars.multiply(x.mul(atMost6(scalars.add(x, 3f))), 1f / 6f);
            case RELU6 -> atMost6(x);
            case SWISH -> x.mul(sigmoid(x));
            case HARD_SIGMOID -> scalars.multiply(atMost6(scalars.add(x, 3f)), 1f / 6f);
            case SIGMOID -> sigmoid(x);
        };
    }

    private static NDArray sigmoid(NDArray x) {
        return x.getNDArrayInternal().sigmoid();
    }

    /** relu6(x) = relu(x) - relu(x - 6): no clip, whose limits are numbers (see Scalars). */
    private NDArray atMost6(NDArray x) {
        return x.getNDArrayInternal()
                .relu()
                .sub(scalars.add(x, -6f).getNDArrayInternal().relu());
    }

    static Shape withBatch(long batch, dev.lathe.graph.Shape s) {
        long[] e = new long[s.rank() + 1];
        e[0] = batch;
        for (int i = 1; i < e.length; i++) {
            e[i] = s.extent(i - 1);
        }
        return new Shape(e);
    }
}

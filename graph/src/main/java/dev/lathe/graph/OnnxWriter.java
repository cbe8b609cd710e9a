package dev.lathe.graph;

import ai.onnx.proto.OnnxMl.AttributeProto;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.IntStream;

/**
 * Writes a graph with its weights as an ONNX model: operator set {@value #OPSET}, float32, the batch a symbolic dimension.
 *
 * <p>The same graph and weights give the same bytes. Batch normalization is written as such: runtimes fold it.
 */
public final class OnnxWriter extends OnnxFile {
    /** The operator set, the first with Gelu. */
    public static final int OPSET = 20;

    private final WeightProvider weights;
    private final DynamicAxes axes;
    private final int longest;
    private final Map<WeightSlice, String> names = new HashMap<>();
    private final Map<String, Integer> slicesOf = new HashMap<>();

    private final Set<String> tensors = new HashSet<>();

    private OnnxWriter(DynamicAxes axes, int longest, WeightProvider weights) {
        this.axes = axes;
        this.longest = longest;
        this.weights = weights;
        axes.graph().inputs().forEach(t -> tensors.add(t.name()));
        axes.graph().nodes().forEach(n -> tensors.add(n.output().name()));
    }

    /**
     * @param metadata key and value pairs kept in the file, for example the architecture
     * @return a serialized ModelProto
     */
    public static byte[] write(Graph graph, WeightProvider weights, Map<String, String> metadata) {
        return write(DynamicAxes.none(graph), List.of(graph.output()), 0, weights, metadata);
    }

    /**
     * The same for a graph of which some lengths are known only when it runs.
     *
     * @param outputs tensors that the file gives, in this order
     * @param longest positions that the file has, where their number is not fixed
     */
    static byte[] write(
            DynamicAxes axes, List<Tensor> outputs, int longest, WeightProvider weights, Map<String, String> metadata) {
        OnnxWriter w = new OnnxWriter(axes, longest, weights);
        Graph graph = axes.graph();
        for (Tensor t : graph.inputs()) {
            w.input(t.name(), graph.isTokenInput(t) ? INTEGER : FLOAT, axes.dimensions(t));
        }
        if (graph.nodes().stream().anyMatch(n -> axes.firstPosition(n) != null)) {
            w.tensors.add(IncrementalOnnx.POSITION);
            w.input(IncrementalOnnx.POSITION, INTEGER, List.of(DynamicAxes.BATCH, "1"));
        }
        for (Node node : graph.nodes()) {
            w.node(node);
        }
        for (Tensor t : outputs) {
            w.output(t.name(), FLOAT, axes.dimensions(t));
        }
        return w.bytes(graph.name(), OPSET, metadata);
    }

    private void node(Node node) {
        Operator op = node.op();
        String out = node.output().name();
        String x = node.inputs().get(0).name();
        if (op instanceof Operator.Conv2d c) {
            emit(
                    "Conv",
                    parameters(op, x),
                    out,
                    ints("kernel_shape", c.kernelY(), c.kernelX()),
                    ints("pads", c.paddingY(), c.paddingX(), c.paddingY(), c.paddingX()),
                    ints("strides", c.strideY(), c.strideX()),
                    integer("group", c.groups()));
        } else if (op instanceof Operator.Linear linear) {
            linear(node, linear, x, out);
        } else if (op instanceof Operator.BatchNorm b) {
            emit("BatchNormalization", parameters(op, x), out, real("epsilon", b.epsilon()));
        } else if (op instanceof Operator.LayerNorm l) {
            emit("LayerNormalization", parameters(op, x), out, integer("axis", -1), real("epsilon", l.epsilon()));
        } else if (op instanceof Operator.Activate a) {
            activate(a.function(), x, out);
        } else if (op instanceof Operator.Add) {
            emit("Add", List.of(x, node.inputs().get(1).name()), out);
        } else if (op instanceof Operator.AddTable) {
            emit("Add", parameters(op, x), out);
        } else if (op instanceof Operator.MatMul m) {
            matMul(node, m, x, out);
        } else if (op instanceof Operator.Softmax softmax) {
            softmax(softmax, node, x, out);
        } else if (op instanceof Operator.Reshape r) {
            emit("Reshape", List.of(x, longs(out + "/shape", shape(r, node))), out);
        } else if (op instanceof Operator.Transpose t) {
            emit("Transpose", List.of(x), out, ints("perm", withBatch(t.order())));
        } else if (op instanceof Operator.GlobalAveragePool) {
            emit("GlobalAveragePool", List.of(x), out + "/pooled");
            emit("Flatten", List.of(out + "/pooled"), out, integer("axis", 1));
        } else if (op instanceof Operator.MeanTokens) {
            emit("ReduceMean", List.of(x, longs(out + "/axes", 1)), out, integer("keepdims", 0));
        } else if (op instanceof Operator.Pool2d p) {
            pool(p, x, out);
        } else if (op instanceof Operator.Gate) {
            emit("Unsqueeze", List.of(node.inputs().get(1).name(), longs(out + "/axes", 2, 3)), out + "/gate");
            emit("Mul", List.of(x, out + "/gate"), out);
        } else if (op instanceof Operator.LayerScale s) {
            layerScale(s, node, x, out);
        } else if (op instanceof Operator.Zero) {
            // x - x would be NaN for an infinite x, as x · 0 would.
            emit("Shape", List.of(x), out + "/of");
            emit("ConstantOfShape", List.of(out + "/of"), out);
        } else if (op instanceof Operator.Concat c) {
            emit("Concat", node.inputs().stream().map(Tensor::name).toList(), out, integer("axis", c.axis() + 1));
        } else if (op instanceof Operator.Slice s) {
            emit(
                    "Slice",
                    List.of(
                            x,
                            longs(out + "/from", s.range().from()),
                            longs(out + "/to", s.range().to()),
                            longs(out + "/axes", s.axis() + 1)),
                    out);
        } else if (op instanceof Operator.PrependToken t) {
            prependToken(t, x, out);
        } else if (op instanceof Operator.Embedding e) {
            scaled("Gather", List.of(parameter(e.parameters().get(0)), x), e.scale(), out);
        } else if (op instanceof Operator.PaddingMask m) {
            emit("Equal", List.of(x, longs(out + "/padding", m.padding())), out + "/is");
            emit("Cast", List.of(out + "/is"), out + "/one", integer("to", FLOAT));
            floats(out + "/hidden", new float[] {Operator.PaddingMask.HIDDEN});
            emit("Mul", List.of(out + "/one", out + "/hidden"), out);
        } else if (op instanceof Operator.SinusoidalPositions p) {
            positions(p, node, x, out);
        } else if (op instanceof Operator.RelativeKeys r) {
            relativeKeys(r, node, x, out);
        } else if (op instanceof Operator.RelativeValues r) {
            relativeValues(r, node, x, out);
        } else {
            throw new IllegalStateException("The ONNX writer does not know operator " + op.type());
        }
    }

    /** A reshape's target: 0 keeps the input's extent at its place, as of the batch, whatever it is; -1 is what is left. */
    private long[] shape(Operator.Reshape op, Node node) {
        Tensor from = node.inputs().get(0);
        long[] target = new long[op.target().rank() + 1];
        boolean left = false;
        for (int i = 1; i < target.length; i++) {
            target[i] = op.target().extent(i - 1);
            String dimension = axes.dimension(node.output(), i - 1);
            if (dimension == null) {
                continue;
            }
            boolean kept = i <= from.shape().rank() && dimension.equals(axes.dimension(from, i - 1));
            if (!kept && left) {
                throw new IllegalArgumentException(
                        "Node %s changes several extents that are not fixed".formatted(node));
            }
            left |= !kept;
            target[i] = kept ? 0 : -1;
        }
        return target;
    }

    /** Of a fixed number of tokens their table; of any number the table's first rows; of a moving token its own row. */
    private void positions(Operator.SinusoidalPositions p, Node node, String x, String out) {
        Shape s = node.output().shape();
        String table = out + "/table";
        Integer first = axes.firstPosition(node);
        if (first != null) {
            Operator.SinusoidalPositions all = new Operator.SinusoidalPositions(p.tableWidth(), first);
            floats(table, all.table(longest, s.extent(1)), longest, s.extent(1));
            emit("Gather", List.of(table, IncrementalOnnx.POSITION), out + "/rows");
            emit("Add", List.of(x, out + "/rows"), out);
        } else if (axes.dimension(node.output(), 0) != null) {
            floats(table, p.table(longest, s.extent(1)), longest, s.extent(1));
            emit("Shape", List.of(x), out + "/length", integer("start", 1), integer("end", 2));
            String from = longs(out + "/from", 0);
            emit("Slice", List.of(table, from, out + "/length", longs(out + "/axes", 0)), out + "/rows");
            emit("Add", List.of(x, out + "/rows"), out);
        } else {
            floats(table, p.table(s.extent(0), s.extent(1)), s.toArray());
            emit("Add", List.of(x, table), out);
        }
    }

    /** One sample a row is Gemm; token sequences need a matrix product with the weight transposed on writing. */
    private void linear(Node node, Operator.Linear op, String x, String out) {
        if (node.inputs().get(0).shape().rank() == 1) {
            emit("Gemm", parameters(op, x), out, integer("transB", 1));
            return;
        }
        List<ParameterUse> uses = op.parameters();
        if (op.role() == ParameterUse.Role.EMBEDDING) {
            // The largest parameter of a translator: once in the file, and turned by the runtime when it loads.
            emit("Transpose", List.of(parameter(uses.get(0))), out + "/transposed", ints("perm", 1, 0));
            product(List.of(x, out + "/transposed"), uses, out);
            return;
        }
        int outputs = op.weight().extent(0);
        int inputs = op.weight().extent(1);
        float[] w = weights.values(uses.get(0));
        float[] transposed = new float[w.length];
        for (int o = 0; o < outputs; o++) {
            for (int i = 0; i < inputs; i++) {
                transposed[i * outputs + o] = w[o * inputs + i];
            }
        }
        String name = name(op.weight()) + "/transposed";
        floats(name, transposed, inputs, outputs);
        product(List.of(x, name), uses, out);
    }

    /** A matrix product, and the bias where there is one. */
    private void product(List<String> operands, List<ParameterUse> uses, String out) {
        if (uses.size() == 1) {
            emit("MatMul", operands, out);
        } else {
            emit("MatMul", operands, out + "/product");
            emit("Add", List.of(out + "/product", parameter(uses.get(1))), out);
        }
    }

    private void matMul(Node node, Operator.MatMul op, String left, String out) {
        String right = node.inputs().get(1).name();
        if (op.transposeRight()) {
            emit("Transpose", List.of(right), out + "/right", ints("perm", 0, 1, 3, 2));
            right = out + "/right";
        }
        scaled("MatMul", List.of(left, right), op.scale(), out);
    }

    /** An operator, and a product with a constant behind it unless that is 1. */
    private void scaled(String type, List<String> in, float scale, String out) {
        if (scale == 1f) {
            emit(type, in, out);
        } else {
            emit(type, in, out + "/product");
            floats(out + "/scale", new float[] {scale});
            emit("Mul", List.of(out + "/product", out + "/scale"), out);
        }
    }

    private void activate(Activation a, String x, String out) {
        switch (a) {
            case RELU -> emit("Relu", List.of(x), out);
            case GELU -> emit("Gelu", List.of(x), out);
            case HARD_SWISH -> emit("HardSwish", List.of(x), out);
            case RELU6 -> {
                floats(out + "/least", new float[] {0f});
                floats(out + "/most", new float[] {6f});
                emit("Clip", List.of(x, out + "/least", out + "/most"), out);
            }
            case SWISH -> {
                emit("Sigmoid", List.of(x), out + "/gate");
                emit("Mul", List.of(x, out + "/gate"), out);
            }
            case HARD_SIGMOID -> emit("HardSigmoid", List.of(x), out, real("alpha", 1f / 6f), real("beta", 0.5f));
            case SIGMOID -> emit("Sigmoid", List.of(x), out);
        }
    }

    private void softmax(Operator.Softmax op, Node node, String x, String out) {
        String scores = x;
        if (node.inputs().size() == 2) {
            int rank = node.output().shape().rank();
            String axes =
                    longs(out + "/rows", IntStream.range(1, rank).asLongStream().toArray());
            emit("Unsqueeze", List.of(node.inputs().get(1).name(), axes), out + "/columns");
            emit("Add", List.of(x, out + "/columns"), out + "/seen");
            scores = out + "/seen";
        }
        if (op.causal()) {
            if (axes.dimension(node.output(), node.output().shape().rank() - 1) != null) {
                throw new IllegalArgumentException("Causal node %s has no fixed number of columns".formatted(node));
            }
            int n = node.output().shape().last();
            floats(out + "/mask", Operator.Softmax.causalMask(n), n, n);
            emit("Add", List.of(scores, out + "/mask"), out + "/masked");
            scores = out + "/masked";
        }
        emit("Softmax", List.of(scores), out, integer("axis", -1));
    }

    private void pool(Operator.Pool2d p, String x, String out) {
        AttributeProto[] window = {
            ints("kernel_shape", p.kernelY(), p.kernelX()),
            ints("pads", p.paddingY(), p.paddingX(), p.paddingY(), p.paddingX()),
            ints("strides", p.strideY(), p.strideX()),
            integer("ceil_mode", p.ceil() ? 1 : 0)
        };
        if (p.kind() == Operator.PoolKind.MAX) {
            emit("MaxPool", List.of(x), out, window);
        } else {
            AttributeProto[] all = java.util.Arrays.copyOf(window, window.length + 1);
            all[window.length] = integer("count_include_pad", p.countPadding() ? 1 : 0);
            emit("AveragePool", List.of(x), out, all);
        }
    }

    private void layerScale(Operator.LayerScale op, Node node, String x, String out) {
        ParameterUse use = op.parameters().get(0);
        int n = op.factors().extent(0);
        String name = name(op.factors()) + "/broadcast";
        if (node.output().shape().rank() == 3) {
            floats(name, weights.values(use), n, 1, 1);
        } else {
            floats(name, weights.values(use), n);
        }
        emit("Mul", List.of(x, name), out);
    }

    /** The token as (1, 1, E), repeated for the batch. */
    private void prependToken(Operator.PrependToken op, String x, String out) {
        int width = op.token().extent(0);
        String name = name(op.token()) + "/row";
        floats(name, weights.values(op.parameters().get(0)), 1, 1, width);
        emit("Shape", List.of(x), out + "/batch", integer("start", 0), integer("end", 1));
        emit("Concat", List.of(out + "/batch", longs(out + "/row", 1, width)), out + "/shape", integer("axis", 0));
        emit("Expand", List.of(name, out + "/shape"), out + "/token");
        emit("Concat", List.of(out + "/token", x), out, integer("axis", 1));
    }

    /** The vectors of all pairs of tokens (T, T, d). */
    private String relative(Operator op, int columns, int clip, int tokens, String out) {
        List<ParameterUse> uses = op.parameters();
        for (int i = 0; i < 2; i++) {
            int[] rows = Operator.relativeRows(tokens, columns, clip, i == 0);
            String at = matrix(out + "/rows" + i, rows, tokens);
            emit("Gather", List.of(parameter(uses.get(i)), at), out + "/relative" + i);
        }
        emit("Add", List.of(out + "/relative0", out + "/relative1"), out + "/relative");
        return out + "/relative";
    }

    /** (B, G, T, d) as (T, B·G, d), times (T, d, T), and back: one matrix product per query position. */
    private void relativeKeys(Operator.RelativeKeys op, Node node, String x, String out) {
        int groups = node.output().shape().extent(0);
        int tokens = node.output().shape().extent(1);
        String vectors = relative(op, op.columns(), op.clip(), tokens, out);
        emit("Transpose", List.of(vectors), out + "/right", ints("perm", 0, 2, 1));
        perPosition(x, out + "/right", op.vertical().extent(1), groups, tokens, out);
        emit("Transpose", List.of(out + "/byPosition"), out + "/product", ints("perm", 1, 2, 0, 3));
        floats(out + "/scale", new float[] {op.scale()});
        emit("Mul", List.of(out + "/product", out + "/scale"), out);
    }

    private void relativeValues(Operator.RelativeValues op, Node node, String x, String out) {
        int groups = node.output().shape().extent(0);
        int tokens = node.output().shape().extent(1);
        String vectors = relative(op, op.columns(), op.clip(), tokens, out);
        perPosition(x, vectors, tokens, groups, op.vertical().extent(1), out);
        emit("Transpose", List.of(out + "/byPosition"), out, ints("perm", 1, 2, 0, 3));
    }

    private void perPosition(String x, String right, int inner, int groups, int outer, String out) {
        emit("Transpose", List.of(x), out + "/left", ints("perm", 2, 0, 1, 3));
        emit("Reshape", List.of(out + "/left", longs(out + "/rows", 0, -1, inner)), out + "/leftRows");
        emit("MatMul", List.of(out + "/leftRows", right), out + "/productRows");
        emit(
                "Reshape",
                List.of(out + "/productRows", longs(out + "/split", 0, -1, groups, outer)),
                out + "/byPosition");
    }

    /** The first input, then the operator's parameters as initializers. */
    private List<String> parameters(Operator op, String x) {
        List<String> names = new ArrayList<>();
        names.add(x);
        for (ParameterUse use : op.parameters()) {
            names.add(parameter(use));
        }
        return names;
    }

    private String parameter(ParameterUse use) {
        String name = name(use.slice());
        floats(name, weights.values(use), use.slice().extents());
        return name;
    }

    /** The parameter's own name; a second, different slice of one parameter gets a number behind it. */
    private String name(WeightSlice slice) {
        return names.computeIfAbsent(slice, s -> {
            int slices = slicesOf.merge(s.parameter(), 1, Integer::sum);
            String name = slices == 1 ? s.parameter() : s.parameter() + "#" + slices;
            // ONNX has one name space for tensors and initializers; a space's nodes and parameters may share names.
            return tensors.contains(name) ? name + "/value" : name;
        });
    }

    private static int[] withBatch(List<Integer> order) {
        int[] perm = new int[order.size() + 1];
        for (int i = 0; i < order.size(); i++) {
            perm[i + 1] = order.get(i) + 1;
        }
        return perm;
    }
}

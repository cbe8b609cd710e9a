package dev.lathe.graph;

import ai.onnx.proto.OnnxMl.AttributeProto;
import ai.onnx.proto.OnnxMl.GraphProto;
import ai.onnx.proto.OnnxMl.ModelProto;
import ai.onnx.proto.OnnxMl.NodeProto;
import ai.onnx.proto.OnnxMl.OperatorSetIdProto;
import ai.onnx.proto.OnnxMl.StringStringEntryProto;
import ai.onnx.proto.OnnxMl.TensorProto;
import ai.onnx.proto.OnnxMl.TensorShapeProto;
import ai.onnx.proto.OnnxMl.TypeProto;
import ai.onnx.proto.OnnxMl.ValueInfoProto;
import com.google.protobuf.ByteString;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.IntStream;

/**
 * Writes a graph with its weights as an ONNX model: operator set {@value #OPSET}, float32, the batch a symbolic dimension.
 *
 * <p>The same graph and weights give the same bytes. Batch normalization is written as such: runtimes fold it.
 */
public final class OnnxWriter {
    /** The operator set, the first with Gelu. */
    public static final int OPSET = 20;

    private static final int IR_VERSION = 9;

    private final GraphProto.Builder proto = GraphProto.newBuilder();
    private final WeightProvider weights;
    private final Set<String> written = new HashSet<>();
    private final Map<WeightSlice, String> names = new HashMap<>();
    private final Map<String, Integer> slicesOf = new HashMap<>();

    private final Set<String> tensors = new HashSet<>();

    private OnnxWriter(Graph graph, WeightProvider weights) {
        this.weights = weights;
        graph.inputs().forEach(t -> tensors.add(t.name()));
        graph.nodes().forEach(n -> tensors.add(n.output().name()));
    }

    /**
     * @param metadata key and value pairs kept in the file, for example the architecture
     * @return a serialized ModelProto
     */
    public static byte[] write(Graph graph, WeightProvider weights, Map<String, String> metadata) {
        OnnxWriter w = new OnnxWriter(graph, weights);
        for (Tensor t : graph.inputs()) {
            w.proto.addInput(valueInfo(t));
        }
        for (Node node : graph.nodes()) {
            w.node(node);
        }
        w.proto.addOutput(valueInfo(graph.output()));
        ModelProto.Builder model = ModelProto.newBuilder()
                .setIrVersion(IR_VERSION)
                .setProducerName("lathe")
                .addOpsetImport(OperatorSetIdProto.newBuilder().setDomain("").setVersion(OPSET))
                .setGraph(w.proto.setName(graph.name()));
        new TreeMap<>(metadata)
                .forEach((k, v) -> model.addMetadataProps(
                        StringStringEntryProto.newBuilder().setKey(k).setValue(v)));
        return model.build().toByteArray();
    }

    private void node(Node node) {
        Operator op = node.op();
        String out = node.output().name();
        String x = node.inputs().get(0).name();
        if (op instanceof Operator.Conv2d c) {
            int k = c.kernel();
            emit(
                    "Conv",
                    parameters(op, x),
                    out,
                    ints("kernel_shape", k, k),
                    ints("pads", c.padding(), c.padding(), c.padding(), c.padding()),
                    ints("strides", c.stride(), c.stride()),
                    integer("group", c.groups()));
        } else if (op instanceof Operator.Linear linear) {
            linear(node, linear, x, out);
        } else if (op instanceof Operator.BatchNorm b) {
            emit("BatchNormalization", parameters(op, x), out, real("epsilon", b.epsilon()));
        } else if (op instanceof Operator.LayerNorm l) {
            emit("LayerNormalization", parameters(op, x), out, integer("axis", -1), real("epsilon", l.epsilon()));
        } else if (op instanceof Operator.Activate a) {
            emit(onnxName(a.function()), List.of(x), out);
        } else if (op instanceof Operator.Add) {
            emit("Add", List.of(x, node.inputs().get(1).name()), out);
        } else if (op instanceof Operator.AddTable) {
            emit("Add", parameters(op, x), out);
        } else if (op instanceof Operator.MatMul m) {
            matMul(node, m, x, out);
        } else if (op instanceof Operator.Softmax) {
            emit("Softmax", List.of(x), out, integer("axis", -1));
        } else if (op instanceof Operator.Reshape r) {
            // A 0 keeps the batch, whatever it is.
            long[] target = new long[r.target().rank() + 1];
            for (int i = 1; i < target.length; i++) {
                target[i] = r.target().extent(i - 1);
            }
            emit("Reshape", List.of(x, longs(out + "/shape", target)), out);
        } else if (op instanceof Operator.Transpose t) {
            emit("Transpose", List.of(x), out, ints("perm", withBatch(t.order())));
        } else if (op instanceof Operator.GlobalAveragePool) {
            emit("GlobalAveragePool", List.of(x), out + "/pooled");
            emit("Flatten", List.of(out + "/pooled"), out, integer("axis", 1));
        } else if (op instanceof Operator.MeanTokens) {
            emit("ReduceMean", List.of(x, longs(out + "/axes", 1)), out, integer("keepdims", 0));
        } else {
            throw new IllegalStateException("The ONNX writer does not know operator " + op.type());
        }
    }

    /** One sample a row is Gemm; token sequences need a matrix product with the weight transposed on writing. */
    private void linear(Node node, Operator.Linear op, String x, String out) {
        if (node.inputs().get(0).shape().rank() == 1) {
            emit("Gemm", parameters(op, x), out, integer("transB", 1));
            return;
        }
        List<ParameterUse> uses = op.parameters();
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
        if (uses.size() == 1) {
            emit("MatMul", List.of(x, name), out);
        } else {
            emit("MatMul", List.of(x, name), out + "/product");
            emit("Add", List.of(out + "/product", parameter(uses.get(1))), out);
        }
    }

    private void matMul(Node node, Operator.MatMul op, String left, String out) {
        String right = node.inputs().get(1).name();
        if (op.transposeRight()) {
            emit("Transpose", List.of(right), out + "/right", ints("perm", 0, 1, 3, 2));
            right = out + "/right";
        }
        if (op.scale() == 1f) {
            emit("MatMul", List.of(left, right), out);
        } else {
            emit("MatMul", List.of(left, right), out + "/product");
            floats(out + "/scale", new float[] {op.scale()});
            emit("Mul", List.of(out + "/product", out + "/scale"), out);
        }
    }

    private static String onnxName(Activation a) {
        return switch (a) {
            case RELU -> "Relu";
            case GELU -> "Gelu";
            case HARD_SWISH -> "HardSwish";
        };
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

    private void floats(String name, float[] values, int... dims) {
        if (!written.add(name)) {
            return;
        }
        long elements = IntStream.of(dims).asLongStream().reduce(1, (a, b) -> a * b);
        if (elements != values.length) {
            throw new IllegalArgumentException(
                    "Weights of '%s' have %d values, expected %d".formatted(name, values.length, elements));
        }
        ByteBuffer raw = ByteBuffer.allocate(values.length * Float.BYTES).order(ByteOrder.LITTLE_ENDIAN);
        raw.asFloatBuffer().put(values);
        TensorProto.Builder t = TensorProto.newBuilder()
                .setName(name)
                .setDataType(TensorProto.DataType.FLOAT_VALUE)
                .setRawData(ByteString.copyFrom(raw));
        for (int d : dims) {
            t.addDims(d);
        }
        proto.addInitializer(t);
    }

    private String longs(String name, long... values) {
        ByteBuffer raw = ByteBuffer.allocate(values.length * Long.BYTES).order(ByteOrder.LITTLE_ENDIAN);
        raw.asLongBuffer().put(values);
        proto.addInitializer(TensorProto.newBuilder()
                .setName(name)
                .setDataType(TensorProto.DataType.INT64_VALUE)
                .setRawData(ByteString.copyFrom(raw))
                .addDims(values.length));
        return name;
    }

    private void emit(String type, List<String> inputs, String output, AttributeProto... attributes) {
        NodeProto.Builder n = NodeProto.newBuilder()
                .setOpType(type)
                .setName(output + "/" + type)
                .addAllInput(inputs)
                .addOutput(output);
        for (AttributeProto a : attributes) {
            n.addAttribute(a);
        }
        proto.addNode(n);
    }

    private static int[] withBatch(List<Integer> order) {
        int[] perm = new int[order.size() + 1];
        for (int i = 0; i < order.size(); i++) {
            perm[i + 1] = order.get(i) + 1;
        }
        return perm;
    }

    private static AttributeProto integer(String name, long value) {
        return AttributeProto.newBuilder()
                .setName(name)
                .setType(AttributeProto.AttributeType.INT)
                .setI(value)
                .build();
    }

    private static AttributeProto real(String name, float value) {
        return AttributeProto.newBuilder()
                .setName(name)
                .setType(AttributeProto.AttributeType.FLOAT)
                .setF(value)
                .build();
    }

    private static AttributeProto ints(String name, int... values) {
        AttributeProto.Builder b = AttributeProto.newBuilder().setName(name).setType(AttributeProto.AttributeType.INTS);
        for (int v : values) {
            b.addInts(v);
        }
        return b.build();
    }

    private static ValueInfoProto valueInfo(Tensor t) {
        TensorShapeProto.Builder shape = TensorShapeProto.newBuilder()
                .addDim(TensorShapeProto.Dimension.newBuilder().setDimParam("batch"));
        for (int e : t.shape().toArray()) {
            shape.addDim(TensorShapeProto.Dimension.newBuilder().setDimValue(e));
        }
        return ValueInfoProto.newBuilder()
                .setName(t.name())
                .setType(TypeProto.newBuilder()
                        .setTensorType(TypeProto.Tensor.newBuilder()
                                .setElemType(TensorProto.DataType.FLOAT_VALUE)
                                .setShape(shape)))
                .build();
    }
}

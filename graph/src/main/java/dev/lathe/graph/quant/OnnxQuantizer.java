package dev.lathe.graph.quant;

import ai.onnx.proto.OnnxMl.AttributeProto;
import ai.onnx.proto.OnnxMl.GraphProto;
import ai.onnx.proto.OnnxMl.ModelProto;
import ai.onnx.proto.OnnxMl.NodeProto;
import ai.onnx.proto.OnnxMl.StringStringEntryProto;
import ai.onnx.proto.OnnxMl.TensorProto;
import ai.onnx.proto.OnnxMl.TypeProto;
import ai.onnx.proto.OnnxMl.ValueInfoProto;
import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import dev.lathe.graph.IncrementalOnnx;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * The 8-bit form of ONNX models with open lengths, after training: products with constant matrices have weights of signed 8 bits
 * with a scale a column and inputs of unsigned 8 bits with one scale; tables that tokens look rows up in have a scale a row, which
 * serves the product with the transposed table, too. Attention, normalization and sums stay in float32.
 *
 * <p>Unlike {@link QdqNetwork} it needs no graph of fixed lengths: ranges are those of a runtime that ran {@link #observed}.
 */
public final class OnnxQuantizer {
    private static final int MATRIX = 2;
    /** Metadata: the numbers of a file. */
    private static final String PRECISION = "precision";

    private static final String INTEGERS = "/integers";
    private static final String SCALES = "/scales";
    private static final String REAL = "/dequantized";

    private final ModelProto model;
    private final Map<String, TensorProto> matrices = new HashMap<>();
    private final Map<String, NodeProto> makers = new HashMap<>();
    private final Map<String, Integer> uses = new HashMap<>();

    private OnnxQuantizer(byte[] model) {
        try {
            this.model = ModelProto.parseFrom(model);
        } catch (InvalidProtocolBufferException e) {
            throw new IllegalArgumentException("not an ONNX model: " + e.getMessage(), e);
        }
        GraphProto graph = this.model.getGraph();
        for (TensorProto t : graph.getInitializerList()) {
            if (t.getDimsCount() == MATRIX && t.getDataType() == TensorProto.DataType.FLOAT_VALUE) {
                matrices.put(t.getName(), t);
            }
        }
        for (NodeProto n : graph.getNodeList()) {
            n.getOutputList().forEach(o -> makers.put(o, n));
            n.getInputList().forEach(i -> uses.merge(i, 1, Integer::sum));
        }
    }

    /**
     * The model with what must be observed among its outputs, for a runtime to calibrate with.
     *
     * @throws IllegalArgumentException if the bytes are no ONNX model
     */
    public static byte[] observed(byte[] model) {
        OnnxQuantizer q = new OnnxQuantizer(model);
        GraphProto.Builder graph = q.model.getGraph().toBuilder();
        Set<String> outputs = new HashSet<>();
        graph.getOutputList().forEach(o -> outputs.add(o.getName()));
        for (String point : q.points()) {
            if (outputs.add(point)) {
                graph.addOutput(ValueInfoProto.newBuilder()
                        .setName(point)
                        .setType(TypeProto.newBuilder()
                                .setTensorType(
                                        TypeProto.Tensor.newBuilder().setElemType(TensorProto.DataType.FLOAT_VALUE))));
            }
        }
        return q.model.toBuilder().setGraph(graph).build().toByteArray();
    }

    /** Names of the tensors whose ranges {@link #quantized} needs, in the model's order. */
    public static List<String> points(byte[] model) {
        return List.copyOf(new OnnxQuantizer(model).points());
    }

    /**
     * The 8-bit model. The same model and ranges give the same bytes.
     *
     * @param ranges least and most seen of each of {@link #points}
     * @throws IllegalArgumentException if a range is missing, not finite or upside down
     */
    public static byte[] quantized(byte[] model, Map<String, double[]> ranges) {
        return new OnnxQuantizer(model).write(ranges);
    }

    /** The ranges' scales that an 8-bit model holds, by the tensors' names: to write the same model again. */
    public static Map<String, Quantization> scales(byte[] quantized) {
        Map<String, TensorProto> held = new HashMap<>();
        OnnxQuantizer q = new OnnxQuantizer(quantized);
        q.model.getGraph().getInitializerList().forEach(t -> held.put(t.getName(), t));
        Map<String, Quantization> scales = new TreeMap<>();
        for (NodeProto n : q.model.getGraph().getNodeList()) {
            if (n.getOpType().equals("QuantizeLinear") && n.getInputCount() == 3) {
                TensorProto scale = held.get(n.getInput(1));
                TensorProto zero = held.get(n.getInput(2));
                if (scale == null
                        || zero == null
                        || scale.getRawData().size() != Float.BYTES
                        || zero.getRawData().size() != 1) {
                    throw new IllegalArgumentException(
                            "tensor %s is quantized in another way".formatted(n.getInput(0)));
                }
                scales.put(
                        n.getInput(0),
                        new Quantization(
                                QdqWriter.values(scale)[0], (zero.getRawData().byteAt(0) & 0xff) - QdqWriter.OFFSET));
            }
        }
        return scales;
    }

    /** The 8-bit model by scales instead of ranges. */
    public static byte[] rescaled(byte[] model, Map<String, Quantization> scales) {
        return new OnnxQuantizer(model).new Rewriting(scales).write();
    }

    private byte[] write(Map<String, double[]> ranges) {
        Map<String, Quantization> scales = new HashMap<>();
        for (String p : points()) {
            double[] r = ranges.get(p);
            if (r == null || !(r[0] <= r[1]) || Double.isInfinite(r[0]) || Double.isInfinite(r[1])) {
                throw new IllegalArgumentException("%s was seen from %s; run the observed model on data"
                        .formatted(p, r == null ? "nothing" : r[0] + " to " + r[1]));
            }
            Quantization q = Quantization.affine(r[0], r[1]);
            // As the file holds it.
            scales.put(p, new Quantization((float) q.scale(), q.zeroPoint()));
        }
        return new Rewriting(scales).write();
    }

    private Set<String> points() {
        Set<String> points = new LinkedHashSet<>();
        for (NodeProto n : model.getGraph().getNodeList()) {
            if (isProduct(n)) {
                points.add(n.getInput(0));
            }
        }
        return points;
    }

    /** A product of something with a constant matrix. */
    private boolean isProduct(NodeProto n) {
        return n.getOpType().equals("MatMul")
                && !matrices.containsKey(n.getInput(0))
                && (isOwn(n.getInput(1)) || turnedTable(n) != null);
    }

    private boolean isOwn(String name) {
        return matrices.containsKey(name) && uses.getOrDefault(name, 0) == 1;
    }

    /** The table whose transpose a product is with. */
    private @Nullable String turnedTable(NodeProto product) {
        NodeProto maker = makers.get(product.getInput(1));
        return maker != null
                        && maker.getOpType().equals("Transpose")
                        && matrices.containsKey(maker.getInput(0))
                        && uses.getOrDefault(maker.getOutput(0), 0) == 1
                ? maker.getInput(0)
                : null;
    }

    private boolean isLookUp(NodeProto n) {
        return n.getOpType().equals("Gather")
                && matrices.containsKey(n.getInput(0))
                && n.getAttributeCount() == 0
                && !n.getInput(1).equals(IncrementalOnnx.POSITION)
                && model.getGraph().getInputList().stream()
                        .anyMatch(i -> i.getName().equals(n.getInput(1)));
    }

    /** One pass over the nodes. */
    private final class Rewriting {
        private final Map<String, Quantization> scales;
        private final GraphProto.Builder to =
                model.getGraph().toBuilder().clearNode().clearInitializer();
        private final Set<String> replaced = new HashSet<>();
        private final Set<String> paired = new HashSet<>();
        private final Set<String> tables = new HashSet<>();
        private final List<TensorProto> made = new ArrayList<>();

        Rewriting(Map<String, Quantization> scales) {
            this.scales = scales;
        }

        byte[] write() {
            Set<String> turned = new HashSet<>();
            for (NodeProto n : model.getGraph().getNodeList()) {
                String table = isProduct(n) ? turnedTable(n) : null;
                if (table != null) {
                    turned.add(n.getInput(1));
                }
            }
            for (NodeProto n : model.getGraph().getNodeList()) {
                if (isProduct(n)) {
                    product(n);
                } else if (isLookUp(n)) {
                    lookUp(n);
                } else if (turned.contains(n.getOutput(0))) {
                    table(n.getInput(0));
                    emit(
                            "Transpose",
                            List.of(n.getInput(0) + INTEGERS),
                            n.getOutput(0) + INTEGERS,
                            n.getAttributeList());
                } else {
                    to.addNode(n);
                }
            }
            Set<String> read = new HashSet<>();
            to.getNodeList().forEach(n -> read.addAll(n.getInputList()));
            for (TensorProto t : model.getGraph().getInitializerList()) {
                if (!replaced.contains(t.getName()) || read.contains(t.getName())) {
                    to.addInitializer(t);
                }
            }
            made.forEach(to::addInitializer);
            return model.toBuilder()
                    .setGraph(to)
                    .addMetadataProps(StringStringEntryProto.newBuilder()
                            .setKey(PRECISION)
                            .setValue("int8"))
                    .build()
                    .toByteArray();
        }

        private void product(NodeProto n) {
            String x = n.getInput(0);
            if (paired.add(x)) {
                Quantization q = scales.get(x);
                if (q == null) {
                    throw new IllegalArgumentException("no scale of " + x);
                }
                made.add(QdqWriter.floats(x + "/scale", new float[] {(float) q.scale()}, false));
                made.add(QdqWriter.zeroPoint(x + "/zeroPoint", q));
                List<String> by = List.of(x + "/scale", x + "/zeroPoint");
                emit("QuantizeLinear", List.of(x, by.get(0), by.get(1)), x + "/quantized", List.of());
                emit("DequantizeLinear", List.of(x + "/quantized", by.get(0), by.get(1)), x + REAL, List.of());
            }
            String w = n.getInput(1);
            String table = turnedTable(n);
            String owner = table == null ? w : table;
            if (table == null) {
                TensorProto t = matrix(w);
                int columns = Math.toIntExact(t.getDims(1));
                integers(t, columns, 1, columns);
            }
            emit("DequantizeLinear", List.of(w + INTEGERS, owner + SCALES), w + REAL, List.of(integer("axis", 1)));
            to.addNode(n.toBuilder().clearInput().addInput(x + REAL).addInput(w + REAL));
        }

        /** Rows of 8 bits, each with its scale. */
        private void lookUp(NodeProto n) {
            String t = n.getInput(0);
            String out = n.getOutput(0);
            table(t);
            emit("Gather", List.of(t + INTEGERS, n.getInput(1)), out + INTEGERS, List.of());
            emit(
                    "Cast",
                    List.of(out + INTEGERS),
                    out + "/reals",
                    List.of(integer("to", TensorProto.DataType.FLOAT_VALUE)));
            emit("Gather", List.of(t + SCALES, n.getInput(1)), out + SCALES, List.of());
            made.add(TensorProto.newBuilder()
                    .setName(out + "/axes")
                    .setDataType(TensorProto.DataType.INT64_VALUE)
                    .addDims(1)
                    .setRawData(ByteString.copyFrom(ByteBuffer.allocate(Long.BYTES)
                            .order(ByteOrder.LITTLE_ENDIAN)
                            .putLong(-1)
                            .flip()))
                    .build());
            emit("Unsqueeze", List.of(out + SCALES, out + "/axes"), out + "/column", List.of());
            to.addNode(n.toBuilder()
                    .setOpType("Mul")
                    .clearInput()
                    .addInput(out + "/reals")
                    .addInput(out + "/column"));
        }

        private void table(String name) {
            if (tables.add(name)) {
                TensorProto t = matrix(name);
                int rows = Math.toIntExact(t.getDims(0));
                integers(t, rows, Math.toIntExact(t.getDims(1)), 1);
            }
        }

        private TensorProto matrix(String name) {
            TensorProto t = matrices.get(name);
            if (t == null) {
                throw new IllegalStateException(name + " is no constant matrix");
            }
            return t;
        }

        private void integers(TensorProto t, int channels, int channelStep, int step) {
            QdqNetwork.IntegerWeights q = QdqNetwork.integers(QdqWriter.values(t), channels, channelStep, step);
            made.add(TensorProto.newBuilder()
                    .setName(t.getName() + INTEGERS)
                    .setDataType(TensorProto.DataType.INT8_VALUE)
                    .addAllDims(t.getDimsList())
                    .setRawData(ByteString.copyFrom(q.values()))
                    .build());
            made.add(QdqWriter.floats(t.getName() + SCALES, q.scales(), true));
            replaced.add(t.getName());
        }

        private void emit(String type, List<String> inputs, String output, List<AttributeProto> attributes) {
            to.addNode(NodeProto.newBuilder()
                    .setOpType(type)
                    .setName(output + "/" + type)
                    .addAllInput(inputs)
                    .addOutput(output)
                    .addAllAttribute(attributes));
        }
    }

    private static AttributeProto integer(String name, long value) {
        return AttributeProto.newBuilder()
                .setName(name)
                .setType(AttributeProto.AttributeType.INT)
                .setI(value)
                .build();
    }
}

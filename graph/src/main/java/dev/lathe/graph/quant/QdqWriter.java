package dev.lathe.graph.quant;

import ai.onnx.proto.OnnxMl.AttributeProto;
import ai.onnx.proto.OnnxMl.GraphProto;
import ai.onnx.proto.OnnxMl.ModelProto;
import ai.onnx.proto.OnnxMl.NodeProto;
import ai.onnx.proto.OnnxMl.TensorProto;
import ai.onnx.proto.OnnxMl.ValueInfoProto;
import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Puts quantization into an ONNX model that the float32 writer wrote: weights of convolutions and matrix products become 8-bit
 * integers behind a DequantizeLinear, and every tensor with a scale goes through QuantizeLinear and DequantizeLinear.
 */
final class QdqWriter {
    /** From signed to unsigned. */
    static final int OFFSET = 128;

    private static final String REAL = "/dequantized";

    private final Map<String, Quantization> scales;
    private final Map<String, TensorProto> initializers = new HashMap<>();
    private final Map<String, TensorProto> kept = new HashMap<>();
    private final GraphProto.Builder proto;

    private QdqWriter(GraphProto graph, Map<String, Quantization> scales) {
        this.scales = scales;
        this.proto = graph.toBuilder().clearNode().clearInitializer();
        graph.getInitializerList().forEach(t -> initializers.put(t.getName(), t));
        kept.putAll(initializers);
    }

    /**
     * @param model whose weights are read by one node each
     * @param scales of tensors by name
     */
    static byte[] write(byte[] model, Map<String, Quantization> scales) {
        ModelProto m;
        try {
            m = ModelProto.parseFrom(model);
        } catch (InvalidProtocolBufferException e) {
            throw new IllegalStateException("The ONNX writer wrote what cannot be read", e);
        }
        QdqWriter w = new QdqWriter(m.getGraph(), scales);
        for (ValueInfoProto input : m.getGraph().getInputList()) {
            w.pair(input.getName());
        }
        for (NodeProto n : m.getGraph().getNodeList()) {
            w.node(n);
        }
        // In the order of the file before, so that the same network gives the same bytes.
        for (TensorProto t : m.getGraph().getInitializerList()) {
            if (w.kept.containsKey(t.getName())) {
                w.proto.addInitializer(t);
            }
        }
        return m.toBuilder().setGraph(w.proto).build().toByteArray();
    }

    private void node(NodeProto n) {
        List<String> inputs = new ArrayList<>();
        for (String in : n.getInputList()) {
            inputs.add(scales.containsKey(in) ? in + REAL : in);
        }
        String type = n.getOpType();
        boolean weighted = type.equals("Conv") || type.equals("Gemm") || type.equals("MatMul");
        Quantization x = scales.get(n.getInput(0));
        if (weighted && x != null && initializers.containsKey(n.getInput(1))) {
            QdqNetwork.IntegerWeights w = weights(n.getInput(1), type.equals("MatMul") ? 1 : 0);
            inputs.set(1, n.getInput(1) + REAL);
            if (n.getInputCount() > 2) {
                bias(n.getInput(2), (float) x.scale(), w.scales());
                inputs.set(2, n.getInput(2) + REAL);
            }
        }
        proto.addNode(n.toBuilder().clearInput().addAllInput(inputs));
        n.getOutputList().forEach(this::pair);
    }

    /** Quantizes a tensor and makes it real again, where it has a scale. */
    private void pair(String tensor) {
        Quantization q = scales.get(tensor);
        if (q == null) {
            return;
        }
        String scale = tensor + "/scale";
        String zero = tensor + "/zeroPoint";
        proto.addInitializer(floats(scale, new float[] {(float) q.scale()}, false));
        proto.addInitializer(zeroPoint(zero, q));
        emit("QuantizeLinear", List.of(tensor, scale, zero), tensor + "/quantized", -1);
        emit("DequantizeLinear", List.of(tensor + "/quantized", scale, zero), tensor + REAL, -1);
    }

    private QdqNetwork.IntegerWeights weights(String name, int axis) {
        TensorProto t = replaced(name);
        int channels = Math.toIntExact(t.getDims(axis));
        float[] w = values(t);
        int each = w.length / channels;
        QdqNetwork.IntegerWeights q = QdqNetwork.integers(w, channels, axis == 0 ? each : 1, axis == 0 ? 1 : channels);
        proto.addInitializer(TensorProto.newBuilder()
                .setName(name + "/integers")
                .setDataType(TensorProto.DataType.INT8_VALUE)
                .addAllDims(t.getDimsList())
                .setRawData(ByteString.copyFrom(q.values())));
        proto.addInitializer(TensorProto.newBuilder()
                .setName(name + "/zeroPoints")
                .setDataType(TensorProto.DataType.INT8_VALUE)
                .addDims(channels)
                .setRawData(ByteString.copyFrom(new byte[channels])));
        dequantize(name, q.scales(), name + "/zeroPoints", axis);
        return q;
    }

    private void bias(String name, float inputScale, float[] weightScales) {
        float[] b = values(replaced(name));
        float[] units = new float[b.length];
        ByteBuffer raw = ByteBuffer.allocate(b.length * Integer.BYTES).order(ByteOrder.LITTLE_ENDIAN);
        for (int i = 0; i < b.length; i++) {
            units[i] = inputScale * weightScales[i];
            raw.putInt(QdqNetwork.integerBias(b[i], units[i]));
        }
        proto.addInitializer(TensorProto.newBuilder()
                .setName(name + "/integers")
                .setDataType(TensorProto.DataType.INT32_VALUE)
                .addDims(b.length)
                .setRawData(ByteString.copyFrom(raw.flip())));
        dequantize(name, units, "", 0);
    }

    private void dequantize(String name, float[] channelScales, String zeroPoints, int axis) {
        proto.addInitializer(floats(name + "/scales", channelScales, true));
        List<String> in = new ArrayList<>(List.of(name + "/integers", name + "/scales"));
        if (!zeroPoints.isEmpty()) {
            in.add(zeroPoints);
        }
        emit("DequantizeLinear", in, name + REAL, axis);
    }

    private TensorProto replaced(String name) {
        TensorProto t = kept.remove(name);
        if (t == null) {
            throw new IllegalStateException("Weights " + name + " are read by two nodes");
        }
        return t;
    }

    private void emit(String type, List<String> inputs, String output, int axis) {
        NodeProto.Builder n = NodeProto.newBuilder()
                .setOpType(type)
                .setName(output + "/" + type)
                .addAllInput(inputs)
                .addOutput(output);
        if (axis >= 0) {
            n.addAttribute(AttributeProto.newBuilder()
                    .setName("axis")
                    .setType(AttributeProto.AttributeType.INT)
                    .setI(axis));
        }
        proto.addNode(n);
    }

    /** A scale's unsigned zero point. */
    static TensorProto zeroPoint(String name, Quantization q) {
        return TensorProto.newBuilder()
                .setName(name)
                .setDataType(TensorProto.DataType.UINT8_VALUE)
                .setRawData(ByteString.copyFrom(new byte[] {(byte) (q.zeroPoint() + OFFSET)}))
                .build();
    }

    static float[] values(TensorProto t) {
        ByteBuffer raw = t.getRawData().asReadOnlyByteBuffer().order(ByteOrder.LITTLE_ENDIAN);
        float[] v = new float[raw.remaining() / Float.BYTES];
        raw.asFloatBuffer().get(v);
        return v;
    }

    /** @param list whether it has an axis; the scale of a whole tensor has none */
    static TensorProto floats(String name, float[] values, boolean list) {
        ByteBuffer raw = ByteBuffer.allocate(values.length * Float.BYTES).order(ByteOrder.LITTLE_ENDIAN);
        raw.asFloatBuffer().put(values);
        TensorProto.Builder t = TensorProto.newBuilder()
                .setName(name)
                .setDataType(TensorProto.DataType.FLOAT_VALUE)
                .setRawData(ByteString.copyFrom(raw));
        return (list ? t.addDims(values.length) : t).build();
    }
}

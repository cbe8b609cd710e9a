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
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.IntStream;

/** An ONNX file in the making: nodes, values and names as its format has them, of which it knows no more than that. */
abstract class OnnxFile {
    /** The type of real numbers. */
    static final int FLOAT = TensorProto.DataType.FLOAT_VALUE;
    /** The type of token numbers and shapes. */
    static final int INTEGER = TensorProto.DataType.INT64_VALUE;

    private static final int IR_VERSION = 9;

    private final GraphProto.Builder proto = GraphProto.newBuilder();
    private final Set<String> written = new HashSet<>();

    /**
     * An input.
     *
     * @param dimensions a number for each fixed extent, a name for each that is known only when the file is run
     */
    final void input(String name, int type, List<String> dimensions) {
        proto.addInput(valueInfo(name, type, dimensions));
    }

    /** An output, see {@link #input}. */
    final void output(String name, int type, List<String> dimensions) {
        proto.addOutput(valueInfo(name, type, dimensions));
    }

    /** The file: the same calls before give the same bytes. */
    final byte[] bytes(String name, int operatorSet, Map<String, String> metadata) {
        ModelProto.Builder model = ModelProto.newBuilder()
                .setIrVersion(IR_VERSION)
                .setProducerName("lathe")
                .addOpsetImport(OperatorSetIdProto.newBuilder().setDomain("").setVersion(operatorSet))
                .setGraph(proto.setName(name));
        new TreeMap<>(metadata)
                .forEach((k, v) -> model.addMetadataProps(
                        StringStringEntryProto.newBuilder().setKey(k).setValue(v)));
        return model.build().toByteArray();
    }

    /** A constant tensor, written once under its name. */
    final void floats(String name, float[] values, int... dims) {
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

    /** A constant matrix of whole numbers. @return its name */
    final String matrix(String name, int[] values, int columns) {
        ByteBuffer raw = ByteBuffer.allocate(values.length * Long.BYTES).order(ByteOrder.LITTLE_ENDIAN);
        for (int v : values) {
            raw.putLong(v);
        }
        raw.flip();
        proto.addInitializer(TensorProto.newBuilder()
                .setName(name)
                .setDataType(TensorProto.DataType.INT64_VALUE)
                .setRawData(ByteString.copyFrom(raw))
                .addDims(values.length / columns)
                .addDims(columns));
        return name;
    }

    /** A constant vector of whole numbers. @return its name */
    final String longs(String name, long... values) {
        ByteBuffer raw = ByteBuffer.allocate(values.length * Long.BYTES).order(ByteOrder.LITTLE_ENDIAN);
        raw.asLongBuffer().put(values);
        proto.addInitializer(TensorProto.newBuilder()
                .setName(name)
                .setDataType(TensorProto.DataType.INT64_VALUE)
                .setRawData(ByteString.copyFrom(raw))
                .addDims(values.length));
        return name;
    }

    /** A node of one output. */
    final void emit(String type, List<String> inputs, String output, AttributeProto... attributes) {
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

    static AttributeProto integer(String name, long value) {
        return AttributeProto.newBuilder()
                .setName(name)
                .setType(AttributeProto.AttributeType.INT)
                .setI(value)
                .build();
    }

    static AttributeProto real(String name, float value) {
        return AttributeProto.newBuilder()
                .setName(name)
                .setType(AttributeProto.AttributeType.FLOAT)
                .setF(value)
                .build();
    }

    static AttributeProto ints(String name, int... values) {
        AttributeProto.Builder b = AttributeProto.newBuilder().setName(name).setType(AttributeProto.AttributeType.INTS);
        for (int v : values) {
            b.addInts(v);
        }
        return b.build();
    }

    private static ValueInfoProto valueInfo(String name, int type, List<String> dimensions) {
        TensorShapeProto.Builder shape = TensorShapeProto.newBuilder();
        for (String d : dimensions) {
            TensorShapeProto.Dimension.Builder dim = TensorShapeProto.Dimension.newBuilder();
            boolean fixed = Character.isDigit(d.charAt(0));
            shape.addDim(fixed ? dim.setDimValue(Long.parseLong(d)) : dim.setDimParam(d));
        }
        return ValueInfoProto.newBuilder()
                .setName(name)
                .setType(TypeProto.newBuilder()
                        .setTensorType(
                                TypeProto.Tensor.newBuilder().setElemType(type).setShape(shape)))
                .build();
    }
}

package dev.lathe.graph;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.lathe.base.InvalidInputException;
import dev.lathe.base.Json;
import dev.lathe.base.Names;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.Function;

/**
 * Float32 tensors by name in the safetensors format: the header's length (8 bytes, little-endian), a JSON header with type, shape and
 * place of every tensor, then the values. The reader trusts nothing: every byte of a file belongs to the header or to exactly one
 * tensor, in order and without holes. Nothing in a file is executed.
 *
 * @param metadata texts by name, kept in the header
 * @param tensors in the file's order
 * @see <a href="https://huggingface.co/docs/safetensors">The format</a>
 */
public record TensorFile(Map<String, String> metadata, Map<String, Tensor> tensors) {
    private static final String METADATA = "__metadata__";
    private static final String FLOAT = "F32";
    private static final int MOST_HEADER_BYTES = 16 << 20;
    private static final int MOST_AXES = 8;
    private static final int LENGTH_BYTES = 8;
    /** Values begin at a multiple of this: readers may map the file into memory. */
    private static final int ALIGNMENT = 8;

    /** Extents, and values row-major. */
    public record Tensor(int[] shape, float[] values) {}

    /** The file's bytes: the same content in the same order gives the same. */
    public byte[] encode() {
        ObjectNode header = Json.json().createObjectNode();
        metadata.forEach(header.putObject(METADATA)::put);
        long at = 0;
        for (Map.Entry<String, Tensor> e : tensors.entrySet()) {
            ObjectNode tensor = header.putObject(e.getKey()).put("dtype", FLOAT);
            ArrayNode shape = tensor.putArray("shape");
            for (int extent : e.getValue().shape()) {
                shape.add(extent);
            }
            long end = at + (long) Float.BYTES * e.getValue().values().length;
            tensor.putArray("data_offsets").add(at).add(end);
            at = end;
        }
        byte[] json = compact(header);
        int padded = (json.length + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
        ByteBuffer file =
                ByteBuffer.allocate(Math.toIntExact(LENGTH_BYTES + padded + at)).order(ByteOrder.LITTLE_ENDIAN);
        file.putLong(padded).put(json);
        while (file.position() < LENGTH_BYTES + padded) {
            file.put((byte) ' ');
        }
        put(tensors.values(), file);
        return file.array();
    }

    /** The values alone, as they stand in the file. */
    public byte[] data() {
        long bytes = 0;
        for (Tensor t : tensors.values()) {
            bytes += (long) Float.BYTES * t.values().length;
        }
        ByteBuffer data = ByteBuffer.allocate(Math.toIntExact(bytes)).order(ByteOrder.LITTLE_ENDIAN);
        put(tensors.values(), data);
        return data.array();
    }

    private static void put(Collection<Tensor> tensors, ByteBuffer to) {
        for (Tensor t : tensors) {
            to.asFloatBuffer().put(t.values());
            to.position(to.position() + Float.BYTES * t.values().length);
        }
    }

    /**
     * Reads a file.
     *
     * @param bad makes the error of what is wrong with it, a clause such as {@code its header is no JSON}
     * @throws InvalidInputException made by {@code bad}
     */
    public static TensorFile decode(byte[] bytes, Function<String, InvalidInputException> bad) {
        if (bytes.length < LENGTH_BYTES) {
            throw bad.apply("it has %d bytes, fewer than the header's length takes".formatted(bytes.length));
        }
        ByteBuffer file = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
        long length = file.getLong();
        if (length < 2 || length > MOST_HEADER_BYTES || length > file.remaining()) {
            throw bad.apply("its header should be %d bytes long, and the file has %d".formatted(length, bytes.length));
        }
        JsonNode header;
        try {
            header = Json.json().readTree(bytes, LENGTH_BYTES, (int) length);
        } catch (IOException e) {
            throw bad.apply("its header is no JSON");
        }
        if (header == null || !header.isObject()) {
            throw bad.apply("its header is no JSON object");
        }
        Map<String, String> metadata = new LinkedHashMap<>();
        Map<String, Tensor> tensors = new LinkedHashMap<>();
        ByteBuffer data = file.slice(LENGTH_BYTES + (int) length, bytes.length - LENGTH_BYTES - (int) length)
                .order(ByteOrder.LITTLE_ENDIAN);
        header.fields().forEachRemaining(e -> {
            if (e.getKey().equals(METADATA)) {
                texts(e.getValue(), metadata, bad);
            } else {
                tensors.put(e.getKey(), tensor(Names.shown(e.getKey()), e.getValue(), data, bad));
            }
        });
        if (data.hasRemaining()) {
            throw bad.apply("it has %d bytes that belong to no tensor".formatted(data.remaining()));
        }
        return new TensorFile(metadata, tensors);
    }

    private static void texts(JsonNode node, Map<String, String> to, Function<String, InvalidInputException> bad) {
        if (!node.isObject()) {
            throw bad.apply("its metadata is no JSON object");
        }
        node.fields().forEachRemaining(m -> {
            if (!m.getValue().isTextual()) {
                throw bad.apply("its metadata '%s' is no text".formatted(Names.shown(m.getKey())));
            }
            to.put(m.getKey(), m.getValue().textValue());
        });
    }

    /** Takes the next values of the file, which the entry must say are its own. */
    private static Tensor tensor(
            String name, JsonNode entry, ByteBuffer data, Function<String, InvalidInputException> bad) {
        if (!FLOAT.equals(entry.path("dtype").textValue())) {
            throw bad.apply("tensor '%s' is not of type %s".formatted(name, FLOAT));
        }
        JsonNode extents = entry.path("shape");
        if (!extents.isArray() || extents.size() > MOST_AXES) {
            throw bad.apply("tensor '%s' has no shape".formatted(name));
        }
        int[] shape = new int[extents.size()];
        long elements = 1;
        for (int i = 0; i < shape.length; i++) {
            shape[i] = extents.get(i).isInt() ? extents.get(i).intValue() : -1;
            if (shape[i] < 1 || elements > data.capacity() / shape[i]) {
                throw bad.apply(
                        "tensor '%s' has an impossible shape, %s".formatted(name, Names.shown(extents.toString())));
            }
            elements *= shape[i];
        }
        JsonNode offsets = entry.path("data_offsets");
        long end = data.position() + Float.BYTES * elements;
        if (offsets.size() != 2
                || !isNumber(offsets.get(0), data.position())
                || !isNumber(offsets.get(1), end)
                || end > data.limit()) {
            throw bad.apply("tensor '%s' is not where it should be".formatted(name));
        }
        float[] values = new float[(int) elements];
        data.asFloatBuffer().get(values);
        data.position((int) end);
        return new Tensor(shape, values);
    }

    private static boolean isNumber(JsonNode node, long expected) {
        return node.isIntegralNumber() && node.longValue() == expected;
    }

    private static byte[] compact(ObjectNode header) {
        try {
            return Json.json()
                    .writer()
                    .without(SerializationFeature.INDENT_OUTPUT)
                    .writeValueAsBytes(header);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("A tree of texts and numbers can be written", e);
        }
    }
}

package dev.lathe.supernet;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.lathe.base.Hashes;
import dev.lathe.base.InvalidInputException;
import dev.lathe.base.Json;
import dev.lathe.base.Names;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * Float32 tensors in the safetensors format: 8 bytes of header length (little-endian), a JSON header, the data. The header's
 * metadata holds the data's SHA-256. The reader trusts nothing: sizes, bounds, order and checksum are checked before a
 * value is used.
 *
 * @see <a href="https://github.com/huggingface/safetensors">safetensors</a>
 */
final class Safetensors {
    /** One tensor, row-major. */
    record Tensor(int[] shape, float[] values) {}

    /** A file's content. */
    record Content(Map<String, String> metadata, Map<String, Tensor> tensors) {}

    private static final String METADATA = "__metadata__";
    private static final String CHECKSUM = "sha256";
    private static final int MAX_HEADER_BYTES = 16 << 20;
    private static final int LENGTH_BYTES = 8;
    private static final int ALIGNMENT = 8;

    private Safetensors() {}

    static byte[] encode(Map<String, String> metadata, Map<String, Tensor> tensors) {
        long bytes = 0;
        for (Tensor t : tensors.values()) {
            bytes += 4L * t.values().length;
        }
        ByteBuffer data = ByteBuffer.allocate(Math.toIntExact(bytes)).order(ByteOrder.LITTLE_ENDIAN);
        ObjectNode header = Json.json().createObjectNode();
        ObjectNode meta = header.putObject(METADATA);
        tensors.forEach((name, t) -> {
            ObjectNode n = header.putObject(name);
            n.put("dtype", "F32");
            ArrayNode shape = n.putArray("shape");
            for (int e : t.shape()) {
                shape.add(e);
            }
            ArrayNode offsets = n.putArray("data_offsets");
            offsets.add(data.position());
            data.asFloatBuffer().put(t.values());
            data.position(data.position() + 4 * t.values().length);
            offsets.add(data.position());
        });
        metadata.forEach(meta::put);
        meta.put(CHECKSUM, Hashes.sha256(data.array()));
        byte[] json = header.toString().getBytes(StandardCharsets.UTF_8);
        int padded = (json.length + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
        ByteBuffer file = ByteBuffer.allocate(Math.addExact(LENGTH_BYTES + padded, data.capacity()))
                .order(ByteOrder.LITTLE_ENDIAN);
        file.putLong(padded).put(json);
        while (file.position() < LENGTH_BYTES + padded) {
            file.put((byte) ' ');
        }
        file.put(data.array());
        return file.array();
    }

    /** @throws InvalidInputException naming the file and the first thing that is wrong with it */
    static Content read(Path file) throws IOException {
        if (!Files.isRegularFile(file)) {
            throw new InvalidInputException("no checkpoint at %s; train first, or give another folder".formatted(file));
        }
        long size = Files.size(file);
        if (size < LENGTH_BYTES || size > Integer.MAX_VALUE - 16) {
            throw broken(file, "it has %d bytes".formatted(size));
        }
        return decode(file, Files.readAllBytes(file));
    }

    private static Content decode(Path file, byte[] bytes) {
        ByteBuffer b = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
        long headerLength = b.remaining() < LENGTH_BYTES ? -1 : b.getLong();
        if (headerLength < 2 || headerLength > MAX_HEADER_BYTES || headerLength > b.remaining()) {
            throw broken(
                    file,
                    "its header should be %d bytes long, and the file has %d".formatted(headerLength, bytes.length));
        }
        JsonNode header;
        try {
            header = Json.json().readTree(bytes, LENGTH_BYTES, (int) headerLength);
        } catch (JsonProcessingException e) {
            throw broken(file, "its header is no JSON");
        } catch (IOException e) {
            throw broken(file, "its header cannot be read");
        }
        if (header == null || !header.isObject()) {
            throw broken(file, "its header is no JSON object");
        }
        Map<String, String> metadata = metadata(file, header.get(METADATA));
        ByteBuffer data = b.slice(LENGTH_BYTES + (int) headerLength, bytes.length - LENGTH_BYTES - (int) headerLength)
                .order(ByteOrder.LITTLE_ENDIAN);
        Map<String, Tensor> tensors = new LinkedHashMap<>();
        int expected = 0;
        Iterator<Map.Entry<String, JsonNode>> fields = header.fields();
        while (fields.hasNext()) {
            Map.Entry<String, JsonNode> f = fields.next();
            if (!f.getKey().equals(METADATA)) {
                Tensor t = tensor(file, f.getKey(), f.getValue(), data, expected);
                tensors.put(f.getKey(), t);
                expected += 4 * t.values().length;
            }
        }
        if (expected != data.capacity()) {
            throw broken(file, "its tensors fill %d bytes, and it has %d".formatted(expected, data.capacity()));
        }
        byte[] section = Arrays.copyOfRange(bytes, bytes.length - expected, bytes.length);
        if (!Hashes.sha256(section).equals(metadata.get(CHECKSUM))) {
            throw broken(file, "its checksum does not fit its content");
        }
        return new Content(metadata, tensors);
    }

    private static Map<String, String> metadata(Path file, JsonNode node) {
        if (node == null || !node.isObject()) {
            throw broken(file, "its header has no metadata");
        }
        Map<String, String> metadata = new HashMap<>();
        node.fields().forEachRemaining(f -> {
            if (!f.getValue().isTextual()) {
                throw broken(file, "its metadata '%s' is no text".formatted(Names.shown(f.getKey())));
            }
            metadata.put(f.getKey(), f.getValue().textValue());
        });
        return metadata;
    }

    private static Tensor tensor(Path file, String name, JsonNode node, ByteBuffer data, int expected) {
        JsonNode shape = node.get("shape");
        JsonNode offsets = node.get("data_offsets");
        JsonNode type = node.get("dtype");
        String shown = Names.shown(name);
        if (type == null || !"F32".equals(type.textValue())) {
            throw broken(file, "tensor '%s' is not of type F32".formatted(shown));
        }
        if (shape == null || !shape.isArray() || shape.size() > 8 || offsets == null || offsets.size() != 2) {
            throw broken(file, "tensor '%s' has no shape or place".formatted(shown));
        }
        int[] extents = new int[shape.size()];
        long elements = 1;
        for (int i = 0; i < extents.length; i++) {
            if (!shape.get(i).isIntegralNumber()
                    || !shape.get(i).canConvertToInt()
                    || shape.get(i).intValue() < 1) {
                throw broken(file, "tensor '%s' has an impossible shape".formatted(shown));
            }
            extents[i] = shape.get(i).intValue();
            elements *= extents[i];
            if (elements > data.capacity()) {
                throw broken(file, "tensor '%s' is larger than the file".formatted(shown));
            }
        }
        if (!offsets.get(0).isIntegralNumber()
                || !offsets.get(1).isIntegralNumber()
                || offsets.get(0).longValue() != expected
                || offsets.get(1).longValue() != expected + 4 * elements
                || offsets.get(1).longValue() > data.capacity()) {
            throw broken(file, "tensor '%s' is not where it should be".formatted(shown));
        }
        float[] values = new float[(int) elements];
        data.slice(expected, 4 * values.length)
                .order(ByteOrder.LITTLE_ENDIAN)
                .asFloatBuffer()
                .get(values);
        return new Tensor(extents, values);
    }

    static InvalidInputException broken(Path file, String what) {
        return new InvalidInputException(
                "checkpoint %s is damaged or not Lathe's: %s; delete it and train again, or restore a copy"
                        .formatted(file, what));
    }
}

package dev.lathe.graph;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.lathe.base.InvalidInputException;
import dev.lathe.base.Json;
import dev.lathe.base.Names;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.TreeMap;

/**
 * The weights of one network by name, as a file of the safetensors format: the header's length (8 bytes, little-endian), a JSON
 * header with type, shape and place of every tensor, then the values. Float32 only. A file that was read owns its values;
 * nothing in it is executed.
 *
 * <p>A tensor is named like the shared parameter it was cut from; a second, different slice of one parameter gets {@code #2}
 * behind the name. Its shape is the slice's.
 *
 * @see <a href="https://huggingface.co/docs/safetensors">The format</a>
 */
public final class Safetensors {
    private static final String METADATA = "__metadata__";
    private static final String FLOAT = "F32";
    private static final int LENGTH_BYTES = 8;
    /** Values begin at a multiple of this: readers may map the file into memory. */
    private static final int ALIGNMENT = 8;

    private final Map<String, String> metadata;
    private final Map<String, Stored> tensors;

    /** A tensor as stored; extents in {@code shape}, values row-major. */
    private record Stored(int[] shape, float[] values) {}

    private Safetensors(Map<String, String> metadata, Map<String, Stored> tensors) {
        this.metadata = Collections.unmodifiableMap(metadata);
        this.tensors = tensors;
    }

    /**
     * The same graph, weights and metadata give the same bytes.
     *
     * @param metadata texts by name, kept in the header
     */
    public static byte[] write(Graph graph, WeightProvider weights, Map<String, String> metadata) {
        Map<String, ParameterUse> uses = named(graph);
        ObjectNode header = Json.json().createObjectNode();
        new TreeMap<>(metadata).forEach(header.putObject(METADATA)::put);
        long at = 0;
        for (Map.Entry<String, ParameterUse> e : uses.entrySet()) {
            WeightSlice slice = e.getValue().slice();
            ObjectNode tensor = header.putObject(e.getKey()).put("dtype", FLOAT);
            ArrayNode shape = tensor.putArray("shape");
            Arrays.stream(slice.extents()).forEach(shape::add);
            long end = at + Float.BYTES * slice.elements();
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
        for (ParameterUse use : uses.values()) {
            float[] values = weights.values(use);
            if (values.length != use.slice().elements()) {
                throw new IllegalArgumentException("Weights of %s have %d values, expected %d"
                        .formatted(use.slice(), values.length, use.slice().elements()));
            }
            file.asFloatBuffer().put(values);
            file.position(file.position() + Float.BYTES * values.length);
        }
        return file.array();
    }

    /**
     * Reads a file: every byte of it belongs to the header or to exactly one tensor, in order and without holes.
     *
     * @param name of the file, for messages
     * @throws InvalidInputException naming what is wrong with it
     */
    public static Safetensors read(byte[] bytes, String name) {
        if (bytes.length < LENGTH_BYTES) {
            throw bad(name, "has %d bytes, fewer than the header's length takes".formatted(bytes.length));
        }
        ByteBuffer file = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
        long length = file.getLong();
        if (length < 2 || length > bytes.length - LENGTH_BYTES) {
            throw bad(name, "says that its header has %d bytes, but has %d in all".formatted(length, bytes.length));
        }
        JsonNode header;
        try {
            header = Json.json().readTree(new String(bytes, LENGTH_BYTES, (int) length, StandardCharsets.UTF_8));
        } catch (JsonProcessingException e) {
            throw bad(name, "has a header that is no JSON: " + Names.shown(e.getOriginalMessage()));
        }
        if (header == null || !header.isObject()) {
            throw bad(name, "has a header that is no JSON object");
        }
        Map<String, String> metadata = new TreeMap<>();
        Map<String, Stored> tensors = new LinkedHashMap<>();
        ByteBuffer data = file.slice(LENGTH_BYTES + (int) length, bytes.length - LENGTH_BYTES - (int) length)
                .order(ByteOrder.LITTLE_ENDIAN);
        header.fields().forEachRemaining(e -> {
            if (e.getKey().equals(METADATA)) {
                e.getValue()
                        .fields()
                        .forEachRemaining(
                                m -> metadata.put(m.getKey(), m.getValue().asText()));
            } else {
                tensors.put(e.getKey(), tensor(name, e.getKey(), e.getValue(), data));
            }
        });
        if (data.hasRemaining()) {
            throw bad(name, "has %d bytes that belong to no tensor".formatted(data.remaining()));
        }
        return new Safetensors(metadata, tensors);
    }

    /** Takes the next values of the file, which the entry must say are its own. */
    private static Stored tensor(String file, String name, JsonNode entry, ByteBuffer data) {
        if (!entry.path("dtype").asText().equals(FLOAT)) {
            throw bad(
                    file,
                    "has tensor '%s' of type '%s', expected %s"
                            .formatted(
                                    Names.shown(name),
                                    Names.shown(entry.path("dtype").asText()),
                                    FLOAT));
        }
        JsonNode extents = entry.path("shape");
        int[] shape = new int[extents.size()];
        long elements = 1;
        for (int i = 0; i < shape.length; i++) {
            shape[i] = extents.get(i).isInt() ? extents.get(i).intValue() : -1;
            if (shape[i] < 1 || elements > Integer.MAX_VALUE / shape[i]) {
                throw bad(
                        file,
                        "has tensor '%s' of shape %s".formatted(Names.shown(name), Names.shown(extents.toString())));
            }
            elements *= shape[i];
        }
        JsonNode offsets = entry.path("data_offsets");
        long end = data.position() + Float.BYTES * elements;
        if (offsets.size() != 2
                || offsets.get(0).asLong(-1) != data.position()
                || offsets.get(1).asLong(-1) != end
                || end > data.limit()) {
            throw bad(
                    file,
                    "has tensor '%s' at %s, where its values are not"
                            .formatted(Names.shown(name), Names.shown(offsets.toString())));
        }
        float[] values = new float[(int) elements];
        data.asFloatBuffer().get(values);
        data.position((int) end);
        return new Stored(shape, values);
    }

    private static InvalidInputException bad(String file, String what) {
        return new InvalidInputException(
                "%s is no safetensors file of a network: it %s; export it again".formatted(file, what));
    }

    /** The texts kept in the header. */
    public Map<String, String> metadata() {
        return metadata;
    }

    /**
     * The weights of a network.
     *
     * @param name of the file, for messages
     * @throws InvalidInputException naming the first weight of the graph that is missing or of another shape, or one that the
     *     graph does not have
     */
    public WeightProvider weightsOf(Graph graph, String name) {
        Map<WeightSlice, float[]> values = new LinkedHashMap<>();
        Map<String, ParameterUse> uses = named(graph);
        uses.forEach((tensor, use) -> {
            Stored stored = tensors.get(tensor);
            if (stored == null) {
                throw bad(name, "lacks the weight '%s'".formatted(tensor));
            }
            if (!Arrays.equals(stored.shape(), use.slice().extents())) {
                throw bad(
                        name,
                        "has weight '%s' of shape %s, expected %s"
                                .formatted(
                                        tensor,
                                        Arrays.toString(stored.shape()),
                                        Arrays.toString(use.slice().extents())));
            }
            values.put(use.slice(), stored.values());
        });
        for (String tensor : tensors.keySet()) {
            if (!uses.containsKey(tensor)) {
                throw bad(name, "has a weight '%s' that its network does not have".formatted(Names.shown(tensor)));
            }
        }
        return use -> {
            float[] v = values.get(use.slice());
            if (v == null) {
                throw new IllegalArgumentException("These weights are of another network: they have no " + use.slice());
            }
            return v;
        };
    }

    /** Every weight of the network under its name in the file, in the order of first use. */
    private static Map<String, ParameterUse> named(Graph graph) {
        Map<String, ParameterUse> uses = new LinkedHashMap<>();
        Map<WeightSlice, String> names = new LinkedHashMap<>();
        Map<String, Integer> slicesOf = new TreeMap<>();
        for (Node node : graph.nodes()) {
            for (ParameterUse use : node.op().parameters()) {
                if (!names.containsKey(use.slice())) {
                    int slices = slicesOf.merge(use.slice().parameter(), 1, Integer::sum);
                    String name = use.slice().parameter() + (slices == 1 ? "" : "#" + slices);
                    names.put(use.slice(), name);
                    uses.put(name, use);
                }
            }
        }
        return uses;
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

package dev.lathe.graph;

import dev.lathe.base.InvalidInputException;
import dev.lathe.base.Names;
import java.util.Arrays;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.TreeMap;

/**
 * The weights of one network by name, as a {@link TensorFile}. A file that was read owns its values.
 *
 * <p>A tensor is named like the shared parameter it was cut from; a second, different slice of one parameter gets {@code #2}
 * behind the name. Its shape is the slice's.
 */
public final class Safetensors {
    private final TensorFile file;

    private Safetensors(TensorFile file) {
        this.file = file;
    }

    /**
     * The same graph, weights and metadata give the same bytes.
     *
     * @param metadata texts by name, kept in the header
     */
    public static byte[] write(Graph graph, WeightProvider weights, Map<String, String> metadata) {
        Map<String, TensorFile.Tensor> tensors = new LinkedHashMap<>();
        named(graph).forEach((name, use) -> {
            float[] values = weights.values(use);
            if (values.length != use.slice().elements()) {
                throw new IllegalArgumentException("Weights of %s have %d values, expected %d"
                        .formatted(use.slice(), values.length, use.slice().elements()));
            }
            tensors.put(name, new TensorFile.Tensor(use.slice().extents(), values));
        });
        return new TensorFile(new TreeMap<>(metadata), tensors).encode();
    }

    /**
     * Reads a file.
     *
     * @param name of the file, for messages
     * @throws InvalidInputException naming what is wrong with it
     */
    public static Safetensors read(byte[] bytes, String name) {
        return new Safetensors(TensorFile.decode(bytes, what -> bad(name, what)));
    }

    private static InvalidInputException bad(String file, String what) {
        return new InvalidInputException(
                "%s is no safetensors file of a network: %s; export it again".formatted(file, what));
    }

    /** The texts kept in the header. */
    public Map<String, String> metadata() {
        return Collections.unmodifiableMap(file.metadata());
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
            TensorFile.Tensor stored = file.tensors().get(tensor);
            if (stored == null) {
                throw bad(name, "it lacks the weight '%s'".formatted(tensor));
            }
            if (!Arrays.equals(stored.shape(), use.slice().extents())) {
                throw bad(
                        name,
                        "it has weight '%s' of shape %s, expected %s"
                                .formatted(
                                        tensor,
                                        Arrays.toString(stored.shape()),
                                        Arrays.toString(use.slice().extents())));
            }
            values.put(use.slice(), stored.values());
        });
        for (String tensor : file.tensors().keySet()) {
            if (!uses.containsKey(tensor)) {
                throw bad(name, "it has a weight '%s' that its network does not have".formatted(Names.shown(tensor)));
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
}

package dev.lathe.space.custom;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.lathe.base.InvalidInputException;
import dev.lathe.base.Json;
import java.util.List;
import java.util.Map;
import java.util.function.UnaryOperator;

/** A description with fewer choices: a smaller space in the same language. */
public final class SpaceReduction {
    private SpaceReduction() {}

    /**
     * The description of the smaller space.
     *
     * @param yaml a description that {@link SpaceFile} accepts
     * @param name of the smaller space
     * @param kept indices of the choices that stay, by the decision's path in the file, as {@code kind} gives it: layers and
     *     decision joined by dots, for example {@code stage.block.kernel}; decisions that are not in it stay whole
     * @param kind what paths are known by in {@code kept}
     * @throws InvalidInputException if what is left describes no space, for example because a condition never holds
     */
    public static String reduce(String yaml, String name, Map<String, List<Integer>> kept, UnaryOperator<String> kind) {
        try {
            if (!(Json.yaml().readTree(yaml) instanceof ObjectNode root)) {
                throw new InvalidInputException("the space's description holds no keys");
            }
            root.put("name", name);
            reduce(root, "", kept, kind);
            String text = "# Fewer choices of the space it was made from: written by lathe blocks.\n"
                    + Json.yaml().writeValueAsString(root);
            SpaceFile file = SpaceFile.parse(name, text);
            file.space(file.usualTask());
            return text;
        } catch (JsonProcessingException e) {
            throw new InvalidInputException("the space's description is not YAML: " + e.getOriginalMessage(), e);
        }
    }

    private static void reduce(
            ObjectNode node, String path, Map<String, List<Integer>> kept, UnaryOperator<String> kind) {
        if (node.get("decisions") instanceof ObjectNode decisions) {
            decisions.fieldNames().forEachRemaining(decision -> {
                List<Integer> stay = kept.get(kind.apply(path + decision));
                JsonNode d = decisions.get(decision);
                if (stay == null) {
                    return;
                }
                if (d instanceof ObjectNode object && object.get("choices") instanceof ArrayNode choices) {
                    object.set("choices", some(choices, stay));
                } else if (d instanceof ArrayNode choices) {
                    decisions.set(decision, some(choices, stay));
                }
            });
        }
        if (node.get("layers") instanceof ObjectNode layers) {
            layers.fields().forEachRemaining(layer -> {
                if (layer.getValue() instanceof ObjectNode inner) {
                    reduce(inner, path + layer.getKey() + ".", kept, kind);
                }
            });
        }
    }

    private static ArrayNode some(ArrayNode choices, List<Integer> stay) {
        ArrayNode fewer = JsonNodeFactory.instance.arrayNode();
        for (int i = 0; i < choices.size(); i++) {
            if (stay.contains(i)) {
                fewer.add(choices.get(i));
            }
        }
        return fewer;
    }
}

package dev.lathe.space.mcuformer;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.lathe.base.InvalidInputException;
import dev.lathe.base.Json;
import dev.lathe.base.Names;
import dev.lathe.space.Architecture;
import dev.lathe.space.Decision;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;

/**
 * The text form that the public code of AutoFormer and MCUFormer gives a network: a map of {@code layer_num}, and lists with
 * one value for each layer, {@code mlp_ratio}, {@code num_heads} and {@code embed_dim}, the last with one value repeated.
 * MCUFormer's supernet, which its code keeps apart, stands in {@code patch_size} and {@code rank_ratio}.
 */
public final class TransformerText {
    private static final int LONGEST = 10_000;
    private static final String DEPTH = "layer_num";
    private static final String MLP = "mlp_ratio";
    private static final String HEADS = "num_heads";
    private static final String WIDTH = "embed_dim";
    private static final String PATCH = "patch_size";
    private static final String RANK = "rank_ratio";

    private TransformerText() {}

    /**
     * JSON in one line, which is YAML as well.
     *
     * @throws IllegalArgumentException if the architecture is not of the space
     */
    public static String of(AutoFormerSpace space, Architecture a) {
        return text(space, a, Json.json().createObjectNode());
    }

    /**
     * JSON in one line, which is YAML as well.
     *
     * @throws IllegalArgumentException if the architecture is not of the space
     */
    public static String of(McuFormerSpace space, Architecture a) {
        space.check(a);
        ObjectNode map = Json.json().createObjectNode();
        map.put(PATCH, space.intValue(a, McuFormerSpace.PATCH));
        map.put(RANK, space.value(a, McuFormerSpace.RATIO));
        return text(space, a, map);
    }

    private static String text(TransformerSpace space, Architecture a, ObjectNode map) {
        space.check(a);
        int depth = space.depth(a);
        for (int l = 0; l < depth; l++) {
            map.withArray(MLP).add(space.value(a, space.mlpDecision(l)));
            map.withArray(HEADS).add(space.intValue(a, space.headsDecision(l)));
            map.withArray(WIDTH).add(space.intValue(a, space.widthDecision()));
        }
        map.put(DEPTH, depth);
        return map.toString();
    }

    /**
     * The canonical architecture that a text names. JSON, YAML and what Python prints of a dictionary are read.
     *
     * @throws InvalidInputException if the text is no such map, or the space does not offer one of its values
     */
    public static Architecture parse(AutoFormerSpace space, String text) {
        return architecture(
                space, map(text, Set.of()), new int[space.decisions().size()]);
    }

    /**
     * The canonical architecture that a text names. JSON, YAML and what Python prints of a dictionary are read.
     *
     * @throws InvalidInputException if the text is no such map, or the space does not offer one of its values
     */
    public static Architecture parse(McuFormerSpace space, String text) {
        JsonNode map = map(text, Set.of(PATCH, RANK));
        int[] choices = new int[space.decisions().size()];
        choices[McuFormerSpace.PATCH] = choice(space, McuFormerSpace.PATCH, PATCH, map.get(PATCH));
        choices[McuFormerSpace.RATIO] = choice(space, McuFormerSpace.RATIO, RANK, map.get(RANK));
        return architecture(space, map, choices);
    }

    private static JsonNode map(String text, Set<String> more) {
        if (text.length() > LONGEST) {
            throw new InvalidInputException(
                    "a network's text is at most %d characters long, not %d, which start with '%s'"
                            .formatted(LONGEST, text.length(), Names.shown(text)));
        }
        JsonNode map;
        try {
            map = Json.yaml().readTree(text);
        } catch (JsonProcessingException e) {
            throw new InvalidInputException(
                    "'%s' is no network; write a map such as {\"mlp_ratio\": [4.0, 3.5, …], …}, in JSON or YAML"
                            .formatted(Names.shown(text)),
                    e);
        }
        Set<String> expected = new TreeSet<>(Set.of(DEPTH, MLP, HEADS, WIDTH));
        expected.addAll(more);
        Set<String> given = new TreeSet<>();
        if (map != null) {
            for (Iterator<String> names = map.fieldNames(); names.hasNext(); ) {
                given.add(names.next());
            }
        }
        if (map == null || !given.equals(expected)) {
            throw new InvalidInputException("'%s' is no network; its keys are to be %s"
                    .formatted(Names.shown(text), String.join(", ", expected)));
        }
        return map;
    }

    private static Architecture architecture(TransformerSpace space, JsonNode map, int[] choices) {
        choices[space.depthDecision()] = choice(space, space.depthDecision(), DEPTH, map.get(DEPTH));
        int depth = space.decisions().get(space.depthDecision()).intValue(choices[space.depthDecision()]);
        List<JsonNode> widths = list(map, WIDTH, depth);
        List<JsonNode> heads = list(map, HEADS, depth);
        List<JsonNode> ratios = list(map, MLP, depth);
        choices[space.widthDecision()] = choice(space, space.widthDecision(), WIDTH, widths.get(0));
        for (int l = 0; l < depth; l++) {
            if (choice(space, space.widthDecision(), WIDTH, widths.get(l)) != choices[space.widthDecision()]) {
                throw new InvalidInputException("%s has the values %s and %s; all layers have one width"
                        .formatted(WIDTH, shown(widths.get(0)), shown(widths.get(l))));
            }
            choices[space.headsDecision(l)] = choice(space, space.headsDecision(l), HEADS, heads.get(l));
            choices[space.mlpDecision(l)] = choice(space, space.mlpDecision(l), MLP, ratios.get(l));
        }
        return Architecture.of(space.name(), choices);
    }

    private static List<JsonNode> list(JsonNode map, String key, int depth) {
        JsonNode array = map.get(key);
        if (!array.isArray() || array.size() != depth) {
            throw new InvalidInputException("%s is '%s'; give a list of %d values, one for each of the %s layers"
                    .formatted(key, shown(array), depth, DEPTH));
        }
        List<JsonNode> values = new ArrayList<>(depth);
        array.forEach(values::add);
        return values;
    }

    private static int choice(TransformerSpace space, int decision, String key, JsonNode value) {
        Decision d = space.decisions().get(decision);
        int i = value.isNumber() ? d.choices().indexOf(value.doubleValue()) : -1;
        if (i < 0) {
            throw new InvalidInputException(
                    "%s is '%s'; %s offers %s".formatted(key, shown(value), space.name(), d.choices()));
        }
        return i;
    }

    private static String shown(JsonNode value) {
        return Names.shown(value.isTextual() ? value.textValue() : value.toString());
    }
}

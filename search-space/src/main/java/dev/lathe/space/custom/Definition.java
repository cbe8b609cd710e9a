package dev.lathe.space.custom;

import dev.lathe.space.TaskShape;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A file's content, with known keys only; expressions are still texts, because what their names mean depends on the task and on the
 * copy of the layer.
 */
record Definition(
        Source source,
        String name,
        String description,
        TaskShape usual,
        List<Text> requires,
        List<DecisionText> decisions,
        List<LayerText> layers) {

    /**
     * A text and its place.
     *
     * @param key path to it, for messages: {@code stage.block.kernel}
     */
    record Text(String text, int line, String key) {}

    /** A decision as written: expressions over the input, and the condition under which it is there. */
    record DecisionText(
            String name,
            int line,
            String key,
            List<Text> choices,
            @Nullable Text when) {}

    /**
     * A layer, or a group of layers.
     *
     * @param type null for a group
     * @param repeat how many copies; null for one that carries no number
     * @param parameters the given ones and the defaults
     * @param layers those of a group; empty for a layer
     */
    record LayerText(
            String name,
            int line,
            String key,
            @Nullable LayerType type,
            @Nullable Text when,
            @Nullable Text repeat,
            List<DecisionText> decisions,
            Map<String, Text> parameters,
            List<LayerText> layers) {}
}

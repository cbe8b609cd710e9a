package dev.lathe.cli;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.lathe.base.InvalidInputException;
import dev.lathe.base.Names;
import dev.lathe.supernet.Regularization;
import dev.lathe.supernet.ShrinkingOptions;
import dev.lathe.supernet.data.SeriesAugmentation;
import java.util.List;
import java.util.Map;

/** The keys of an experiment's training that are off unless they are given. */
final class RegularizationKeys {
    static final List<String> NAMES = List.of(
            "mixup",
            "erase",
            "dropout",
            "dropoutGamma",
            "jitter",
            "scaling",
            "shift",
            "kernelTransforms",
            "reorderChannels");

    private RegularizationKeys() {}

    /** @throws InvalidInputException if a value is no number, or out of its range */
    static Regularization read(ObjectNode training, String source) {
        Regularization none = Regularization.NONE;
        return new Regularization(
                number(training, "mixup", none.mixup(), source),
                number(training, "erase", none.erase(), source),
                number(training, "dropout", none.dropout(), source),
                number(training, "dropoutGamma", none.dropoutGamma(), source),
                new SeriesAugmentation(
                        number(training, "jitter", 0, source),
                        number(training, "scaling", 0, source),
                        number(training, "shift", 0, source)));
    }

    private static double number(ObjectNode training, String key, double otherwise, String source) {
        JsonNode n = training.get(key);
        if (n == null) {
            return otherwise;
        }
        if (!n.isNumber() || !Double.isFinite(n.doubleValue())) {
            throw new InvalidInputException(
                    "%s: 'training.%s' is '%s', it must be a number".formatted(source, key, Names.shown(n.asText())));
        }
        return n.doubleValue();
    }

    static ShrinkingOptions shrinking(ObjectNode training, String source) {
        return new ShrinkingOptions(
                flag(training, "kernelTransforms", source), flag(training, "reorderChannels", source));
    }

    private static boolean flag(ObjectNode training, String key, String source) {
        JsonNode n = training.get(key);
        if (n != null && !n.isBoolean()) {
            throw new InvalidInputException("%s: 'training.%s' is '%s', it must be true or false"
                    .formatted(source, key, Names.shown(n.asText())));
        }
        return n != null && n.booleanValue();
    }

    /** What differs from the defaults, so that runs from before a key existed are the same runs. */
    static void settings(Experiment.Training t, Map<String, String> into) {
        Regularization r = t.regularization();
        Regularization none = Regularization.NONE;
        put(into, "mixup", r.mixup(), none.mixup());
        put(into, "erase", r.erase(), none.erase());
        put(into, "dropout", r.dropout(), none.dropout());
        put(into, "dropoutGamma", r.dropoutGamma(), none.dropoutGamma());
        put(into, "jitter", r.series().jitter(), 0);
        put(into, "scaling", r.series().scaling(), 0);
        put(into, "shift", r.series().shift(), 0);
        if (t.shrinking().kernelTransforms()) {
            into.put("training.kernelTransforms", "true");
        }
        if (t.shrinking().reorderChannels()) {
            into.put("training.reorderChannels", "true");
        }
    }

    private static void put(Map<String, String> into, String key, double value, double off) {
        if (value != off) {
            into.put("training." + key, Double.toString(value));
        }
    }
}

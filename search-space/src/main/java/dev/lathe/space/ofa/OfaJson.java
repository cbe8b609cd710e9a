package dev.lathe.space.ofa;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import dev.lathe.base.InvalidInputException;
import dev.lathe.base.Json;
import dev.lathe.base.Names;
import dev.lathe.space.Decision;
import java.util.Iterator;
import java.util.List;
import java.util.Set;

/** What once-for-all's two text forms have in common: one flat JSON object of short lists of numbers. */
final class OfaJson {
    /** More than any of these forms needs, with every number on a line of its own. */
    private static final int LONGEST = 4096;

    /** The names that once-for-all's own code gives the resolution. */
    private static final List<String> RESOLUTION = List.of("r", "image_size");

    private final String space;
    private final JsonNode object;

    private OfaJson(String space, JsonNode object) {
        this.space = space;
        this.object = object;
    }

    /**
     * @param lists names of the lists, besides which there is one resolution and may be a {@code wid}, which is null
     * @throws InvalidInputException if the text is not a JSON object of these members
     */
    static OfaJson read(String space, String text, Set<String> lists) {
        if (text.length() > LONGEST) {
            throw new InvalidInputException("text of %d characters is no architecture of %s; at most %d are read"
                    .formatted(text.length(), space, LONGEST));
        }
        JsonNode object;
        try {
            object = Json.json().readTree(text);
        } catch (JsonProcessingException e) {
            throw new InvalidInputException(
                    "'%s' is no architecture of %s: it is not valid JSON".formatted(Names.shown(text), space), e);
        }
        if (!object.isObject()) {
            throw new InvalidInputException("'%s' is no architecture of %s: write a JSON object of %s and r"
                    .formatted(Names.shown(text), space, String.join(", ", lists)));
        }
        for (Iterator<String> i = object.fieldNames(); i.hasNext(); ) {
            String name = i.next();
            boolean isNoWidth = name.equals("wid") && object.get(name).isNull();
            if (!isNoWidth && !lists.contains(name) && !RESOLUTION.contains(name)) {
                throw new InvalidInputException("unknown '%s' in an architecture of %s; known are %s and r"
                        .formatted(Names.shown(name), space, String.join(", ", lists)));
            }
        }
        return new OfaJson(space, object);
    }

    /** The list of this name, which has so many numbers. */
    double[] list(String name, int length) {
        JsonNode list = object.get(name);
        if (list == null || !list.isArray() || list.size() != length) {
            throw new InvalidInputException("an architecture of %s has a list '%s' of %d numbers; the text has %s"
                    .formatted(space, name, length, list == null ? "none" : Names.shown(list.toString())));
        }
        double[] values = new double[length];
        for (int i = 0; i < length; i++) {
            values[i] = number(name + "[" + i + "]", list.get(i));
        }
        return values;
    }

    /** The chosen index of the resolution, written as a number or as a list of one. */
    int resolution(Decision decision) {
        JsonNode found = null;
        for (String name : RESOLUTION) {
            JsonNode value = object.get(name);
            if (value != null && found != null) {
                throw new InvalidInputException(
                        "an architecture of %s has one resolution; the text has both r and image_size"
                                .formatted(space));
            }
            found = value == null ? found : value;
        }
        if (found == null) {
            throw new InvalidInputException(
                    "an architecture of %s has a resolution; add \"r\": %d".formatted(space, decision.intValue(0)));
        }
        JsonNode one = found.isArray() && found.size() == 1 ? found.get(0) : found;
        return choice("r", number("r", one), decision.choices());
    }

    private double number(String what, JsonNode value) {
        if (!value.isNumber()) {
            throw new InvalidInputException("%s of an architecture of %s is a number, not %s"
                    .formatted(what, space, Names.shown(value.toString())));
        }
        return value.doubleValue();
    }

    /** The index of a value among those offered. */
    int choice(String what, double value, List<Double> offered) {
        int i = offered.indexOf(value);
        if (i < 0) {
            throw new InvalidInputException("%s of an architecture of %s is one of %s, not %s"
                    .formatted(what, space, shown(offered), shown(value)));
        }
        return i;
    }

    /** The index of a value that changes nothing: any that is offered, or 0, which gives index 0. */
    int unused(String what, double value, List<Double> offered) {
        return value == 0 ? 0 : choice(what, value, offered);
    }

    /** A number as once-for-all writes it: without a fraction where it is whole. */
    static String shown(double value) {
        return value == Math.rint(value) && Math.abs(value) < 1e9
                ? Long.toString((long) value)
                : Double.toString(value);
    }

    private static String shown(List<Double> values) {
        return String.join(", ", values.stream().map(OfaJson::shown).toList());
    }

    /** {@code "name": [1, 2]}. */
    static String member(String name, List<Double> values) {
        return "\"" + name + "\": [" + shown(values) + "]";
    }
}

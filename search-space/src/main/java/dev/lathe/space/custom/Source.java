package dev.lathe.space.custom;

import dev.lathe.base.InvalidInputException;
import dev.lathe.base.Names;

/**
 * A file's text and the name it has in messages.
 *
 * @param name path as the user gave it
 * @param text the whole content
 */
record Source(String name, String text) {
    /** {@code FILE line 3, stem.outputs: PROBLEM}; where there is no key, without it. */
    InvalidInputException error(int line, String key, String problem) {
        return new InvalidInputException(
                "%s line %d%s: %s".formatted(name, line, key.isEmpty() ? "" : ", " + key, problem));
    }

    /** An unknown key with the nearest known one suggested. */
    InvalidInputException unknown(int line, String key, String what, String given, Iterable<String> known) {
        String nearest = Names.nearest(given, known);
        return error(
                line,
                key,
                "unknown %s '%s': %sknown are %s"
                        .formatted(
                                what,
                                Names.shown(given),
                                nearest == null ? "" : "did you mean '" + nearest + "'? ",
                                String.join(", ", known)));
    }
}

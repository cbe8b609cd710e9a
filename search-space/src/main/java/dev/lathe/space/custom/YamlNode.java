package dev.lathe.space.custom;

import java.util.List;

/** A YAML document with the line of everything in it: what messages point at. */
sealed interface YamlNode {
    /** Line where it begins, from 1. */
    int line();

    /** A text or number as it stands in the file. */
    record Scalar(String text, int line) implements YamlNode {}

    /** A list, in the order of the file. */
    record Sequence(List<YamlNode> items, int line) implements YamlNode {}

    /** Keys and values in the order of the file; no key stands twice. */
    record Mapping(List<Entry> entries, int line) implements YamlNode {}

    /** One key of a mapping, its line and its value. */
    record Entry(String key, int line, YamlNode value) {}

    /** What it is, for a message. */
    default String kind() {
        if (this instanceof Scalar s) {
            return s.text().isEmpty() ? "nothing" : "'" + dev.lathe.base.Names.shown(s.text()) + "'";
        }
        return this instanceof Sequence ? "a list" : "a mapping of keys to values";
    }
}

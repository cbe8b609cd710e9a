package dev.lathe.cli;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** A JSON Schema as tables of keys for people: what may stand there, what stands there if nothing does, what it means. */
final class SchemaTable {
    private static final String REFERENCE = "#/$defs/";

    private final JsonNode root;
    private final StringBuilder page = new StringBuilder();

    private SchemaTable(JsonNode root) {
        this.root = root;
    }

    /** The page's sections: the keys of the file, then those of each named part. */
    static String of(JsonNode schema) {
        SchemaTable t = new SchemaTable(schema);
        t.table(schema);
        schema.path("$defs").fields().forEachRemaining(part -> {
            if (part.getValue().has("properties")) {
                t.page.append("\n## ").append(part.getKey()).append("\n\n");
                t.paragraph(part.getValue());
                t.table(part.getValue());
            }
        });
        return t.page.toString();
    }

    private void paragraph(JsonNode n) {
        if (n.has("description")) {
            page.append(n.get("description").asText()).append("\n\n");
        }
    }

    private void table(JsonNode object) {
        page.append("| key | value | default | meaning |\n| --- | --- | --- | --- |\n");
        rows(object, "");
    }

    private void rows(JsonNode object, String prefix) {
        List<String> required = new ArrayList<>();
        object.path("required").forEach(r -> required.add(r.asText()));
        Iterator<Map.Entry<String, JsonNode>> all = object.path("properties").fields();
        while (all.hasNext()) {
            Map.Entry<String, JsonNode> p = all.next();
            JsonNode n = p.getValue();
            if (n.has("const")) {
                continue; // the name of the part, which its heading says
            }
            String key = prefix + p.getKey();
            JsonNode meant = meant(n);
            page.append("| `%s` | %s | %s | %s |\n"
                    .formatted(
                            key,
                            cell(value(meant)),
                            cell(
                                    n.has("default")
                                            ? "`" + plain(n.get("default")) + "`"
                                            : required.contains(p.getKey()) ? "required" : ""),
                            cell(
                                    n.has("description")
                                            ? n.get("description").asText()
                                            : meant.path("description").asText())));
            if (meant.has("properties")) {
                rows(meant, key + ".");
            }
        }
    }

    private JsonNode meant(JsonNode n) {
        String ref = n.path("$ref").asText();
        return ref.startsWith(REFERENCE) ? root.path("$defs").path(ref.substring(REFERENCE.length())) : n;
    }

    private String value(JsonNode n) {
        if (n.has("enum")) {
            List<String> choices = new ArrayList<>();
            n.get("enum").forEach(c -> choices.add("`" + c.asText() + "`"));
            return String.join(", ", choices);
        }
        if (n.has("anyOf")) {
            List<String> kinds = new ArrayList<>();
            n.get("anyOf").forEach(k -> kinds.add(value(k)));
            return String.join(" or ", kinds);
        }
        return switch (n.path("type").asText()) {
            case "integer" -> "whole number" + range(n);
            case "number" -> "number" + range(n);
            case "boolean" -> "`true`, `false`";
            case "string" -> "text";
            case "array" -> "list" + (n.has("items") ? " of " + value(meant(n.get("items"))) : "");
            case "object" -> "keys";
            default -> "";
        };
    }

    private static String range(JsonNode n) {
        String low = n.has("minimum")
                ? "from " + plain(n.get("minimum"))
                : n.has("exclusiveMinimum") ? "above " + plain(n.get("exclusiveMinimum")) : "";
        String high = n.has("maximum") ? "to " + plain(n.get("maximum")) : "";
        return (low.isEmpty() ? "" : " " + low) + (high.isEmpty() ? "" : " " + high);
    }

    private static String plain(JsonNode n) {
        return n.isIntegralNumber()
                ? String.format(Locale.ROOT, "%,d", n.asLong())
                : n.isContainerNode() ? n.toString() : n.asText();
    }

    private static String cell(String text) {
        return text.replace("|", "\\|").replace("\n", " ");
    }
}

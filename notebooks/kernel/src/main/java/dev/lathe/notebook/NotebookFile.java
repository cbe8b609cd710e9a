package dev.lathe.notebook;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.lathe.base.AtomicFiles;
import dev.lathe.base.InvalidInputException;
import dev.lathe.base.Json;
import dev.lathe.base.Names;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A notebook in the format of Jupyter, version 4: cells of text and of code, and what the code showed.
 *
 * @see <a href="https://nbformat.readthedocs.io/en/latest/format_description.html">The notebook file format</a>
 */
public final class NotebookFile {
    private static final long MOST_BYTES = 64L << 20;

    private final ObjectNode root;
    private final List<ObjectNode> code = new ArrayList<>();

    /**
     * What a cell showed.
     *
     * @param printed what it wrote on standard output
     * @param warned what it wrote on standard error
     * @param shown its value; null where it has none
     * @param failure why it failed; null where it did not
     */
    public record Output(
            String printed,
            String warned,
            @Nullable Display shown,
            @Nullable String failure) {}

    private NotebookFile(ObjectNode root, Path file) {
        this.root = root;
        for (JsonNode cell : root.get("cells")) {
            String type = cell.path("cell_type").asText();
            boolean isCode = type.equals("code");
            if (!(cell instanceof ObjectNode object)
                    || !(isCode || type.equals("markdown") || type.equals("raw"))
                    || !isText(cell.path("source"))) {
                throw new InvalidInputException(
                        "%s: cell %d is of type '%s' or has no source; cells are code, markdown or raw"
                                .formatted(file, code.size() + 1, Names.shown(type)));
            }
            if (isCode) {
                code.add(object);
            }
        }
    }

    /** @throws InvalidInputException if it cannot be read, or is no notebook of version 4 */
    public static NotebookFile read(Path file) {
        try {
            if (Files.size(file) > MOST_BYTES) {
                throw new InvalidInputException("notebook %s has %,d bytes, more than 64 MiB; clear its outputs"
                        .formatted(file, Files.size(file)));
            }
            JsonNode root = Json.json().readTree(Files.readString(file));
            if (!(root instanceof ObjectNode object)
                    || root.path("nbformat").asInt() != 4
                    || !root.path("cells").isArray()) {
                throw new InvalidInputException(
                        "%s is no notebook of version 4: it needs nbformat 4 and cells; save it anew in Jupyter"
                                .formatted(file));
            }
            return new NotebookFile(object, file);
        } catch (JsonProcessingException e) {
            throw new InvalidInputException(
                    "notebook %s is not JSON: %s".formatted(file, Names.shown(e.getOriginalMessage())), e);
        } catch (IOException e) {
            throw new InvalidInputException(
                    "notebook %s cannot be read: %s"
                            .formatted(
                                    file, e instanceof NoSuchFileException ? "there is no such file" : e.getMessage()),
                    e);
        }
    }

    private static boolean isText(JsonNode source) {
        if (source.isArray()) {
            for (JsonNode line : source) {
                if (!line.isTextual()) {
                    return false;
                }
            }
        }
        return source.isTextual() || source.isArray();
    }

    /** The cells of code in their order. */
    public List<String> code() {
        return code.stream().map(c -> source(c.get("source"))).toList();
    }

    private static String source(JsonNode n) {
        if (n.isTextual()) {
            return n.asText();
        }
        StringBuilder s = new StringBuilder();
        n.forEach(line -> s.append(line.asText()));
        return s.toString();
    }

    /** Sets what the cell of code {@code index} showed, in place of what it showed before. */
    public void setOutput(int index, Output output) {
        ObjectNode cell = code.get(index);
        cell.put("execution_count", index + 1);
        ArrayNode outputs = cell.putArray("outputs");
        stream(outputs, "stdout", output.printed());
        stream(outputs, "stderr", output.warned());
        Display shown = output.shown();
        if (shown != null) {
            ObjectNode o =
                    outputs.addObject().put("output_type", "execute_result").put("execution_count", index + 1);
            o.putObject("metadata");
            ObjectNode data = o.putObject("data");
            shown.forms().forEach(data::put);
        }
        String failure = output.failure();
        if (failure != null) {
            ObjectNode o = outputs.addObject()
                    .put("output_type", "error")
                    .put("ename", "CellException")
                    .put("evalue", failure.lines().findFirst().orElse(""));
            ArrayNode lines = o.putArray("traceback");
            failure.lines().forEach(lines::add);
        }
    }

    private static void stream(ArrayNode outputs, String name, String text) {
        if (!text.isEmpty()) {
            outputs.addObject().put("output_type", "stream").put("name", name).put("text", text);
        }
    }

    /** Writes it whole or not at all. */
    public void write(Path file) throws IOException {
        AtomicFiles.writeString(file, Json.json().writeValueAsString(root) + "\n");
    }
}

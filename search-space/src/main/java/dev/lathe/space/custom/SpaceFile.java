package dev.lathe.space.custom;

import dev.lathe.base.InvalidInputException;
import dev.lathe.base.Names;
import dev.lathe.space.TaskShape;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Objects;

/** A YAML file that describes a search space, read and known to be well-formed. */
public final class SpaceFile {
    /** No file is longer, in bytes; a space of this size was not written by hand. */
    public static final int MOST_BYTES = 1 << 20;

    private final Definition definition;

    private SpaceFile(Definition definition) {
        this.definition = definition;
    }

    /** @throws InvalidInputException naming file, line and key, if there is no such file or it describes no space */
    public static SpaceFile read(Path path) {
        String shown = Names.shown(path.toString());
        if (!Files.isRegularFile(path)) {
            throw new InvalidInputException(
                    "%s is no file; give the path of a YAML file that describes a search space".formatted(shown));
        }
        byte[] bytes;
        try (InputStream in = Files.newInputStream(path)) {
            bytes = in.readNBytes(MOST_BYTES + 1);
        } catch (IOException e) {
            throw new InvalidInputException(
                    "%s cannot be read (%s); check its permissions"
                            .formatted(shown, Names.shown(String.valueOf(e.getMessage()))),
                    e);
        }
        if (bytes.length > MOST_BYTES) {
            throw new InvalidInputException(
                    "%s is longer than 1 MiB, which no search space needs; use repeat".formatted(shown));
        }
        try {
            return parse(
                    shown,
                    StandardCharsets.UTF_8
                            .newDecoder()
                            .decode(ByteBuffer.wrap(bytes))
                            .toString());
        } catch (CharacterCodingException e) {
            throw new InvalidInputException("%s is not UTF-8; save it as UTF-8".formatted(shown), e);
        }
    }

    /**
     * @param name what messages call the text
     * @throws InvalidInputException naming the line and key, if it describes no space
     */
    public static SpaceFile parse(String name, String text) {
        if (text.length() > MOST_BYTES) {
            throw new InvalidInputException(
                    "%s is longer than 1 MiB, which no search space needs; use repeat".formatted(name));
        }
        return new SpaceFile(DefinitionReader.read(new Source(name, text)));
    }

    /** A description that comes with Lathe, by its file's name. */
    public static SpaceFile builtIn(String file) {
        return parse(file, resource(file));
    }

    /** The JSON Schema of such files, by which editors check and complete them. */
    public static String schema() {
        return resource("custom-space.schema.json");
    }

    private static String resource(String file) {
        try (InputStream in = SpaceFile.class.getResourceAsStream(file)) {
            return new String(Objects.requireNonNull(in).readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** The whole content. */
    public String text() {
        return definition.source().text();
    }

    /** The space's own name, which results carry. */
    public String name() {
        return definition.name();
    }

    /** The task that the file names: what the networks take and give unless something else is asked for. */
    public TaskShape usualTask() {
        return definition.usual();
    }

    /** @throws InvalidInputException if the file describes no space for this task */
    public CustomSpace space(TaskShape task) {
        return new CustomSpace(definition, task);
    }
}

package dev.lathe.predict.help;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.SerializationFeature;
import dev.lathe.base.AtomicFiles;
import dev.lathe.base.InvalidInputException;
import dev.lathe.base.Json;
import dev.lathe.base.Names;
import dev.lathe.predict.adapt.DeviceAdapter;
import dev.lathe.predict.adapt.TransferAdapter;
import dev.lathe.predict.adapt.TransferModel;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/**
 * An adapter as one JSON file: format, one model of plain values, and in the model its provenance. Reading it makes numbers
 * and names, never a class that the file names.
 *
 * @param format version of the layout, {@value #FORMAT}
 * @param transfer transfer over surrogates, or null
 * @param help HELP, or null
 */
public record AdapterFile(
        int format,
        @Nullable TransferModel transfer,
        @Nullable HelpModel help) {
    public static final int FORMAT = 1;

    private static final long MOST_BYTES = 64 << 20;

    /** @throws IOException if the file cannot be written; an earlier one is then still whole */
    public static void save(Path file, TransferAdapter adapter) throws IOException {
        write(file, new AdapterFile(FORMAT, adapter.model(), null));
    }

    /** @throws IOException if the file cannot be written; an earlier one is then still whole */
    public static void save(Path file, HelpAdapter adapter) throws IOException {
        write(file, new AdapterFile(FORMAT, null, adapter.model()));
    }

    private static void write(Path file, AdapterFile content) throws IOException {
        AtomicFiles.write(
                file,
                Json.json().writer().without(SerializationFeature.INDENT_OUTPUT).writeValueAsBytes(content));
    }

    /**
     * Reads what {@link #save} wrote.
     *
     * @throws InvalidInputException in one line, if the file is missing, damaged or no adapter
     */
    public static DeviceAdapter load(Path file) throws IOException {
        if (!Files.isRegularFile(file)) {
            throw new InvalidInputException(
                    "%s is missing: no adapter is stored there; train one first".formatted(file));
        }
        if (Files.size(file) > MOST_BYTES) {
            throw new InvalidInputException("%s has %d bytes, more than the %d an adapter may have; train it again"
                    .formatted(file, Files.size(file), MOST_BYTES));
        }
        AdapterFile content;
        try {
            content = Json.json()
                    .readerFor(AdapterFile.class)
                    .with(DeserializationFeature.FAIL_ON_NULL_FOR_PRIMITIVES)
                    .with(DeserializationFeature.FAIL_ON_MISSING_CREATOR_PROPERTIES)
                    .readValue(new String(Files.readAllBytes(file), StandardCharsets.UTF_8));
            if (content != null && content.format == FORMAT) {
                if (content.transfer != null && content.help == null) {
                    return new TransferAdapter(content.transfer);
                }
                if (content.help != null && content.transfer == null) {
                    return new HelpAdapter(content.help);
                }
            }
        } catch (JsonProcessingException | IllegalArgumentException | NullPointerException | InvalidInputException e) {
            String why =
                    e instanceof JsonProcessingException j ? j.getOriginalMessage() : String.valueOf(e.getMessage());
            throw new InvalidInputException(
                    "%s is no adapter: %s; train it again".formatted(file, Names.shown(why)), e);
        }
        throw new InvalidInputException("%s has format %s or not one model, this version reads %d; train it again"
                .formatted(file, content == null ? "none" : content.format, FORMAT));
    }
}

package dev.lathe.results;

import com.fasterxml.jackson.core.JsonProcessingException;
import dev.lathe.base.AtomicFiles;
import dev.lathe.base.InvalidInputException;
import dev.lathe.base.Json;
import dev.lathe.base.Names;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** Cards as JSON files. */
final class Cards {
    private Cards() {}

    /** Writes the card whole or not at all. */
    static void write(Path target, Object card) throws IOException {
        AtomicFiles.writeString(target, Json.json().writeValueAsString(card) + "\n");
    }

    /**
     * Reads a card.
     *
     * @param what it is to be, for the message, for example "model card"
     * @throws InvalidInputException if the file is no such card
     */
    static <T> T read(Path source, Class<T> type, String what) throws IOException {
        try {
            T card = Json.json().readValue(Files.readAllBytes(source), type);
            if (card == null) {
                throw new InvalidInputException(
                        "%s is no %s: it is empty; export the network again".formatted(source, what));
            }
            return card;
        } catch (JsonProcessingException e) {
            throw new InvalidInputException(
                    "%s is no %s: %s; export the network again"
                            .formatted(source, what, Names.shown(e.getOriginalMessage())),
                    e);
        }
    }
}

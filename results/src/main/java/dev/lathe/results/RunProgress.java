package dev.lathe.results;

import com.fasterxml.jackson.annotation.JsonIgnore;
import com.fasterxml.jackson.annotation.JsonPropertyOrder;
import com.fasterxml.jackson.core.JsonProcessingException;
import dev.lathe.base.Json;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Instant;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * How far a run has come: the file {@value #FILE} in its folder, written by the process that works there, about once a second.
 * Nothing reads it but people and the board.
 *
 * @param command that works, for example {@code run}
 * @param phase what is being done, for example {@code training}
 * @param done units of the phase
 * @param total all units of the phase; 0 before the first is known
 * @param note what a watcher would like to know, may be empty
 * @param secondsLeft of this phase; null where nothing can be said
 * @param ending how the process ended by itself; null while it works, and for ever where it was killed
 * @param processId of the process
 * @param processStart when that process started, in ISO-8601, to tell it from a later one of the same number; may be empty
 * @param updatedAt when this was written, in ISO-8601
 */
@JsonPropertyOrder({
    "command",
    "phase",
    "done",
    "total",
    "note",
    "secondsLeft",
    "ending",
    "processId",
    "processStart",
    "updatedAt"
})
public record RunProgress(
        String command,
        String phase,
        long done,
        long total,
        String note,
        @Nullable Long secondsLeft,
        @Nullable Ending ending,
        long processId,
        String processStart,
        String updatedAt) {
    /** Name of the file in a run directory. */
    public static final String FILE = "progress.json";

    private static final int MOST_BYTES = 1 << 16;

    /** How a process ended by itself. */
    public enum Ending {
        DONE,
        FAILED
    }

    public RunProgress {
        Objects.requireNonNull(command, "command");
        Objects.requireNonNull(phase, "phase");
        Objects.requireNonNull(note, "note");
        Objects.requireNonNull(processStart, "processStart");
        Objects.requireNonNull(updatedAt, "updatedAt");
    }

    /** Of this process, now. */
    public static RunProgress now(
            String command,
            String phase,
            long done,
            long total,
            String note,
            @Nullable Long secondsLeft,
            @Nullable Ending ending) {
        ProcessHandle self = ProcessHandle.current();
        return new RunProgress(
                command,
                phase,
                done,
                total,
                note,
                secondsLeft,
                ending,
                self.pid(),
                self.info().startInstant().map(Instant::toString).orElse(""),
                Instant.now().toString());
    }

    /**
     * Replaces the file, so that readers see the old one or the new one whole. It is not forced to the disk: that would cost the run
     * more than it is worth, and after a power cut nothing runs. One writer at a time.
     */
    public void write(Path folder) throws IOException {
        Path temporary = folder.resolve("." + FILE + ".tmp");
        Files.writeString(temporary, Json.json().writeValueAsString(this) + "\n");
        Files.move(
                temporary, folder.resolve(FILE), StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    }

    /** What a run says of itself; empty where it says nothing, or nothing that can be understood. */
    public static Optional<RunProgress> read(Path folder) throws IOException {
        Path file = folder.resolve(FILE);
        if (!Files.isRegularFile(file, LinkOption.NOFOLLOW_LINKS) || Files.size(file) > MOST_BYTES) {
            return Optional.empty();
        }
        try {
            return Optional.ofNullable(Json.json().readValue(Files.readAllBytes(file), RunProgress.class));
        } catch (JsonProcessingException e) {
            return Optional.empty();
        }
    }

    /** Whether the process that wrote this is still there and has not ended its work. */
    @JsonIgnore
    public boolean isRunning() {
        return ending == null
                && ProcessHandle.of(processId)
                        .filter(ProcessHandle::isAlive)
                        .map(p -> processStart.isEmpty()
                                || p.info()
                                        .startInstant()
                                        .map(s -> s.toString().equals(processStart))
                                        .orElse(true))
                        .orElse(false);
    }

    /** The share of the phase that is done, 0 to 1. */
    public double share() {
        return total <= 0 ? 0 : Math.max(0, Math.min(1, done / (double) total));
    }
}

package dev.lathe.results;

import com.fasterxml.jackson.annotation.JsonPropertyOrder;
import dev.lathe.base.InvalidInputException;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * What one must know of a network exported as C for a microcontroller: a JSON file beside its sources. Immutable.
 *
 * @param about what it is, in one sentence
 * @param architecture text form, read back by {@link dev.lathe.space.Architecture#parse}
 * @param decisions value of every decision that shapes the network, by name, in the space's order
 * @param accuracy in float32 and in 8-bit integers
 * @param device the microcontroller it is for
 * @param memory what it takes there
 * @param macs multiply-accumulates of one sample
 * @param checks what was compared, one line each
 * @param instructions of one sample on the emulated core; null where there was no emulator, or too many to count
 * @param files sources, relative to the card
 * @param origins for each number of the card how it was got: measured, counted, planned or computed; by its path
 * @param provenance the run and the data that it comes from, and the commands that make it again
 * @param versions of Lathe and the libraries that made it
 */
@JsonPropertyOrder({
    "about",
    "architecture",
    "decisions",
    "accuracy",
    "device",
    "memory",
    "macs",
    "checks",
    "instructions",
    "files",
    "origins",
    "provenance",
    "versions"
})
public record FirmwareCard(
        String about,
        String architecture,
        Map<String, Double> decisions,
        Accuracy accuracy,
        String device,
        Memory memory,
        long macs,
        List<String> checks,
        @Nullable Long instructions,
        List<ModelCard.ModelFile> files,
        Map<String, String> origins,
        Provenance provenance,
        Map<String, String> versions) {
    public FirmwareCard {
        Objects.requireNonNull(architecture, "architecture");
        Objects.requireNonNull(accuracy, "accuracy");
        Objects.requireNonNull(memory, "memory");
        Objects.requireNonNull(provenance, "provenance");
        decisions = Collections.unmodifiableMap(new LinkedHashMap<>(decisions));
        checks = List.copyOf(checks);
        files = List.copyOf(files);
        origins = Collections.unmodifiableMap(new LinkedHashMap<>(origins));
        versions = Collections.unmodifiableMap(new TreeMap<>(versions));
    }

    /**
     * Top-1 on the test part, 0 to 1.
     *
     * @param float32Top1 of the network before quantization
     * @param int8Top1 of the integer reference, whose every bit the C gives
     * @param images of the test part
     * @param calibrationImages of the training part, by which ranges were set; 0 where training learnt them
     * @param percentile share of their activations, in percent, that the ranges hold on each side
     * @param dataSet name of the data
     * @param attribution who made the data and under which license
     */
    @JsonPropertyOrder({"float32Top1", "int8Top1", "images", "calibrationImages", "percentile", "dataSet", "attribution"
    })
    public record Accuracy(
            double float32Top1,
            double int8Top1,
            int images,
            int calibrationImages,
            double percentile,
            String dataSet,
            String attribution) {}

    /**
     * Bytes.
     *
     * @param arenaBytes of RAM for activations
     * @param constantBytes of flash for weights and tables
     * @param ramBytes of the linked firmware, stack included; null where nothing was linked
     * @param flashBytes of the linked firmware without the samples that it was checked with; null where nothing was linked
     * @param ramLimitBytes of the device
     * @param flashLimitBytes of the device
     */
    @JsonPropertyOrder({"arenaBytes", "constantBytes", "ramBytes", "flashBytes", "ramLimitBytes", "flashLimitBytes"})
    public record Memory(
            long arenaBytes,
            long constantBytes,
            @Nullable Long ramBytes,
            @Nullable Long flashBytes,
            long ramLimitBytes,
            long flashLimitBytes) {}

    /** Writes the card whole or not at all. */
    public void write(Path target) throws IOException {
        Cards.write(target, this);
    }

    /** @throws InvalidInputException if the file is no card */
    public static FirmwareCard read(Path source) throws IOException {
        return Cards.read(source, FirmwareCard.class, "card of a network in C");
    }
}

package dev.lathe.results;

import com.fasterxml.jackson.annotation.JsonPropertyOrder;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;

/**
 * What one must know of a network exported as an 8-bit ONNX file: a JSON file beside it. Immutable.
 *
 * @param architecture text form, read back by {@link dev.lathe.space.Architecture#parse}
 * @param decisions value of every decision that shapes the network, by name, in the space's order
 * @param accuracy of the float32 and of the 8-bit file, each as ONNX Runtime executes it
 * @param top1Drop float32 less 8-bit, 0 to 1; negative where 8 bits do better
 * @param largestDifference of a logit from the evaluation with rounded values, as a share of the largest logit
 * @param sameAnswers share of the compared samples whose class is the same there
 * @param method how the file was quantized
 * @param macs multiply-accumulates of one sample
 * @param file the 8-bit file
 * @param float32Bytes length of the float32 file
 * @param versions of Lathe and the libraries that made it
 */
@JsonPropertyOrder({
    "architecture",
    "decisions",
    "accuracy",
    "top1Drop",
    "largestDifference",
    "sameAnswers",
    "method",
    "macs",
    "file",
    "float32Bytes",
    "versions"
})
public record QuantizedCard(
        String architecture,
        Map<String, Double> decisions,
        FirmwareCard.Accuracy accuracy,
        double top1Drop,
        double largestDifference,
        double sameAnswers,
        String method,
        long macs,
        ModelCard.ModelFile file,
        long float32Bytes,
        Map<String, String> versions) {
    public QuantizedCard {
        Objects.requireNonNull(architecture, "architecture");
        Objects.requireNonNull(accuracy, "accuracy");
        Objects.requireNonNull(file, "file");
        decisions = Collections.unmodifiableMap(new LinkedHashMap<>(decisions));
        versions = Collections.unmodifiableMap(new TreeMap<>(versions));
    }

    /** Writes the card whole or not at all. */
    public void write(Path target) throws IOException {
        Cards.write(target, this);
    }

    /** @throws dev.lathe.base.InvalidInputException if the file is no card of a network in 8 bits */
    public static QuantizedCard read(Path source) throws IOException {
        return Cards.read(source, QuantizedCard.class, "card of a network in 8 bits");
    }
}

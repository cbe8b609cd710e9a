package dev.lathe.results;

import com.fasterxml.jackson.annotation.JsonPropertyOrder;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Collections;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;

/**
 * What one must know of a translator exported as 8-bit ONNX before using it: a JSON file beside its two model files. What the
 * network is, and its weights, stand in its {@link TranslatorCard}. Immutable.
 *
 * @param architecture text form, read back by {@link dev.lathe.space.Architecture#parse}
 * @param float32Bleu sacreBLEU of the float32 files, as ONNX Runtime executes them
 * @param int8Bleu of the 8-bit files, of the same sentences
 * @param bleuDrop float32 less 8-bit; negative where 8 bits do better
 * @param testSentences the first so many of the test part, which BLEU is of
 * @param calibrationSentences the first so many of the training part, which the ranges are of
 * @param method how the files were quantized
 * @param encoder the 8-bit model file that is run once a sentence
 * @param decoder the 8-bit model file that is run once a token
 * @param float32Bytes length of both files in float32
 * @param versions of Lathe and the libraries that made it
 */
@JsonPropertyOrder({
    "architecture",
    "float32Bleu",
    "int8Bleu",
    "bleuDrop",
    "testSentences",
    "calibrationSentences",
    "method",
    "encoder",
    "decoder",
    "float32Bytes",
    "versions"
})
public record QuantizedTranslatorCard(
        String architecture,
        double float32Bleu,
        double int8Bleu,
        double bleuDrop,
        int testSentences,
        int calibrationSentences,
        String method,
        ModelCard.ModelFile encoder,
        ModelCard.ModelFile decoder,
        long float32Bytes,
        Map<String, String> versions) {
    public QuantizedTranslatorCard {
        Objects.requireNonNull(architecture, "architecture");
        Objects.requireNonNull(encoder, "encoder");
        Objects.requireNonNull(decoder, "decoder");
        versions = Collections.unmodifiableMap(new TreeMap<>(versions));
    }

    /** Writes the card whole or not at all. */
    public void write(Path target) throws IOException {
        Cards.write(target, this);
    }

    /** @throws dev.lathe.base.InvalidInputException if the file is no card of a translator in 8 bits */
    public static QuantizedTranslatorCard read(Path source) throws IOException {
        return Cards.read(source, QuantizedTranslatorCard.class, "card of a translator in 8 bits");
    }
}

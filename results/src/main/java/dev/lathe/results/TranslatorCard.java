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

/**
 * What one must know of a translator exported as ONNX before using it: a JSON file beside its two model files. Immutable.
 *
 * @param about what it is, in one sentence
 * @param architecture text form, read back by {@link dev.lathe.space.Architecture#parse}
 * @param decisions value of every decision that shapes the network, by name, in the space's order
 * @param quality how well it translates, what, found how
 * @param agreement of the files with the supernet
 * @param macs multiply-accumulates of one sentence of the lengths in {@code origin}, teacher-forced
 * @param parameters number of weights, a table that serves source, target and output counted once
 * @param longest the most tokens of a source with its end, and of a translation
 * @param encoder the model file that is run once a sentence
 * @param decoder the model file that is run once a token
 * @param weights the same weights alone, as safetensors
 * @param tokenizer the vocabulary, in the form of the Hugging Face tokenizers
 * @param origins for each number of the card how it was got: measured, counted or computed; by its path
 * @param origin the run and the text that it comes from, and the commands that make it again
 * @param versions of Lathe and the libraries that made it
 */
@JsonPropertyOrder({
    "about",
    "architecture",
    "decisions",
    "quality",
    "agreement",
    "macs",
    "parameters",
    "longest",
    "encoder",
    "decoder",
    "weights",
    "tokenizer",
    "origins",
    "origin",
    "versions"
})
public record TranslatorCard(
        String about,
        String architecture,
        Map<String, Double> decisions,
        Quality quality,
        Agreement agreement,
        long macs,
        long parameters,
        int longest,
        ModelCard.ModelFile encoder,
        ModelCard.ModelFile decoder,
        ModelCard.ModelFile weights,
        ModelCard.ModelFile tokenizer,
        Map<String, String> origins,
        Origin origin,
        Map<String, String> versions) {
    public TranslatorCard {
        Objects.requireNonNull(about, "about");
        Objects.requireNonNull(architecture, "architecture");
        Objects.requireNonNull(quality, "quality");
        Objects.requireNonNull(agreement, "agreement");
        Objects.requireNonNull(encoder, "encoder");
        Objects.requireNonNull(decoder, "decoder");
        Objects.requireNonNull(weights, "weights");
        Objects.requireNonNull(tokenizer, "tokenizer");
        Objects.requireNonNull(origin, "origin");
        decisions = Collections.unmodifiableMap(new LinkedHashMap<>(decisions));
        origins = Collections.unmodifiableMap(new LinkedHashMap<>(origins));
        versions = Collections.unmodifiableMap(new TreeMap<>(versions));
    }

    /**
     * How well it translates.
     *
     * @param validationLoss mean cross-entropy of the validation part, nats a token, teacher-forced
     * @param testBleu sacreBLEU (13a, cased) of the exported files' translations
     * @param testSentences the first so many of the test part, which {@code testBleu} is of
     * @param testPart sentences of the whole test part
     * @param beam beginnings that were followed at once
     * @param lengthPenalty power of the length that log-probabilities were divided by
     * @param method how {@code testBleu} was got
     * @param dataSet name of the data
     * @param attribution who made the data and under which licence
     */
    @JsonPropertyOrder({
        "validationLoss",
        "testBleu",
        "testSentences",
        "testPart",
        "beam",
        "lengthPenalty",
        "method",
        "dataSet",
        "attribution"
    })
    public record Quality(
            double validationLoss,
            double testBleu,
            int testSentences,
            int testPart,
            int beam,
            double lengthPenalty,
            String method,
            String dataSet,
            String attribution) {}

    /**
     * How far the files, token by token, are from the supernet's network.
     *
     * @param largestDifference of a score, from the teacher-forced pass
     * @param sentences of the validation part that were compared
     * @param sameTranslations how many of them both translate by the same tokens, greedily
     */
    @JsonPropertyOrder({"largestDifference", "sentences", "sameTranslations"})
    public record Agreement(double largestDifference, int sentences, int sameTranslations) {}

    /**
     * Where a translator comes from and how to get it again.
     *
     * @param run hash of the experiment, as in the run's {@code run.yaml}
     * @param experiment file beside the exported ones that asks for the same run
     * @param data where the text was, as the experiment says
     * @param dataSha256 checksum of vocabulary and all sentences
     * @param sourceLength tokens of the source for which the network is costed
     * @param targetLength tokens of the target likewise
     * @param commands that make the network again, and that check it
     */
    @JsonPropertyOrder({"run", "experiment", "data", "dataSha256", "sourceLength", "targetLength", "commands"})
    public record Origin(
            String run,
            String experiment,
            String data,
            String dataSha256,
            int sourceLength,
            int targetLength,
            List<String> commands) {
        public Origin {
            Objects.requireNonNull(run, "run");
            Objects.requireNonNull(data, "data");
            Objects.requireNonNull(dataSha256, "dataSha256");
            commands = List.copyOf(commands);
        }
    }

    /** Writes the card whole or not at all. */
    public void write(Path target) throws IOException {
        Cards.write(target, this);
    }

    /** @throws InvalidInputException if the file is no card of a translator */
    public static TranslatorCard read(Path source) throws IOException {
        return Cards.read(source, TranslatorCard.class, "card of a translator");
    }
}

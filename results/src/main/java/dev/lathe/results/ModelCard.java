package dev.lathe.results;

import com.fasterxml.jackson.annotation.JsonPropertyOrder;
import dev.lathe.base.InvalidInputException;
import dev.lathe.space.Architecture;
import dev.lathe.space.Decision;
import dev.lathe.space.SearchSpace;
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
 * What one must know of an exported network before using it: a JSON file beside the model file. Immutable.
 *
 * @param about what it is, in one sentence
 * @param architecture text form, read back by {@link Architecture#parse}
 * @param decisions value of every decision that shapes the network, by name, in the space's order
 * @param accuracy how often it is right, on what, found how
 * @param latency how long it takes, on what, found how
 * @param memory what its activations take
 * @param macs multiply-accumulates of one image
 * @param parameters number of weights
 * @param file the model file
 * @param weights the same weights alone, as safetensors
 * @param origins for each number of the card how it was got: measured, counted, planned, predicted or computed; by its path
 * @param provenance the run and the data that it comes from, and the commands that make it again
 * @param budgets hard budgets of the search in the units of their metrics
 * @param withinBudget whether the network meets all of them by its measured latency
 * @param versions of Lathe and the libraries that made it
 */
@JsonPropertyOrder({
    "about",
    "architecture",
    "decisions",
    "accuracy",
    "latency",
    "memory",
    "macs",
    "parameters",
    "file",
    "weights",
    "origins",
    "provenance",
    "budgets",
    "withinBudget",
    "versions"
})
public record ModelCard(
        String about,
        String architecture,
        Map<String, Double> decisions,
        Accuracy accuracy,
        Latency latency,
        Memory memory,
        long macs,
        long parameters,
        ModelFile file,
        ModelFile weights,
        Map<String, String> origins,
        Provenance provenance,
        Map<String, Double> budgets,
        boolean withinBudget,
        Map<String, String> versions) {
    public ModelCard {
        Objects.requireNonNull(about, "about");
        Objects.requireNonNull(architecture, "architecture");
        Objects.requireNonNull(accuracy, "accuracy");
        Objects.requireNonNull(latency, "latency");
        Objects.requireNonNull(memory, "memory");
        Objects.requireNonNull(file, "file");
        Objects.requireNonNull(weights, "weights");
        Objects.requireNonNull(provenance, "provenance");
        decisions = Collections.unmodifiableMap(new LinkedHashMap<>(decisions));
        origins = Collections.unmodifiableMap(new LinkedHashMap<>(origins));
        budgets = Collections.unmodifiableMap(new TreeMap<>(budgets));
        versions = Collections.unmodifiableMap(new TreeMap<>(versions));
    }

    /**
     * Accuracy, in 0..1.
     *
     * @param validationTop1 with weights inherited from the supernet, on the validation part: what the search saw; null where
     *     it was not evaluated
     * @param testTop1 of the exported file on the test part; null where it was not run
     * @param validationStandardError of {@code validationTop1}, from the number of images; null where that was not run
     * @param testStandardError of {@code testTop1}, likewise
     * @param method how {@code testTop1} was got, for example {@code exported ONNX file in ONNX Runtime 1.28.0, 450 images}
     * @param dataSet name of the data
     * @param attribution who made the data and under which license
     */
    @JsonPropertyOrder({
        "validationTop1",
        "testTop1",
        "validationStandardError",
        "testStandardError",
        "method",
        "dataSet",
        "attribution"
    })
    public record Accuracy(
            @Nullable Double validationTop1,
            @Nullable Double testTop1,
            @Nullable Double validationStandardError,
            @Nullable Double testStandardError,
            String method,
            String dataSet,
            String attribution) {
        public Accuracy {
            requireShare("validationTop1", validationTop1);
            requireShare("testTop1", testTop1);
            requireShare("validationStandardError", validationStandardError);
            requireShare("testStandardError", testStandardError);
        }

        private static void requireShare(String name, @Nullable Double value) {
            if (value != null && !(value >= 0 && value <= 1)) {
                throw new IllegalArgumentException("%s must be in 0..1, but was %s".formatted(name, value));
            }
        }
    }

    /**
     * Latency, in milliseconds.
     *
     * @param medianMs measured; null where it was not measured
     * @param spreadMs median absolute deviation of the rounds' medians; null where it was not measured
     * @param predictedMs what the search believed; null where nothing was predicted
     * @param device name of the device
     * @param protocol how it was measured
     */
    @JsonPropertyOrder({"medianMs", "spreadMs", "predictedMs", "device", "protocol"})
    public record Latency(
            @Nullable Double medianMs,
            @Nullable Double spreadMs,
            @Nullable Double predictedMs,
            String device,
            String protocol) {}

    /**
     * Memory of one invocation with one image.
     *
     * @param peakActivationBytes bytes of the arena that holds all activations
     * @param bytesPerElement bytes of one activation value
     * @param planner how buffers were packed
     */
    @JsonPropertyOrder({"peakActivationBytes", "bytesPerElement", "planner"})
    public record Memory(long peakActivationBytes, int bytesPerElement, String planner) {}

    /**
     * A file beside the card.
     *
     * @param name relative to the card
     * @param bytes its length
     * @param sha256 its checksum, lower-case hexadecimal
     */
    @JsonPropertyOrder({"name", "bytes", "sha256"})
    public record ModelFile(String name, long bytes, String sha256) {
        public ModelFile {
            Objects.requireNonNull(name, "name");
            Objects.requireNonNull(sha256, "sha256");
        }
    }

    /**
     * The values that shape a network, by decision, in the space's order. Left out are decisions that do not matter for it, as
     * of a block beyond the chosen depth: those whose every choice gives the same network.
     */
    public static Map<String, Double> decisions(SearchSpace space, Architecture a) {
        Architecture canonical = space.canonical(a);
        List<Decision> all = space.decisions();
        Map<String, Double> values = new LinkedHashMap<>();
        for (int i = 0; i < all.size(); i++) {
            if (all.get(i).size() == 1 || matters(space, canonical, i)) {
                values.put(all.get(i).name(), all.get(i).value(canonical.choice(i)));
            }
        }
        return values;
    }

    private static boolean matters(SearchSpace space, Architecture canonical, int decision) {
        int[] choices = canonical.choices();
        choices[decision] = choices[decision] == 0 ? 1 : 0;
        return !space.canonical(Architecture.of(canonical.space(), choices)).equals(canonical);
    }

    /** Writes the card whole or not at all. */
    public void write(Path target) throws IOException {
        Cards.write(target, this);
    }

    /** @throws InvalidInputException if the file is no card */
    public static ModelCard read(Path source) throws IOException {
        return Cards.read(source, ModelCard.class, "model card");
    }
}

package dev.lathe.predict;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import dev.lathe.base.AtomicFiles;
import dev.lathe.base.Hashes;
import dev.lathe.base.InvalidInputException;
import dev.lathe.base.Json;
import dev.lathe.base.Names;
import dev.lathe.space.TaskShape;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.regex.Pattern;

/**
 * Where a predictor comes from and how good it is: the JSON file {@code predictor-METRIC.json} beside the model {@code
 * predictor-METRIC.mojo.zip}.
 *
 * @param format version of this file's layout, {@value #FORMAT}
 * @param space search space of the rows
 * @param task what the networks take and give
 * @param metric what is predicted, for example {@code latencyMs}
 * @param trainingRows rows the stored model was fitted to
 * @param dataSha256 checksum of the table it was fitted to
 * @param trainer who made it, for example {@code h2o-gbm}
 * @param parameters the trainer's settings
 * @param seed seed of split and training
 * @param versions versions of Java and the libraries
 * @param featureNames features of the table, in order
 * @param heldOut agreement on rows that the judged model was not fitted to
 * @param mojoSha256 checksum of the model
 */
public record PredictorFile(
        int format,
        String space,
        TaskShape task,
        String metric,
        int trainingRows,
        String dataSha256,
        String trainer,
        SortedMap<String, String> parameters,
        long seed,
        SortedMap<String, String> versions,
        List<String> featureNames,
        RankQuality heldOut,
        String mojoSha256) {
    public static final int FORMAT = 1;

    private static final long MOST_JSON_BYTES = 4 << 20;
    private static final Pattern METRIC = Pattern.compile("[A-Za-z][A-Za-z0-9]{0,63}");

    /** A predictor as it was stored. */
    @SuppressWarnings("ArrayRecordComponent") // a parcel of two values, never compared
    public record Stored(PredictorFile file, byte[] mojo) {}

    public PredictorFile {
        if (!METRIC.matcher(metric).matches()) {
            throw new IllegalArgumentException("Metric '%s' is no name of letters and digits".formatted(metric));
        }
        parameters = java.util.Collections.unmodifiableSortedMap(new TreeMap<>(parameters));
        versions = java.util.Collections.unmodifiableSortedMap(new TreeMap<>(versions));
        featureNames = List.copyOf(featureNames);
    }

    /** Path of the JSON file of a metric. */
    public static Path jsonPath(Path folder, String metric) {
        return folder.resolve("predictor-" + metric + ".json");
    }

    /** Path of the model of a metric. */
    public static Path mojoPath(Path folder, String metric) {
        return folder.resolve("predictor-" + metric + ".mojo.zip");
    }

    /**
     * Writes model and description, the description last: with it the predictor is complete.
     *
     * @throws IllegalArgumentException if the model is not the one described
     */
    public void save(Path folder, byte[] mojo) throws IOException {
        if (!Hashes.sha256(mojo).equals(mojoSha256)) {
            throw new IllegalArgumentException("The model of %s is not the one described".formatted(metric));
        }
        AtomicFiles.write(mojoPath(folder, metric), mojo);
        AtomicFiles.writeString(
                jsonPath(folder, metric), Json.json().writeValueAsString(this) + System.lineSeparator());
    }

    /**
     * Reads what {@link #save} wrote.
     *
     * @throws InvalidInputException in one line, if a file is missing, damaged or not the other's
     */
    public static Stored load(Path folder, String metric) throws IOException {
        Path json = jsonPath(folder, metric);
        Path model = mojoPath(folder, metric);
        for (Path p : List.of(json, model)) {
            if (!Files.isRegularFile(p)) {
                throw new InvalidInputException(
                        "%s is missing: no predictor of %s is stored there; fit one first".formatted(p, metric));
            }
        }
        PredictorFile file = parse(json, read(json, MOST_JSON_BYTES));
        byte[] mojo = read(model, MojoPredictor.MOST_BYTES);
        if (!file.metric.equals(metric)) {
            throw new InvalidInputException("%s describes a predictor of '%s', not of %s; fit it again"
                    .formatted(json, Names.shown(file.metric), metric));
        }
        if (!Hashes.sha256(mojo).equals(file.mojoSha256)) {
            throw new InvalidInputException(
                    "%s is not the model that %s describes (its checksum differs); fit the predictor again"
                            .formatted(model, json.getFileName()));
        }
        return new Stored(file, mojo);
    }

    private static byte[] read(Path path, long most) throws IOException {
        if (Files.size(path) > most) {
            throw new InvalidInputException(
                    "%s has %d bytes, more than the %d a predictor's file may have; fit it again"
                            .formatted(path, Files.size(path), most));
        }
        return Files.readAllBytes(path);
    }

    private static PredictorFile parse(Path path, byte[] bytes) {
        PredictorFile file;
        try {
            file = Json.json()
                    .readerFor(PredictorFile.class)
                    .with(DeserializationFeature.FAIL_ON_NULL_FOR_PRIMITIVES)
                    .with(DeserializationFeature.FAIL_ON_MISSING_CREATOR_PROPERTIES)
                    .with(DeserializationFeature.FAIL_ON_NULL_CREATOR_PROPERTIES)
                    .readValue(new String(bytes, StandardCharsets.UTF_8));
        } catch (JsonProcessingException e) {
            Throwable cause = e.getCause() instanceof IllegalArgumentException i ? i : e;
            String why = cause == e ? e.getOriginalMessage() : cause.getMessage();
            throw new InvalidInputException(
                    "%s is no description of a predictor: %s; fit it again"
                            .formatted(path, Names.shown(String.valueOf(why))),
                    e);
        }
        if (file == null || file.format != FORMAT) {
            throw new InvalidInputException("%s has format %s, this version reads %d; fit the predictor again"
                    .formatted(path, file == null ? "none" : file.format, FORMAT));
        }
        return file;
    }
}

package dev.lathe.results;

import com.fasterxml.jackson.annotation.JsonPropertyOrder;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import dev.lathe.base.AtomicFiles;
import dev.lathe.base.Hashes;
import dev.lathe.base.InvalidInputException;
import dev.lathe.base.Json;
import dev.lathe.base.Names;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Collections;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * What a run was asked to do and by what it was done: the file {@code run.yaml}. Immutable.
 *
 * @param experimentHash SHA-256 of {@code experiment}: two runs with one hash were asked the same
 * @param experiment everything that decides the result (space, data, device, budgets as asked, seed, settings), by dotted key
 * @param budgets hard budgets in the units of their metrics, as resolved; empty until they are
 * @param versions of Lathe and of the libraries that computed the result
 * @param platform what the numbers depend on besides: Java, system, processor
 * @param commandLine the words that started it
 * @param createdAt when, in ISO-8601
 */
@JsonPropertyOrder({"experimentHash", "experiment", "budgets", "versions", "platform", "commandLine", "createdAt"})
public record RunManifest(
        String experimentHash,
        SortedMap<String, String> experiment,
        SortedMap<String, Double> budgets,
        SortedMap<String, String> versions,
        SortedMap<String, String> platform,
        List<String> commandLine,
        String createdAt) {
    /** Name of the file in a run directory. */
    public static final String FILE = "run.yaml";

    public RunManifest {
        Objects.requireNonNull(experimentHash, "experimentHash");
        experiment = sorted(experiment);
        budgets = sorted(budgets);
        versions = sorted(versions);
        platform = sorted(platform);
        commandLine = List.copyOf(commandLine);
        Objects.requireNonNull(createdAt, "createdAt");
    }

    private static <V> SortedMap<String, V> sorted(Map<String, V> map) {
        return Collections.unmodifiableSortedMap(new TreeMap<>(map));
    }

    /**
     * The manifest of a new run; its hash is computed.
     *
     * @param experiment everything that decides the result, by dotted key; {@link #flatten} makes it of a record
     * @param createdAt now, in ISO-8601
     */
    public static RunManifest of(
            Map<String, String> experiment,
            Map<String, Double> budgets,
            Map<String, String> versions,
            Map<String, String> platform,
            List<String> commandLine,
            String createdAt) {
        return new RunManifest(
                hash(experiment),
                new TreeMap<>(experiment),
                new TreeMap<>(budgets),
                new TreeMap<>(versions),
                new TreeMap<>(platform),
                commandLine,
                createdAt);
    }

    /** This manifest with the budgets that were resolved; the experiment and its hash stay. */
    public RunManifest withBudgets(Map<String, Double> resolved) {
        return new RunManifest(
                experimentHash, experiment, new TreeMap<>(resolved), versions, platform, commandLine, createdAt);
    }

    /**
     * A record, map or list as text values by dotted key: {@code {search: {seed: 1}, layers: [3, 5]}} gives {@code layers.0 =
     * 3, layers.1 = 5, search.seed = 1}. Nulls are left out, so that a setting added later with no value changes no hash.
     */
    public static SortedMap<String, String> flatten(Object experiment) {
        SortedMap<String, String> flat = new TreeMap<>();
        flatten("", Json.json().valueToTree(experiment), flat);
        return flat;
    }

    private static void flatten(String key, JsonNode node, SortedMap<String, String> into) {
        String prefix = key.isEmpty() ? "" : key + ".";
        if (node.isObject()) {
            for (Iterator<Map.Entry<String, JsonNode>> i = node.fields(); i.hasNext(); ) {
                Map.Entry<String, JsonNode> e = i.next();
                flatten(prefix + e.getKey(), e.getValue(), into);
            }
        } else if (node.isArray()) {
            for (int i = 0; i < node.size(); i++) {
                flatten(prefix + i, node.get(i), into);
            }
        } else if (!node.isNull()) {
            into.put(key, node.asText());
        }
    }

    /** SHA-256 of an experiment: what its settings are called by. */
    public static String hash(Map<String, String> experiment) {
        try {
            // JSON of a sorted map is one text for one map: no key can be taken for a value.
            return Hashes.sha256(Json.json()
                    .writer()
                    .without(com.fasterxml.jackson.databind.SerializationFeature.INDENT_OUTPUT)
                    .writeValueAsBytes(new TreeMap<>(experiment)));
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("A map of texts can be written", e);
        }
    }

    /** The first key, in order, whose values differ or that one side does not have; null where both are the same. */
    @Nullable
    String firstDifference(RunManifest other) {
        TreeSet<String> keys = new TreeSet<>(experiment.keySet());
        keys.addAll(other.experiment.keySet());
        for (String k : keys) {
            if (!Objects.equals(experiment.get(k), other.experiment.get(k))) {
                return k;
            }
        }
        return null;
    }

    /** Writes {@code run.yaml} whole or not at all. */
    void write(Path file) throws IOException {
        AtomicFiles.write(file, Json.yaml().writeValueAsString(this).getBytes(StandardCharsets.UTF_8));
    }

    /**
     * Reads a manifest.
     *
     * @throws InvalidInputException if the file is missing, damaged, or was edited so that its hash is not its experiment's
     */
    public static RunManifest read(Path file) throws IOException {
        RunManifest m;
        try {
            m = Json.yaml().readValue(Files.readAllBytes(file), RunManifest.class);
        } catch (NoSuchFileException e) {
            throw new InvalidInputException(
                    "%s is not there, so its folder is no run directory; give the --out of an earlier run"
                            .formatted(file),
                    e);
        } catch (JsonProcessingException e) {
            throw new InvalidInputException(
                    "%s cannot be read: %s; give another --out, or restore the file"
                            .formatted(file, Names.shown(e.getOriginalMessage())),
                    e);
        }
        if (!hash(m.experiment).equals(m.experimentHash)) {
            throw new InvalidInputException(
                    "%s was changed: its experimentHash is not that of its experiment; restore it, or give another --out"
                            .formatted(file));
        }
        return m;
    }
}

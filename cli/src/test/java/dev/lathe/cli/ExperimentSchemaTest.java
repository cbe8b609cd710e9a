package dev.lathe.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import dev.lathe.base.InvalidInputException;
import dev.lathe.base.Json;
import dev.lathe.evolve.Strategies;
import dev.lathe.supernet.BitWidth;
import dev.lathe.supernet.Strategy;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** The schema of experiment files says what their reader does. */
class ExperimentSchemaTest {
    private static final JsonNode SCHEMA = read();

    private static JsonNode read() {
        try {
            return Json.json().readTree(ReferencePages.experimentSchema());
        } catch (java.io.IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }

    /** Settings by dotted key. */
    private static Map<String, JsonNode> keys() {
        Map<String, JsonNode> keys = new LinkedHashMap<>();
        collect(SCHEMA, "", keys);
        return keys;
    }

    private static void collect(JsonNode object, String prefix, Map<String, JsonNode> into) {
        object.get("properties").fields().forEachRemaining(p -> {
            if (p.getValue().has("properties")) {
                collect(p.getValue(), prefix + p.getKey() + ".", into);
            } else {
                into.put(prefix + p.getKey(), p.getValue());
            }
        });
    }

    private static Experiment with(String key, String value) {
        // A population may not be larger than the evaluations.
        List<String> overrides = new ArrayList<>(
                key.equals("search.evaluations")
                        ? List.of("search.population=4", "search.strategy=random")
                        : key.equals("search.population") ? List.of("search.evaluations=100000000") : List.of());
        overrides.add(key + "=" + value);
        return Experiment.read(null, overrides);
    }

    private static void assertRefused(String key, String value) {
        assertThatThrownBy(() -> with(key, value)).as("%s=%s", key, value).isInstanceOf(InvalidInputException.class);
    }

    @Test
    void everySettingIsInTheSchemaAndEveryKeyOfTheSchemaIsTaken() {
        assertThat(keys().keySet())
                .containsAll(Experiment.read(null, List.of()).settings().keySet());
        for (String key : keys().keySet()) {
            assertThat(refusal(key, "{}")).as(key).doesNotContain("unknown key");
        }
        assertThat(refusal("training.step", "3")).contains("unknown key 'training.step'");
    }

    /** The reader lists the keys that it knows where it refuses one. */
    @Test
    void sectionsHaveTheKeysThatTheReaderKnows() {
        Map<String, JsonNode> sections = new LinkedHashMap<>();
        sections.put("", SCHEMA);
        SCHEMA.get("properties").fields().forEachRemaining(p -> {
            if (p.getValue().has("properties")) {
                sections.put(p.getKey() + ".", p.getValue());
            }
        });
        sections.put("search.stop.", SCHEMA.at("/properties/search/properties/stop"));
        sections.forEach((prefix, section) -> {
            List<String> names = new ArrayList<>();
            section.get("properties").fieldNames().forEachRemaining(names::add);
            assertThat(known(prefix + "zzzz", "1")).as(prefix).containsExactlyInAnyOrderElementsOf(names);
        });
    }

    /** Why a value is refused; empty where it is taken. */
    private static String refusal(String key, String value) {
        try {
            with(key, value);
            return "";
        } catch (InvalidInputException e) {
            return String.valueOf(e.getMessage());
        }
    }

    @Test
    void defaultsAreThoseOfTheBuiltInExperiment() {
        Map<String, String> settings = Experiment.read(null, List.of()).settings();
        keys().forEach((key, n) -> {
            if (n.has("default")
                    && settings.containsKey(key)
                    && !settings.get(key).equals("default")) {
                String expected = n.get("default").isArray()
                        ? String.join(",", texts(n.get("default")))
                        : n.get("default").asText();
                assertThat(settings.get(key)).as(key).isEqualTo(expected);
            }
        });
    }

    private static List<String> texts(JsonNode list) {
        List<String> texts = new ArrayList<>();
        list.forEach(t -> texts.add(t.asText()));
        return texts;
    }

    @Test
    void numbersAreTakenToTheirLimitsAndNotBeyond() {
        keys().forEach((key, n) -> {
            boolean whole = n.path("type").asText().equals("integer");
            if (n.has("minimum")) {
                assertThat(with(key, n.get("minimum").asText())).isNotNull();
                assertRefused(
                        key,
                        whole
                                ? Long.toString(n.get("minimum").asLong() - 1)
                                : Double.toString(n.get("minimum").asDouble() - 1e-6));
            }
            if (n.has("maximum")) {
                assertThat(with(key, n.get("maximum").asText())).isNotNull();
                assertRefused(
                        key,
                        whole
                                ? Long.toString(n.get("maximum").asLong() + 1)
                                : Double.toString(n.get("maximum").asDouble() + 1e-6));
            }
            if (n.has("exclusiveMinimum")) {
                assertThat(with(key, "0.001")).isNotNull();
                assertRefused(key, n.get("exclusiveMinimum").asText());
            }
            if (n.path("type").asText().equals("boolean")) {
                assertThat(with(key, "true")).isNotNull();
                assertRefused(key, "maybe");
            }
        });
    }

    @Test
    void wordsAreThoseThatTheCodeKnows() {
        assertThat(texts(keys().get("search.strategy").get("enum"))).isEqualTo(Strategies.names());
        assertThat(texts(keys().get("training.strategy").get("enum")))
                .isEqualTo(Arrays.stream(Strategy.values()).map(Strategy::text).toList());
        assertThat(texts(keys().get("training.quantization").get("enum")))
                .isEqualTo(Arrays.stream(BitWidth.values()).map(BitWidth::text).toList());
        assertThat(known("objectives", "[zzzz]"))
                .isEqualTo(texts(keys().get("objectives").get("items").get("enum")));
        assertThat(known("profile.predictor", "zzzz"))
                .isEqualTo(texts(keys().get("profile.predictor").get("enum")));
    }

    /** What the reader lists as known where it refuses something. */
    private static List<String> known(String key, String value) {
        return List.of(refusal(key, value).replaceFirst(".*known are ", "").split(", "));
    }
}

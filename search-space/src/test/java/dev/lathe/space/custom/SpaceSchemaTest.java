package dev.lathe.space.custom;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.networknt.schema.JsonSchema;
import com.networknt.schema.JsonSchemaFactory;
import com.networknt.schema.SpecVersion;
import com.networknt.schema.ValidationMessage;
import dev.lathe.base.InvalidInputException;
import dev.lathe.base.Json;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The published schema says what the reader takes. */
class SpaceSchemaTest {
    private static final JsonNode TEXT = text();
    private static final JsonSchema SCHEMA =
            JsonSchemaFactory.getInstance(SpecVersion.VersionFlag.V202012).getSchema(TEXT);

    private static JsonNode text() {
        try (InputStream in = SpaceFile.class.getResourceAsStream("custom-space.schema.json")) {
            return Json.json().readTree(Objects.requireNonNull(in));
        } catch (java.io.IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }

    private static Set<ValidationMessage> problems(String yaml) throws Exception {
        return SCHEMA.validate(Json.yaml().readTree(yaml));
    }

    private static String example() throws Exception {
        return Files.readString(Described.EXAMPLES.resolve("mbconv-tiny.yaml"));
    }

    @Test
    void allDescribedSpacesAreValid() throws Exception {
        List<Path> files =
                new ArrayList<>(List.of(Described.path("branches.yaml"), Described.path("global-depth.yaml")));
        try (var examples = Files.list(Described.EXAMPLES)) {
            examples.forEach(files::add);
        }
        assertThat(files).hasSizeGreaterThanOrEqualTo(4);
        for (Path file : files) {
            assertThat(problems(Files.readString(file))).as(file.toString()).isEmpty();
        }
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "name: mbconv-tiny | nam: mbconv-tiny",
                "name: mbconv-tiny | name: MBConv",
                "channels: 1 | channels: 0",
                "channels: 1 | colours: 1",
                "width: [0.5, 0.75, 1.0] | width: []",
                "width: [0.5, 0.75, 1.0] | width: 3",
                "width: [0.5, 0.75, 1.0] | if: [3]",
                "width: [0.5, 0.75, 1.0] | width: {choices: [1, 2], whenever: depth == 1}",
                "type: conv | type: convolution",
                "kernel: kernel | kernl: kernel",
                "kernel: kernel | kernel: [3]",
                "type: inverted-residual | layers: {}",
                "type: classifier | type: classifier, outputs: 3",
            })
    void theSchemaRefusesWhatTheReaderRefuses(String what, String by) throws Exception {
        int at = example().indexOf(what);
        assertThat(at).isNotNegative();
        String put = by.replace(", outputs", "\n    outputs");
        String text = example().substring(0, at) + put + example().substring(at + what.length());
        assertThat(problems(text)).isNotEmpty();
        assertThatThrownBy(() -> SpaceFile.parse("x", text)
                        .space(SpaceFile.parse("x", text).usualTask()))
                .isInstanceOf(InvalidInputException.class);
    }

    @Test
    void theSchemaHasTheReadersKeysAndWords() {
        for (LayerType type : LayerType.values()) {
            JsonNode layer = TEXT.at("/$defs/" + type.word());
            Set<String> keys = new HashSet<>(Set.of("type", "when", "repeat", "decisions"));
            Set<String> required = new HashSet<>(Set.of("type"));
            for (LayerType.Parameter p : type.parameters()) {
                keys.add(p.name());
                if (p.required()) {
                    required.add(p.name());
                }
                if (p.name().equals("activation")) {
                    assertThat(texts(layer.at("/properties/activation/enum")))
                            .containsExactlyInAnyOrderElementsOf(LayerType.activations());
                }
            }
            Set<String> names = new HashSet<>();
            layer.get("properties").fieldNames().forEachRemaining(names::add);
            assertThat(names).as(type.word()).isEqualTo(keys);
            assertThat(new HashSet<>(texts(layer.get("required"))))
                    .as(type.word())
                    .isEqualTo(required);
        }
        assertThat(texts(TEXT.at("/$defs/layer/else/properties/type/enum")))
                .containsExactlyElementsOf(LayerType.byWord().keySet());
        assertThat(texts(TEXT.at("/$defs/name/not/enum"))).containsExactlyElementsOf(ExpressionParser.RESERVED);
    }

    private static List<String> texts(JsonNode array) {
        List<String> all = new ArrayList<>();
        array.forEach(x -> all.add(x.asText()));
        return all;
    }
}

package dev.lathe.results;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import dev.lathe.base.InvalidInputException;
import dev.lathe.base.Json;
import dev.lathe.base.Seeds;
import dev.lathe.space.Architecture;
import dev.lathe.space.SearchSpace;
import dev.lathe.space.SearchSpaces;
import dev.lathe.space.TaskShape;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.random.RandomGenerator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ModelCardTest {
    @TempDir
    Path folder;

    private static ModelCard card() {
        SearchSpace space = SearchSpaces.create("mbconv-tiny", new TaskShape(1, 8, 8, 10));
        Architecture a = space.smallest();
        return new ModelCard(
                "a classifier of digits",
                a.toString(),
                ModelCard.decisions(space, a),
                new ModelCard.Accuracy(
                        0.98, 0.97, 0.008, null, "exported file in ONNX Runtime", "digits", "UCI, CC BY 4.0"),
                new ModelCard.Latency(0.02, 0.001, null, "this-machine", "median-w20"),
                new ModelCard.Memory(4096, 4, "lifetimes, best fit"),
                1000,
                200,
                new ModelCard.ModelFile("a.onnx", 1234, "00ff"),
                new ModelCard.ModelFile("a.safetensors", 800, "ff00"),
                Map.of("macs", "counted"),
                new Provenance(
                        "abc",
                        "experiment.yaml",
                        "digits",
                        "cd",
                        new Provenance.Input(1, 8, 8, 10),
                        List.of("lathe run")),
                Map.of("latencyMs", 0.03),
                true,
                Map.of("lathe", "0.1.0"));
    }

    @Test
    void givenACard_whenWritten_thenItIsReadBackAndNamesAreTheDocumentedOnes() throws IOException {
        Path file = folder.resolve("a.json");
        card().write(file);
        assertThat(ModelCard.read(file)).isEqualTo(card());
        JsonNode json = Json.json().readTree(file.toFile());
        assertThat(json.at("/accuracy/testTop1").asDouble()).isEqualTo(0.97);
        assertThat(json.at("/latency/medianMs").asDouble()).isEqualTo(0.02);
        assertThat(json.at("/latency/predictedMs").isNull()).isTrue();
        assertThat(json.at("/memory/peakActivationBytes").asLong()).isEqualTo(4096);
        assertThat(json.at("/file/sha256").asText()).isEqualTo("00ff");
        assertThat(json.at("/withinBudget").asBoolean()).isTrue();
        card().write(folder.resolve("b.json"));
        assertThat(folder.resolve("b.json")).hasSameBinaryContentAs(file);
    }

    @Test
    void givenNoCard_whenRead_thenOneLineSaysSo() throws IOException {
        Path file = folder.resolve("a.json");
        for (String bad : new String[] {"{", "{\"x\": 1}", "[]", ""}) {
            Files.writeString(file, bad);
            assertThatThrownBy(() -> ModelCard.read(file))
                    .isInstanceOf(InvalidInputException.class)
                    .hasMessageContainingAll("a.json", "is no model card")
                    .hasMessageNotContaining("\n");
        }
    }

    @Test
    void givenAnAccuracyInPercent_whenMade_thenItIsRefused() {
        assertThatThrownBy(() -> new ModelCard.Accuracy(0.9, 97.0, null, null, "", "", ""))
                .hasMessageContainingAll("testTop1", "97.0");
    }

    @ParameterizedTest
    @ValueSource(strings = {"mbconv-tiny", "vit-tiny"})
    void givenRandomNetworks_whenDecisionsAreListed_thenExactlyThoseThatShapeTheNetworkAreThere(String name) {
        SearchSpace space = SearchSpaces.create(name, new TaskShape(1, 8, 8, 10));
        RandomGenerator random = Seeds.generator(3, "cards", 0);
        assertThat(ModelCard.decisions(space, space.largest()))
                .hasSize(space.decisions().size());
        for (int n = 0; n < 100; n++) {
            Architecture a = space.random(random);
            Map<String, Double> shown = ModelCard.decisions(space, a);
            for (int i = 0; i < space.decisions().size(); i++) {
                boolean matters = false;
                for (int c = 0; c < space.decisions().get(i).size(); c++) {
                    int[] choices = a.choices();
                    choices[i] = c;
                    matters |= c != a.choice(i)
                            && !space.lower(space.canonical(Architecture.of(name, choices)))
                                    .equals(space.lower(a));
                }
                assertThat(shown.containsKey(space.decisions().get(i).name()))
                        .as("%s %s", a, space.decisions().get(i).name())
                        .isEqualTo(matters);
            }
        }
    }
}

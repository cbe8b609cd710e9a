package dev.lathe.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.lathe.base.Json;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Networks and recipes are found together, within the budgets, and a search that was cut goes on to the same end. */
class JointTest {
    @TempDir
    Path folder;

    private Lathe.Result run(Path out, Object... more) throws IOException {
        Path experiment = Files.writeString(folder.resolve("joint.yaml"), """
            space: mbconv-tiny
            data: digits
            device: this-machine
            seed: 1
            budget: {peakActivation: 16 KiB}
            objectives: [top1, macs]
            training: {batchSize: 16}
            profile: {networks: 20}
            """);
        List<Object> words = new ArrayList<>(
                List.of("joint", experiment, "-q", "--networks", "9", "--steps", "20", "--json", "--out", out));
        words.addAll(Arrays.asList(more));
        return Lathe.run(words.toArray());
    }

    @Test
    void aFrontOfPairsIsFoundAndASearchThatWasCutComesToTheSame() throws Exception {
        Path out = folder.resolve("run");
        Lathe.Result first = run(out);
        assertThat(first.exitCode()).as(first.err()).isZero();
        JsonNode json = Json.json().readTree(first.out());
        assertThat(json.get("trainings").asInt()).isEqualTo(9);
        for (JsonNode row : json.get("front")) {
            assertThat(row.get("peakActivationBytes").asLong()).isLessThanOrEqualTo(16 * 1024);
            assertThat(row.get("recipe").has("learningRate")).isTrue();
        }
        Path log = out.resolve("joint-20-steps").resolve(JointStep.LOG);
        byte[] rows = Files.readAllBytes(log);
        Set<String> recipes = new HashSet<>();
        String text = new String(rows, StandardCharsets.US_ASCII);
        text.lines().skip(1).forEach(l -> recipes.add(l.split(",", -1)[1].replaceFirst(".*-(\\d+(-\\d+){4})$", "$1")));
        assertThat(recipes).hasSizeGreaterThan(4);
        int middle = text.indexOf('\n', text.length() / 2) - 3;
        Files.write(log, Arrays.copyOf(rows, middle));
        assertThat(run(out).out()).isEqualTo(first.out());
        assertThat(Files.readAllBytes(log)).isEqualTo(rows);

        Lathe.Result fixed = run(out, "--recipe", "fixed");
        assertThat(fixed.exitCode()).as(fixed.err()).isZero();
        for (JsonNode row : Json.json().readTree(fixed.out()).get("front")) {
            assertThat(row.get("recipe")).hasSize(1);
        }
        assertThat(Files.readAllBytes(log)).isEqualTo(rows);
        assertThat(run(out, "--networks", "2").exitCode()).isEqualTo(2);
    }
}

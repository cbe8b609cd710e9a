package dev.lathe.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.lathe.base.Json;
import dev.lathe.space.SearchSpace;
import dev.lathe.space.SearchSpaces;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code lathe blocks} on a run whose measurements say something. */
class BlocksTest {
    private static final Path SPACE = Path.of("..", "examples", "spaces", "mbconv-tiny.yaml");

    @TempDir
    Path folder;

    private JsonNode blocks(Path run, String... more) throws Exception {
        Lathe.Result r = Lathe.run("blocks", "-q", "--json", "--out", run, List.of(more));
        assertThat(r.exitCode()).as(r.err()).isZero();
        return Json.json().readTree(r.out());
    }

    private static JsonNode option(JsonNode report, String kind, int index) {
        for (JsonNode k : report.get("kinds")) {
            if (k.get("name").asText().equals(kind)) {
                return k.get("options").get(index);
            }
        }
        throw new AssertionError("no kind " + kind);
    }

    /** Latencies as they would be if only kernels of 5 cost anything; accuracies that only the width raises. */
    private static void measured(Path run, int networks) throws Exception {
        SearchSpace space = SearchSpaces.create(SPACE.toString(), SearchSpaces.usualTask(SPACE.toString()));
        List<String> lines = Files.readAllLines(run.resolve("measurements.csv"));
        StringBuilder ms = new StringBuilder(lines.get(0)).append('\n');
        for (String line : lines.subList(1, lines.size())) {
            String[] f = line.split(",", -1);
            double v = 1 + 0.1 * kernels(space, f[0]);
            f[1] = f[2] = f[3] = Double.toString(v);
            ms.append(String.join(",", f)).append('\n');
        }
        Files.writeString(run.resolve("measurements.csv"), ms.toString());
        StringBuilder top1 = new StringBuilder(InheritedScores.HEADER).append('\n');
        var random = new java.util.SplittableRandom(7);
        var drawn = new java.util.LinkedHashSet<dev.lathe.space.Architecture>();
        while (drawn.size() < networks) {
            drawn.add(space.random(random));
        }
        for (var a : drawn) {
            top1.append(a).append(',').append(0.5 + 0.1 * a.choice(0)).append(",1.0,301,0.02\n");
        }
        Files.writeString(run.resolve("accuracies.csv"), top1.toString());
    }

    private static long kernels(SearchSpace space, String architecture) {
        var a = dev.lathe.space.Architecture.parse(architecture);
        long n = 0;
        for (int i = 0; i < a.length(); i++) {
            n += space.decisions().get(i).name().endsWith("kernel") ? a.choice(i) : 0;
        }
        return n;
    }

    @Test
    void whatCostsTimeAndGainsNothingIsLeftOutOfASmallerSpaceThatRuns() throws Exception {
        Path run = folder.resolve("run");
        Lathe.Result profiled =
                Lathe.run("profile", "-q", Lathe.SMALL, "--set", "profile.networks=40", "--space", SPACE, "--out", run);
        assertThat(profiled.exitCode()).as(profiled.err()).isZero();
        JsonNode unscored = blocks(run);
        assertThat(unscored.get("evaluated").asInt()).isZero();
        assertThat(unscored.get("reduced").asText()).contains("no accuracies are known yet");
        assertThat(unscored.has("smallerSpace")).isFalse();

        measured(run, 40);
        JsonNode o = blocks(run);
        assertThat(o.get("latencyExplained").asDouble()).isGreaterThan(0.999);
        assertThat(option(o, "stage.block.kernel", 1).get("isKept").asBoolean()).isFalse();
        assertThat(option(o, "stage.block.kernel", 1).get("latencyMs").asDouble())
                .isBetween(0.3, 0.6);
        assertThat(option(o, "width", 2).get("top1").asDouble()).isBetween(0.19, 0.21);
        assertThat(option(o, "width", 2).get("isKept").asBoolean()).isTrue();
        Path smaller = Path.of(o.get("smallerSpace").asText());
        JsonNode shown = Json.json()
                .readTree(Lathe.run("spaces", "show", "-q", "--json", "--samples", "20", smaller)
                        .out());
        assertThat(shown.get("name").asText()).isEqualTo("mbconv-tiny-reduced");
        assertThat(shown.get("architectures").asLong()).isLessThan(6_001_128);
        String page = Files.readString(Path.of(o.get("page").asText()));
        assertThat(page).contains("What the options of mbconv-tiny cost", "stage.block.kernel", "✕ left out");

        assertThat(option(blocks(run, "--margin", "100"), "stage.block.kernel", 1)
                        .get("isKept")
                        .asBoolean())
                .isFalse();
        assertThat(Lathe.run("blocks", "-q", "--out", run, "--margin", "-1").err())
                .contains("--margin is -1");
        assertThat(Lathe.run("blocks", "-q", "--out", run).out())
                .contains("stage.block.kernel 5", "left out", "page: ");
    }

    @Test
    void withoutMeasurementsItSaysWhatToDo() {
        Lathe.Result r = Lathe.run("blocks", "-q", "--out", folder.resolve("empty"));
        assertThat(r.exitCode()).isEqualTo(2);
        assertThat(r.err()).contains("lathe profile");
    }
}

package dev.lathe.results;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lathe.base.InvalidInputException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class RunDirectoryTest {
    @TempDir
    Path temp;

    private static Map<String, String> experiment() {
        Map<String, String> e = new LinkedHashMap<>();
        e.put("space", "mbconv-tiny");
        e.put("seed", "1");
        e.put("budgets.latencyMs", "0.05");
        return e;
    }

    private static RunManifest manifest(Map<String, String> experiment) {
        return RunManifest.of(
                experiment,
                Map.of(),
                Map.of("lathe", "0.1.0"),
                Map.of("java", "17"),
                List.of("run", "--seed", "1"),
                "2026-01-01T00:00:00Z");
    }

    @Test
    void givenANewFolder_whenARunStarts_thenItsManifestIsThereAndReadBack() throws IOException {
        Path folder = temp.resolve("a/run");
        RunManifest m = manifest(experiment());
        try (RunDirectory run = RunDirectory.start(folder, m, false)) {
            assertThat(run.manifest()).isEqualTo(m);
            assertThat(RunManifest.read(folder.resolve("run.yaml"))).isEqualTo(m);
            RunManifest resolved = m.withBudgets(Map.of("latencyMs", 0.05));
            run.update(resolved);
            assertThat(List.of(
                            run.supernet(),
                            run.measurements(),
                            run.accuracies(),
                            run.evaluations(),
                            run.front(),
                            run.report(),
                            run.export()))
                    .extracting(p -> folder.relativize(p).toString())
                    .containsExactly(
                            "supernet",
                            "measurements.csv",
                            "accuracies.csv",
                            "evaluations.csv",
                            "front.csv",
                            "report.html",
                            "export");
            assertThatThrownBy(() -> run.update(manifest(Map.of("seed", "2"))))
                    .isInstanceOf(IllegalArgumentException.class);
        }
        try (RunDirectory run = RunDirectory.open(folder)) {
            assertThat(run.manifest().budgets()).containsExactly(Map.entry("latencyMs", 0.05));
        }
        // Resuming keeps what the first start wrote.
        try (RunDirectory run = RunDirectory.start(folder, m, true)) {
            assertThat(run.manifest().budgets()).isNotEmpty();
        }
    }

    @Test
    void givenARun_whenStartedWithoutResume_thenItIsRefusedWithAdvice() throws IOException {
        RunDirectory.start(temp, manifest(experiment()), false).close();
        assertThatThrownBy(() -> RunDirectory.start(temp, manifest(experiment()), false))
                .isInstanceOf(InvalidInputException.class)
                .hasMessageContainingAll("holds a run already", "--resume", "--out");
    }

    @Test
    void givenAnotherExperiment_whenResumed_thenTheFirstDifferenceIsNamedWithBothValues() throws IOException {
        RunDirectory.start(temp, manifest(experiment()), false).close();
        Map<String, String> other = experiment();
        other.put("seed", "2");
        other.put("space", "vit-tiny");
        assertThatThrownBy(() -> RunDirectory.start(temp, manifest(other), true))
                .isInstanceOf(InvalidInputException.class)
                .hasMessage("run directory %s holds another experiment: seed is 1 there and 2 here; give another --out"
                        .formatted(temp));
        Map<String, String> less = experiment();
        less.remove("budgets.latencyMs");
        assertThatThrownBy(() -> RunDirectory.start(temp, manifest(less), true))
                .hasMessageContaining("budgets.latencyMs is 0.05 there and not set here");
        // Refused without a trace: the lock is free and the right experiment goes on.
        RunDirectory.start(temp, manifest(experiment()), true).close();
    }

    @Test
    void givenOtherVersionsOrWords_whenResumed_thenItIsTheSameExperiment() throws IOException {
        RunManifest first = manifest(experiment());
        RunDirectory.start(temp, first, false).close();
        RunManifest second = RunManifest.of(
                experiment(), Map.of(), Map.of("lathe", "0.2.0"), Map.of(), List.of("run", "--resume"), "later");
        assertThat(second.experimentHash()).isEqualTo(first.experimentHash());
        try (RunDirectory run = RunDirectory.start(temp, second, true)) {
            assertThat(run.manifest()).isEqualTo(first);
        }
    }

    @Test
    void givenAFolderOfSomethingElse_whenStarted_thenNothingInItIsTouched() throws IOException {
        Files.writeString(temp.resolve("thesis.txt"), "mine");
        for (boolean resume : new boolean[] {false, true}) {
            assertThatThrownBy(() -> RunDirectory.start(temp, manifest(experiment()), resume))
                    .isInstanceOf(InvalidInputException.class)
                    .hasMessageContaining("not empty and no run directory");
        }
        assertThat(temp.toFile().list()).containsExactly("thesis.txt");
        assertThatThrownBy(() -> RunDirectory.start(temp.resolve("thesis.txt"), manifest(experiment()), false))
                .isInstanceOf(InvalidInputException.class)
                .hasMessageContaining("is a file");
    }

    @Test
    void givenWhatAKillBeforeTheManifestLeaves_whenResumed_thenANewRunBegins() throws IOException {
        Files.createFile(temp.resolve(".lock"));
        Files.writeString(temp.resolve(".run.yaml123.tmp"), "half");
        try (RunDirectory run = RunDirectory.start(temp, manifest(experiment()), true)) {
            assertThat(Files.exists(temp.resolve("run.yaml"))).isTrue();
        }
    }

    @Test
    void givenARunInUse_whenOpened_thenTheSecondIsRefused() throws IOException {
        try (RunDirectory first = RunDirectory.start(temp, manifest(experiment()), false)) {
            assertThatThrownBy(() -> RunDirectory.start(first.folder(), manifest(experiment()), true))
                    .isInstanceOf(InvalidInputException.class)
                    .hasMessageContaining("is in use by another process");
            assertThatThrownBy(() -> RunDirectory.open(first.folder())).hasMessageContaining("in use");
        }
        RunDirectory.open(temp).close();
    }

    @Test
    void givenARunInUseByAnotherProcess_whenOpened_thenItIsRefusedUntilThatEnds() throws Exception {
        RunDirectory.start(temp, manifest(experiment()), false).close();
        Process other = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-cp",
                        System.getProperty("java.class.path"),
                        Holder.class.getName(),
                        temp.toString())
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
        try {
            assertThat(other.getInputStream().read()).isEqualTo('h');
            assertThatThrownBy(() -> RunDirectory.open(temp)).hasMessageContaining("is in use by another process");
        } finally {
            other.destroyForcibly().waitFor();
        }
        RunDirectory.open(temp).close();
    }

    /** Holds a run directory until it is killed. */
    static final class Holder {
        public static void main(String[] args) throws IOException, InterruptedException {
            try (RunDirectory run = RunDirectory.open(Path.of(args[0]))) {
                System.out.write('h');
                System.out.flush();
                Thread.sleep(60_000);
            }
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"", "experimentHash: [", "seed: 1\n", "- 1\n- 2\n", "experimentHash: a\nexperimentHash: b\n"})
    void givenADamagedManifest_whenOpened_thenOneLineNamesTheFile(String content) throws IOException {
        Files.writeString(temp.resolve("run.yaml"), content);
        assertThatThrownBy(() -> RunDirectory.open(temp))
                .isInstanceOf(InvalidInputException.class)
                .hasMessageContaining("run.yaml")
                .hasMessageNotContaining("\n");
    }

    @Test
    void givenAnEditedManifest_whenOpened_thenItIsRefused() throws IOException {
        RunDirectory.start(temp, manifest(experiment()), false).close();
        Path file = temp.resolve("run.yaml");
        Files.writeString(file, Files.readString(file).replace("seed: \"1\"", "seed: \"7\""));
        assertThatThrownBy(() -> RunDirectory.open(temp))
                .isInstanceOf(InvalidInputException.class)
                .hasMessageContaining("was changed");
    }

    @Test
    void givenNoRun_whenOpened_thenItSaysWhatToGive() {
        assertThatThrownBy(() -> RunDirectory.open(temp)).isInstanceOf(InvalidInputException.class);
        assertThatThrownBy(() -> RunDirectory.open(temp.resolve("none")))
                .isInstanceOf(InvalidInputException.class)
                .hasMessageContaining("there is no run directory");
    }

    @Test
    void givenNestedSettings_whenFlattened_thenKeysAreDottedAndNullsLeftOut() {
        Map<String, Object> search = new TreeMap<>();
        search.put("seed", 1);
        search.put("later", null);
        assertThat(RunManifest.flatten(Map.of("search", search, "layers", List.of(3, 5), "ms", 0.05)))
                .containsExactlyEntriesOf(
                        new TreeMap<>(Map.of("layers.0", "3", "layers.1", "5", "ms", "0.05", "search.seed", "1")));
    }

    @Test
    void givenKeysThatLookLikeValues_whenHashed_thenHashesDiffer() {
        assertThat(manifest(Map.of("a", "1\nb=2")).experimentHash())
                .isNotEqualTo(manifest(Map.of("a", "1", "b", "2")).experimentHash());
        assertThat(manifest(Map.of("a", "1", "b", "2")).experimentHash())
                .isEqualTo(manifest(new TreeMap<>(Map.of("b", "2", "a", "1"))).experimentHash());
    }
}

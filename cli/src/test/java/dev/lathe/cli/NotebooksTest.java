package dev.lathe.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import dev.lathe.base.Json;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Every notebook is a whole file, and runs from top to bottom in its smaller setting. */
class NotebooksTest {
    private static final Path NOTEBOOKS = Path.of("..", "notebooks");
    private static final String RESULTS = "lathe.notebooks.results";

    @TempDir
    static Path folder;

    static List<Path> notebooks() throws IOException {
        try (Stream<Path> files = Files.list(NOTEBOOKS)) {
            return files.filter(f -> f.toString().endsWith(".ipynb")).sorted().toList();
        }
    }

    @BeforeAll
    static void runsGoToATemporaryFolder() {
        System.setProperty(RESULTS, folder.toString());
    }

    @AfterAll
    static void reset() {
        System.clearProperty(RESULTS);
    }

    @Test
    void thereAreSevenAndTheReadmeListsThem() throws Exception {
        assertThat(notebooks()).hasSize(7);
        String readme = Files.readString(NOTEBOOKS.resolve("README.md"));
        for (Path n : notebooks()) {
            assertThat(readme).contains("(" + n.getFileName() + ")");
        }
    }

    /** What the format's schema asks of version 4.5, and what a repository asks: no outputs. */
    @ParameterizedTest
    @MethodSource("notebooks")
    void aNotebookIsValidAndItsOutputsAreCleared(Path file) throws Exception {
        JsonNode n = Json.json().readTree(Files.readString(file));
        assertThat(n.get("nbformat").asInt()).isEqualTo(4);
        assertThat(n.get("nbformat_minor").asInt()).isEqualTo(5);
        assertThat(n.at("/metadata/kernelspec/name").asText()).isEqualTo("lathe");
        assertThat(n.at("/metadata/language_info/name").asText()).isEqualTo("java");
        Set<String> ids = new HashSet<>();
        for (JsonNode cell : n.get("cells")) {
            assertThat(cell.get("id").asText()).matches("[a-zA-Z0-9_-]{1,64}");
            assertThat(ids.add(cell.get("id").asText())).isTrue();
            assertThat(cell.get("metadata").isObject()).isTrue();
            if (cell.get("cell_type").asText().equals("code")) {
                assertThat(cell.get("execution_count").isNull()).isTrue();
                assertThat(cell.get("outputs")).isEmpty();
            } else {
                assertThat(cell.get("cell_type").asText()).isEqualTo("markdown");
                assertThat(cell.has("outputs")).isFalse();
            }
        }
    }

    /** Where Jupyter is there, it runs them all ({@link JupyterTest}), and one is enough here. */
    static List<Path> notebooksToRun() throws IOException {
        return notebooks().stream()
                .filter(n ->
                        !JupyterTest.isInstalled() || n.getFileName().toString().startsWith("02"))
                .toList();
    }

    @ParameterizedTest
    @MethodSource("notebooksToRun")
    void aNotebookRunsFromTopToBottomAndEndsInAPicture(Path file) {
        NotebookRun run = NotebookRun.of(file, true);
        assertThat(run.failure()).isNull();
        assertThat(run.cells()).isEqualTo(run.notebook().code().size());
        assertThat(run.last()).isNotNull();
        assertThat(run.last().forms().get("image/svg+xml")).startsWith("<svg").endsWith("</svg>\n");
        assertThat(run.last().forms().get("image/svg+xml").split("<path class=\"(dots|arc|flow)").length)
                .as("something is drawn")
                .isGreaterThan(1);
    }

    @Test
    void aCellThatFailsEndsTheRunWithItsNumberAndMessage() throws Exception {
        Path file = Files.writeString(folder.resolve("bad.ipynb"), """
            {"nbformat": 4, "nbformat_minor": 5, "metadata": {}, "cells": [
              {"cell_type": "code", "id": "a", "metadata": {}, "execution_count": null, "outputs": [], "source": "System.out.println(40 + 2)"},
              {"cell_type": "code", "id": "b", "metadata": {}, "execution_count": null, "outputs": [], "source": "lathe(\\"run --space nowhere\\")"},
              {"cell_type": "code", "id": "c", "metadata": {}, "execution_count": null, "outputs": [], "source": "1"}
            ]}
            """);
        NotebookRun run = NotebookRun.of(file, false);
        assertThat(run.cells()).isEqualTo(2);
        assertThat(run.failure()).contains("exit code 2").contains("unknown search space 'nowhere'");
        Path out = folder.resolve("executed");
        assertThat(Lathe.run("notebooks", "run", file, "--out", out).exitCode()).isEqualTo(1);
        JsonNode cells =
                Json.json().readTree(Files.readString(out.resolve("bad.ipynb"))).get("cells");
        assertThat(cells.get(0).at("/outputs/0/text").asText()).isEqualTo("42" + System.lineSeparator());
        assertThat(cells.get(1).at("/outputs").toString()).contains("\"error\"");
        assertThat(cells.get(2).get("outputs")).isEmpty();
        Lathe.Result missing = Lathe.run("notebooks", "run", folder.resolve("none.ipynb"));
        assertThat(missing.exitCode()).isEqualTo(2);
        assertThat(missing.err()).contains("none.ipynb");
    }

    @Test
    void theKernelIsInstalledWhereJupyterLooks() throws Exception {
        assertThat(Lathe.run("notebooks", "install", "--jupyter", folder).err()).contains("./lathe notebooks install");
        System.setProperty("lathe.home", "..");
        try {
            Lathe.Result r = Lathe.run("notebooks", "install", "--jupyter", folder);
            assertThat(r.exitCode()).as(r.err()).isZero();
        } finally {
            System.clearProperty("lathe.home");
        }
        JsonNode spec = Json.json().readTree(Files.readString(folder.resolve("kernels/lathe/kernel.json")));
        JsonNode argv = spec.get("argv");
        assertThat(Path.of(argv.get(0).asText())).isExecutable();
        assertThat(argv.get(argv.size() - 1).asText()).isEqualTo("{connection_file}");
        assertThat(Main.commandLine()
                        .parseArgs(argv.get(1).asText(), argv.get(2).asText(), "connection.json"))
                .isNotNull();
        assertThat(spec.get("language").asText()).isEqualTo("java");
    }

    @Test
    void commandLinesAreSplitAsByAShell() {
        assertThat(Cells.split(" run -q  --budget latency='80 us' \"a 'b'\" '' x\"y z\"w "))
                .containsExactly("run", "-q", "--budget", "latency=80 us", "a 'b'", "", "xy zw");
        assertThat(Cells.split("")).isEmpty();
        assertThatThrownBy(() -> Cells.split("run 'open")).hasMessageContaining("not closed");
    }

    @Test
    void aFolderThatIsThereIsNotUsedAgain() throws Exception {
        Path first = Cells.newFolder("fresh");
        assertThat(first).doesNotExist();
        Files.createDirectories(first);
        assertThat(Cells.newFolder("fresh")).doesNotExist().isNotEqualTo(first);
    }
}

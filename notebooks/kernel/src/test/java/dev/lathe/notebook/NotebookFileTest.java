package dev.lathe.notebook;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import dev.lathe.base.InvalidInputException;
import dev.lathe.base.Json;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class NotebookFileTest {
    private static final String TWO_CELLS = """
        {"nbformat": 4, "nbformat_minor": 5, "metadata": {"kept": 1}, "cells": [
          {"cell_type": "markdown", "id": "a", "metadata": {}, "source": ["# Title"]},
          {"cell_type": "code", "id": "b", "metadata": {}, "execution_count": null, "outputs": [], "source": ["int x = 1;\\n", "x"]},
          {"cell_type": "code", "id": "c", "metadata": {}, "execution_count": null, "outputs": [], "source": "throw null;"}
        ]}
        """;

    @TempDir
    Path folder;

    private Path file(String text) throws Exception {
        return Files.writeString(folder.resolve("n.ipynb"), text);
    }

    @Test
    void cellsOfCodeAreReadInTheirOrder() throws Exception {
        assertThat(NotebookFile.read(file(TWO_CELLS)).code()).containsExactly("int x = 1;\nx", "throw null;");
    }

    @Test
    void outputsAreKeptAsJupyterKeepsThemAndReplaceEarlierOnes() throws Exception {
        NotebookFile n = NotebookFile.read(file(TWO_CELLS));
        n.setOutput(0, new NotebookFile.Output("old", "", null, null));
        n.setOutput(0, new NotebookFile.Output("printed", "warned", Display.svg("<svg/>", "a picture"), null));
        n.setOutput(1, new NotebookFile.Output("", "", null, "NullPointerException\n    at x"));
        Path out = folder.resolve("out.ipynb");
        n.write(out);
        JsonNode cells = Json.json().readTree(Files.readString(out)).get("cells");
        JsonNode outputs = cells.get(1).get("outputs");
        assertThat(cells.get(1).get("execution_count").asInt()).isEqualTo(1);
        assertThat(outputs).hasSize(3);
        assertThat(outputs.get(0).get("text").asText()).isEqualTo("printed");
        assertThat(outputs.get(1).get("name").asText()).isEqualTo("stderr");
        assertThat(outputs.get(2).at("/data/image~1svg+xml").asText()).isEqualTo("<svg/>");
        assertThat(outputs.get(2).at("/data/text~1plain").asText()).isEqualTo("a picture");
        JsonNode error = cells.get(2).get("outputs").get(0);
        assertThat(error.get("output_type").asText()).isEqualTo("error");
        assertThat(error.get("traceback")).hasSize(2);
        assertThat(NotebookFile.read(out).code())
                .isEqualTo(NotebookFile.read(file(TWO_CELLS)).code());
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "[]",
                "{",
                "{}",
                "{\"nbformat\": 3, \"cells\": []}",
                "{\"nbformat\": 4}",
                "{\"nbformat\": 4, \"cells\": {}}",
                "{\"nbformat\": 4, \"cells\": [1]}",
                "{\"nbformat\": 4, \"cells\": [{\"cell_type\": \"code\"}]}",
                "{\"nbformat\": 4, \"cells\": [{\"cell_type\": \"code\", \"source\": [1]}]}",
                "{\"nbformat\": 4, \"cells\": [{\"cell_type\": \"odd\", \"source\": \"\"}]}",
                "{\"nbformat\": 4, \"cells\": [{\"cell_type\": \"code\", \"source\": \"\"}"
            })
    void whatIsNoNotebookIsRefusedInOneLine(String text) throws Exception {
        Path f = file(text);
        assertThatThrownBy(() -> NotebookFile.read(f))
                .isInstanceOf(InvalidInputException.class)
                .hasMessageContaining("n.ipynb")
                .message()
                .doesNotContain("\n");
    }

    @Test
    void aMissingNotebookIsNamed() {
        assertThatThrownBy(() -> NotebookFile.read(folder.resolve("none.ipynb")))
                .isInstanceOf(InvalidInputException.class)
                .hasMessageContaining("there is no such file");
    }

    @Test
    void jupytersFolderIsTheUsersOnEachSystem() {
        Path home = Path.of("home");
        assertThat(KernelSpec.userFolder(Map.of(), "Linux", home)).isEqualTo(Path.of("home/.local/share/jupyter"));
        assertThat(KernelSpec.userFolder(Map.of("XDG_DATA_HOME", "xdg"), "Linux", home))
                .isEqualTo(Path.of("xdg/jupyter"));
        assertThat(KernelSpec.userFolder(Map.of(), "Mac OS X", home)).isEqualTo(Path.of("home/Library/Jupyter"));
        assertThat(KernelSpec.userFolder(Map.of("APPDATA", "roaming"), "Windows 11", home))
                .isEqualTo(Path.of("roaming/jupyter"));
        assertThat(KernelSpec.userFolder(Map.of("JUPYTER_DATA_DIR", "set"), "Linux", home))
                .isEqualTo(Path.of("set"));
    }
}

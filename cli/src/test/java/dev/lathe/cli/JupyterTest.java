package dev.lathe.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.JsonNode;
import dev.lathe.base.Json;
import dev.lathe.notebook.KernelSpec;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Every notebook in Jupyter itself: {@code jupyter nbconvert --execute} starts the kernel and runs the cells in their smaller setting. */
class JupyterTest {
    @TempDir
    static Path folder;

    static List<Path> notebooks() throws IOException {
        return NotebooksTest.notebooks();
    }

    /** As {@code lathe notebooks install} does it, with the classes under test in place of the script. */
    @BeforeAll
    static void aKernel() throws IOException {
        assumeTrue(
                isInstalled(),
                "jupyter-nbconvert is not installed (Debian's jupyter-nbconvert): notebooks are not run in Jupyter");
        List<String> command = new ArrayList<>(
                List.of(Path.of(System.getProperty("java.home"), "bin", "java").toString(), "-XX:+UseSerialGC"));
        ManagementFactory.getRuntimeMXBean().getInputArguments().stream()
                .filter(o ->
                        Stream.of("--add-opens", "-Dsys.ai.h2o.", "-Dai.djl.").anyMatch(o::startsWith))
                .forEach(command::add);
        command.add("-Dlathe.notebooks.results=" + folder.resolve("results"));
        command.addAll(List.of(Main.class.getName(), "notebooks", "kernel"));
        KernelSpec.write(folder.resolve("jupyter"), command);
    }

    static boolean isInstalled() {
        return Stream.of(System.getenv().getOrDefault("PATH", "").split(":"))
                .anyMatch(d -> Files.isExecutable(Path.of(d, "jupyter-nbconvert")));
    }

    @ParameterizedTest
    @MethodSource("notebooks")
    void aNotebookRunsInJupyterAndEndsInAPicture(Path file) throws Exception {
        Path out = folder.resolve("executed");
        Path said = folder.resolve(file.getFileName() + ".log");
        ProcessBuilder b = new ProcessBuilder(
                        "jupyter-nbconvert",
                        "--to",
                        "notebook",
                        "--execute",
                        "--ExecutePreprocessor.timeout=300",
                        "--ExecutePreprocessor.startup_timeout=300",
                        "--output-dir",
                        out.toString(),
                        file.toString())
                .redirectErrorStream(true)
                .redirectOutput(said.toFile());
        b.environment()
                .putAll(Map.of(
                        "CLASSPATH", System.getProperty("java.class.path"),
                        "JUPYTER_PATH", folder.resolve("jupyter").toString(),
                        "JUPYTER_PREFER_ENV_PATH", "0",
                        "LATHE_NOTEBOOKS_QUICK", "1",
                        // Nothing of the user's is read or written.
                        "JUPYTER_CONFIG_DIR", folder.resolve("config").toString(),
                        "JUPYTER_DATA_DIR", folder.resolve("data").toString(),
                        "JUPYTER_RUNTIME_DIR", folder.resolve("runtime").toString(),
                        "IPYTHONDIR", folder.resolve("ipython").toString()));
        Process p = b.start();
        try {
            assertThat(p.waitFor(10, TimeUnit.MINUTES)).isTrue();
        } finally {
            p.descendants().forEach(ProcessHandle::destroyForcibly);
            p.destroyForcibly();
        }
        assertThat(p.exitValue()).as(Files.readString(said)).isZero();
        JsonNode last = null;
        for (JsonNode cell : Json.json()
                .readTree(Files.readString(out.resolve(file.getFileName())))
                .get("cells")) {
            if (cell.get("cell_type").asText().equals("code")) {
                last = cell.get("outputs");
            }
        }
        assertThat(last).isNotNull();
        assertThat(last.findValues("image/svg+xml").toString()).contains("<svg");
    }
}

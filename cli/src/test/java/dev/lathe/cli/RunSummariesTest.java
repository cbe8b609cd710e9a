package dev.lathe.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lathe.base.InvalidInputException;
import dev.lathe.results.RunDirectory;
import dev.lathe.results.RunManifest;
import dev.lathe.results.RunSummary;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A run is read while another process works in it, whatever it has left so far. */
class RunSummariesTest {
    @TempDir
    Path folder;

    @BeforeEach
    void aRunThatHasJustBegun() throws IOException {
        Map<String, String> settings = Experiment.read(null, List.of("seed=7")).settings();
        RunManifest manifest = RunManifest.of(settings, Map.of(), Map.of(), Map.of(), List.of(), "now");
        try (RunDirectory held = RunDirectory.start(folder, manifest, true)) {
            assertThat(RunSummaries.read(held.folder()).front()).isEmpty();
        }
    }

    @Test
    void aRunThatHasJustBegunHasSettingsAndNoFront() throws Exception {
        RunSummary run = RunSummaries.read(folder);
        assertThat(run.space()).isEqualTo("mbconv-tiny");
        assertThat(run.experiment()).containsEntry("seed", "7");
        assertThat(run.chosen()).isEqualTo(-1);
        assertThat(run.hypervolume()).isNaN();
    }

    @Test
    void damagedFilesAreBadInputInOneLine() throws Exception {
        Files.createDirectories(folder.resolve("export"));
        for (String file : List.of("search.json", "export/front.json", "run.yaml")) {
            for (String bad : List.of("{", "[]", "{}", "{\"members\": [{}], \"chosen\": 0}", "\u0000\u0000")) {
                Files.writeString(folder.resolve(file), bad);
                assertThatThrownBy(() -> RunSummaries.read(folder))
                        .as("%s with '%s'", file, bad)
                        .isInstanceOf(InvalidInputException.class)
                        .hasMessageNotContaining("\n");
            }
            Files.delete(folder.resolve(file));
        }
    }
}

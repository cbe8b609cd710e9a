package dev.lathe.supernet;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lathe.base.InvalidInputException;
import dev.lathe.graph.CostModel;
import dev.lathe.graph.Graph;
import dev.lathe.space.SearchSpace;
import dev.lathe.space.SearchSpaces;
import dev.lathe.supernet.data.DataSplit;
import dev.lathe.supernet.data.Datasets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A stand-in answers in Python's place: the machine of the tests has no torch for it. */
class PythonTwinTest {
    private static final DataSplit DATA = Datasets.digits(1);
    private static final SearchSpace SPACE = SearchSpaces.create("mbconv-tiny", DATA.shape());

    @TempDir
    Path folder;

    @Test
    void givenAnotherProcess_whenMeasuring_thenItsMillisecondsStandOnTheOtherSide() throws Exception {
        long parameters = CostModel.of(SPACE.lower(SPACE.largest())).parameters();
        Path python = standIn("echo ready %d 9.9 1".formatted(parameters), "while read line; do echo 2.5; done");
        TrainingConfig config = TrainingConfig.defaults(SPACE, DATA.train());
        StepBenchmark.Result r = StepBenchmark.againstPython(SPACE, DATA, config, python, false, 1, 3);
        assertThat(r.denseStepsMs()).isEqualTo(2.5);
        assertThat(r.networks()).isEqualTo(1);
        assertThat(r.peer()).isEqualTo("torch 9.9 1");
        assertThat(r.ratio()).isPositive();
    }

    @Test
    void whatIsNoPythonWithTorchIsNamed() throws Exception {
        refused(folder.resolve("nowhere"), "nowhere", "cannot be started");
        refused(standIn("exit 1"), "does it have torch");
        refused(standIn("echo ready 12 9.9 1"), "expected networks of");
    }

    private void refused(Path python, String... parts) {
        List<Graph> graphs = List.of(SPACE.lower(SPACE.largest()));
        TrainingConfig config = TrainingConfig.defaults(SPACE, DATA.train());
        assertThatThrownBy(() -> new PythonTwin(python, graphs, config, 1).close())
                .isInstanceOf(InvalidInputException.class)
                .message()
                .contains(parts);
    }

    private Path standIn(String... lines) throws Exception {
        Path file = folder.resolve("python");
        Files.writeString(file, "#!/bin/sh\nread description\n" + String.join("\n", lines) + "\n");
        assertThat(file.toFile().setExecutable(true)).isTrue();
        return file;
    }
}

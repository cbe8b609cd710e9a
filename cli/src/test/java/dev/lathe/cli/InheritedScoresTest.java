package dev.lathe.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.lathe.base.InvalidInputException;
import dev.lathe.results.RunDirectory;
import dev.lathe.results.RunManifest;
import dev.lathe.space.Architecture;
import dev.lathe.supernet.SubnetScore;
import dev.lathe.supernet.Supernet;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class InheritedScoresTest {
    @TempDir
    Path folder;

    private interface Work {
        void on(Workbench w, Supernet supernet) throws IOException;
    }

    /** On a supernet of two steps, with scores on 120 of the 300 validation images. */
    private void inARun(Work work) throws IOException {
        Experiment e = Experiment.read(
                null,
                List.of(
                        "training.steps=2",
                        "training.batchSize=8",
                        "profile.accuracies=20",
                        "profile.accuracyImages=120"));
        RunManifest manifest = RunManifest.of(e.settings(), Map.of(), Map.of(), Map.of(), List.of(), "now");
        ExecutionOptions quiet = new ExecutionOptions();
        quiet.quiet = true;
        try (RunDirectory run = RunDirectory.start(folder.resolve("run"), manifest, true)) {
            Workbench w = Workbench.of(e, run, Workbench.load(e, false), quiet, quiet.progress());
            TrainStep.run(w);
            try (Supernet supernet = TrainStep.load(w)) {
                work.on(w, supernet);
            }
        }
    }

    /** What is in the file is not evaluated again: a row that was changed stays as it is. */
    @Test
    void aSubnetIsEvaluatedOnceOnTheSampleAndItsStandardErrorIsWritten() throws Exception {
        inARun((w, supernet) -> {
            Map<Architecture, SubnetScore> scores = AccuracyStep.run(w);
            List<String> lines = new ArrayList<>(Files.readAllLines(w.run().accuracies()));
            assertThat(lines).hasSize(1 + scores.size());
            assertThat(lines.get(0)).isEqualTo("architecture,top1,crossEntropy,images,standardError");
            for (String l : lines.subList(1, lines.size())) {
                String[] c = l.split(",");
                double p = Double.parseDouble(c[1]);
                assertThat(c[3]).isEqualTo("120");
                assertThat(120 * p).isCloseTo(Math.rint(120 * p), within(1e-9));
                assertThat(Double.parseDouble(c[4])).isEqualTo(Math.sqrt(p * (1 - p) / 120));
            }
            String last = lines.remove(lines.size() - 1);
            lines.set(5, lines.get(5).split(",")[0] + ",0.5,1.25,120,0.04564354645876384");
            Files.writeString(w.run().accuracies(), String.join("\n", lines) + "\n");
            Map<Architecture, SubnetScore> again = AccuracyStep.run(w);
            assertThat(again.keySet()).containsExactlyElementsOf(scores.keySet());
            assertThat(again).containsValue(new SubnetScore(0.5, 1.25, 120));
            lines.add(last);
            assertThat(Files.readAllLines(w.run().accuracies())).isEqualTo(lines);
        });
    }

    @Test
    void subnetsThatAreOneNetworkShareAScore() throws Exception {
        inARun((w, supernet) -> {
            int[] choices = w.space().smallest().choices();
            try (InheritedScores scores = InheritedScores.open(w, supernet)) {
                SubnetScore s = scores.of(w.space().smallest());
                // A decision of a block beyond the depth changes nothing.
                for (int i = 0; i < choices.length; i++) {
                    int[] other = choices.clone();
                    other[i] = 1;
                    Architecture a = Architecture.of(w.space().name(), other);
                    if (w.space().canonical(a).equals(w.space().smallest())) {
                        assertThat(scores.of(a)).isSameAs(s);
                    }
                }
            }
            assertThat(Files.readAllLines(w.run().accuracies())).hasSize(2);
        });
    }

    @Test
    void rowsOfOtherImagesOrTooLargeASampleAreRefused() throws Exception {
        inARun((w, supernet) -> {
            try (InheritedScores scores = InheritedScores.open(w, supernet)) {
                scores.of(w.space().smallest());
                assertThat(scores.isWhole()).isFalse();
            }
            Path file = w.run().accuracies();
            Files.writeString(file, Files.readString(file).replaceFirst(",120,", ",300,"));
            assertThatThrownBy(() -> InheritedScores.open(w, supernet))
                    .isInstanceOf(InvalidInputException.class)
                    .hasMessageContainingAll("line 2", "on 120 images");
        });
        Lathe.Result large =
                Lathe.run("train", "-q", "--set", "profile.accuracyImages=5000", "--out", folder.resolve("large"));
        assertThat(large.exitCode()).isEqualTo(2);
        assertThat(large.err()).hasLineCount(1).contains("profile.accuracyImages is 5000");
        assertThat(folder.resolve("large")).doesNotExist();
    }
}

package dev.lathe.results;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a run says of itself, and what is made of it when it says no more. */
class RunProgressTest {
    @TempDir
    Path folder;

    private static RunProgress progress(RunProgress.Ending ending) {
        return RunProgress.now("run", "training", 30, 120, "loss 0.3", 42L, ending);
    }

    @Test
    void givenProgress_whenWritten_thenItIsReadBackAndTheProcessIsKnown() throws Exception {
        assertThat(RunProgress.read(folder)).isEmpty();
        progress(null).write(folder);
        RunProgress read = RunProgress.read(folder).orElseThrow();
        assertThat(read.isRunning()).isTrue();
        assertThat(read.share()).isEqualTo(0.25);
        assertThat(read).usingRecursiveComparison().ignoringFields("updatedAt").isEqualTo(progress(null));
        assertThat(progress(RunProgress.Ending.DONE).isRunning()).isFalse();
        try (var files = Files.list(folder)) {
            assertThat(files).containsExactly(folder.resolve(RunProgress.FILE));
        }
    }

    @Test
    void givenAProcessThatIsGoneOrAnotherOfItsNumber_whenRead_thenTheRunIsNotRunning() {
        RunProgress p = progress(null);
        RunProgress other =
                new RunProgress("run", "x", 1, 2, "", null, null, p.processId(), "2001-01-01T00:00:00Z", p.updatedAt());
        assertThat(other.isRunning()).isFalse();
        RunProgress gone = new RunProgress("run", "x", 1, 2, "", null, null, Long.MAX_VALUE, "", p.updatedAt());
        assertThat(gone.isRunning()).isFalse();
    }

    @Test
    void givenADamagedFile_whenRead_thenItSaysNothing() throws Exception {
        for (String bad : List.of("", "{", "null", "[]", "{\"phase\": 1}", "x".repeat(1 << 17))) {
            Files.writeString(folder.resolve(RunProgress.FILE), bad);
            assertThat(RunProgress.read(folder)).as(bad).isEmpty();
        }
    }

    @Test
    void givenALogThatGrows_whenFollowed_thenWholeLinesAloneCount() throws Exception {
        Path log = folder.resolve("evaluations.csv");
        EvaluationTail tail = new EvaluationTail(log);
        tail.follow();
        assertThat(tail.count()).isZero();
        String header = "index,architecture,top1,latencyMs,macs\n";
        Files.writeString(log, header + "0,s:0,0.5,2.0,1\n1,s:1,0.4,3.0,1\n2,s:2,0.7,4.0,1\n3,s:3,0.6,1.");
        tail.follow();
        assertThat(tail.count()).isEqualTo(3);
        assertThat(tail.front()).containsExactly(new double[] {2, 0.5}, new double[] {4, 0.7});
        Files.writeString(log, "5,1\n4,s:4,damaged,1,1\n", java.nio.file.StandardOpenOption.APPEND);
        tail.follow();
        assertThat(tail.count()).isEqualTo(5);
        assertThat(tail.front()).containsExactly(new double[] {1.5, 0.6}, new double[] {4, 0.7});
        // Begun anew: what was read is forgotten.
        Files.writeString(log, header + "0,s:0,0.1,9.0,1\n");
        tail.follow();
        assertThat(tail.count()).isEqualTo(1);
        assertThat(tail.front()).containsExactly(new double[] {9, 0.1});
        byte[] noise = new byte[3 << 20];
        Files.write(log, noise);
        tail.follow();
        Files.write(log, "\n\n,,,\n".getBytes(StandardCharsets.UTF_8), java.nio.file.StandardOpenOption.APPEND);
        tail.follow();
    }
}

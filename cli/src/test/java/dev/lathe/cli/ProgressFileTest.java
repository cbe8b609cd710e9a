package dev.lathe.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lathe.base.ProgressListener;
import dev.lathe.results.RunProgress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ProgressFileTest {
    private static final long SECOND = 1_000_000_000L;

    @TempDir
    Path folder;

    private long nanos;

    private RunProgress read() throws Exception {
        return RunProgress.read(folder).orElseThrow();
    }

    @Test
    void progressIsPassedOnAndKeptOnceASecondWithTheTimeLeft() throws Exception {
        List<String> heard = new ArrayList<>();
        ProgressListener next = (phase, done, total, note) -> heard.add(phase + done);
        ProgressFile file = new ProgressFile(folder, "run", next, () -> nanos);
        assertThat(read().isRunning()).isTrue();
        file.report("training", 0, 100, "");
        nanos += SECOND / 2;
        file.report("training", 5, 100, "");
        assertThat(read().done()).as("half a second is too soon").isZero();
        nanos += 2 * SECOND;
        file.report("training", 25, 100, "loss 1");
        assertThat(read().done()).isEqualTo(25);
        // 25 in 2.5 seconds: 75 more in 7.5.
        assertThat(read().secondsLeft()).isEqualTo(7);
        assertThat(read().note()).isEqualTo("loss 1");
        file.report("search", 1, 2, "");
        assertThat(read().phase()).as("a new phase is told at once").isEqualTo("search");
        assertThat(heard).containsExactly("training0", "training5", "training25", "search1");
        file.end(RunProgress.Ending.FAILED);
        assertThat(read().ending()).isEqualTo(RunProgress.Ending.FAILED);
        assertThat(read().isRunning()).isFalse();
    }

    @Test
    void aFolderThatCannotBeWrittenStopsNothing() throws Exception {
        ProgressFile file = new ProgressFile(folder.resolve("gone"), "run", ProgressListener.SILENT, () -> nanos);
        file.report("training", 1, 2, "");
        file.end(RunProgress.Ending.DONE);
        assertThat(Files.exists(folder.resolve("gone"))).isFalse();
    }

    @Test
    void theClockSaysNothingBeforeItKnowsAnything() {
        PhaseClock clock = new PhaseClock();
        assertThat(clock.hear("a", 10, 0)).isTrue();
        assertThat(clock.hear("a", 10, SECOND)).isFalse();
        assertThat(clock.nanosLeft(10, 20, 3 * SECOND)).isEqualTo(OptionalLong.empty());
        assertThat(clock.nanosLeft(12, 20, SECOND / 2)).isEqualTo(OptionalLong.empty());
        assertThat(clock.nanosLeft(20, 20, 3 * SECOND)).isEqualTo(OptionalLong.empty());
        assertThat(clock.nanosLeft(12, 20, 2 * SECOND)).isEqualTo(OptionalLong.of(8 * SECOND));
    }
}

package dev.lathe.results;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** One run as the board sees it, at one moment. */
final class BoardRun {
    /** What a run is doing, in a word. */
    enum State {
        RUNNING,
        DONE,
        STOPPED,
        FAILED
    }

    private final String name;
    private final Path folder;
    private final @Nullable RunSummary summary;
    private final String problem;
    private final Optional<RunProgress> progress;
    private final long evaluations;
    private final List<double[]> front;

    private BoardRun(
            String name,
            Path folder,
            @Nullable RunSummary summary,
            String problem,
            Optional<RunProgress> progress,
            long evaluations,
            List<double[]> front) {
        this.name = name;
        this.folder = folder;
        this.summary = summary;
        this.problem = problem;
        this.progress = progress;
        this.evaluations = evaluations;
        this.front = front;
    }

    static BoardRun look(Path folder, RunReader reader, EvaluationTail tail) throws IOException {
        String name = String.valueOf(folder.getFileName());
        RunSummary summary = null;
        String problem = "";
        try {
            summary = reader.read(folder);
        } catch (IOException | RuntimeException e) {
            // Whatever is wrong with one run, the others are still to be seen.
            problem = String.valueOf(e.getMessage());
        }
        tail.follow();
        return new BoardRun(name, folder, summary, problem, RunProgress.read(folder), tail.count(), tail.front());
    }

    String name() {
        return name;
    }

    /** Null where the run cannot be read: {@link #problem} says why. */
    @Nullable
    RunSummary summary() {
        return summary;
    }

    String problem() {
        return problem;
    }

    Optional<RunProgress> progress() {
        return progress;
    }

    /** Lines of its log of evaluations, so far. */
    long evaluations() {
        return evaluations;
    }

    /** The best so far as predicted: latency in milliseconds, top-1. */
    List<double[]> front() {
        return front;
    }

    Path report() {
        return folder.resolve("report.html");
    }

    boolean hasReport() {
        return Files.isRegularFile(report(), LinkOption.NOFOLLOW_LINKS);
    }

    State state() {
        if (progress.isPresent()) {
            RunProgress p = progress.get();
            return p.isRunning()
                    ? State.RUNNING
                    : p.ending() == RunProgress.Ending.FAILED
                            ? State.FAILED
                            : p.ending() == RunProgress.Ending.DONE ? State.DONE : State.STOPPED;
        }
        return hasReport() ? State.DONE : State.STOPPED;
    }
}

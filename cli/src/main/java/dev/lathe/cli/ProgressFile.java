package dev.lathe.cli;

import dev.lathe.base.ProgressListener;
import dev.lathe.results.RunProgress;
import java.io.IOException;
import java.nio.file.Path;
import java.util.OptionalLong;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/** Progress for the board: passes on what it hears, and keeps it in the run directory, about once a second. */
final class ProgressFile implements ProgressListener {
    private static final long INTERVAL_NANOS = 1_000_000_000L;

    private final Path folder;
    private final String command;
    private final ProgressListener next;
    private final LongSupplier nanos;
    private final PhaseClock clock = new PhaseClock();
    private long lastWritten;
    private long done;
    private long total;
    private String note = "";

    /** @param command that works in the folder, for example {@code run} */
    ProgressFile(Path folder, String command, ProgressListener next) {
        this(folder, command, next, System::nanoTime);
    }

    ProgressFile(Path folder, String command, ProgressListener next, LongSupplier nanos) {
        this.folder = folder;
        this.command = command;
        this.next = next;
        this.nanos = nanos;
        write(null, null);
    }

    @Override
    public void report(String phase, long nowDone, long nowTotal, String nowNote) {
        next.report(phase, nowDone, nowTotal, nowNote);
        synchronized (this) {
            long now = nanos.getAsLong();
            boolean isNew = clock.hear(phase, nowDone, now);
            done = nowDone;
            total = nowTotal;
            note = nowNote;
            if (isNew || now - lastWritten >= INTERVAL_NANOS) {
                lastWritten = now;
                OptionalLong left = clock.nanosLeft(done, total, now);
                write(left.isPresent() ? left.getAsLong() / 1_000_000_000L : null, null);
            }
        }
    }

    /** Ends the line that is being rewritten on the terminal, if there is one. */
    void finishLine() {
        if (next instanceof ProgressPrinter p) {
            p.finish();
        }
    }

    /** Says how the work ended. */
    synchronized void end(RunProgress.Ending ending) {
        write(null, ending);
    }

    private void write(@Nullable Long secondsLeft, RunProgress.@Nullable Ending ending) {
        try {
            RunProgress.now(command, clock.phase(), done, total, note, secondsLeft, ending)
                    .write(folder);
        } catch (IOException e) {
            // For watchers only: where there is no room for it, the work itself will say so.
        }
    }
}

package dev.lathe.cli;

import dev.lathe.base.ProgressListener;
import java.io.PrintStream;
import java.time.Duration;
import java.util.OptionalLong;

/**
 * Progress for people, on standard error: one line rewritten in place on a terminal, a line every ten seconds elsewhere; with the
 * time left once something can be said about it.
 */
final class ProgressPrinter implements ProgressListener {
    private final PrintStream out;
    private final boolean terminal;
    private final PhaseClock clock = new PhaseClock();
    private long lastShown;
    private boolean open;

    ProgressPrinter(PrintStream out, boolean terminal) {
        this.out = out;
        this.terminal = terminal;
    }

    @Override
    public synchronized void report(String phase, long done, long total, String note) {
        long now = System.nanoTime();
        if (clock.hear(phase, done, now)) {
            finish();
            lastShown = now;
        }
        long sinceShown = now - lastShown;
        boolean end = done >= total;
        if (!end && sinceShown < (terminal ? 200_000_000L : 10_000_000_000L)) {
            return;
        }
        if (end && !open && now - clock.start() < 2_000_000_000L) {
            return;
        }
        lastShown = now;
        OptionalLong nanosLeft = clock.nanosLeft(done, total, now);
        String left = nanosLeft.isPresent() ? ", " + clock(nanosLeft.getAsLong()) + " left" : "";
        String text = "%s: %,d of %,d%s%s".formatted(phase, done, total, left, note.isEmpty() ? "" : " (" + note + ")");
        if (terminal) {
            out.print("\r\u001b[K" + text);
            out.flush();
            open = true;
        } else {
            out.println(text);
        }
        if (end) {
            finish();
        }
    }

    /** Ends the line that is being rewritten, if there is one. */
    synchronized void finish() {
        if (open) {
            out.println();
            open = false;
        }
    }

    static String clock(long nanos) {
        Duration d = Duration.ofNanos(nanos);
        return d.toMinutes() > 0
                ? "%d min %02d s".formatted(d.toMinutes(), d.toSecondsPart())
                : "%d s".formatted(d.toSeconds());
    }
}

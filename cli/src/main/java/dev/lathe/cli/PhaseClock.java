package dev.lathe.cli;

import java.util.OptionalLong;

/** How long the phase of a piece of work will still take, by how long it has taken. Used by one thread at a time. */
final class PhaseClock {
    private static final long LEAST_NANOS = 1_000_000_000L;

    private String phase = "";
    private long start;
    private long startDone;

    /** Hears of progress; whether this is the first of a phase. */
    boolean hear(String newPhase, long done, long nanos) {
        if (newPhase.equals(phase)) {
            return false;
        }
        phase = newPhase;
        start = nanos;
        startDone = done;
        return true;
    }

    String phase() {
        return phase;
    }

    /** When the phase began, in the nanoseconds of {@link #hear}. */
    long start() {
        return start;
    }

    /** Empty at the end of the phase, in its first second, and before anything of it was done. */
    OptionalLong nanosLeft(long done, long total, long nanos) {
        return done < total && done > startDone && nanos - start > LEAST_NANOS
                ? OptionalLong.of((long) ((nanos - start) / (double) (done - startDone) * (total - done)))
                : OptionalLong.empty();
    }
}

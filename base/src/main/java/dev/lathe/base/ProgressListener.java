package dev.lathe.base;

/** Hears how far a long piece of work has come; called from the thread that does the work, often, so it must be cheap. */
@FunctionalInterface
public interface ProgressListener {
    /** Says nothing. */
    ProgressListener SILENT = (phase, done, total, note) -> {};

    /**
     * @param phase what is being done, for example {@code training}
     * @param done units done, from 0 to {@code total}
     * @param total all units, at least 1
     * @param note what a watcher would like to know now, for example {@code loss 0.31}; may be empty
     */
    void report(String phase, long done, long total, String note);
}

package dev.lathe.evolve;

/** An evaluation that was asked for. */
@FunctionalInterface
public interface Pending {
    /** Waits for it; asked for once. */
    Evaluation await();
}

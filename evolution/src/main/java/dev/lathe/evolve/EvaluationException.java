package dev.lathe.evolve;

import dev.lathe.space.Architecture;

/** One architecture could not be evaluated; the message names it. */
public class EvaluationException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private final transient Architecture architecture;
    private final Throwable reason;

    public EvaluationException(Architecture architecture, Throwable reason) {
        super("Evaluation of %s failed: %s".formatted(architecture, reason), reason);
        this.architecture = architecture;
        this.reason = reason;
    }

    public Architecture architecture() {
        return architecture;
    }

    Throwable reason() {
        return reason;
    }
}

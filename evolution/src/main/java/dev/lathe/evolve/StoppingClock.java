package dev.lathe.evolve;

/** Watches over a {@link StopRule} during one search. */
final class StoppingClock {
    private final StopRule rule;
    private final long start = System.nanoTime();
    private double hypervolume;
    private boolean over;

    StoppingClock(StopRule rule) {
        this.rule = rule;
    }

    /** @param count evaluations made so far */
    void evaluated(int count, ParetoArchive archive, ReferencePoint reference) {
        Integer window = rule.stalled();
        if (window != null && count % window == 0) {
            double now = archive.hypervolume(reference);
            // Nothing within budget yet is no stall: the search is on its way there.
            over |= now > 0 && now < hypervolume * (1 + StopRule.LEAST_GAIN);
            hypervolume = now;
        }
        over |= rule.time() != null && System.nanoTime() - start >= rule.time().toNanos();
    }

    boolean isOver() {
        return over;
    }
}

package dev.lathe.device;

/**
 * How a latency is taken. Latencies are comparable only where their protocols are equal, so {@link #id} stands beside every
 * number.
 *
 * <p>A network is timed in {@code rounds}; between two rounds of one network all others have their turn, in a new random
 * order, so that a machine that warms up or gets busy slows all alike and does not change their ranks. A round is {@code
 * warmUpRuns} runs that are not timed and {@code repetitions} timed ones; its result is their median. The reported latency
 * is the median of the rounds' medians. A timed run is as many invocations as fill {@code timedRunMicros} (at least one),
 * and counts as their mean, because a clock read costs too much of a shorter run; for networks above that time a run is one
 * invocation.
 *
 * @param warmUpRuns invocations before the timed ones of each round, at least 1
 * @param repetitions timed runs a round, at least 1
 * @param rounds rounds a network, at least 1
 * @param timedRunMicros shortest time of a timed run in microseconds; 0 times every invocation alone
 * @param outlierShare a round whose median is farther from the median of the network's other rounds than this share of it
 *     is discarded and measured again
 * @param remeasurements how many rounds of one network are measured again at most
 * @param widestInterval a network whose 95 % bootstrap interval of the median over rounds is wider than this share of the
 *     median gets more rounds; 0 where none does
 * @param extraRounds how many more a network gets at most
 * @param driftShare one network of each block, its reference, is timed between the others; a round taken while the reference was
 *     slower than its median by more than this share is measured again: a device that throttles, or a machine that is busy. 0
 *     where there is no reference
 */
public record MeasurementProtocol(
        int warmUpRuns,
        int repetitions,
        int rounds,
        int timedRunMicros,
        double outlierShare,
        int remeasurements,
        double widestInterval,
        int extraRounds,
        double driftShare) {
    /** For networks of 20 to 500 microseconds on a machine that is not quiet. */
    public static final MeasurementProtocol STANDARD = new MeasurementProtocol(20, 40, 9, 20, 0.5, 2, 0.1, 9, 0.25);

    /** Of an emulator that counts instructions: one run says all. */
    public static final MeasurementProtocol COUNTED = new MeasurementProtocol(1, 1, 1, 0, 0.5, 0);

    /** Without more rounds and without a reference. */
    public MeasurementProtocol(
            int warmUpRuns, int repetitions, int rounds, int timedRunMicros, double outlierShare, int remeasurements) {
        this(warmUpRuns, repetitions, rounds, timedRunMicros, outlierShare, remeasurements, 0, 0, 0);
    }

    public MeasurementProtocol {
        if (warmUpRuns < 1 || repetitions < 1 || rounds < 1 || timedRunMicros < 0 || remeasurements < 0) {
            throw new IllegalArgumentException(
                    "No such protocol: %d warm-up runs, %d timed runs, %d rounds, %d µs a timed run, %d measured again"
                            .formatted(warmUpRuns, repetitions, rounds, timedRunMicros, remeasurements));
        }
        if (!(outlierShare > 0 && Double.isFinite(outlierShare))) {
            throw new IllegalArgumentException(
                    "The outlier share must be positive and finite, but was " + outlierShare);
        }
        if (!(widestInterval >= 0 && driftShare >= 0 && extraRounds >= 0)
                || !Double.isFinite(widestInterval + driftShare)) {
            throw new IllegalArgumentException(
                    "No such protocol: intervals up to %s, %d more rounds, a drift of %s; give numbers of at least 0"
                            .formatted(widestInterval, extraRounds, driftShare));
        }
    }

    /** All settings in one word without commas, for example {@code median-w20-t40-r9-us20-x0.5-m2-i0.1-e9-d0.25}. */
    public String id() {
        if (equals(COUNTED)) {
            return "instructions";
        }
        return "median-w%d-t%d-r%d-us%d-x%s-m%d"
                        .formatted(warmUpRuns, repetitions, rounds, timedRunMicros, outlierShare, remeasurements)
                + (extraRounds > 0 ? "-i%s-e%d".formatted(widestInterval, extraRounds) : "")
                + (driftShare > 0 ? "-d" + driftShare : "");
    }

    /** All settings in one sentence. */
    public String description() {
        if (equals(COUNTED)) {
            return "instructions of one run, counted by an emulator; milliseconds are an estimate, one instruction a cycle";
        }
        String more = extraRounds > 0
                ? "; up to %d more rounds where the 95 %% bootstrap interval of the median is wider than %.0f %%"
                        .formatted(extraRounds, widestInterval * 100)
                : "";
        String watch = driftShare > 0
                ? "; rounds taken while a reference network was %.0f %% slower than its median are measured again"
                        .formatted(driftShare * 100)
                : "";
        return ("median over %d rounds of the median of %d timed runs after %d warm-up runs; rounds of all networks"
                                + " interleaved in random order; a timed run lasts at least %d µs; a round more than %.0f %% off"
                                + " the others is measured again, at most %d times")
                        .formatted(rounds, repetitions, warmUpRuns, timedRunMicros, outlierShare * 100, remeasurements)
                + more
                + watch;
    }
}

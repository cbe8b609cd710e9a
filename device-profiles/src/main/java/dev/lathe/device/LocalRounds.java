package dev.lathe.device;

import java.util.function.LongSupplier;

/** Rounds of a network that runs in this process. */
final class LocalRounds implements TimedNetwork {
    /** How often a run is timed anew because the clock went backwards. */
    private static final int CLOCK_TRIES = 5;

    private final RunnableNetwork network;
    private final MeasurementProtocol protocol;
    private final LongSupplier nanos;
    /** Invocations of a timed run; 0 until the first round tells how long one takes. */
    private int invocations;

    LocalRounds(RunnableNetwork network, MeasurementProtocol protocol, LongSupplier nanos) {
        this.network = network;
        this.protocol = protocol;
        this.nanos = nanos;
    }

    @Override
    public double[] round() throws DeviceException {
        if (invocations == 0) {
            // The very first invocation allocates; the second half of the warm-up tells how long one takes.
            int half = (protocol.warmUpRuns() + 1) / 2;
            runs(half);
            int rest = Math.max(1, protocol.warmUpRuns() - half);
            long nanosEach = Math.max(1, timed(rest) / rest);
            long wanted = protocol.timedRunMicros() * 1000L;
            invocations = (int) Math.max(1, (wanted + nanosEach - 1) / nanosEach);
        } else {
            runs(protocol.warmUpRuns());
        }
        double[] ms = new double[protocol.repetitions()];
        for (int i = 0; i < ms.length; i++) {
            // A clock that did not move says "shorter than a tick", never zero.
            ms[i] = Math.max(1, timed(invocations)) / 1e6 / invocations;
        }
        return ms;
    }

    private void runs(int times) {
        for (int i = 0; i < times; i++) {
            network.run();
        }
    }

    private long timed(int times) throws DeviceException {
        for (int i = 0; i < CLOCK_TRIES; i++) {
            long start = nanos.getAsLong();
            runs(times);
            long elapsed = nanos.getAsLong() - start;
            if (elapsed >= 0) {
                return elapsed;
            }
        }
        throw new DeviceException(
                "the clock went backwards %d times in a row; measure on another machine".formatted(CLOCK_TRIES));
    }

    @Override
    public void close() {
        network.close();
    }
}

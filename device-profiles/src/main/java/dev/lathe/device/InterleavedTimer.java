package dev.lathe.device;

import dev.lathe.base.ProgressListener;
import dev.lathe.base.Seeds;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.function.LongSupplier;
import java.util.random.RandomGenerator;

/**
 * The measurement protocol, apart from what executes and from what tells the time. Networks are loaded a block at a time;
 * within a block the rounds of all networks are interleaved.
 */
final class InterleavedTimer {
    /**
     * Networks that are loaded at one time: few enough for the memory of a small machine, and enough that their rounds take
     * longer than a disturbance. With 64, another program on the same core for three seconds made one block 1.85 times as slow as
     * the others, and the rank correlation with a quiet measurement fell to 0.64.
     */
    static final int BLOCK = 256;

    private static final int NO_RUN = 0;

    private final DeviceProfile device;
    private final MeasurementProtocol protocol;
    private final long seed;
    private final LongSupplier nanos;
    private final RunnableNetwork.Loader loader;

    InterleavedTimer(DeviceProfile device, long seed, LongSupplier nanos, RunnableNetwork.Loader loader) {
        this.device = device;
        this.protocol = device.protocol();
        this.seed = seed;
        this.nanos = nanos;
        this.loader = loader;
    }

    List<LatencyMeasurement> measure(List<MeasurementTask> tasks, ProgressListener progress, MeasurementSink sink)
            throws IOException {
        requireDifferentIds(tasks);
        Progress told = new Progress(progress, (long) tasks.size() * protocol.rounds());
        List<LatencyMeasurement> all = new ArrayList<>(tasks.size());
        for (int from = 0; from < tasks.size(); from += BLOCK) {
            List<MeasurementTask> block = tasks.subList(from, Math.min(tasks.size(), from + BLOCK));
            List<LatencyMeasurement> measured = measureBlock(block, from / BLOCK, told);
            sink.accept(measured);
            all.addAll(measured);
        }
        return all;
    }

    private List<LatencyMeasurement> measureBlock(List<MeasurementTask> tasks, int block, Progress told) {
        List<Timed> networks = new ArrayList<>(tasks.size());
        try {
            for (MeasurementTask t : tasks) {
                networks.add(new Timed(t.id(), loader.load(t), protocol.rounds()));
            }
            for (int round = 0; round < protocol.rounds(); round++) {
                for (int i : order(networks.size(), block, round)) {
                    Timed n = networks.get(i);
                    n.rounds[round] = timeRound(n);
                    told.step();
                }
            }
            // In another pass, so that what disturbed a round has gone by.
            for (int again = 0; again < protocol.remeasurements(); again++) {
                for (Timed n : networks) {
                    int outlier = outlier(n.medians(), protocol.outlierShare());
                    if (outlier >= 0) {
                        n.rounds[outlier] = timeRound(n);
                    }
                }
            }
            return networks.stream().map(this::summarize).toList();
        } finally {
            for (Timed n : networks) {
                n.network.close();
            }
        }
    }

    /** A random order of the block's networks, another one for every round. */
    private int[] order(int n, int block, int round) {
        RandomGenerator random = Seeds.generator(seed, "measurement order " + block, round);
        int[] order = new int[n];
        for (int i = 0; i < n; i++) {
            int j = random.nextInt(i + 1);
            order[i] = order[j];
            order[j] = i;
        }
        return order;
    }

    /** The sorted times of one round's timed runs, in milliseconds an invocation. */
    private double[] timeRound(Timed n) {
        if (n.invocations == NO_RUN) {
            // The very first invocation allocates; the second half of the warm-up tells how long one takes.
            int half = (protocol.warmUpRuns() + 1) / 2;
            runs(n.network, half);
            int rest = Math.max(1, protocol.warmUpRuns() - half);
            long nanosEach = Math.max(1, timed(n.network, rest) / rest);
            long wanted = protocol.timedRunMicros() * 1000L;
            n.invocations = (int) Math.max(1, (wanted + nanosEach - 1) / nanosEach);
        } else {
            runs(n.network, protocol.warmUpRuns());
        }
        double[] ms = new double[protocol.repetitions()];
        for (int i = 0; i < ms.length; i++) {
            // A clock that did not move says "shorter than a tick", never zero.
            ms[i] = Math.max(1, timed(n.network, n.invocations)) / 1e6 / n.invocations;
        }
        Arrays.sort(ms);
        return ms;
    }

    private static void runs(RunnableNetwork network, int times) {
        for (int i = 0; i < times; i++) {
            network.run();
        }
    }

    private long timed(RunnableNetwork network, int invocations) {
        long start = nanos.getAsLong();
        runs(network, invocations);
        return nanos.getAsLong() - start;
    }

    private LatencyMeasurement summarize(Timed n) {
        double[] medians = n.medians();
        double median = quantile(sorted(medians), 0.5);
        double[] deviations =
                Arrays.stream(medians).map(m -> Math.abs(m - median)).sorted().toArray();
        double[] all =
                Arrays.stream(n.rounds).flatMapToDouble(Arrays::stream).sorted().toArray();
        return new LatencyMeasurement(
                n.id,
                median,
                all[0],
                quantile(all, 0.9),
                quantile(deviations, 0.5),
                protocol.rounds(),
                protocol.repetitions(),
                device.id(),
                protocol.id(),
                Arrays.stream(medians).boxed().toList());
    }

    /**
     * The round that is farthest from the median of the others, where that is more than {@code share} of that median; -1
     * where no round is.
     */
    static int outlier(double[] medians, double share) {
        int worst = -1;
        double worstShare = share;
        for (int i = 0; i < medians.length && medians.length > 1; i++) {
            double[] others = new double[medians.length - 1];
            System.arraycopy(medians, 0, others, 0, i);
            System.arraycopy(medians, i + 1, others, i, others.length - i);
            double median = quantile(sorted(others), 0.5);
            double off = Math.abs(medians[i] - median) / median;
            if (off > worstShare) {
                worstShare = off;
                worst = i;
            }
        }
        return worst;
    }

    private static double[] sorted(double[] values) {
        double[] copy = values.clone();
        Arrays.sort(copy);
        return copy;
    }

    /** Quantile of sorted values, linear between neighbors: the mean of the two in the middle for an even median. */
    static double quantile(double[] sorted, double q) {
        double at = q * (sorted.length - 1);
        int below = (int) Math.floor(at);
        int above = Math.min(sorted.length - 1, below + 1);
        return sorted[below] + (at - below) * (sorted[above] - sorted[below]);
    }

    private static void requireDifferentIds(List<MeasurementTask> tasks) {
        Set<String> ids = new HashSet<>(tasks.size() * 2);
        for (MeasurementTask t : tasks) {
            if (!ids.add(t.id())) {
                throw new IllegalArgumentException("Network %s is to be measured twice".formatted(t.id()));
            }
        }
    }

    /** A loaded network and what was measured of it; belongs to one block. */
    private static final class Timed {
        final String id;
        final RunnableNetwork network;
        final double[][] rounds;
        int invocations = NO_RUN;

        Timed(String id, RunnableNetwork network, int rounds) {
            this.id = id;
            this.network = network;
            this.rounds = new double[rounds][];
        }

        double[] medians() {
            return Arrays.stream(rounds).mapToDouble(r -> quantile(r, 0.5)).toArray();
        }
    }

    /** Counts rounds and tells the pace. */
    private final class Progress {
        private final ProgressListener listener;
        private final long total;
        private final long start = System.nanoTime();
        private long done;

        Progress(ProgressListener listener, long total) {
            this.listener = listener;
            this.total = total;
        }

        void step() {
            done++;
            double seconds = Math.max(1e-9, (System.nanoTime() - start) / 1e9);
            listener.report(
                    "measuring",
                    done,
                    total,
                    String.format(Locale.ROOT, "%.1f networks/s", done / seconds / protocol.rounds()));
        }
    }
}

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
final class InterleavedTimer implements LatencyMeter {
    /**
     * Networks that are loaded at one time: few enough for the memory of a small machine, and enough that their rounds take
     * longer than a disturbance. With 64, another program on the same core for three seconds made one block 1.85 times as slow as
     * the others, and the rank correlation with a quiet measurement fell to 0.64.
     */
    static final int BLOCK = 256;

    /** Rounds of other networks between two of the reference. */
    private static final int REFERENCE_EVERY = 16;

    private final DeviceProfile device;
    private final MeasurementProtocol protocol;
    private final long seed;
    private final int blockSize;
    private final TimedNetwork.Loader loader;

    InterleavedTimer(DeviceProfile device, long seed, LongSupplier nanos, RunnableNetwork.Loader loader) {
        this(device, seed, BLOCK, t -> new LocalRounds(loader.load(t), device.protocol(), nanos));
    }

    /** @param blockSize networks that are loaded at one time, and lost at one time where the measuring is stopped */
    InterleavedTimer(DeviceProfile device, long seed, int blockSize, TimedNetwork.Loader loader) {
        this.device = device;
        this.protocol = device.protocol();
        this.seed = seed;
        this.blockSize = blockSize;
        this.loader = loader;
    }

    @Override
    public DeviceProfile device() {
        return device;
    }

    @Override
    public List<LatencyMeasurement> measure(
            List<MeasurementTask> tasks, ProgressListener progress, MeasurementSink sink) throws IOException {
        requireDifferentIds(tasks);
        Progress told = new Progress(progress, (long) tasks.size() * protocol.rounds());
        List<LatencyMeasurement> all = new ArrayList<>(tasks.size());
        for (int from = 0; from < tasks.size(); from += blockSize) {
            List<MeasurementTask> block = tasks.subList(from, Math.min(tasks.size(), from + blockSize));
            List<LatencyMeasurement> measured = measureBlock(block, from / blockSize, told);
            sink.accept(measured);
            all.addAll(measured);
        }
        return all;
    }

    private List<LatencyMeasurement> measureBlock(List<MeasurementTask> tasks, int block, Progress told)
            throws IOException {
        List<Timed> networks = new ArrayList<>(tasks.size());
        try {
            for (MeasurementTask t : tasks) {
                networks.add(new Timed(t.id(), loader.load(t)));
            }
            ReferenceWatch watch = new ReferenceWatch(protocol.driftShare());
            int turns = 0;
            for (int round = 0; round < protocol.rounds(); round++) {
                for (int i : order(networks.size(), block, round)) {
                    if (protocol.driftShare() > 0 && turns++ % REFERENCE_EVERY == 0) {
                        watch.timed(median(timeRound(networks.get(0))));
                    }
                    networks.get(i).add(timeRound(networks.get(i)), watch.timings());
                    told.step("");
                }
            }
            if (protocol.driftShare() > 0) {
                watch.timed(median(timeRound(networks.get(0))));
            }
            repeat(networks, watch);
            addRounds(networks, block);
            if (watch.slowShare() > 0) {
                told.say("the reference network was slow in %.0f %% of its timings".formatted(100 * watch.slowShare()));
            }
            return networks.stream().map(this::summarize).toList();
        } finally {
            for (Timed n : networks) {
                n.network.close();
            }
        }
    }

    /** Measures doubtful rounds again in another pass, so that what disturbed them has gone by. */
    private void repeat(List<Timed> networks, ReferenceWatch watch) throws IOException {
        for (int again = 0; again < protocol.remeasurements(); again++) {
            for (Timed n : networks) {
                int doubtful = n.slow(watch);
                if (doubtful < 0) {
                    doubtful = outlier(n.medians(), protocol.outlierShare());
                }
                if (doubtful >= 0) {
                    n.replace(doubtful, timeRound(n));
                }
            }
        }
    }

    /** More rounds of the networks whose median is not certain enough yet, a round of each at a time. */
    private void addRounds(List<Timed> networks, int block) throws IOException {
        for (int extra = 0; extra < protocol.extraRounds(); extra++) {
            for (int i : order(networks.size(), block, protocol.rounds() + extra)) {
                Timed n = networks.get(i);
                double[] medians = n.medians();
                RandomGenerator random = Seeds.generator(seed, "bootstrap", extra);
                if (BootstrapInterval.ofMedian(medians, random).width() > protocol.widestInterval() * median(medians)) {
                    n.add(timeRound(n), ReferenceWatch.NEVER);
                }
            }
        }
    }

    /** A random order of the block's networks, another one for every round. */
    private int[] order(int n, int block, int round) {
        return Seeds.permutation(n, Seeds.generator(seed, "measurement order " + block, round));
    }

    /** The times of one round's timed runs in their order, in milliseconds an invocation. */
    private double[] timeRound(Timed n) throws IOException {
        double[] ms = n.network.round();
        for (double v : ms) {
            if (!(v > 0 && Double.isFinite(v))) {
                throw new DeviceException("device %s says that %s takes %s ms; its clock or its program is broken"
                        .formatted(device.id(), n.id, v));
            }
        }
        if (ms.length != protocol.repetitions()) {
            throw new DeviceException("device %s gave %d times of %s, not %d; its program is another version"
                    .formatted(device.id(), ms.length, n.id, protocol.repetitions()));
        }
        return ms;
    }

    private static double median(double[] values) {
        return quantile(sorted(values), 0.5);
    }

    private LatencyMeasurement summarize(Timed n) {
        double[] medians = n.medians();
        double median = quantile(sorted(medians), 0.5);
        double[] deviations =
                Arrays.stream(medians).map(m -> Math.abs(m - median)).sorted().toArray();
        double[] all =
                n.rounds.stream().flatMapToDouble(Arrays::stream).sorted().toArray();
        return new LatencyMeasurement(
                n.id,
                median,
                all[0],
                quantile(all, 0.9),
                quantile(deviations, 0.5),
                n.rounds.size(),
                protocol.repetitions(),
                device.id(),
                protocol.id(),
                n.rounds.stream().map(r -> Arrays.stream(r).boxed().toList()).toList());
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
        final TimedNetwork network;
        final List<double[]> rounds = new ArrayList<>();
        /** How often the reference had been timed before each round. */
        private final List<Integer> after = new ArrayList<>();

        Timed(String id, TimedNetwork network) {
            this.id = id;
            this.network = network;
        }

        void add(double[] round, int referenceTimings) {
            rounds.add(round);
            after.add(referenceTimings);
        }

        void replace(int round, double[] by) {
            rounds.set(round, by);
            after.set(round, ReferenceWatch.NEVER);
        }

        /** The first round that was taken while the reference was slow; -1 where none was. */
        int slow(ReferenceWatch watch) {
            for (int i = 0; i < after.size(); i++) {
                if (watch.isSlow(after.get(i))) {
                    return i;
                }
            }
            return -1;
        }

        double[] medians() {
            return rounds.stream().mapToDouble(InterleavedTimer::median).toArray();
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

        void step(String note) {
            done++;
            say(note);
        }

        void say(String note) {
            double seconds = Math.max(1e-9, (System.nanoTime() - start) / 1e9);
            listener.report(
                    "measuring",
                    done,
                    total,
                    note.isEmpty()
                            ? String.format(Locale.ROOT, "%.1f networks/s", done / seconds / protocol.rounds())
                            : note);
        }
    }
}

package dev.lathe.cli;

import dev.lathe.base.InvalidInputException;
import dev.lathe.base.ProgressListener;
import dev.lathe.base.Seeds;
import dev.lathe.device.DeviceProfile;
import dev.lathe.device.LatencyMeasurement;
import dev.lathe.device.MeasurementTable;
import dev.lathe.device.pool.PoolTable;
import dev.lathe.graph.CostModel;
import dev.lathe.graph.Graph;
import dev.lathe.predict.RankMetrics;
import dev.lathe.predict.adapt.FewShotFile;
import dev.lathe.predict.adapt.LatencyTable;
import dev.lathe.predict.adapt.TransferAdapter;
import dev.lathe.predict.train.adapt.TransferTrainer;
import dev.lathe.space.Architecture;
import dev.lathe.space.Decision;
import dev.lathe.space.SearchSpace;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;

/** A device that is not known yet: what known devices teach, a few measurements, and the predictor that comes of both. */
final class FewShot {
    /** Random networks of which those to be measured are chosen. */
    private static final int CANDIDATES = 500;

    /** Priors tried; more change the second decimal of a rank correlation at most. */
    private static final int PRIORS = 48;

    /** Rank correlation above which two devices tell the same. */
    private static final double TWINS = 0.9995;

    /** Names of devices that are thought of; no device file may have them. */
    private static final List<String> COSTS = List.of("(macs)", "(moved elements)", "(operators)", "(parameters)");

    private FewShot() {}

    /**
     * What the known devices measured, on the networks that all of them have, and exact costs of these.
     *
     * @param device the new one, whose own table does not count
     * @throws InvalidInputException if there are too few devices or common networks
     */
    static LatencyTable known(SearchSpace space, List<PoolTable> tables, String device) {
        List<PoolTable> others =
                tables.stream().filter(t -> !t.device().equals(device)).toList();
        Set<Architecture> common = new LinkedHashSet<>();
        if (!others.isEmpty()) {
            common.addAll(others.get(0).rows().keySet());
        }
        others.forEach(t -> common.retainAll(t.rows().keySet()));
        if (others.size() < TransferTrainer.LEAST_DEVICES || common.size() < TransferTrainer.LEAST_ARCHITECTURES) {
            throw new InvalidInputException(
                    "the pool has %d known devices with %d common networks of %s for %s, fewer than the %d with %d that teach; add some by lathe pool add, or leave --samples out"
                            .formatted(
                                    others.size(),
                                    common.size(),
                                    space.name(),
                                    PoolCommand.task(space),
                                    TransferTrainer.LEAST_DEVICES,
                                    TransferTrainer.LEAST_ARCHITECTURES));
        }
        for (Architecture a : common) {
            space.check(a);
        }
        List<String> names = new ArrayList<>();
        List<double[]> latency = new ArrayList<>();
        for (PoolTable t : others) {
            double[] ms = common.stream()
                    .mapToDouble(a -> Objects.requireNonNull(t.rows().get(a)).medianMs())
                    .toArray();
            if (latency.stream().noneMatch(l -> isTwin(l, ms))) {
                names.add(t.device());
                latency.add(ms);
            }
        }
        addCosts(space, common, names, latency);
        return new LatencyTable(
                space.decisions().stream().map(Decision::name).toList(),
                choices(common),
                names,
                latency.toArray(double[][]::new));
    }

    /**
     * Whether two devices are one but for their speed, as two cores are under an emulator that counts instructions: the second
     * teaches nothing, and would make any device that is left out for a judgement look well known.
     */
    private static boolean isTwin(double[] a, double[] b) {
        return RankMetrics.spearman(a, b) > TWINS;
    }

    /**
     * Devices that are thought of: one whose time is all multiply-accumulates, one that only moves memory, one that only counts
     * operators, one that loads weights. What a new device has in common with none of the measured ones it may have with these:
     * left out one by one, the tables of mbconv-tiny then gain 0.02 to 0.06 in rank correlation.
     */
    private static void addCosts(
            SearchSpace space, Set<Architecture> networks, List<String> names, List<double[]> latency) {
        List<Graph> graphs = networks.stream().map(space::lower).toList();
        List<CostModel.Cost> costs = graphs.stream().map(CostModel::of).toList();
        names.addAll(COSTS);
        latency.add(costs.stream().mapToDouble(CostModel.Cost::macs).toArray());
        latency.add(costs.stream().mapToDouble(CostModel.Cost::movedElements).toArray());
        latency.add(graphs.stream().mapToDouble(g -> g.nodes().size()).toArray());
        latency.add(costs.stream().mapToDouble(CostModel.Cost::parameters).toArray());
    }

    static TransferAdapter learn(LatencyTable known, long seed, ProgressListener progress) {
        return new TransferTrainer(PRIORS, progress).train(known, seed);
    }

    /** The networks that say most about a new device, of random ones. */
    static List<Architecture> choose(TransferAdapter adapter, SearchSpace space, int n, long seed) {
        List<Architecture> candidates = RandomNetworks.draw(space, CANDIDATES, seed, "few-shot");
        int[] chosen = adapter.chooseSupport(choices(candidates), n, Seeds.generator(seed, "few-shot support", 0));
        List<Architecture> all = new ArrayList<>();
        for (int i : chosen) {
            all.add(candidates.get(i));
        }
        return all;
    }

    /** Measures what is not in the table yet; in the order given. */
    static List<LatencyMeasurement> measure(
            DeviceProfile device,
            SearchSpace space,
            List<Architecture> networks,
            Path table,
            long seed,
            ProgressListener progress)
            throws IOException {
        try (MeasurementTable t = MeasurementTable.open(table, device)) {
            return t.measureMissing(
                    Meters.of(device, seed), TimedForms.ofRandomWeights(device, space, networks), progress);
        }
    }

    static FewShotFile adapt(
            TransferAdapter adapter,
            SearchSpace space,
            List<Architecture> networks,
            List<LatencyMeasurement> measured) {
        return new FewShotFile(
                FewShotFile.FORMAT,
                space.name(),
                measured.get(0).device(),
                measured.get(0).protocol(),
                adapter.model(),
                choices(networks),
                measured.stream().mapToDouble(LatencyMeasurement::medianMs).toArray());
    }

    static int[][] choices(Iterable<Architecture> architectures) {
        List<int[]> all = new ArrayList<>();
        architectures.forEach(a -> all.add(a.choices()));
        return all.toArray(int[][]::new);
    }
}

package dev.lathe.cli;

import dev.lathe.base.InvalidInputException;
import dev.lathe.base.ProgressListener;
import dev.lathe.base.Seeds;
import dev.lathe.predict.RankMetrics;
import dev.lathe.predict.adapt.ChoiceEncoding;
import dev.lathe.predict.adapt.Described;
import dev.lathe.predict.adapt.KernelWeights;
import dev.lathe.predict.adapt.LatencyInterval;
import dev.lathe.predict.adapt.LatencyTable;
import dev.lathe.predict.adapt.TransferAdapter;
import dev.lathe.predict.adapt.TransferModel;
import dev.lathe.predict.adapt.TransferPredictor;
import dev.lathe.predict.adapt.TransferPrior;
import dev.lathe.predict.help.CellGraph;
import dev.lathe.predict.help.HelpAdapter;
import dev.lathe.predict.train.adapt.HelpSettings;
import dev.lathe.predict.train.adapt.HelpTrainer;
import dev.lathe.predict.train.adapt.TransferTrainer;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.random.RandomGenerator;
import java.util.stream.IntStream;

/**
 * HELP's table of the NAS-Bench-201 devices, and what later predictors reach on it: rank correlation on six devices of which
 * a handful of latencies are known, by both protocols, over many supports; intervals, errors in milliseconds.
 */
final class HelpReproduction {
    private static final long SEED = 1;
    static final int PRIORS = 48;
    private static final double LEVEL = 0.9;
    private static final double MOST_DEVIATION = 0.02;
    /** Operations of a cell read the cell's input or other operations; the first node is the input, the last the output. */
    private static final int[][] CELL_EDGES = {
        {0, 1}, {0, 2}, {0, 4}, {1, 3}, {1, 5}, {2, 6}, {3, 6}, {4, 7}, {5, 7}, {6, 7}
    };

    private static final int CONVOLUTION_1X1 = 2;
    private static final int CONVOLUTION_3X3 = 3;

    private static final List<Integer> CELL_NODES = List.of(-1, 0, 1, 2, 3, 4, 5, -1);

    /** Published by HELP (paper, table 3), with 10 + 10 measurements, P800. */
    private static final Map<String, String> PUBLISHED = Map.of(
            "titan_rtx_256", "0.987",
            "gold_6226", "0.989",
            "pixel2", "0.802",
            "raspi4", "0.890",
            "eyeriss", "0.940",
            "fpga", "0.985");

    private final HelpProtocol protocol;
    private final List<String> unseen;
    private final int draws;
    private final ProgressListener progress;
    private final List<ReproduceCommand.Row> rows = new ArrayList<>();

    /** @param draws supports drawn a device and size */
    HelpReproduction(HelpProtocol protocol, List<String> unseen, int draws, ProgressListener progress) {
        this.protocol = protocol;
        this.unseen = unseen;
        this.draws = draws;
        this.progress = progress;
    }

    static List<ReproduceCommand.Row> run(ReproduceCommand o) throws IOException {
        Path data = o.data;
        if (data == null) {
            throw new InvalidInputException(
                    "this table needs the data sets; give their folder, for example --data ../shared/data");
        }
        HelpReproduction r =
                new HelpReproduction(HelpProtocol.read(data), HelpProtocol.UNSEEN, 20, o.execution.progress());
        r.flops();
        r.transfer(PRIORS);
        HelpSettings settings = HelpSettings.defaults();
        int[] references = HelpProtocol.references(data);
        r.help(settings, references, 0.930);
        r.help(settings.firstOrder(), references, Double.NaN);
        return r.rows();
    }

    List<ReproduceCommand.Row> rows() {
        return List.copyOf(rows);
    }

    /** Multiply-accumulates, without any measurement: shows that splits and protocols are the published ones. */
    void flops() {
        double[] macs = new double[protocol.table().size()];
        for (int i = 0; i < macs.length; i++) {
            for (int operation : protocol.table().choices(i)) {
                macs[i] += operation == CONVOLUTION_3X3 ? 35_389_440 : operation == CONVOLUTION_1X1 ? 3_932_160 : 0;
            }
        }
        int[] everything = IntStream.range(0, macs.length).toArray();
        double p800 = 0;
        double full = 0;
        for (String device : unseen) {
            double[] latency = protocol.table().latencyMs(device);
            p800 += HelpProtocol.spearman(macs, latency, protocol.p800(device)) / unseen.size();
            full += HelpProtocol.spearman(macs, latency, everything) / unseen.size();
        }
        rows.add(new ReproduceCommand.Row(
                "FLOPs, nothing measured: mean, P800 / FULL",
                "0.787 (HELP), 0.783 / 0.847 on these data",
                "%.3f / %.3f".formatted(p800, full),
                "the latter within 0.002",
                Math.abs(p800 - 0.783) <= 0.002 && Math.abs(full - 0.847) <= 0.002));
    }

    /** Transfer over surrogates: its bars, its intervals, its milliseconds. */
    void transfer(int priors) {
        TransferAdapter adapter = new TransferTrainer(priors, progress)
                .train(protocol.pool(HelpProtocol.trained()), HelpProtocol.VALIDATION, SEED);
        Described all = adapter.describe(protocol.table().choices());
        Described pool = all.part(IntStream.range(0, HelpProtocol.POOL).toArray());
        Support chosen = (n, draw) -> adapter.prior()
                .select(pool, n, Seeds.generator(SEED, "first", draw).nextInt(HelpProtocol.POOL));
        Support random = (n, draw) -> distinct(n, Seeds.generator(SEED, "random", draw));
        correlations(adapter, all, chosen, "support by variance", 5, "0.922 / 0.950", Double.NaN, Double.NaN);
        correlations(adapter, all, chosen, "support by variance", 10, "0.931 / 0.961", 0.935, Double.NaN);
        correlations(adapter, all, chosen, "support by variance", 20, "0.943 / 0.968", 0.945, 0.960);
        correlations(adapter, all, random, "random support", 10, "0.925 / 0.952", Double.NaN, Double.NaN);
        correlations(adapter, all, random, "random support", 20, "0.939 / 0.961", Double.NaN, Double.NaN);
        countsAlone(adapter, all, chosen, 10, "0.893");
        countsAlone(adapter, all, chosen, 20, "0.932");
        intervals(adapter, all, chosen, 10);
        intervals(adapter, all, chosen, 20);
    }

    /** What is measured on a device: rows of the table. */
    @FunctionalInterface
    private interface Support {
        int[] choose(int n, int draw);
    }

    private void correlations(
            TransferAdapter adapter,
            Described all,
            Support support,
            String how,
            int n,
            String theirs,
            double bar,
            double fullBar) {
        String name = "transfer, %d measurements in all, %s".formatted(n, how);
        int[] everything = IntStream.range(0, all.size()).toArray();
        double p800 = 0;
        double full = 0;
        List<ReproduceCommand.Row> devices = new ArrayList<>();
        for (String device : unseen) {
            double[] latency = protocol.table().latencyMs(device);
            int[] judged = protocol.p800(device);
            Spread onP800 = new Spread();
            Spread onFull = new Spread();
            for (int d = 0; d < draws; d++) {
                int[] measured = support.choose(n, d);
                double[] predicted = adapter.adapt(all.part(measured), HelpProtocol.pick(latency, measured))
                        .predictMs(all);
                onP800.add(HelpProtocol.spearman(predicted, latency, judged));
                onFull.add(HelpProtocol.spearman(predicted, latency, everything));
            }
            p800 += onP800.mean() / unseen.size();
            full += onFull.mean() / unseen.size();
            devices.add(device(
                    name + ": " + device + ", P800 / FULL",
                    PUBLISHED.getOrDefault(device, ""),
                    onP800 + " / " + onFull,
                    onP800,
                    !Double.isNaN(bar)));
            progress.report(name, devices.size(), unseen.size(), device);
        }
        rows.add(mean(name + ": mean, P800", theirs.split(" / ")[0] + " (best so far)", p800, bar));
        rows.add(mean(name + ": mean, FULL", theirs.split(" / ")[1] + " (best so far)", full, fullBar));
        rows.addAll(devices);
    }

    private static ReproduceCommand.Row mean(String what, String theirs, double ours, double bar) {
        boolean open = Double.isNaN(bar);
        return new ReproduceCommand.Row(
                what, theirs, "%.3f".formatted(ours), open ? "" : "at least %.3f".formatted(bar), open || ours >= bar);
    }

    private static ReproduceCommand.Row device(String what, String theirs, String ours, Spread s, boolean isBarred) {
        return new ReproduceCommand.Row(
                what,
                theirs,
                ours,
                isBarred ? "deviation at most " + MOST_DEVIATION : "",
                !isBarred || s.deviation() <= MOST_DEVIATION);
    }

    /** A prior that knows no device: what counting operations reaches by itself. */
    private void countsAlone(TransferAdapter adapter, Described all, Support support, int n, String theirs) {
        TransferModel m = adapter.model();
        TransferPrior prior = new TransferPrior(
                m.kernel(),
                m.variances(),
                new KernelWeights(0, 0, 1, 0.05, 0, 0, 0.1),
                m.encoding().columns().size());
        double mean = 0;
        for (String device : unseen) {
            double[] latency = protocol.table().latencyMs(device);
            int[] judged = protocol.p800(device);
            for (int d = 0; d < draws; d++) {
                int[] measured = support.choose(n, d);
                double[] predicted = prior.posterior(all.part(measured), HelpProtocol.pick(latency, measured))
                        .mean(all.part(judged));
                mean += RankMetrics.spearman(predicted, HelpProtocol.pick(latency, judged)) / draws / unseen.size();
            }
        }
        rows.add(mean(
                "counts of operations alone, no known devices, %d measurements: mean, P800".formatted(n),
                theirs + " (ridge, random support)",
                mean,
                Double.NaN));
    }

    /** Coverage and width on the block after the pool, untrimmed, and the errors of the same predictions. */
    private void intervals(TransferAdapter adapter, Described all, Support support, int n) {
        int[] block = protocol.block();
        Described judged = all.part(block);
        Spread coverage = new Spread();
        List<String> shares = new ArrayList<>();
        List<String> errors = new ArrayList<>();
        List<Double> widths = new ArrayList<>();
        for (String device : unseen) {
            double[] latency = protocol.table().latencyMs(device);
            double[] measured = HelpProtocol.pick(latency, block);
            List<Double> error = new ArrayList<>();
            Spread ofDevice = new Spread();
            for (int d = 0; d < draws; d++) {
                int[] rowsMeasured = support.choose(n, d);
                TransferPredictor p = adapter.adapt(all.part(rowsMeasured), HelpProtocol.pick(latency, rowsMeasured));
                LatencyInterval[] intervals = p.intervals(judged, LEVEL);
                int inside = 0;
                for (int i = 0; i < block.length; i++) {
                    inside += intervals[i].contains(measured[i]) ? 1 : 0;
                    if (measured[i] > 0) {
                        widths.add(100 * intervals[i].widthMs() / measured[i]);
                        error.add(100 * Math.abs(intervals[i].latencyMs() - measured[i]) / measured[i]);
                    }
                }
                ofDevice.add((double) inside / block.length);
            }
            coverage.add(ofDevice.mean());
            shares.add("%.2f".formatted(ofDevice.mean()));
            long within = error.stream().filter(e -> e <= 10).count();
            errors.add("%.1f %% (%.2f)".formatted(median(error), (double) within / error.size()));
        }
        rows.add(new ReproduceCommand.Row(
                "transfer, %d measurements: coverage of 90 %% intervals, mean and by device (untrimmed)".formatted(n),
                "",
                "%.3f (%s), median width %.0f %% of the latency"
                        .formatted(coverage.mean(), String.join(" ", shares), median(widths)),
                "0.87 to 0.95",
                coverage.mean() >= 0.87 && coverage.mean() <= 0.95));
        rows.add(new ReproduceCommand.Row(
                "transfer, %d measurements: median error (share within 10 %%) by device".formatted(n),
                n == 10 ? "2.9 % 3.0 % 10.9 % 11.8 % 4.5 % 2.4 %" : "",
                String.join(" ", errors),
                "",
                true));
    }

    private static double median(List<Double> values) {
        double[] v = values.stream().mapToDouble(x -> x).sorted().toArray();
        return v[v.length / 2];
    }

    /**
     * HELP, meta-trained here.
     *
     * @param bar of the mean; NaN where there is none
     */
    void help(HelpSettings settings, int[] references, double bar) {
        HelpAdapter adapter = trained(settings, references, progress);
        LatencyTable table = protocol.table();
        int[][] pool = choices(IntStream.range(0, HelpProtocol.POOL).toArray());
        String name = settings.secondOrder() ? "HELP, second order" : "HELP, first order";
        double mean = 0;
        List<ReproduceCommand.Row> devices = new ArrayList<>();
        int extra = settings.support();
        for (String device : unseen) {
            double[] latency = table.latencyMs(device);
            int[] judged = protocol.p800(device);
            double[] measuredOfJudged = HelpProtocol.pick(latency, judged);
            Spread s = new Spread();
            for (int d = 0; d < draws; d++) {
                int[] chosen = adapter.chooseSupport(pool, extra, Seeds.generator(SEED, "help-support", d));
                int[] measured = Arrays.copyOf(references, references.length + extra);
                System.arraycopy(chosen, 0, measured, references.length, extra);
                double[] predicted = adapter.adapt(choices(measured), HelpProtocol.pick(latency, measured))
                        .predictMs(choices(judged));
                s.add(RankMetrics.spearman(predicted, measuredOfJudged));
                progress.report(name + " on " + device, d + 1, draws, "");
            }
            mean += s.mean() / unseen.size();
            devices.add(device(
                    name + ": " + device + ", P800",
                    PUBLISHED.getOrDefault(device, ""),
                    s.toString(),
                    s,
                    !Double.isNaN(bar)));
        }
        rows.add(mean(
                "%s, %d + %d measurements: mean, P800".formatted(name, references.length, extra),
                "0.932 (HELP)",
                mean,
                bar));
        rows.addAll(devices);
    }

    private HelpAdapter trained(HelpSettings settings, int[] references, ProgressListener listener) {
        int[] others = IntStream.range(0, HelpProtocol.POOL)
                .filter(i -> Arrays.stream(references).noneMatch(r -> r == i))
                .toArray();
        int[] known = Arrays.copyOf(others, others.length + references.length);
        System.arraycopy(references, 0, known, others.length, references.length);
        LatencyTable table = protocol.table().part(known, HelpProtocol.trained());
        CellGraph graph = CellGraph.of(ChoiceEncoding.of(table), CELL_NODES, CELL_EDGES);
        int[] at = IntStream.range(others.length, known.length).toArray();
        return new HelpTrainer(listener).train(table, at, HelpProtocol.VALIDATION, graph, settings, SEED);
    }

    private int[][] choices(int[] of) {
        return Arrays.stream(of).mapToObj(protocol.table()::choices).toArray(int[][]::new);
    }

    private static int[] distinct(int n, RandomGenerator random) {
        return random.ints(0, HelpProtocol.POOL).distinct().limit(n).toArray();
    }

    /** Mean and standard deviation of draws. */
    private static final class Spread {
        private int n;
        private double sum;
        private double squares;

        void add(double v) {
            n++;
            sum += v;
            squares += v * v;
        }

        double mean() {
            return sum / n;
        }

        double deviation() {
            return Math.sqrt(Math.max(0, squares / n - mean() * mean()));
        }

        @Override
        public String toString() {
            return "%.3f +- %.3f".formatted(mean(), deviation());
        }
    }
}

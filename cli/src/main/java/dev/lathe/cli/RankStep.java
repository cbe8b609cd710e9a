package dev.lathe.cli;

import dev.lathe.base.AppendLog;
import dev.lathe.base.Folders;
import dev.lathe.base.InvalidInputException;
import dev.lathe.base.Names;
import dev.lathe.base.ProgressListener;
import dev.lathe.graph.CostModel;
import dev.lathe.predict.RankMetrics;
import dev.lathe.space.Architecture;
import dev.lathe.space.SearchSpace;
import dev.lathe.supernet.SingleNetworkSpace;
import dev.lathe.supernet.Strategy;
import dev.lathe.supernet.SubnetScore;
import dev.lathe.supernet.Supernet;
import dev.lathe.supernet.SupernetTrainer;
import dev.lathe.supernet.TrainingConfig;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SplittableRandom;

/**
 * Whether a supernet ranks its networks as training them alone does. Networks spread evenly over the MACs are trained alone
 * by the supernet's own recipe (steps, batches, optimizer, augmentation; labels in place of a teacher), and both accuracies
 * are compared on the validation part.
 */
final class RankStep {
    static final String FILE = "rank.csv";

    private static final String HEADER =
            "architecture,macs,parameters,inheritedTop1,inheritedCrossEntropy,aloneTop1,aloneCrossEntropy,seconds";
    /** Random networks drawn for each one that is chosen, so that strata of MACs are filled. */
    private static final int DRAWN_PER_NETWORK = 20;

    private static final int BOOTSTRAPS = 1000;

    /** Fewer networks cannot show a ranking. */
    static final int FEWEST = 5;

    /** From here on a search on the supernet is worth its time: the bar for tau, and its lead over ranking by MACs. */
    static final double FIT_TAU = 0.70;

    static final double FIT_LEAD = 0.10;

    private RankStep() {}

    /** One network, both ways. */
    record Row(
            Architecture architecture,
            long macs,
            long parameters,
            double inheritedTop1,
            double inheritedCrossEntropy,
            double aloneTop1,
            double aloneCrossEntropy,
            double seconds) {}

    /**
     * How well the supernet ranks.
     *
     * @param networks compared
     * @param tau Kendall's tau-b of inherited against stand-alone top-1
     * @param tauLow lower end of the 95 % bootstrap interval of tau
     * @param tauHigh its upper end
     * @param spearman of the same
     * @param lossTau tau of inherited cross-entropy (less is better) against stand-alone top-1: finer than top-1 where few
     *     validation images are, or most are right
     * @param macsTau tau of MACs against stand-alone top-1: what ranking costs nothing
     * @param parametersTau likewise for parameters
     * @param regret stand-alone top-1 lost by taking the network that the supernet likes best
     * @param regretOf5 the same for the best of the five that it likes best
     * @param gap mean of stand-alone minus inherited top-1
     */
    record Quality(
            int networks,
            double tau,
            double tauLow,
            double tauHigh,
            double spearman,
            double lossTau,
            double macsTau,
            double parametersTau,
            double regret,
            double regretOf5,
            double gap) {
        boolean fitToSearch() {
            return tau >= FIT_TAU && tau >= macsTau + FIT_LEAD;
        }

        /** In a few words, with the bars where they are missed. */
        String verdict() {
            return fitToSearch()
                    ? "Fit to search"
                    : "Not fit to search (tau at least %.2f, and %.2f above MACs)".formatted(FIT_TAU, FIT_LEAD);
        }
    }

    /** Networks of every stratum of MACs: sorted by MACs and cut into equal groups, one drawn from each. */
    static List<Architecture> stratified(SearchSpace space, int networks, long seed) {
        List<Architecture> drawn = RandomNetworks.draw(space, networks * DRAWN_PER_NETWORK, seed, "rank");
        Map<Architecture, Long> macs = new LinkedHashMap<>();
        drawn.forEach(a -> macs.put(a, CostModel.of(space.lower(a)).macs()));
        List<Architecture> sorted = new ArrayList<>(drawn);
        sorted.sort(Comparator.<Architecture>comparingLong(a -> macs.getOrDefault(a, 0L))
                .thenComparing(Comparator.naturalOrder()));
        SplittableRandom random = new SplittableRandom(seed);
        List<Architecture> chosen = new ArrayList<>();
        int count = Math.min(networks, sorted.size());
        for (int i = 0; i < count; i++) {
            int from = (int) ((long) i * sorted.size() / count);
            int to = (int) ((long) (i + 1) * sorted.size() / count);
            chosen.add(sorted.get(random.nextInt(from, to)));
        }
        return chosen;
    }

    /** Trains what is not in the run's {@value #FILE} yet, and returns all rows. */
    static List<Row> run(Workbench w, int networks) throws IOException {
        List<Architecture> chosen =
                stratified(w.space(), networks, w.experiment().seed());
        Map<Architecture, Row> known = new LinkedHashMap<>();
        try (AppendLog log = AppendLog.open(w.folder().resolve(FILE), HEADER);
                Supernet supernet = TrainStep.loadAsUsed(w);
                InheritedScores scores = InheritedScores.open(w, supernet)) {
            int line = 1;
            for (String text : log.existing()) {
                line++;
                Row row = parse(text, line, w);
                known.put(row.architecture(), row);
            }
            int done = 0;
            for (Architecture a : chosen) {
                if (!known.containsKey(a)) {
                    Row row = compare(w, supernet, scores, a);
                    log.append(List.of(text(row)));
                    known.put(a, row);
                }
                w.progress().report("trained alone", ++done, chosen.size(), "");
            }
        }
        List<Row> rows = new ArrayList<>();
        for (Architecture a : chosen) {
            rows.add(java.util.Objects.requireNonNull(known.get(a)));
        }
        return rows;
    }

    private static Row compare(Workbench w, Supernet supernet, InheritedScores scores, Architecture a)
            throws IOException {
        SubnetScore inherited =
                scores.isWhole() ? scores.of(a) : supernet.evaluate(a, w.data().validation());
        CostModel.Cost cost = CostModel.of(w.space().lower(a));
        TrainingConfig config =
                w.trainingConfig().withStrategy(Strategy.UNIFORM).withCheckpointEverySteps(Integer.MAX_VALUE);
        Path folder = Files.createTempDirectory("lathe-alone");
        long start = System.nanoTime();
        try (SupernetTrainer trainer =
                SupernetTrainer.start(new SingleNetworkSpace(w.space(), a), w.data(), config, folder)) {
            trainer.run(ProgressListener.SILENT);
            SubnetScore alone = trainer.supernet().evaluate(a, w.data().validation());
            return new Row(
                    a,
                    cost.macs(),
                    cost.parameters(),
                    inherited.top1(),
                    inherited.crossEntropy(),
                    alone.top1(),
                    alone.crossEntropy(),
                    Math.round((System.nanoTime() - start) / 1e8) / 10.0);
        } finally {
            Folders.delete(folder);
        }
    }

    private static String text(Row r) {
        return "%s,%d,%d,%s,%s,%s,%s,%s"
                .formatted(
                        r.architecture(),
                        r.macs(),
                        r.parameters(),
                        r.inheritedTop1(),
                        r.inheritedCrossEntropy(),
                        r.aloneTop1(),
                        r.aloneCrossEntropy(),
                        r.seconds());
    }

    /** The rows that a run has, none where it was never asked. */
    static List<Row> read(Workbench w) throws IOException {
        Path file = w.folder().resolve(FILE);
        if (!Files.exists(file)) {
            return List.of();
        }
        String text = Files.readString(file);
        // Behind the last line end stands a row that was being written, or nothing.
        List<String> lines =
                text.substring(0, text.lastIndexOf('\n') + 1).lines().toList();
        List<Row> rows = new ArrayList<>();
        for (int i = 1; i < lines.size(); i++) {
            rows.add(parse(lines.get(i), i + 1, w));
        }
        return rows;
    }

    private static Row parse(String text, int line, Workbench w) {
        String[] c = text.split(",", -1);
        try {
            if (c.length == 8) {
                Architecture a = Architecture.parse(c[0]);
                w.space().check(a);
                return new Row(
                        a,
                        Long.parseLong(c[1]),
                        Long.parseLong(c[2]),
                        finite(c[3]),
                        finite(c[4]),
                        finite(c[5]),
                        finite(c[6]),
                        finite(c[7]));
            }
        } catch (IllegalArgumentException | InvalidInputException e) {
            // The message below covers it.
        }
        throw new InvalidInputException(
                "%s line %d is no rank row of this space: '%s'; delete the file, it is made again"
                        .formatted(w.folder().resolve(FILE), line, Names.shown(text)));
    }

    private static double finite(String text) {
        double d = Double.parseDouble(text);
        if (!Double.isFinite(d)) {
            throw new NumberFormatException(text);
        }
        return d;
    }

    /** @throws IllegalArgumentException for fewer than two networks */
    static Quality quality(List<Row> rows, long seed) {
        int n = rows.size();
        double[] inherited = column(rows, Row::inheritedTop1);
        double[] alone = column(rows, Row::aloneTop1);
        double[] taus = new double[BOOTSTRAPS];
        SplittableRandom random = new SplittableRandom(seed);
        for (int b = 0; b < BOOTSTRAPS; b++) {
            double[] x = new double[n];
            double[] y = new double[n];
            Set<Integer> different = new HashSet<>();
            for (int i = 0; i < n; i++) {
                int k = random.nextInt(n);
                different.add(k);
                x[i] = inherited[k];
                y[i] = alone[k];
            }
            taus[b] = different.size() < 2 ? 0 : RankMetrics.kendallTauB(x, y);
        }
        java.util.Arrays.sort(taus);
        double gap = 0;
        for (Row r : rows) {
            gap += (r.aloneTop1() - r.inheritedTop1()) / n;
        }
        return new Quality(
                n,
                RankMetrics.kendallTauB(inherited, alone),
                taus[(int) (0.025 * BOOTSTRAPS)],
                taus[(int) (0.975 * BOOTSTRAPS)],
                RankMetrics.spearman(inherited, alone),
                RankMetrics.kendallTauB(column(rows, r -> -r.inheritedCrossEntropy()), alone),
                RankMetrics.kendallTauB(column(rows, r -> (double) r.macs()), alone),
                RankMetrics.kendallTauB(column(rows, r -> (double) r.parameters()), alone),
                regret(rows, 1),
                regret(rows, 5),
                gap);
    }

    /** Of equal inherited accuracies the lower cross-entropy counts first, as in the search's own choice. */
    private static double regret(List<Row> rows, int best) {
        double most = rows.stream().mapToDouble(Row::aloneTop1).max().orElseThrow();
        return most
                - rows.stream()
                        .sorted(Comparator.comparingDouble((Row r) -> -r.inheritedTop1())
                                .thenComparingDouble(Row::inheritedCrossEntropy))
                        .limit(best)
                        .mapToDouble(Row::aloneTop1)
                        .max()
                        .orElseThrow();
    }

    private static double[] column(List<Row> rows, java.util.function.ToDoubleFunction<Row> of) {
        return rows.stream().mapToDouble(of).toArray();
    }
}

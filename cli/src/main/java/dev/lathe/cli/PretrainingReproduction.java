package dev.lathe.cli;

import dev.lathe.base.InvalidInputException;
import dev.lathe.base.ProgressListener;
import dev.lathe.base.Seeds;
import dev.lathe.graph.CostModel;
import dev.lathe.graph.Graph;
import dev.lathe.graph.MemoryPlanner;
import dev.lathe.predict.GraphFeatures;
import dev.lathe.predict.RankMetrics;
import dev.lathe.predict.network.InputColumns;
import dev.lathe.predict.network.NetworkPredictor;
import dev.lathe.predict.train.network.NetworkSettings;
import dev.lathe.predict.train.network.NetworkTrainer;
import dev.lathe.space.Architecture;
import dev.lathe.space.SearchSpace;
import dev.lathe.space.TaskShape;
import dev.lathe.space.nasbench.NasBench201Space;
import dev.lathe.space.nasbench.NasBench201Text;
import dev.lathe.space.ofa.OfaMobileSpace;
import dev.lathe.space.ofa.OfaReplay;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.random.RandomGenerator;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/**
 * Accuracy predictors from 20, 50 and 100 accuracies, with and without pre-training on multiply-accumulates and parameters, on
 * two published tables: Kendall's tau on a thousand other networks, means of ten draws.
 */
final class PretrainingReproduction {
    private static final int SEEDS = 10;
    private static final int JUDGED = 1000;
    private static final int POOL = 3000;
    /** Of the published cells; more than these would change no figure. */
    private static final int EVERY = 3;

    private static final int[] ACCURACIES = {20, 50, 100};
    private static final List<String> SCORES = List.of("c10_synflow", "c10_nwot", "c10_jacov");

    private PretrainingReproduction() {}

    /** A table: inputs, free labels, accuracies; rows with accuracy first, the others only have free labels. */
    @SuppressWarnings("ArrayRecordComponent") // within this class, never compared
    private record Bench(String name, List<String> columns, double[][] rows, double[][] labels, double[] accuracy) {
        /** The columns whose name begins with one of these. */
        Bench with(String what, String... prefixes) {
            int[] kept = IntStream.range(0, columns.size())
                    .filter(j -> Stream.of(prefixes).anyMatch(columns.get(j)::startsWith))
                    .toArray();
            return new Bench(
                    name + ", " + what,
                    Arrays.stream(kept).mapToObj(columns::get).toList(),
                    Arrays.stream(rows)
                            .map(r -> Arrays.stream(kept).mapToDouble(j -> r[j]).toArray())
                            .toArray(double[][]::new),
                    labels,
                    accuracy);
        }
    }

    static List<ReproduceCommand.Row> run(ReproduceCommand o) throws IOException {
        Path data = PublishedFigures.data(o);
        Bench cells = cells(data.resolve("nasbench201"));
        Bench subnets = subnets(data.resolve("ofa-replay"), o.execution.progress());
        List<Bench> benches = List.of(
                cells.with("choices", "decision."),
                cells.with("choices and zero-cost scores", "decision.", "score."),
                cells.with("choices and graph features", "decision.", "graph."),
                subnets.with("choices", "decision."),
                subnets.with("choices and graph features", "decision.", "graph."));
        List<ReproduceCommand.Row> rows = new ArrayList<>();
        for (Bench b : benches) {
            // With costs among the inputs there is less to learn beforehand: shown, no bar.
            compare(rows, b, b.columns().stream().noneMatch(c -> c.startsWith("graph.")), o.execution.progress());
        }
        return rows;
    }

    private static void compare(List<ReproduceCommand.Row> rows, Bench b, boolean hasBar, ProgressListener progress) {
        NetworkSettings settings = NetworkSettings.defaults();
        InputColumns columns = InputColumns.of(b.columns(), b.rows());
        RandomGenerator random = Seeds.generator(1, "pre-training pool", 0);
        int[] pool = random.ints(POOL, 0, b.rows().length).toArray();
        NetworkTrainer with =
                NetworkTrainer.pretrained(columns, some(b.rows(), pool), some(b.labels(), pool), settings, 1);
        NetworkTrainer without = NetworkTrainer.untrained(columns, settings, 1);
        double[][][] tau = new double[ACCURACIES.length][2][SEEDS];
        for (int s = 0; s < SEEDS; s++) {
            int[] order = permutation(b.accuracy().length, Seeds.generator(s, "pre-training draw", 0));
            int most = ACCURACIES[ACCURACIES.length - 1];
            int[] judged = Arrays.copyOfRange(order, most, Math.min(order.length, most + JUDGED));
            for (int k = 0; k < ACCURACIES.length; k++) {
                int[] known = Arrays.copyOf(order, ACCURACIES[k]);
                tau[k][0][s] = tau(without, b, known, judged);
                tau[k][1][s] = tau(with, b, known, judged);
            }
            progress.report("pre-training, " + b.name(), s + 1L, SEEDS, "");
        }
        for (int k = 0; k < ACCURACIES.length; k++) {
            double[] gain = new double[SEEDS];
            for (int s = 0; s < SEEDS; s++) {
                gain[s] = tau[k][1][s] - tau[k][0][s];
            }
            double mean = mean(gain);
            double error = Math.sqrt(
                    Arrays.stream(gain).map(g -> (g - mean) * (g - mean)).sum() / (SEEDS - 1) / SEEDS);
            rows.add(new ReproduceCommand.Row(
                    "%s: Kendall's tau from %d accuracies, %d seeds".formatted(b.name(), ACCURACIES[k], SEEDS),
                    "%.3f (without)".formatted(mean(tau[k][0])),
                    "%.3f (gain %+.3f ± %.3f)".formatted(mean(tau[k][1]), mean, error),
                    hasBar ? "gain above 0" : "none",
                    !hasBar || mean > 0));
        }
    }

    private static double tau(NetworkTrainer trainer, Bench b, int[] known, int[] judged) {
        NetworkPredictor p = trainer.train(
                some(b.rows(), known),
                Arrays.stream(known).mapToDouble(i -> b.accuracy()[i]).toArray());
        return RankMetrics.kendallTauB(
                p.predict(some(b.rows(), judged)),
                Arrays.stream(judged).mapToDouble(i -> b.accuracy()[i]).toArray());
    }

    /** All cells with their accuracy after 200 epochs; the free labels are computed. */
    private static Bench cells(Path folder) throws IOException {
        List<String[]> accuracies = table(folder.resolve("nasbench201_accuracy.csv"));
        List<String[]> scores = table(folder.resolve("nasbench201_zerocost.csv"));
        List<String> names = List.of(accuracies.get(0));
        int arch = names.indexOf("arch");
        int accuracy = names.indexOf("c10_test_200");
        int[] at = SCORES.stream().mapToInt(List.of(scores.get(0))::indexOf).toArray();
        if (arch < 0 || accuracy < 0 || Arrays.stream(at).anyMatch(i -> i < 0) || scores.size() != accuracies.size()) {
            throw new InvalidInputException(
                    "the tables in %s are not those of NAS-Bench-201 as their README describes them".formatted(folder));
        }
        NasBench201Space space = new NasBench201Space(NasBench201Space.CIFAR10);
        List<Architecture> cells = new ArrayList<>();
        List<double[]> extra = new ArrayList<>();
        List<Double> top1 = new ArrayList<>();
        Set<Architecture> seen = new HashSet<>();
        for (int i = 1; i < accuracies.size(); i += EVERY) {
            String[] row = accuracies.get(i);
            String[] score = scores.get(i);
            Architecture cell = space.canonical(NasBench201Text.parse(row[arch]));
            if (!seen.add(cell)) {
                // The same network, written otherwise.
                continue;
            }
            cells.add(cell);
            top1.add(Double.parseDouble(row[accuracy]) / 100);
            extra.add(Arrays.stream(at).mapToDouble(j -> score(score[j])).toArray());
        }
        return bench(
                "NAS-Bench-201, CIFAR-10",
                space,
                cells,
                SCORES.stream().map(s -> "score." + s).toList(),
                extra,
                top1);
    }

    private static double score(String text) {
        double v = text.isEmpty() ? Double.NaN : Double.parseDouble(text);
        return Double.isFinite(v) ? v : 0;
    }

    private static Bench subnets(Path folder, ProgressListener progress) {
        OfaMobileSpace space = OfaMobileSpace.mobileNetV3(new TaskShape(3, 224, 224, 1000));
        List<OfaReplay.Row> replay = OfaReplay.read(folder.resolve("ofa_mbv3_w10_imagenet.csv.gz"), space);
        progress.report("reading", 1, 1, "");
        return bench(
                "once-for-all",
                space,
                replay.stream().map(OfaReplay.Row::architecture).toList(),
                List.of(),
                replay.stream().map(r -> new double[0]).toList(),
                replay.stream().map(OfaReplay.Row::top1).toList());
    }

    private static Bench bench(
            String name,
            SearchSpace space,
            List<Architecture> networks,
            List<String> extraNames,
            List<double[]> extra,
            List<Double> accuracy) {
        List<String> columns = new ArrayList<>();
        space.decisions().forEach(d -> columns.add("decision." + d.name()));
        columns.addAll(extraNames);
        GraphFeatures.names().forEach(n -> columns.add("graph." + n));
        List<double[]> rows = new ArrayList<>();
        List<double[]> labels = new ArrayList<>();
        for (int i = 0; i < networks.size(); i++) {
            Architecture a = space.canonical(networks.get(i));
            Graph g = space.lower(a);
            CostModel.Cost c = CostModel.of(g);
            labels.add(new double[] {c.macs(), c.parameters()});
            double[] features = GraphFeatures.of(g, MemoryPlanner.peakBytes(g, Float.BYTES));
            double[] row = new double[columns.size()];
            int at = 0;
            for (int choice : a.choices()) {
                row[at++] = choice;
            }
            for (double[] part : List.of(extra.get(i), features)) {
                System.arraycopy(part, 0, row, at, part.length);
                at += part.length;
            }
            rows.add(row);
        }
        return new Bench(
                name,
                columns,
                rows.toArray(double[][]::new),
                labels.toArray(double[][]::new),
                accuracy.stream().mapToDouble(Double::doubleValue).toArray());
    }

    private static List<String[]> table(Path file) throws IOException {
        if (!Files.isRegularFile(file)) {
            throw new InvalidInputException("%s is missing; give the folder of the data by --data".formatted(file));
        }
        try (Stream<String> lines = Files.lines(file)) {
            return lines.map(l -> l.split(",", -1)).toList();
        }
    }

    private static double[][] some(double[][] of, int[] rows) {
        return Arrays.stream(rows).mapToObj(i -> of[i]).toArray(double[][]::new);
    }

    private static double mean(double[] v) {
        return Arrays.stream(v).average().orElse(Double.NaN);
    }

    private static int[] permutation(int n, RandomGenerator random) {
        int[] order = IntStream.range(0, n).toArray();
        Seeds.shuffle(order, random);
        return order;
    }
}

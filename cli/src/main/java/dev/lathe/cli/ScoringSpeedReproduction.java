package dev.lathe.cli;

import dev.lathe.base.ProgressListener;
import dev.lathe.device.pool.DevicePool;
import dev.lathe.device.pool.PoolTable;
import dev.lathe.predict.ArchitectureFeatures;
import dev.lathe.predict.ArchitectureScorer;
import dev.lathe.predict.ChoiceFeatures;
import dev.lathe.predict.ChoicePredictor;
import dev.lathe.predict.FeatureSet;
import dev.lathe.predict.Predictor;
import dev.lathe.predict.StackedPredictor;
import dev.lathe.predict.adapt.LatencyTable;
import dev.lathe.predict.adapt.TransferAdapter;
import dev.lathe.predict.adapt.TransferPredictor;
import dev.lathe.predict.train.H2OTrainer;
import dev.lathe.predict.train.PredictorKind;
import dev.lathe.predict.train.TrainerSettings;
import dev.lathe.predict.train.TrainingTable;
import dev.lathe.space.Architecture;
import dev.lathe.space.SearchSpace;
import dev.lathe.space.SearchSpaces;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/**
 * How many architectures a second each kind of predictor scores, in batches of 10,000, beside scikit-learn's model of the same
 * kind and size, fitted to the same networks: both on one thread, in turn, by processor time, medians. Both are given the
 * architectures, as the chosen index of each decision; beside that, without a bar, features of graphs that were computed before.
 */
final class ScoringSpeedReproduction {
    private static final String SPACE = "mbconv-tiny";
    private static final String DEVICE = "this-machine";
    private static final int BATCH = 10_000;
    private static final int ROUNDS = 5;
    /** Until the compiler is done: it goes on in another thread, which slows this one down. */
    private static final double WARM_UP_SECONDS = 2;

    private static final int REPETITIONS = 9;
    private static final double BAR = 10;
    private static final long SEED = 1;
    private static final int SAMPLES = 10;
    private static final List<PredictorKind> KINDS = List.of(
            PredictorKind.BOOSTED_TREES,
            PredictorKind.RANDOM_FOREST,
            PredictorKind.LINEAR,
            PredictorKind.DEEP_LEARNING,
            PredictorKind.STACKED);
    private static final String TRANSFER = "transfer";
    /** Two folds: it is not asked which is best. */
    private static final TrainerSettings SETTINGS = new TrainerSettings(100, 4, 0.1, 3, 0.8, 0.6, 0.2, 2, true);

    private final SearchSpace space = SearchSpaces.create(SPACE, SearchSpaces.usualTask(SPACE));
    private final ArchitectureFeatures features = new ArchitectureFeatures(space);
    private final ThreadMXBean clock = ManagementFactory.getThreadMXBean();
    private final ProgressListener progress;

    private ScoringSpeedReproduction(ProgressListener progress) {
        this.progress = progress;
    }

    static List<ReproduceCommand.Row> run(ReproduceCommand o) throws IOException {
        Path python = o.python;
        return new ScoringSpeedReproduction(o.execution.progress())
                .rows(python == null ? "python3" : python.toString());
    }

    private List<ReproduceCommand.Row> rows(String python) throws IOException {
        List<PoolTable> pool = DevicePool.tables(SPACE, PoolCommand.task(space), null);
        PoolTable measured =
                pool.stream().filter(t -> t.device().equals(DEVICE)).findFirst().orElseThrow();
        List<Architecture> known = List.copyOf(measured.rows().keySet());
        double[] ms = measured.rows().values().stream()
                .mapToDouble(PoolTable.Row::medianMs)
                .toArray();
        List<Architecture> queries = RandomNetworks.draw(space, BATCH, SEED, "speed");
        int[][] choices = FewShot.choices(queries);
        double[][] trained = known.stream().map(features::of).toArray(double[][]::new);
        double[][] asked = queries.stream().map(features::of).toArray(double[][]::new);
        FeatureSet options = new ChoiceFeatures(space);
        TrainingTable ofChoices = new TrainingTable(
                options.names(),
                known.stream().map(options::of).toArray(double[][]::new),
                ArchitectureScorer.LATENCY_MS,
                ms);
        TrainingTable ofGraphs = new TrainingTable(features.names(), trained, ArchitectureScorer.LATENCY_MS, ms);
        Map<String, Runnable> fromChoices = new LinkedHashMap<>();
        Map<String, Runnable> fromFeatures = new LinkedHashMap<>();
        Map<String, Predictor> predictors = new LinkedHashMap<>();
        for (PredictorKind kind : KINDS) {
            Predictor q = fit(kind, ofChoices);
            ChoicePredictor c = ChoicePredictor.of(q, space, kind.text());
            fromChoices.put(name(kind, q), () -> c.predict(choices));
            Predictor p = fit(kind, ofGraphs);
            double[][] own = columns(p, asked);
            predictors.put(kind.text(), p);
            fromFeatures.put(name(kind, p), () -> p.predict(own));
        }
        TransferPredictor transfer = transfer(pool, measured);
        fromChoices.put(TRANSFER, () -> transfer.predictMs(choices));

        // Columns that never change say nothing, and ours leave them out: theirs are not to read them either.
        int[] varying = IntStream.range(0, trained[0].length)
                .filter(c -> Arrays.stream(trained).anyMatch(r -> r[c] != trained[0][c]))
                .toArray();
        List<double[][]> matrices = List.of(
                numbers(FewShot.choices(known)),
                columns(varying, trained),
                column(ms),
                numbers(choices),
                columns(varying, asked));
        Map<String, Integer> sizes = Map.of(
                "rows",
                ms.length,
                "decisions",
                space.decisions().size(),
                "features",
                varying.length,
                "queries",
                queries.size(),
                "trees",
                SETTINGS.trees(),
                "depth",
                SETTINGS.depth());
        List<ReproduceCommand.Row> rows = new ArrayList<>();
        try (ScikitLearn theirs = new ScikitLearn(python, sizes, matrices)) {
            int all = fromChoices.size() + fromFeatures.size();
            for (Map.Entry<String, Runnable> e : fromChoices.entrySet()) {
                rows.add(compare(e.getKey(), true, e.getValue(), theirs, queries.size()));
                progress.report("timing", rows.size(), all, e.getKey());
            }
            for (Map.Entry<String, Runnable> e : fromFeatures.entrySet()) {
                rows.add(compare(e.getKey(), false, e.getValue(), theirs, queries.size()));
                progress.report("timing", rows.size(), all, e.getKey());
            }
        }
        rows.add(whole(predictors, queries));
        return rows;
    }

    /** A stack is compared with one of the same parts. */
    private static String name(PredictorKind kind, Predictor predictor) {
        if (!(predictor instanceof StackedPredictor s)) {
            return kind.text();
        }
        Map<String, PredictorKind> names = Map.of(
                "gbm", PredictorKind.BOOSTED_TREES,
                "drf", PredictorKind.RANDOM_FOREST,
                "glm", PredictorKind.LINEAR,
                "deeplearning", PredictorKind.DEEP_LEARNING);
        return kind.text() + "="
                + s.algorithms().stream()
                        .map(a -> Objects.requireNonNull(names.get(a)).text())
                        .collect(Collectors.joining(","));
    }

    private Predictor fit(PredictorKind kind, TrainingTable table) {
        return Predictor.of(
                new H2OTrainer(kind, progress).train(table, SETTINGS, SEED).mojo(), kind.text());
    }

    /** In turn, so that both meet the same machine. */
    private ReproduceCommand.Row compare(String kind, boolean areChoices, Runnable ours, ScikitLearn theirs, int batch)
            throws IOException {
        String given = areChoices ? "choices" : "features";
        long start = System.nanoTime();
        while (System.nanoTime() - start < WARM_UP_SECONDS * 1e9) {
            ours.run();
        }
        double[] our = new double[ROUNDS];
        double[] their = new double[ROUNDS];
        for (int r = 0; r < ROUNDS; r++) {
            their[r] = theirs.seconds(given + " " + kind);
            our[r] = seconds(ours);
        }
        double ourRate = batch / median(our);
        double theirRate = batch / median(their);
        double ratio = ourRate / theirRate;
        return new ReproduceCommand.Row(
                "%s: architectures a second on one core, from %s, batches of %,d"
                        .formatted(kind, areChoices ? "their choices" : "features of graphs made before", batch),
                "%s (%s)".formatted(rate(theirRate), theirs.version()),
                "%s, %.1f times as many".formatted(rate(ourRate), ratio),
                areChoices ? "%.0f times".formatted(BAR) : "",
                !areChoices || ratio >= BAR);
    }

    /** What a search does for each network: graph, costs, features and two predictions, one at a time. */
    private ReproduceCommand.Row whole(Map<String, Predictor> predictors, List<Architecture> queries) {
        Predictor p = predictors.getOrDefault(PredictorKind.BOOSTED_TREES.text(), null);
        ArchitectureScorer scorer = new ArchitectureScorer(space, p, p);
        Runnable all = () -> queries.forEach(scorer::score);
        all.run();
        return new ReproduceCommand.Row(
                "gbm: from architecture to all metrics, as a search does it (graph, costs, features, two predictions)",
                "",
                rate(queries.size() / seconds(all)),
                "",
                true);
    }

    /** Processor time of one call. */
    private double seconds(Runnable work) {
        double[] seconds = new double[REPETITIONS];
        for (int i = 0; i < seconds.length; i++) {
            long start = clock.getCurrentThreadCpuTime();
            work.run();
            seconds[i] = (clock.getCurrentThreadCpuTime() - start) / 1e9;
        }
        return median(seconds);
    }

    private TransferPredictor transfer(List<PoolTable> pool, PoolTable measured) {
        LatencyTable known = FewShot.known(space, pool, DEVICE);
        TransferAdapter adapter = FewShot.learn(known, SEED, progress);
        int[][] choices = Arrays.copyOf(known.choices(), SAMPLES);
        double[] ms = Arrays.stream(choices)
                .mapToDouble(c -> measured.rows()
                        .getOrDefault(Architecture.of(space.name(), c), new PoolTable.Row(1, 1, 1, 0, 1))
                        .medianMs())
                .toArray();
        return adapter.adapt(choices, ms);
    }

    private double[][] columns(Predictor p, double[][] rows) {
        int[] from =
                p.featureNames().stream().mapToInt(features.names()::indexOf).toArray();
        return columns(from, rows);
    }

    private static double[][] columns(int[] from, double[][] rows) {
        return Arrays.stream(rows)
                .map(r -> Arrays.stream(from).mapToDouble(c -> r[c]).toArray())
                .toArray(double[][]::new);
    }

    private static double[][] numbers(int[][] rows) {
        return Arrays.stream(rows)
                .map(r -> Arrays.stream(r).asDoubleStream().toArray())
                .toArray(double[][]::new);
    }

    private static double[][] column(double[] values) {
        return Arrays.stream(values).mapToObj(v -> new double[] {v}).toArray(double[][]::new);
    }

    private static double median(double[] values) {
        double[] sorted = values.clone();
        Arrays.sort(sorted);
        return sorted[sorted.length / 2];
    }

    private static String rate(double perSecond) {
        return String.format(Locale.ROOT, "%,.0f", perSecond);
    }
}

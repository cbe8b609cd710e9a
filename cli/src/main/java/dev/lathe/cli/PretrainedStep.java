package dev.lathe.cli;

import dev.lathe.base.Hashes;
import dev.lathe.base.Seeds;
import dev.lathe.graph.CostModel;
import dev.lathe.predict.ArchitectureFeatures;
import dev.lathe.predict.PredictorFile;
import dev.lathe.predict.RankMetrics;
import dev.lathe.predict.RankQuality;
import dev.lathe.predict.network.InputColumns;
import dev.lathe.predict.network.NetworkPredictor;
import dev.lathe.predict.train.TrainingTable;
import dev.lathe.predict.train.network.NetworkSettings;
import dev.lathe.predict.train.network.NetworkTrainer;
import dev.lathe.space.Architecture;
import dev.lathe.space.TaskShape;
import java.io.IOException;
import java.util.Arrays;
import java.util.List;
import java.util.TreeMap;
import java.util.random.RandomGenerator;
import java.util.stream.IntStream;

/** Fits a predictor of accuracy that has learnt beforehand to tell costs, of decisions alone. */
final class PretrainedStep {
    private static final String TRAINER = "flops-pretrained-network";
    private static final int POOL = 3000;
    private static final double HELD_OUT = 0.2;

    private PretrainedStep() {}

    /** @param table features, of which decisions are taken, and accuracies */
    static PredictorFile.Stored run(Workbench w, TrainingTable table) throws IOException {
        long seed = w.experiment().seed();
        int[] decisions = IntStream.range(0, table.featureNames().size())
                .filter(j -> table.featureNames().get(j).startsWith("decision."))
                .toArray();
        List<String> names =
                Arrays.stream(decisions).mapToObj(table.featureNames()::get).toList();
        List<Architecture> pool =
                RandomNetworks.withExtremes(w.space(), RandomNetworks.draw(w.space(), POOL, seed, "pre-training"));
        ArchitectureFeatures features = new ArchitectureFeatures(w.space());
        double[][] rows = new double[pool.size()][];
        double[][] labels = new double[pool.size()][];
        for (int i = 0; i < rows.length; i++) {
            Architecture a = pool.get(i);
            CostModel.Cost cost = CostModel.of(w.space().lower(a));
            labels[i] = new double[] {cost.macs(), cost.parameters()};
            rows[i] = some(features.of(a), decisions);
            w.progress().report("costs for pre-training", i + 1L, rows.length, "");
        }
        NetworkSettings settings = NetworkSettings.defaults();
        NetworkTrainer trainer = NetworkTrainer.pretrained(InputColumns.of(names, rows), rows, labels, settings, seed);
        int[] order = shuffled(table.size(), Seeds.generator(seed, "held-out", 0));
        int held = Math.max(2, (int) Math.round(HELD_OUT * order.length));
        int[] judged = Arrays.copyOf(order, held);
        NetworkPredictor judge = fit(trainer, table, decisions, Arrays.copyOfRange(order, held, order.length));
        double[] measured = Arrays.stream(judged).mapToDouble(table::targetOf).toArray();
        double[] predicted = judge.predict(Arrays.stream(judged)
                .mapToObj(i -> some(table.row(i), decisions))
                .toArray(double[][]::new));
        RankQuality quality = RankMetrics.of(predicted, measured);
        PredictorStep.writeScatter(w, table.target(), new PredictorStep.Scatter(measured, predicted));
        byte[] bytes = fit(trainer, table, decisions, order).bytes();
        TreeMap<String, String> parameters = new TreeMap<>();
        parameters.put("settings", settings.toString());
        parameters.put("pretrainedOn", Integer.toString(pool.size()));
        PredictorFile file = new PredictorFile(
                PredictorFile.FORMAT,
                w.space().name(),
                TaskShape.of(w.space()),
                table.target(),
                table.size(),
                table.sha256(),
                TRAINER,
                parameters,
                seed,
                new TreeMap<>(java.util.Map.of("java", System.getProperty("java.version", "unknown"))),
                names,
                quality,
                Hashes.sha256(bytes));
        file.save(w.predictors(), bytes);
        return new PredictorFile.Stored(file, bytes);
    }

    private static NetworkPredictor fit(NetworkTrainer trainer, TrainingTable table, int[] columns, int[] rows) {
        return trainer.train(
                Arrays.stream(rows).mapToObj(i -> some(table.row(i), columns)).toArray(double[][]::new),
                Arrays.stream(rows).mapToDouble(table::targetOf).toArray());
    }

    private static double[] some(double[] row, int[] columns) {
        return Arrays.stream(columns).mapToDouble(j -> row[j]).toArray();
    }

    private static int[] shuffled(int n, RandomGenerator random) {
        int[] order = IntStream.range(0, n).toArray();
        Seeds.shuffle(order, random);
        return order;
    }
}

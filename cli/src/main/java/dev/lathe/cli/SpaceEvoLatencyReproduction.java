package dev.lathe.cli;

import dev.lathe.graph.CostModel;
import dev.lathe.graph.Graph;
import dev.lathe.graph.MemoryPlanner;
import dev.lathe.predict.GraphFeatures;
import dev.lathe.predict.MojoPredictor;
import dev.lathe.predict.Predictor;
import dev.lathe.predict.RankMetrics;
import dev.lathe.predict.RankQuality;
import dev.lathe.predict.train.H2OTrainer;
import dev.lathe.predict.train.TrainerSettings;
import dev.lathe.predict.train.TrainingTable;
import dev.lathe.space.spaceevo.Hyperspace;
import dev.lathe.space.spaceevo.StageLatencies;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * Latency of SpaceEvo's stages from features of their graphs, where all stages of one block type are held out: how far a predictor
 * goes that has never seen an operator combined so.
 *
 * @see <a href="https://arxiv.org/abs/2303.08308">Zhang et al., SpaceEvo, ICCV 2023</a>
 */
final class SpaceEvoLatencyReproduction {
    private static final int OF_EACH = 200;
    private static final long SEED = 1;
    /** Ours: nothing is published of block types that a predictor has not seen. */
    private static final double LEAST_SPEARMAN = 0.95;

    private SpaceEvoLatencyReproduction() {}

    /** Rows of one block type. */
    private record Block(List<double[]> features, List<Double> ms, double[] macs) {}

    static List<ReproduceCommand.Row> run(ReproduceCommand o) throws IOException {
        Path data = PublishedFigures.data(o);
        List<ReproduceCommand.Row> rows = new ArrayList<>();
        for (Hyperspace h : List.of(Hyperspace.MOBILEW, Hyperspace.ONNXW)) {
            List<Block> blocks = StageLatencies.sample(data, h, OF_EACH, SEED).stream()
                    .map(SpaceEvoLatencyReproduction::block)
                    .toList();
            for (int out = 0; out < blocks.size(); out++) {
                rows.add(heldOut(o, h, blocks, out));
            }
        }
        return rows;
    }

    private static Block block(List<StageLatencies.Row> rows) {
        List<double[]> features = new ArrayList<>();
        List<Double> ms = new ArrayList<>();
        double[] macs = new double[rows.size()];
        for (int i = 0; i < macs.length; i++) {
            Graph g = rows.get(i).stage().lower();
            features.add(GraphFeatures.of(g, MemoryPlanner.peakBytes(g, Float.BYTES)));
            ms.add(rows.get(i).latencyMs());
            macs[i] = CostModel.of(g).macs();
        }
        return new Block(features, ms, macs);
    }

    private static ReproduceCommand.Row heldOut(ReproduceCommand o, Hyperspace h, List<Block> blocks, int out) {
        List<double[]> features = new ArrayList<>();
        List<Double> ms = new ArrayList<>();
        for (int b = 0; b < blocks.size(); b++) {
            if (b != out) {
                features.addAll(blocks.get(b).features());
                ms.addAll(blocks.get(b).ms());
            }
        }
        TrainingTable table =
                new TrainingTable(GraphFeatures.names(), features.toArray(double[][]::new), "latencyMs", array(ms));
        Predictor p = MojoPredictor.of(
                new H2OTrainer(o.execution.progress())
                        .train(table, TrainerSettings.defaults(), SEED)
                        .mojo(),
                "stage latency");
        // What varies nowhere in the training rows is no feature of the predictor.
        int[] columns = p.featureNames().stream()
                .mapToInt(n -> GraphFeatures.names().indexOf(n))
                .toArray();
        double[] measured = array(blocks.get(out).ms());
        double[] predicted = blocks.get(out).features().stream()
                .mapToDouble(f -> {
                    double[] row = new double[columns.length];
                    for (int c = 0; c < row.length; c++) {
                        row[c] = f[columns[c]];
                    }
                    return p.predict(row);
                })
                .toArray();
        RankQuality ours = RankMetrics.of(predicted, measured);
        double macs = RankMetrics.spearman(blocks.get(out).macs(), measured);
        return new ReproduceCommand.Row(
                "%s without %s, predicted from %d stages of the other types, Spearman on %d"
                        .formatted(h.id(), h.blockTypes().get(out).name(), ms.size(), measured.length),
                "MACs alone %.3f".formatted(macs),
                "%.3f (median error %.0f %%)".formatted(ours.spearman(), ours.medianAbsolutePercentageError()),
                "at least " + LEAST_SPEARMAN,
                ours.spearman() >= LEAST_SPEARMAN);
    }

    private static double[] array(List<Double> values) {
        return values.stream().mapToDouble(v -> v).toArray();
    }
}

package dev.lathe.cli;

import dev.lathe.base.InvalidInputException;
import dev.lathe.predict.RankQuality;
import dev.lathe.predict.train.H2OTrainer;
import dev.lathe.predict.train.TrainedPredictor;
import dev.lathe.predict.train.TrainerSettings;
import dev.lathe.predict.train.TrainingTable;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * Latency of HAT's translators on its devices, predicted from the ten averages that its tables give and their products with the
 * decoder's depth; judged on a tenth of the rows that was not fitted.
 *
 * @see <a href="https://arxiv.org/abs/2005.14187">Wang et al., HAT, ACL 2020</a>
 */
final class HatLatencyReproduction {
    private static final int FEATURES = 10;
    /** Column of the decoder's depth, by which most of the latency is multiplied. */
    private static final int DEPTH = 5;

    private static final int ENCODER_MS = 10;
    private static final int DECODER_MS = 11;
    private static final int COLUMNS = 14;
    private static final long[] SEEDS = {1, 2, 3};
    private static final double HELD_OUT = 0.1;

    private HatLatencyReproduction() {}

    /** Figures over the seeds. */
    private record Quality(double rmse, double r2, double spearman) {}

    static List<ReproduceCommand.Row> run(ReproduceCommand o) throws IOException {
        Path folder = PublishedFigures.data(o).resolve("hat-latency");
        List<ReproduceCommand.Row> rows = new ArrayList<>();
        compare(o, rows, folder, "wmt14enfr_cpu_raspberrypi", "52.4 / 0.999 / 0.999", 80, 0.997, 0.998);
        compare(o, rows, folder, "wmt14enfr_cpu_xeon", "13.9 / 0.979 / 0.988", 15.5, 0.975, 0);
        return rows;
    }

    private static void compare(
            ReproduceCommand o,
            List<ReproduceCommand.Row> rows,
            Path folder,
            String name,
            String theirs,
            double mostRmse,
            double leastR2,
            double leastSpearman)
            throws IOException {
        Set<Integer> suspect = suspects(folder, name);
        for (boolean clean : new boolean[] {false, true}) {
            if (clean && suspect.isEmpty()) {
                continue;
            }
            TrainingTable table = read(folder.resolve(name + "_all.csv"), clean ? suspect : Set.of());
            double rmse = 0;
            double r2 = 0;
            double spearman = 0;
            for (long seed : SEEDS) {
                Quality q = judged(new H2OTrainer(o.execution.progress()).train(table, settings(), seed));
                rmse += q.rmse / SEEDS.length;
                r2 += q.r2 / SEEDS.length;
                spearman += q.spearman / SEEDS.length;
            }
            boolean reached = rmse <= mostRmse && r2 >= leastR2 && spearman >= leastSpearman;
            rows.add(new ReproduceCommand.Row(
                    "%s%s: RMSE in ms / R2 / Spearman, mean of %d splits"
                            .formatted(
                                    name,
                                    clean ? " without %d suspect rows".formatted(suspect.size()) : "",
                                    SEEDS.length),
                    clean ? "" : theirs + " (ridge with products, five splits)",
                    "%.1f / %.3f / %.3f".formatted(rmse, r2, spearman),
                    "at most %s / at least %s%s"
                            .formatted(mostRmse, leastR2, leastSpearman > 0 ? " / " + leastSpearman : ""),
                    reached));
        }
    }

    private static TrainerSettings settings() {
        TrainerSettings d = TrainerSettings.defaults();
        return new TrainerSettings(
                d.trees(),
                d.depth(),
                d.learnRate(),
                d.minRows(),
                d.sampleRate(),
                d.columnSampleRate(),
                HELD_OUT,
                3,
                false);
    }

    private static Quality judged(TrainedPredictor p) {
        double mean = p.scatter().stream()
                .mapToDouble(TrainedPredictor.Point::measured)
                .average()
                .orElseThrow();
        double squares = 0;
        double total = 0;
        for (TrainedPredictor.Point x : p.scatter()) {
            squares += (x.measured() - x.predicted()) * (x.measured() - x.predicted());
            total += (x.measured() - mean) * (x.measured() - mean);
        }
        RankQuality q = p.heldOut();
        return new Quality(q.rootMeanSquareError(), 1 - squares / total, q.spearman());
    }

    private static TrainingTable read(Path file, Set<Integer> without) throws IOException {
        List<String> lines = lines(file);
        String[] header = lines.get(0).split(",", -1);
        List<String> names = new ArrayList<>(List.of(header).subList(0, FEATURES));
        for (int f = 0; f < FEATURES; f++) {
            names.add(header[f] + "_times_depth");
        }
        List<double[]> rows = new ArrayList<>();
        List<Double> ms = new ArrayList<>();
        for (int i = 1; i < lines.size(); i++) {
            if (without.contains(i - 1)) {
                continue;
            }
            String[] cells = lines.get(i).split(",", -1);
            if (cells.length != COLUMNS) {
                throw new InvalidInputException("%s line %d has %d columns, not %d; fetch the file again"
                        .formatted(file, i + 1, cells.length, COLUMNS));
            }
            double[] row = new double[2 * FEATURES];
            try {
                for (int f = 0; f < FEATURES; f++) {
                    row[f] = Double.parseDouble(cells[f]);
                    row[FEATURES + f] = row[f] * Double.parseDouble(cells[DEPTH]);
                }
                ms.add(Double.parseDouble(cells[ENCODER_MS]) + Double.parseDouble(cells[DECODER_MS]));
            } catch (NumberFormatException e) {
                throw new InvalidInputException(
                        "%s line %d holds what is no number; fetch the file again".formatted(file, i + 1), e);
            }
            rows.add(row);
        }
        return new TrainingTable(
                names,
                rows.toArray(double[][]::new),
                "latencyMs",
                ms.stream().mapToDouble(v -> v).toArray());
    }

    private static Set<Integer> suspects(Path folder, String name) throws IOException {
        Set<Integer> rows = new HashSet<>();
        for (String line : lines(folder.resolve("suspect_rows.csv"))) {
            String[] cells = line.split(",", -1);
            if (cells[0].startsWith(name) && cells.length > 1) {
                rows.add(Integer.parseInt(cells[1]));
            }
        }
        return rows;
    }

    private static List<String> lines(Path file) throws IOException {
        if (!Files.isRegularFile(file)) {
            throw new InvalidInputException("no file %s; give the folder of the data sets by --data".formatted(file));
        }
        return Files.readAllLines(file);
    }
}

package dev.lathe.cli;

import dev.lathe.base.AtomicFiles;
import dev.lathe.base.InvalidInputException;
import dev.lathe.predict.FeatureKind;
import dev.lathe.predict.FeatureSet;
import dev.lathe.predict.PredictorFile;
import dev.lathe.predict.train.H2OTrainer;
import dev.lathe.predict.train.PredictorKind;
import dev.lathe.predict.train.TrainedPredictor;
import dev.lathe.predict.train.TrainerSettings;
import dev.lathe.predict.train.TrainingTable;
import dev.lathe.space.Architecture;
import dev.lathe.space.TaskShape;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** Fits a predictor of one metric to what was measured of it, or takes the one that was fitted to the same rows before. */
final class PredictorStep {
    private PredictorStep() {}

    /** What a report shows of a predictor's held-out rows: measured and predicted, in the metric's unit. */
    record Scatter(double[] measured, double[] predicted) {
        @Override
        public boolean equals(Object o) {
            return o instanceof Scatter s
                    && java.util.Arrays.equals(measured, s.measured)
                    && java.util.Arrays.equals(predicted, s.predicted);
        }

        @Override
        public int hashCode() {
            return java.util.Arrays.hashCode(measured);
        }
    }

    static PredictorFile.Stored run(Workbench w, String metric, Map<Architecture, Double> values) throws IOException {
        PredictorKind kind = w.experiment().predictor();
        boolean isPretrained = kind == PredictorKind.PRETRAINED && metric.equals("top1");
        // Pre-training learns costs by the values of decisions.
        FeatureSet features = (isPretrained ? FeatureKind.GRAPH : w.experiment().features()).of(w.space());
        List<double[]> rows = new ArrayList<>();
        values.keySet().forEach(a -> rows.add(features.of(a)));
        TrainingTable table = new TrainingTable(
                features.names(),
                rows.toArray(double[][]::new),
                metric,
                values.values().stream().mapToDouble(Double::doubleValue).toArray());
        if (Files.exists(PredictorFile.jsonPath(w.predictors(), metric)) && Files.exists(scatterPath(w, metric))) {
            PredictorFile.Stored stored = PredictorFile.load(w.predictors(), metric);
            if (stored.file().dataSha256().equals(table.sha256())
                    && stored.file().seed() == w.experiment().seed()) {
                return stored;
            }
        }
        if (isPretrained) {
            return PretrainedStep.run(w, table);
        }
        TrainedPredictor trained = new H2OTrainer(kind, w.progress())
                .train(table, TrainerSettings.defaults(), w.experiment().seed());
        if (kind != PredictorKind.FAST) {
            w.say("predictor of %s: %s".formatted(metric, trained.reason()));
        }
        keepScatter(w, metric, trained);
        PredictorFile file = trained.file(w.space().name(), TaskShape.of(w.space()));
        file.save(w.predictors(), trained.mojo());
        return new PredictorFile.Stored(file, trained.mojo());
    }

    /** Keeps what the predictor says of rows held out, for the report. */
    static void keepScatter(Workbench w, String metric, TrainedPredictor trained) throws IOException {
        List<TrainedPredictor.Point> points = trained.scatter();
        writeScatter(
                w,
                metric,
                new Scatter(
                        points.stream()
                                .mapToDouble(TrainedPredictor.Point::measured)
                                .toArray(),
                        points.stream()
                                .mapToDouble(TrainedPredictor.Point::predicted)
                                .toArray()));
    }

    static boolean hasScatter(Workbench w, String metric) {
        return Files.exists(scatterPath(w, metric));
    }

    static void writeScatter(Workbench w, String metric, Scatter rows) throws IOException {
        StringBuilder csv = new StringBuilder("measured,predicted\n");
        for (int i = 0; i < rows.measured().length; i++) {
            csv.append(rows.measured()[i])
                    .append(',')
                    .append(rows.predicted()[i])
                    .append('\n');
        }
        AtomicFiles.writeString(scatterPath(w, metric), csv.toString());
    }

    static Scatter scatter(Workbench w, String metric) throws IOException {
        List<double[]> rows = new ArrayList<>();
        List<String> lines = Files.readAllLines(scatterPath(w, metric));
        for (String line : lines.subList(Math.min(1, lines.size()), lines.size())) {
            String[] cells = line.split(",", -1);
            try {
                rows.add(new double[] {Double.parseDouble(cells[0]), Double.parseDouble(cells[1])});
            } catch (RuntimeException e) {
                throw new InvalidInputException(
                        "%s is damaged; delete the predictors folder and search again"
                                .formatted(scatterPath(w, metric)),
                        e);
            }
        }
        return new Scatter(
                rows.stream().mapToDouble(r -> r[0]).toArray(),
                rows.stream().mapToDouble(r -> r[1]).toArray());
    }

    private static Path scatterPath(Workbench w, String metric) {
        return w.predictors().resolve("scatter-" + metric + ".csv");
    }
}

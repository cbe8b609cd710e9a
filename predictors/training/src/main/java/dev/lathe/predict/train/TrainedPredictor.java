package dev.lathe.predict.train;

import dev.lathe.base.Hashes;
import dev.lathe.predict.PredictorFile;
import dev.lathe.predict.RankQuality;
import dev.lathe.space.TaskShape;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * A fitted predictor and how good it is.
 *
 * @param mojo the model's archive
 * @param trainer the kind of model that was chosen, for example {@code h2o-gbm}
 * @param reason why that kind, in a sentence
 * @param metric name of the target
 * @param featureNames features of the table
 * @param trainingRows rows the stored model was fitted to
 * @param dataSha256 checksum of the table
 * @param settings how it was fitted
 * @param seed seed of split and training
 * @param candidates cross-validated agreement of every kind of model that was tried, on the rows not held out, in the order
 *     tried
 * @param heldOut agreement on the held-out rows, of the chosen kind fitted to the others: if the stored model was refitted to
 *     all rows, it is that kind with more data
 * @param scatter the held-out rows one by one, in the table's order
 */
@SuppressWarnings("ArrayRecordComponent") // a result to be read, never compared
public record TrainedPredictor(
        byte[] mojo,
        String trainer,
        String reason,
        String metric,
        List<String> featureNames,
        int trainingRows,
        String dataSha256,
        TrainerSettings settings,
        long seed,
        Map<String, RankQuality> candidates,
        RankQuality heldOut,
        List<Point> scatter) {
    /**
     * One held-out row.
     *
     * @param row its index in the table
     * @param measured its target
     * @param predicted what the judged model says
     */
    public record Point(int row, double measured, double predicted) {}

    public TrainedPredictor {
        featureNames = List.copyOf(featureNames);
        candidates = java.util.Collections.unmodifiableMap(new java.util.LinkedHashMap<>(candidates));
        scatter = List.copyOf(scatter);
    }

    /** The description that is stored beside the model: {@code file(space, task).save(folder, mojo())}. */
    public PredictorFile file(String space, TaskShape task) {
        SortedMap<String, String> parameters = new TreeMap<>();
        parameters.put("trees", Integer.toString(settings.trees()));
        parameters.put("depth", Integer.toString(settings.depth()));
        parameters.put("learnRate", Double.toString(settings.learnRate()));
        parameters.put("minRows", Integer.toString(settings.minRows()));
        parameters.put("sampleRate", Double.toString(settings.sampleRate()));
        parameters.put("columnSampleRate", Double.toString(settings.columnSampleRate()));
        parameters.put("heldOutShare", Double.toString(settings.heldOutShare()));
        parameters.put("folds", Integer.toString(settings.folds()));
        parameters.put("refitOnAll", Boolean.toString(settings.refitOnAll()));
        candidates.forEach(
                (name, quality) -> parameters.put("cv.spearman." + name, Double.toString(quality.spearman())));
        parameters.put("reason", reason);
        SortedMap<String, String> versions = new TreeMap<>();
        versions.put("java", System.getProperty("java.version", "unknown"));
        versions.put("h2o", H2OTrainer.h2oVersion());
        return new PredictorFile(
                PredictorFile.FORMAT,
                space,
                task,
                metric,
                trainingRows,
                dataSha256,
                trainer,
                parameters,
                seed,
                versions,
                featureNames,
                heldOut,
                Hashes.sha256(mojo));
    }
}

package dev.lathe.cli;

import dev.lathe.base.AtomicFiles;
import dev.lathe.base.InvalidInputException;
import dev.lathe.base.Names;
import dev.lathe.base.ProgressListener;
import dev.lathe.device.DeviceProfile;
import dev.lathe.device.Devices;
import dev.lathe.device.MeasurementTask;
import dev.lathe.device.MemoryMeasurement;
import dev.lathe.device.MemoryMeter;
import dev.lathe.device.MemoryTable;
import dev.lathe.predict.RankMetrics;
import dev.lathe.predict.RankQuality;
import dev.lathe.predict.memory.MemoryFile;
import dev.lathe.predict.memory.MemoryPredictor;
import dev.lathe.space.Architecture;
import dev.lathe.space.SearchSpace;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** Sees what memory some random networks take while they run, and corrects the planner by it. */
final class MemoryStep {
    /** Budget and objective. */
    static final String NAME = "memory";

    static final String METRIC = "memoryBytes";
    /** Networks that are measured where the experiment does not say: half are fitted, half calibrate intervals at 90 %. */
    static final int NETWORKS = 20;

    static final int LEAST = 2 * MemoryFile.LEAST_NETWORKS;
    static final int MOST = 2 * MemoryFile.MOST_FITTED;

    private static final String TABLE = "memory.csv";
    private static final String PREDICTOR = "memory.json";
    private static final double LEVEL = 0.9;

    private MemoryStep() {}

    static boolean isWanted(Experiment e) {
        return e.memoryNetworks() != null
                || e.budgets().containsKey(NAME)
                || e.objectives().contains(NAME);
    }

    /** The smallest and the largest network, which are fitted, then random ones, as many as asked for in all. */
    static List<Architecture> networks(SearchSpace space, int count, long seed) {
        List<Architecture> all = RandomNetworks.withExtremes(space, RandomNetworks.draw(space, count, seed, "memory"));
        return all.subList(0, Math.min(count, all.size()));
    }

    /** Measures what is not measured yet, and keeps the predictor. */
    static MemoryFile measure(Workbench w) throws IOException {
        Integer asked = w.experiment().memoryNetworks();
        List<Architecture> networks = networks(
                w.space(), asked == null ? NETWORKS : asked, w.experiment().seed());
        MemoryFile file = calibrated(
                w.device(),
                w.space(),
                networks,
                measured(w.device(), w.space(), networks, w.folder().resolve(TABLE), w.progress()));
        Files.createDirectories(w.predictors());
        file.save(path(w));
        return file;
    }

    /** Measures what is not in the table yet; in the order given. */
    static List<MemoryMeasurement> measured(
            DeviceProfile device, SearchSpace space, List<Architecture> networks, Path table, ProgressListener progress)
            throws IOException {
        MemoryMeter meter = Devices.memoryMeter(device);
        try (MemoryTable t = MemoryTable.open(table, device, meter.protocol())) {
            return t.measureMissing(meter, TimedForms.ofRandomWeights(device, space, networks), progress);
        }
    }

    /** Fits to the first half of the networks; the second half calibrates. */
    static MemoryFile calibrated(
            DeviceProfile device, SearchSpace space, List<Architecture> networks, List<MemoryMeasurement> seen) {
        if (networks.size() < LEAST) {
            throw new InvalidInputException(
                    "space %s has only %d networks, fewer than the %d that a memory predictor takes; leave memory out"
                            .formatted(space.name(), networks.size(), LEAST));
        }
        return MemoryFile.calibrate(
                new MemoryFile.Origin(
                        space.name(),
                        device.id(),
                        seen.get(0).protocol(),
                        device.precision().bytesPerElement(),
                        device.batch(),
                        device.microcontroller().map(m -> m.sramBytes()).orElse(null)),
                networks.stream().map(space::lower).toList(),
                seen.stream().mapToDouble(MemoryMeasurement::medianBytes).toArray(),
                networks.size() / 2);
    }

    /** @throws InvalidInputException if there is none, or it is of something else */
    static MemoryFile read(Workbench w) throws IOException {
        Path path = path(w);
        if (!Files.isRegularFile(path)) {
            throw new InvalidInputException(
                    "%s is missing: no memory was measured yet; run lathe profile --out %s first"
                            .formatted(path, w.folder()));
        }
        MemoryFile file = MemoryFile.of(Files.readAllBytes(path), path.toString());
        if (!file.space().equals(w.space().name())
                || !file.device().equals(w.device().id())) {
            throw new InvalidInputException("%s is of %s on %s, not of %s on %s; run lathe profile again"
                    .formatted(
                            path,
                            Names.shown(file.space()),
                            Names.shown(file.device()),
                            w.space().name(),
                            w.device().id()));
        }
        return file;
    }

    /** What to print of a predictor. */
    static String summary(Workbench w) throws IOException {
        MemoryFile f = read(w);
        double[] errors =
                Arrays.stream(f.calibrationShares()).map(Math::abs).sorted().toArray();
        return """
                memory: %s + %s a step + %.2f x planned, fitted to %d networks (%s)
                median error %.1f %% on %d others%s
                predictor: %s
                """.formatted(
                        Quantities.show(METRIC, f.constantBytes()),
                        Quantities.show(METRIC, f.stepBytes()),
                        f.factor(),
                        f.fitted(),
                        f.protocol(),
                        100 * errors[errors.length / 2],
                        errors.length,
                        errors.length + 1 < Math.round(1 / (1 - LEVEL))
                                ? ""
                                : "; %.0f %% of networks within ± %.1f %% of their prediction (split conformal)"
                                        .formatted(100 * LEVEL, 100 * f.halfShare(LEVEL)),
                        path(w));
    }

    /** How the predictor does on the networks that it was not fitted to. */
    static SearchSummary.PredictorSummary quality(Workbench w, MemoryFile file) throws IOException {
        MemoryPredictor predictor = file.predictor();
        List<Architecture> others = networks(
                w.space(),
                file.fitted() + file.calibrationShares().length,
                w.experiment().seed());
        others = others.subList(file.fitted(), others.size());
        double[] predicted = others.stream()
                .map(w.space()::lower)
                .mapToDouble(predictor::predictBytes)
                .toArray();
        double[] seen = new double[predicted.length];
        for (int i = 0; i < seen.length; i++) {
            seen[i] = predicted[i] * (1 + file.calibrationShares()[i]);
        }
        RankQuality q = RankMetrics.of(predicted, seen);
        return new SearchSummary.PredictorSummary(MemoryFile.TRAINER, file.fitted(), q);
    }

    /**
     * What the search limits the prediction to.
     *
     * @param level confidence asked for, or null where the prediction itself is to be within the budget
     */
    static double limit(Workbench w, MemoryFile file, double limitBytes, @Nullable Double level) {
        if (level == null) {
            return limitBytes;
        }
        double margin = file.upperShare(level);
        double limit = limitBytes / (1 + margin);
        w.say("memory at most %s at %.0f %% confidence: predictions at most %s, %.1f %% below (split conformal)"
                .formatted(
                        Quantities.show(METRIC, limitBytes),
                        100 * level,
                        Quantities.show(METRIC, limit),
                        100 * (1 - limit / limitBytes)));
        return limit;
    }

    /**
     * Measures exported networks, keeps what was seen beside what was predicted, and says how well that went.
     *
     * @param tasks the networks in the order of the front
     * @param predicted bytes of each, NaN where there is no prediction
     * @return bytes of each, as seen
     */
    static double[] exported(Workbench w, List<MeasurementTask> tasks, double[] predicted, Path file)
            throws IOException {
        List<MemoryMeasurement> seen = Devices.memoryMeter(w.device()).measure(tasks, w.progress(), m -> {
            // Kept below, beside the predictions.
        });
        double[] bytes =
                seen.stream().mapToDouble(MemoryMeasurement::medianBytes).toArray();
        StringBuilder csv =
                new StringBuilder("network,measuredBytes,predictedBytes,repetitionsBytes,device,protocol\n");
        for (int i = 0; i < bytes.length; i++) {
            MemoryMeasurement m = seen.get(i);
            csv.append(String.format(
                    Locale.ROOT,
                    "%s,%.0f,%.0f,%s,%s,%s%n",
                    m.id(),
                    bytes[i],
                    predicted[i],
                    MemoryTable.text(m.bytes()),
                    m.device(),
                    m.protocol()));
        }
        AtomicFiles.writeString(file, csv.toString());
        double[] errors = new double[bytes.length];
        for (int i = 0; i < errors.length; i++) {
            errors[i] = Math.abs(bytes[i] / predicted[i] - 1);
        }
        Arrays.sort(errors);
        w.say("memory of the exported networks, measured: %s to %s; predictions were off by %.1f %% in the median (%s)"
                .formatted(
                        Quantities.show(METRIC, Arrays.stream(bytes).min().orElse(Double.NaN)),
                        Quantities.show(METRIC, Arrays.stream(bytes).max().orElse(Double.NaN)),
                        100 * errors[errors.length / 2],
                        file));
        return bytes;
    }

    private static Path path(Workbench w) {
        return w.predictors().resolve(PREDICTOR);
    }
}

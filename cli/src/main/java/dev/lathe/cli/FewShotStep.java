package dev.lathe.cli;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.lathe.base.InvalidInputException;
import dev.lathe.base.Json;
import dev.lathe.base.Names;
import dev.lathe.device.LatencyMeasurement;
import dev.lathe.device.pool.DevicePool;
import dev.lathe.predict.adapt.FewShotFile;
import dev.lathe.predict.adapt.LatencyInterval;
import dev.lathe.predict.adapt.LatencyTable;
import dev.lathe.predict.adapt.TransferAdapter;
import dev.lathe.space.Architecture;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;

/** Profiles a device by a few measurements: a predictor with intervals, learnt from the pool of known devices. */
final class FewShotStep {
    /** Where the predictor and what it was adapted from lie in a run directory. */
    static final String FOLDER = "few-shot";

    static final String PREDICTOR = "latency.json";
    static final double LEVEL = 0.9;

    private static final int SHOWN = 1000;

    private FewShotStep() {}

    /**
     * The device's predictor, as it was left by an earlier call.
     *
     * @throws InvalidInputException if there is none, or it is of something else
     */
    static FewShotFile read(Workbench w) throws IOException {
        Path path = w.folder().resolve(FOLDER).resolve(PREDICTOR);
        FewShotFile file = FewShotFile.load(path);
        boolean isOurs = file.space().equals(w.space().name())
                && file.device().equals(w.device().id())
                && file.protocol().equals(w.device().protocol().id());
        if (!isOurs) {
            throw new InvalidInputException(
                    "%s is of %s on %s by %s, not of %s on %s by %s; run lathe profile --samples again"
                            .formatted(
                                    path,
                                    Names.shown(file.space()),
                                    Names.shown(file.device()),
                                    Names.shown(file.protocol()),
                                    w.space().name(),
                                    w.device().id(),
                                    w.device().protocol().id()));
        }
        return file;
    }

    /** As {@link #read}; where there is none, it is adapted from the built-in tables and those of the default folder. */
    static FewShotFile readOrAdapt(Workbench w, int samples) throws IOException {
        return Files.exists(w.folder().resolve(FOLDER).resolve(PREDICTOR))
                ? read(w)
                : adapt(w, samples, Path.of(PoolCommand.FOLDER)).file();
    }

    private record Adapted(FewShotFile file, LatencyTable known) {}

    private static Adapted adapt(Workbench w, int samples, Path pool) throws IOException {
        long seed = w.experiment().seed();
        LatencyTable known = FewShot.known(
                w.space(),
                DevicePool.tables(w.space().name(), PoolCommand.task(w.space()), pool),
                w.device().id());
        TransferAdapter adapter = FewShot.learn(known, seed, w.progress());
        List<Architecture> networks = FewShot.choose(adapter, w.space(), samples, seed);
        Path folder = w.folder().resolve(FOLDER);
        Files.createDirectories(folder);
        List<LatencyMeasurement> measured = FewShot.measure(
                w.device(), w.space(), networks, folder.resolve("measurements.csv"), seed, w.progress());
        FewShotFile file = FewShot.adapt(adapter, w.space(), networks, measured);
        file.save(folder.resolve(PREDICTOR));
        return new Adapted(file, known);
    }

    /** Adapts, and returns what to print. */
    static String run(Workbench w, int samples, Path pool, boolean json) throws IOException {
        long start = System.nanoTime();
        Adapted adapted = adapt(w, samples, pool);
        FewShotFile file = adapted.file();
        LatencyTable known = adapted.known();
        Path predictor = w.folder().resolve(FOLDER).resolve(PREDICTOR);
        long seed = w.experiment().seed();
        double seconds = (System.nanoTime() - start) / 1e9;

        List<Architecture> random = RandomNetworks.draw(w.space(), SHOWN, seed, "few-shot shown");
        LatencyInterval[] intervals = file.predictor().intervals(FewShot.choices(random), LEVEL);
        double[] ms = Arrays.stream(intervals)
                .mapToDouble(LatencyInterval::latencyMs)
                .sorted()
                .toArray();
        double[] widths = Arrays.stream(intervals)
                .mapToDouble(i -> i.widthMs() / 2 / i.latencyMs())
                .sorted()
                .toArray();
        double tenth = ms[ms.length / 10];
        double median = ms[ms.length / 2];
        double half = widths[widths.length / 2];
        if (json) {
            ObjectNode o = Json.json()
                    .createObjectNode()
                    .put("device", w.device().id())
                    .put("space", w.space().name())
                    .put("measured", samples)
                    .put("seconds", seconds)
                    .put("predictor", predictor.toString())
                    .put("predictedTenthMs", tenth)
                    .put("predictedMedianMs", median)
                    .put("intervalLevel", LEVEL)
                    .put("intervalHalfShare", half);
            known.devices().forEach(o.putArray("knownDevices")::add);
            return Json.json().writeValueAsString(o) + "\n";
        }
        return """
                %s by %d measurements, known devices and costs (%s), in %.1f s
                predicted for %,d random networks: a tenth below %s, half below %s; %.0f %% intervals of ± %.0f %% in the median
                predictor: %s
                """.formatted(
                        w.device().id(),
                        samples,
                        String.join(", ", known.devices()),
                        seconds,
                        random.size(),
                        Quantities.show("latencyMs", tenth),
                        Quantities.show("latencyMs", median),
                        100 * LEVEL,
                        100 * half,
                        predictor);
    }
}

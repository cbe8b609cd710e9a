package dev.lathe.predict.memory;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import dev.lathe.base.AtomicFiles;
import dev.lathe.base.Hashes;
import dev.lathe.base.InvalidInputException;
import dev.lathe.base.Json;
import dev.lathe.base.Names;
import dev.lathe.graph.Graph;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * The planner's peak corrected by what was seen of some networks, with <b>split-conformal</b> intervals from others, as one JSON
 * file of numbers and names; reading it makes no class that the file names.
 *
 * @param format version of the layout, {@value #FORMAT}
 * @param space search space of the networks
 * @param device where they were seen
 * @param protocol what was read there
 * @param bytesPerElement of activations and weights as planned
 * @param batch samples of an invocation as planned
 * @param firmwareRamBytes RAM by which schedules of firmware are planned, or null
 * @param constantBytes of every network
 * @param stepBytes of each of its steps
 * @param factor of the planned bytes
 * @param fitted number of networks that the correction was fitted to
 * @param calibrationShares seen / predicted - 1 of each of the networks that it was not fitted to
 * @param dataSha256 checksum of what was planned and seen
 * @param versions of Java
 * @see <a href="https://arxiv.org/abs/1604.04173">Lei et al., Distribution-Free Predictive Inference for Regression, 2018</a>
 */
@SuppressWarnings("ArrayRecordComponent") // a parcel between file and predictor, never compared
public record MemoryFile(
        int format,
        String space,
        String device,
        String protocol,
        int bytesPerElement,
        int batch,
        @Nullable Long firmwareRamBytes,
        double constantBytes,
        double stepBytes,
        double factor,
        int fitted,
        double[] calibrationShares,
        String dataSha256,
        SortedMap<String, String> versions) {
    public static final int FORMAT = 1;

    /** How reports name it. */
    public static final String TRAINER = "planner, corrected by least absolute deviations";

    /** Networks that are fitted, and networks that calibrate, at least. */
    public static final int LEAST_NETWORKS = 5;

    /** Networks that are fitted at most. */
    public static final int MOST_FITTED = MemoryCorrection.MOST_NETWORKS;

    private static final int MOST_BYTES = 4 << 20;

    public MemoryFile {
        versions = Collections.unmodifiableSortedMap(new TreeMap<>(versions));
        calibrationShares = calibrationShares.clone();
        if (fitted < LEAST_NETWORKS || calibrationShares.length < LEAST_NETWORKS) {
            throw new IllegalArgumentException("%d networks fitted and %d calibrating, not at least %d each"
                    .formatted(fitted, calibrationShares.length, LEAST_NETWORKS));
        }
        for (double s : calibrationShares) {
            if (!(s > -1 && Double.isFinite(s))) {
                throw new IllegalArgumentException("a calibrating share is " + s);
            }
        }
    }

    /**
     * How planned memory is counted on a device.
     *
     * @param space name of the search space
     * @param device its id
     * @param protocol what is read there
     * @param bytesPerElement 4 for float32, 1 for 8 bits
     * @param batch samples of one invocation
     * @param firmwareRamBytes where networks run as C: RAM by which schedules are chosen; else null
     */
    public record Origin(
            String space,
            String device,
            String protocol,
            int bytesPerElement,
            int batch,
            @Nullable Long firmwareRamBytes) {}

    /**
     * Fits the correction to the first networks, and keeps how it errs on the others, which must be drawn at random.
     *
     * @param networks as seen, at least {@value #LEAST_NETWORKS} of either kind
     * @param seenBytes of each, above 0
     * @param fitted how many of them are fitted
     */
    public static MemoryFile calibrate(Origin origin, List<Graph> networks, double[] seenBytes, int fitted) {
        PlannedMemory planner = new PlannedMemory(origin.bytesPerElement(), origin.batch(), origin.firmwareRamBytes());
        int n = networks.size();
        if (seenBytes.length != n || fitted < LEAST_NETWORKS || n - fitted < LEAST_NETWORKS) {
            throw new IllegalArgumentException(
                    "%d networks, %d seen, %d of them to be fitted".formatted(n, seenBytes.length, fitted));
        }
        double[] planned = networks.stream().mapToDouble(planner::bytes).toArray();
        double[] steps = networks.stream().mapToDouble(planner::steps).toArray();
        MemoryCorrection c = MemoryCorrection.fit(
                Arrays.copyOf(planned, fitted), Arrays.copyOf(steps, fitted), Arrays.copyOf(seenBytes, fitted));
        double[] shares = new double[n - fitted];
        for (int i = fitted; i < n; i++) {
            shares[i - fitted] = seenBytes[i] / c.predict(planned[i], steps[i]) - 1;
        }
        String data = Arrays.toString(planned) + Arrays.toString(steps) + Arrays.toString(seenBytes);
        return new MemoryFile(
                FORMAT,
                origin.space(),
                origin.device(),
                origin.protocol(),
                origin.bytesPerElement(),
                origin.batch(),
                origin.firmwareRamBytes(),
                c.constantBytes(),
                c.stepBytes(),
                c.factor(),
                fitted,
                shares,
                Hashes.sha256(data.getBytes(StandardCharsets.UTF_8)),
                new TreeMap<>(java.util.Map.of("java", System.getProperty("java.version", "unknown"))));
    }

    /** The predictor that the file stands for. */
    public MemoryPredictor predictor() {
        return new MemoryPredictor(
                new PlannedMemory(bytesPerElement, batch, firmwareRamBytes),
                new MemoryCorrection(constantBytes, stepBytes, factor));
    }

    /** What kind of networks it is for, and how it counts. */
    public Origin origin() {
        return new Origin(space, device, protocol, bytesPerElement, batch, firmwareRamBytes);
    }

    /**
     * A new network is within this share of its prediction, above or below, with the probability asked for.
     *
     * @param level above 0 and below 1
     * @throws InvalidInputException if fewer networks calibrate than such a level takes
     */
    public double halfShare(double level) {
        return quantile(Arrays.stream(calibrationShares).map(Math::abs).toArray(), level);
    }

    /**
     * A new network takes at most so much more than its prediction, as a share of it, with the probability asked for; never
     * below 0.
     *
     * @param level above 0 and below 1
     * @throws InvalidInputException if fewer networks calibrate than such a level takes
     */
    public double upperShare(double level) {
        return Math.max(0, quantile(calibrationShares.clone(), level));
    }

    /** Of n + 1 networks that might as well have come in another order, the new one is at most the k-th with k / (n + 1). */
    private static double quantile(double[] shares, double level) {
        int n = shares.length;
        int k = (int) Math.ceil((n + 1) * level - 1e-9);
        if (k > n) {
            throw new InvalidInputException(
                    "a memory prediction at a confidence of %s takes more than the %d networks that calibrate it; raise profile.memory or lower the confidence"
                            .formatted(level, n));
        }
        Arrays.sort(shares);
        return shares[Math.max(1, k) - 1];
    }

    /** Writes the file whole or not at all. */
    public void save(Path file) throws IOException {
        AtomicFiles.write(file, bytes());
    }

    /** The content of the file: equal predictors give equal bytes. */
    public byte[] bytes() throws JsonProcessingException {
        return Json.json().writeValueAsBytes(this);
    }

    /**
     * Reads the content of a file.
     *
     * @param what how messages name it
     * @throws InvalidInputException in one line, if it is damaged or no memory predictor
     */
    public static MemoryFile of(byte[] content, String what) {
        if (content.length > MOST_BYTES) {
            throw new InvalidInputException(
                    "%s has %d bytes, more than the %d a memory predictor may have; profile again"
                            .formatted(what, content.length, MOST_BYTES));
        }
        MemoryFile f;
        try {
            f = Json.json()
                    .readerFor(MemoryFile.class)
                    .with(DeserializationFeature.FAIL_ON_NULL_FOR_PRIMITIVES)
                    .with(DeserializationFeature.FAIL_ON_MISSING_CREATOR_PROPERTIES)
                    .readValue(new String(content, StandardCharsets.UTF_8));
            if (f != null && f.format == FORMAT) {
                // Made once, so that a file that gives no predictor is refused here.
                f.predictor();
                return f;
            }
        } catch (JsonProcessingException | IllegalArgumentException | NullPointerException e) {
            String why =
                    e instanceof JsonProcessingException j ? j.getOriginalMessage() : String.valueOf(e.getMessage());
            throw new InvalidInputException(
                    "%s is no memory predictor: %s; profile again".formatted(what, Names.shown(why)), e);
        }
        throw new InvalidInputException("%s has format %s, this version reads %d; profile again"
                .formatted(what, f == null ? "none" : f.format, FORMAT));
    }
}

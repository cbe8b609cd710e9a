package dev.lathe.predict.lookup;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.SerializationFeature;
import dev.lathe.base.AtomicFiles;
import dev.lathe.base.Hashes;
import dev.lathe.base.InvalidInputException;
import dev.lathe.base.Json;
import dev.lathe.base.Names;
import dev.lathe.graph.Graph;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Collections;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * A look-up table of operators with its calibration, as one JSON file of numbers and names; reading it makes no class that the
 * file names.
 *
 * @param format version of the layout, {@value #FORMAT}
 * @param space search space of the calibrating networks
 * @param device where operators and networks were measured
 * @param protocol by which
 * @param callMs time of an empty call
 * @param operators the table
 * @param constantMs of a network
 * @param stepMs of each of its steps
 * @param factors of the times of each kind of operator, in the order in which {@code operators} names them first
 * @param form what of the calibration was free
 * @param networks number of networks that calibrate
 * @param leftOutError root mean square of relative errors on networks left out one at a time
 * @param dataSha256 checksum of operators and networks
 * @param versions of Java
 */
@SuppressWarnings("ArrayRecordComponent") // a parcel between file and predictor, never compared
public record LookupFile(
        int format,
        String space,
        String device,
        String protocol,
        double callMs,
        List<OperatorTimes.Entry> operators,
        double constantMs,
        double stepMs,
        double[] factors,
        String form,
        int networks,
        double leftOutError,
        String dataSha256,
        SortedMap<String, String> versions) {
    public static final int FORMAT = 1;

    /** How reports name it. */
    public static final String TRAINER = "operator look-up table";

    /** Networks that a calibration takes at least. */
    public static final int LEAST_NETWORKS = Calibration.LEAST_NETWORKS;

    private static final int MOST_BYTES = 64 << 20;

    public LookupFile {
        operators = List.copyOf(operators);
        factors = factors.clone();
        versions = Collections.unmodifiableSortedMap(new TreeMap<>(versions));
        if (networks < LEAST_NETWORKS || !Double.isFinite(constantMs + stepMs)) {
            throw new IllegalArgumentException(
                    "a calibration by %d networks, %s ms and %s ms a step".formatted(networks, constantMs, stepMs));
        }
        for (double f : factors) {
            if (!Double.isFinite(f)) {
                throw new IllegalArgumentException("a factor is " + f);
            }
        }
    }

    /**
     * What a calibration gives.
     *
     * @param file the predictor
     * @param leftOutMs for each network the prediction without it
     */
    public record Calibrated(LookupFile file, double[] leftOutMs) {}

    /**
     * Calibrates a table by whole networks.
     *
     * @param networks at least {@link #LEAST_NETWORKS} of one space
     * @param latencyMs what was measured of them
     */
    public static Calibrated calibrate(
            String space,
            String device,
            String protocol,
            OperatorTimes times,
            List<Graph> networks,
            double[] latencyMs) {
        double[][] sums = networks.stream().map(times::of).toArray(double[][]::new);
        Calibration.Fit fit = Calibration.fit(sums, latencyMs);
        StringBuilder data = new StringBuilder().append(times.callMs()).append('\n');
        times.entries().forEach(e -> data.append(e).append('\n'));
        for (int i = 0; i < sums.length; i++) {
            data.append(java.util.Arrays.toString(sums[i])).append(latencyMs[i]).append('\n');
        }
        Calibration c = fit.calibration();
        return new Calibrated(
                new LookupFile(
                        FORMAT,
                        space,
                        device,
                        protocol,
                        times.callMs(),
                        times.entries(),
                        c.constantMs(),
                        c.stepMs(),
                        c.factors(),
                        c.form(),
                        sums.length,
                        fit.leftOutError(),
                        Hashes.sha256(data.toString().getBytes(StandardCharsets.UTF_8)),
                        new TreeMap<>(java.util.Map.of("java", System.getProperty("java.version", "unknown")))),
                fit.leftOutMs());
    }

    /** The predictor that the file stands for. */
    public LookupPredictor predictor() {
        OperatorTimes times = new OperatorTimes(callMs, operators);
        if (times.kinds().size() != factors.length) {
            throw new IllegalArgumentException("%d factors for %d kinds of operators"
                    .formatted(factors.length, times.kinds().size()));
        }
        return new LookupPredictor(times, new Calibration(constantMs, stepMs, factors, form));
    }

    /** Writes the file whole or not at all. */
    public void save(Path file) throws IOException {
        AtomicFiles.write(file, bytes());
    }

    /** The content of the file: equal predictors give equal bytes. */
    public byte[] bytes() throws JsonProcessingException {
        return Json.json().writer().without(SerializationFeature.INDENT_OUTPUT).writeValueAsBytes(this);
    }

    /** Whether bytes are meant to be such a file: JSON, while other models are archives. */
    public static boolean is(byte[] content) {
        return content.length > 0 && content[0] == '{';
    }

    /**
     * Reads the content of a file.
     *
     * @param what how messages name it
     * @throws InvalidInputException in one line, if it is damaged or no look-up table
     */
    public static LookupFile of(byte[] content, String what) {
        if (content.length > MOST_BYTES) {
            throw new InvalidInputException("%s has %d bytes, more than the %d a look-up table may have; profile again"
                    .formatted(what, content.length, MOST_BYTES));
        }
        LookupFile f;
        try {
            f = Json.json()
                    .readerFor(LookupFile.class)
                    .with(DeserializationFeature.FAIL_ON_NULL_FOR_PRIMITIVES)
                    .with(DeserializationFeature.FAIL_ON_MISSING_CREATOR_PROPERTIES)
                    .with(DeserializationFeature.FAIL_ON_NULL_CREATOR_PROPERTIES)
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
                    "%s is no look-up table of operators: %s; profile again".formatted(what, Names.shown(why)), e);
        }
        throw new InvalidInputException("%s has format %s, this version reads %d; profile again"
                .formatted(what, f == null ? "none" : f.format, FORMAT));
    }
}

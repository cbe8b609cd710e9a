package dev.lathe.predict.adapt;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.SerializationFeature;
import dev.lathe.base.AtomicFiles;
import dev.lathe.base.InvalidInputException;
import dev.lathe.base.Json;
import dev.lathe.base.Names;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * A predictor of one device's latency, adapted from a few measurements: what the known devices taught, and what was measured
 * here. One JSON file of numbers and names; reading it makes no class that the file names.
 *
 * @param format version of the layout, {@value #FORMAT}
 * @param space search space
 * @param device the new device
 * @param protocol by which it was measured
 * @param known what other devices taught
 * @param support choices of the measured architectures, one row each
 * @param latencyMs what was measured, one a row
 */
@SuppressWarnings("ArrayRecordComponent") // a parcel between file and predictor, never compared
public record FewShotFile(
        int format,
        String space,
        String device,
        String protocol,
        TransferModel known,
        int[][] support,
        double[] latencyMs) {
    public static final int FORMAT = 2;

    private static final long MOST_BYTES = 64 << 20;

    /** The predictor that the file stands for. */
    public TransferPredictor predictor() {
        return new TransferAdapter(known).adapt(support, latencyMs);
    }

    /** Writes the file whole or not at all. */
    public void save(Path file) throws IOException {
        AtomicFiles.write(file, bytes());
    }

    /** The content of the file: equal predictors give equal bytes. */
    public byte[] bytes() throws JsonProcessingException {
        return Json.json().writer().without(SerializationFeature.INDENT_OUTPUT).writeValueAsBytes(this);
    }

    /**
     * Reads what {@link #save} wrote.
     *
     * @throws InvalidInputException in one line, if the file is missing, damaged or no predictor
     */
    public static FewShotFile load(Path file) throws IOException {
        if (!Files.isRegularFile(file)) {
            throw new InvalidInputException(
                    "%s is missing: no device was adapted to there; run lathe profile --samples 10 first"
                            .formatted(file));
        }
        if (Files.size(file) > MOST_BYTES) {
            throw new InvalidInputException("%s has %d bytes, more than the %d a predictor may have; adapt again"
                    .formatted(file, Files.size(file), MOST_BYTES));
        }
        return of(Files.readAllBytes(file), file.toString());
    }

    /**
     * Reads the content of a file.
     *
     * @param what how messages name it
     * @throws InvalidInputException in one line, if it is damaged or no predictor
     */
    public static FewShotFile of(byte[] content, String what) {
        FewShotFile f;
        try {
            f = Json.json()
                    .readerFor(FewShotFile.class)
                    .with(DeserializationFeature.FAIL_ON_NULL_FOR_PRIMITIVES)
                    .with(DeserializationFeature.FAIL_ON_MISSING_CREATOR_PROPERTIES)
                    .with(DeserializationFeature.FAIL_ON_NULL_CREATOR_PROPERTIES)
                    .readValue(new String(content, StandardCharsets.UTF_8));
            if (f != null && f.format == FORMAT) {
                // Adapts once, so that a file that cannot is refused here.
                f.predictor();
                return f;
            }
        } catch (JsonProcessingException | IllegalArgumentException | NullPointerException | InvalidInputException e) {
            String why =
                    e instanceof JsonProcessingException j ? j.getOriginalMessage() : String.valueOf(e.getMessage());
            throw new InvalidInputException(
                    "%s is no predictor of a device: %s; adapt again".formatted(what, Names.shown(why)), e);
        }
        throw new InvalidInputException("%s has format %s, this version reads %d; adapt again"
                .formatted(what, f == null ? "none" : f.format, FORMAT));
    }
}

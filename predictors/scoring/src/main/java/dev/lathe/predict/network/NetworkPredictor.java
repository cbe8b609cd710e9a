package dev.lathe.predict.network;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.SerializationFeature;
import dev.lathe.base.InvalidInputException;
import dev.lathe.base.Json;
import dev.lathe.base.Names;
import dev.lathe.predict.Predictor;
import java.nio.charset.StandardCharsets;
import java.util.List;

/**
 * The mean of some {@link DenseNetwork}s that were trained from different starts; immutable and thread-safe. Its file is JSON of
 * numbers and names; reading it makes no class that the file names.
 */
public final class NetworkPredictor implements Predictor {
    private static final int FORMAT = 1;
    private static final int MOST_NETWORKS = 64;

    private final Content content;

    /** What the file holds. */
    @SuppressWarnings("ArrayRecordComponent") // as it stands in the file
    private record Content(
            int format, InputColumns columns, double targetMean, double targetDeviation, List<DenseNetwork> networks) {
        Content {
            networks = List.copyOf(networks);
            if (networks.isEmpty()
                    || networks.size() > MOST_NETWORKS
                    || !Double.isFinite(targetMean)
                    || !(targetDeviation > 0 && Double.isFinite(targetDeviation))) {
                throw new IllegalArgumentException("%d networks for a target of mean %s and deviation %s"
                        .formatted(networks.size(), targetMean, targetDeviation));
            }
            for (DenseNetwork n : networks) {
                if (n.inputs() != columns.width() || n.outputs() != 1) {
                    throw new IllegalArgumentException("a network of %d inputs and %d outputs for %d inputs and one"
                            .formatted(n.inputs(), n.outputs(), columns.width()));
                }
            }
        }
    }

    /**
     * @param columns how rows become inputs
     * @param targetMean what an output of 0 stands for
     * @param targetDeviation by how much an output of 1 exceeds it
     * @param networks at least one, each with one output
     */
    public NetworkPredictor(
            InputColumns columns, double targetMean, double targetDeviation, List<DenseNetwork> networks) {
        this(new Content(FORMAT, columns, targetMean, targetDeviation, networks));
    }

    private NetworkPredictor(Content content) {
        this.content = content;
    }

    @Override
    public List<String> featureNames() {
        return content.columns().names();
    }

    @Override
    public double predict(double[] features) {
        double[] x = content.columns().encode(features);
        double sum = 0;
        for (DenseNetwork n : content.networks()) {
            sum += n.outputs(x)[0];
        }
        return content.targetMean()
                + content.targetDeviation() * sum / content.networks().size();
    }

    /** The content of the file: equal predictors give equal bytes. */
    public byte[] bytes() {
        try {
            return Json.json()
                    .writer()
                    .without(SerializationFeature.INDENT_OUTPUT)
                    .writeValueAsBytes(content);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("Numbers and names can be written", e);
        }
    }

    /** Whether bytes are meant to be such a file: JSON, while other models are archives. */
    public static boolean is(byte[] content) {
        return content.length > 0 && content[0] == '{';
    }

    /**
     * Reads the content of a file.
     *
     * @param what how messages name it
     * @throws InvalidInputException in one line, if it is damaged or no such predictor
     */
    public static NetworkPredictor of(byte[] bytes, String what) {
        Content c;
        try {
            c = Json.json()
                    .readerFor(Content.class)
                    .with(DeserializationFeature.FAIL_ON_NULL_FOR_PRIMITIVES)
                    .with(DeserializationFeature.FAIL_ON_MISSING_CREATOR_PROPERTIES)
                    .with(DeserializationFeature.FAIL_ON_NULL_CREATOR_PROPERTIES)
                    .readValue(new String(bytes, StandardCharsets.UTF_8));
        } catch (JsonProcessingException | IllegalArgumentException | NullPointerException e) {
            String why =
                    e instanceof JsonProcessingException j ? j.getOriginalMessage() : String.valueOf(e.getMessage());
            throw new InvalidInputException(
                    "%s is no network that predicts: %s; fit it again".formatted(what, Names.shown(why)), e);
        }
        if (c == null || c.format() != FORMAT) {
            throw new InvalidInputException("%s has format %s, this version reads %d; fit it again"
                    .formatted(what, c == null ? "none" : c.format(), FORMAT));
        }
        return new NetworkPredictor(c);
    }
}

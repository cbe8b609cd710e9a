package dev.lathe.predict;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import dev.lathe.base.InvalidInputException;
import dev.lathe.base.Json;
import dev.lathe.base.Names;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.DoubleStream;
import java.util.stream.IntStream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipException;
import java.util.zip.ZipInputStream;
import java.util.zip.ZipOutputStream;
import org.jspecify.annotations.Nullable;

/**
 * A weighted mean of models, each read from a MOJO of its own: <b>stacked regression</b> (Breiman 1996), with weights that are
 * not negative and sum to 1. Stored as an archive of a list of weights and the models' archives.
 *
 * @see <a href="https://doi.org/10.1007/BF00117832">Breiman, Stacked Regressions, Machine Learning 24, 1996</a>
 */
public final class StackedPredictor implements Predictor {
    private static final String WEIGHTS = "stack.json";
    private static final int MOST_MODELS = 16;
    private static final double ROUNDING = 1e-6;
    private static final int FORMAT = 1;
    private static final long ANY_TIME = 1L << 40;

    private final double[] weights;
    private final List<MojoPredictor> models;
    private final List<String> names;
    /** Where each model's features stand in a row; empty where they are the row. */
    private final int[][] columns;

    @SuppressWarnings("ArrayRecordComponent") // as it stands in the archive
    private record Weights(int format, double[] weights) {}

    private StackedPredictor(double[] weights, List<MojoPredictor> models) {
        this.weights = weights;
        this.models = models;
        Set<String> all = new LinkedHashSet<>();
        models.forEach(m -> all.addAll(m.featureNames()));
        this.names = List.copyOf(all);
        this.columns = models.stream()
                .map(m -> m.featureNames().equals(names)
                        ? new int[0]
                        : m.featureNames().stream().mapToInt(names::indexOf).toArray())
                .toArray(int[][]::new);
    }

    /** Whether these are the bytes of such an archive, and not of a single model's. */
    static boolean is(byte[] archive) {
        try (ZipInputStream zip = new ZipInputStream(new ByteArrayInputStream(archive))) {
            ZipEntry first = zip.getNextEntry();
            return first != null && first.getName().equals(WEIGHTS);
        } catch (IOException | IllegalArgumentException e) {
            return false;
        }
    }

    /**
     * Packs models into one archive: equal arguments give equal bytes.
     *
     * @param weights one a model, not negative, with a sum of 1
     * @param mojos the models' archives
     */
    public static byte[] pack(double[] weights, List<byte[]> mojos) {
        check(weights, mojos.size(), "the stack");
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (ZipOutputStream zip = new ZipOutputStream(bytes)) {
            put(zip, WEIGHTS, Json.json().writeValueAsBytes(new Weights(FORMAT, weights)));
            for (int i = 0; i < mojos.size(); i++) {
                put(zip, "model-%d.mojo.zip".formatted(i), mojos.get(i));
            }
        } catch (IOException e) {
            throw new UncheckedIOException("Writing to memory", e);
        }
        return bytes.toByteArray();
    }

    private static void put(ZipOutputStream zip, String name, byte[] content) throws IOException {
        ZipEntry entry = new ZipEntry(name);
        entry.setTime(ANY_TIME);
        zip.putNextEntry(entry);
        zip.write(content);
        zip.closeEntry();
    }

    /**
     * Reads what {@link #pack} made.
     *
     * @param what how messages name it
     * @throws InvalidInputException in one line, if it is damaged or too large, or a model of it is none
     */
    static StackedPredictor of(byte[] archive, String what) {
        List<byte[]> mojos = new ArrayList<>();
        Weights weights;
        try (ZipInputStream zip = new ZipInputStream(new ByteArrayInputStream(archive))) {
            zip.getNextEntry();
            weights = Json.json()
                    .readerFor(Weights.class)
                    .with(DeserializationFeature.FAIL_ON_NULL_FOR_PRIMITIVES)
                    .with(DeserializationFeature.FAIL_ON_NULL_CREATOR_PROPERTIES)
                    .readValue(bounded(zip, what));
            for (ZipEntry e = zip.getNextEntry(); e != null; e = zip.getNextEntry()) {
                if (mojos.size() == MOST_MODELS) {
                    throw broken(what, "it has more than %d models".formatted(MOST_MODELS), null);
                }
                mojos.add(bounded(zip, what));
            }
        } catch (JsonProcessingException e) {
            throw broken(what, Names.shown(e.getOriginalMessage()), e);
        } catch (ZipException | IllegalArgumentException e) {
            throw broken(what, "its content is damaged", e);
        } catch (IOException e) {
            throw broken(what, "it ends too early", e);
        }
        if (weights == null || weights.format != FORMAT) {
            throw broken(what, "it is of another format", null);
        }
        check(weights.weights, mojos.size(), what);
        return new StackedPredictor(
                weights.weights,
                mojos.stream().map(m -> MojoPredictor.of(m, what)).toList());
    }

    private static byte[] bounded(ZipInputStream zip, String what) throws IOException {
        byte[] content = zip.readNBytes(MojoPredictor.MOST_BYTES + 1);
        if (content.length > MojoPredictor.MOST_BYTES) {
            throw broken(what, "a part has more than %d bytes".formatted(MojoPredictor.MOST_BYTES), null);
        }
        return content;
    }

    private static void check(double[] weights, int models, String what) {
        boolean isMean = weights.length == models
                && models > 0
                && DoubleStream.of(weights).allMatch(w -> w >= 0)
                && Math.abs(DoubleStream.of(weights).sum() - 1) < ROUNDING;
        if (!isMean) {
            throw broken(
                    what, "its weights %s are no mean of %d models".formatted(Arrays.toString(weights), models), null);
        }
    }

    private static InvalidInputException broken(String what, String why, @Nullable Throwable cause) {
        String message = "%s is no usable stack of models: %s; fit the predictor again".formatted(what, why);
        return cause == null ? new InvalidInputException(message) : new InvalidInputException(message, cause);
    }

    /** The algorithms of its models, as {@link MojoPredictor#algorithm} names them. */
    public List<String> algorithms() {
        return models.stream().map(MojoPredictor::algorithm).toList();
    }

    @Override
    public List<String> featureNames() {
        return names;
    }

    @Override
    public double predict(double[] features) {
        return predict(new double[][] {features})[0];
    }

    @Override
    public double[] predict(double[][] rows) {
        Rows.requireWidth(rows, names.size());
        double[] out = new double[rows.length];
        for (int m = 0; m < weights.length; m++) {
            double[] values = models.get(m).predict(columns[m].length == 0 ? rows : columns(rows, columns[m]));
            addTo(out, weights[m], values);
        }
        return out;
    }

    private static double[][] columns(double[][] rows, int[] from) {
        double[][] own = new double[rows.length][from.length];
        for (int i = 0; i < own.length; i++) {
            for (int j = 0; j < from.length; j++) {
                own[i][j] = rows[i][from[j]];
            }
        }
        return own;
    }

    private static void addTo(double[] out, double weight, double[] values) {
        for (int i = 0; i < out.length; i++) {
            out[i] += weight * values[i];
        }
    }

    /** The same stack where features are options; null where a model of it has no flat form. */
    FlatModel.@Nullable OfChoices of(OptionColumns options) {
        List<FlatModel.OfChoices> parts = new ArrayList<>();
        for (int m = 0; m < weights.length; m++) {
            FlatModel flat = models.get(m).flat();
            if (flat == null) {
                return null;
            }
            int[] from =
                    columns[m].length == 0 ? IntStream.range(0, names.size()).toArray() : columns[m];
            parts.add(flat.of(new OptionColumns(
                    options.sizes(),
                    Arrays.stream(from).map(options::decision).toArray(),
                    Arrays.stream(from).map(options::option).toArray())));
        }
        return (choices, out) -> {
            Arrays.fill(out, 0);
            double[] values = new double[out.length];
            for (int m = 0; m < weights.length; m++) {
                parts.get(m).predict(choices, values);
                addTo(out, weights[m], values);
            }
        };
    }
}

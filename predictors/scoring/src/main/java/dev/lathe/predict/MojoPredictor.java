package dev.lathe.predict;

import dev.lathe.base.InvalidInputException;
import dev.lathe.base.Names;
import dev.lathe.base.Seeds;
import hex.ModelCategory;
import hex.genmodel.MojoModel;
import hex.genmodel.MojoReaderBackend;
import hex.genmodel.algos.deeplearning.DeeplearningMojoModel;
import hex.genmodel.algos.drf.DrfMojoModel;
import hex.genmodel.algos.gbm.GbmMojoModel;
import hex.genmodel.algos.glm.GlmMojoModel;
import hex.genmodel.algos.tree.SharedTreeMojoModel;
import java.io.BufferedReader;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.random.RandomGenerator;
import java.util.regex.Pattern;
import java.util.zip.ZipEntry;
import java.util.zip.ZipInputStream;
import org.jspecify.annotations.Nullable;

/**
 * A regression model of H2O read from the bytes of its MOJO archive; needs no H2O node.
 *
 * <p>Takes numeric features only. The archive is bounded in size, packed and unpacked, and only the four kinds of model
 * that the trainer makes are read: others may nest archives, load classes or do without a row of numbers.
 *
 * <p>Models are scored in a flat form of our own, which is compared with the archive's code when it is read; rows with missing
 * values, and models of another form, are left to that code.
 *
 * @implNote the scoring code of these four kinds writes no field (read in its bytecode, and tested from several threads),
 *     but the linear model fills missing values into the row it is given: each call scores a copy.
 */
public final class MojoPredictor implements Predictor {
    /** Largest archive taken, in bytes. */
    public static final int MOST_BYTES = 32 << 20;

    private static final long MOST_UNPACKED_BYTES = 128L << 20;
    private static final int MOST_ENTRIES = 20_000;
    private static final Pattern COUNT = Pattern.compile("[0-9]{1,6}");
    private static final String DESCRIPTION = "model.ini";
    private static final Set<String> ALGORITHMS = Set.of("gbm", "drf", "glm", "deeplearning");

    private static final int PROBES = 128;
    /** How far a network in single precision may be off, as a share of what it was trained to tell apart. */
    private static final double ROUNDING = 1e-4;

    private final MojoModel model;
    private final List<String> names;
    private final @Nullable FlatModel flat;

    private MojoPredictor(MojoModel model, List<String> names, @Nullable FlatModel flat) {
        this.model = model;
        this.names = names;
        this.flat = flat;
    }

    /**
     * Reads a MOJO.
     *
     * @param mojo the archive, at most {@link #MOST_BYTES}
     * @param what how messages name it, for example a file name
     * @throws InvalidInputException in one line, if the bytes are no MOJO of a numeric regression model
     */
    public static MojoPredictor of(byte[] mojo, String what) {
        if (mojo.length > MOST_BYTES) {
            throw broken(what, "it has %d bytes, more than %d".formatted(mojo.length, MOST_BYTES), null);
        }
        MojoPredictor predictor;
        try {
            Map<String, byte[]> entries = unpack(mojo, what);
            Map<String, String> description = checkedDescription(entries, what);
            predictor = of(MojoModel.load(new Entries(entries)), what);
            // A damaged tree shows when it is walked: one walk to each side of its splits.
            for (double probe : new double[] {-1e30, 0, 1e30}) {
                double[] row = new double[predictor.names.size()];
                Arrays.fill(row, probe);
                predictor.predictByArchive(row);
            }
            predictor = predictor.flattened(description);
        } catch (InvalidInputException e) {
            throw e;
        } catch (IOException e) {
            throw broken(what, Names.shown(String.valueOf(e.getMessage())), e);
        } catch (RuntimeException | AssertionError e) {
            // The reader trusts what it reads, and fails in as many ways as there are damages.
            throw broken(what, "its content is damaged", e);
        }
        return predictor;
    }

    private static MojoPredictor of(MojoModel model, String what) {
        if (!(model instanceof GbmMojoModel
                || model instanceof DrfMojoModel
                || model instanceof GlmMojoModel
                || model instanceof DeeplearningMojoModel)) {
            throw broken(what, "its kind of model is not used here", null);
        }
        if (model._category != ModelCategory.Regression) {
            throw broken(what, "it does not predict one number", null);
        }
        int features = model.nfeatures();
        String[] all = model.getNames();
        if (features < 1 || features >= all.length) {
            throw broken(what, "it has no features", null);
        }
        for (int i = 0; i < features; i++) {
            if (model.getDomainValues(i) != null) {
                throw broken(what, "its feature '%s' is no number".formatted(Names.shown(all[i])), null);
            }
        }
        return new MojoPredictor(model, List.of(Arrays.copyOf(all, features)), null);
    }

    @Override
    public List<String> featureNames() {
        return names;
    }

    /** The algorithm, for example {@code gbm}. */
    public String algorithm() {
        return model._algoName;
    }

    /** Whether a flat form stands for the archive's own code. */
    public boolean isFlat() {
        return flat != null;
    }

    @Nullable
    FlatModel flat() {
        return flat;
    }

    @Override
    public double predict(double[] features) {
        return predict(new double[][] {features})[0];
    }

    @Override
    public double[] predict(double[][] rows) {
        Rows.requireWidth(rows, names.size());
        double[] out = new double[rows.length];
        if (flat == null || !flat.predict(rows, out)) {
            for (int i = 0; i < out.length; i++) {
                out[i] = predictByArchive(rows[i]);
            }
        }
        return out;
    }

    private double predictByArchive(double[] features) {
        return model.score0(features.clone(), new double[model.getPredsSize()])[0];
    }

    /** The same predictor with a flat form, where there is one that gives the same: the same bits, but for dense networks. */
    private MojoPredictor flattened(Map<String, String> description) {
        FlatModel form = form(description);
        if (form == null) {
            return this;
        }
        RandomGenerator random = Seeds.generator(1, "probes", 0);
        double[][] rows = new double[PROBES][names.size()];
        double tolerance = 0;
        if (form instanceof FlatDense d) {
            tolerance = ROUNDING * d.outputDeviation();
            for (int i = 0; i < rows.length; i++) {
                rows[i] = d.row(random.doubles(names.size(), -2, 2).toArray());
            }
        } else {
            for (double[] row : rows) {
                // Of any size and sign.
                Arrays.setAll(row, i -> random.nextGaussian() * Math.pow(10, 12 * random.nextDouble() - 3));
            }
        }
        MojoPredictor flattened = new MojoPredictor(model, names, form);
        double[] values = flattened.predict(rows);
        for (int i = 0; i < rows.length; i++) {
            double expected = predictByArchive(rows[i]);
            if (Double.compare(values[i], expected) != 0 && !(Math.abs(values[i] - expected) < tolerance)) {
                return this;
            }
        }
        return flattened;
    }

    private @Nullable FlatModel form(Map<String, String> description) {
        if (model instanceof SharedTreeMojoModel m) {
            return TreeModel.of(m);
        } else if (model instanceof GlmMojoModel) {
            return FlatLinear.of(description);
        }
        FlatDense dense = FlatDense.of(description);
        return dense == null || dense.inputs() != names.size() ? null : dense;
    }

    private static Map<String, byte[]> unpack(byte[] mojo, String what) throws IOException {
        Map<String, byte[]> entries = new HashMap<>();
        long total = 0;
        try (ZipInputStream zip = new ZipInputStream(new ByteArrayInputStream(mojo))) {
            for (ZipEntry entry = zip.getNextEntry(); entry != null; entry = zip.getNextEntry()) {
                byte[] content = zip.readNBytes((int) Math.min(MOST_UNPACKED_BYTES - total + 1, Integer.MAX_VALUE - 8));
                total += content.length;
                if (total > MOST_UNPACKED_BYTES || entries.size() >= MOST_ENTRIES) {
                    throw broken(what, "it unpacks to more than %d bytes".formatted(MOST_UNPACKED_BYTES), null);
                }
                entries.put(entry.getName(), content);
            }
        }
        return entries;
    }

    private static Map<String, String> checkedDescription(Map<String, byte[]> entries, String what) {
        byte[] description = entries.get(DESCRIPTION);
        if (description == null) {
            throw broken(what, "it has no " + DESCRIPTION, null);
        }
        Map<String, String> info = new HashMap<>();
        new String(description, StandardCharsets.UTF_8)
                .lines()
                .takeWhile(line -> !line.startsWith("[columns]"))
                .map(line -> line.split("=", 2))
                .filter(pair -> pair.length == 2)
                .forEach(pair -> info.put(pair[0].strip(), pair[1].strip()));
        String algorithm = info.getOrDefault("algo", "");
        if (!ALGORITHMS.contains(algorithm)) {
            throw broken(what, "its algorithm is '%s'".formatted(Names.shown(algorithm)), null);
        }
        // The reader makes arrays of these sizes before it looks at what should fill them.
        info.forEach((key, value) -> {
            if (key.startsWith("n_") && !COUNT.matcher(value).matches()) {
                throw broken(what, "%s is %s".formatted(Names.shown(key), Names.shown(value)), null);
            }
        });
        // A linear model with fewer coefficients than features would be scored all the same, and wrongly.
        if (algorithm.equals("glm")
                && info.getOrDefault("beta", "").split(",", -1).length
                        != Integer.parseInt(info.getOrDefault("n_features", "-1")) + 1) {
            throw broken(what, "its coefficients do not fit its features", null);
        }
        return info;
    }

    private static InvalidInputException broken(String what, String why, @Nullable Throwable cause) {
        String message = "%s is no usable MOJO: %s; fit the predictor again".formatted(what, why);
        return cause == null ? new InvalidInputException(message) : new InvalidInputException(message, cause);
    }

    /** An unpacked archive. */
    private record Entries(Map<String, byte[]> content) implements MojoReaderBackend {
        @Override
        public BufferedReader getTextFile(String filename) throws IOException {
            return new BufferedReader(
                    new InputStreamReader(new ByteArrayInputStream(getBinaryFile(filename)), StandardCharsets.UTF_8));
        }

        @Override
        public byte[] getBinaryFile(String filename) throws IOException {
            byte[] bytes = content.get(filename);
            if (bytes == null) {
                throw new IOException("entry '%s' is missing".formatted(filename));
            }
            return bytes;
        }

        @Override
        public boolean exists(String filename) {
            return content.containsKey(filename);
        }
    }
}

package dev.lathe.predict;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Map;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;

/** Archives of linear models, written by hand: the format is text. */
final class Mojos {
    private Mojos() {}

    /** The sum of the features times the weights, plus the last weight. */
    static byte[] linear(String[] names, double... weights) {
        return zip(Map.of("model.ini", description(names, weights).getBytes(StandardCharsets.UTF_8)));
    }

    static String description(String[] names, double... weights) {
        int n = names.length;
        return """
                [info]
                h2o_version = 3.44.0.1
                mojo_version = 1.00
                algo = glm
                algorithm = Generalized Linear Modeling
                endianness = LITTLE_ENDIAN
                category = Regression
                uuid = 1
                supervised = true
                n_features = %d
                n_classes = 1
                n_columns = %d
                n_domains = 0
                balance_classes = false
                default_threshold = 0.5
                prior_class_distrib = null
                model_class_distrib = null
                escape_domain_values = true
                use_all_factor_levels = true
                cats = 0
                cat_offsets = [0]
                nums = %d
                mean_imputation = true
                num_means = %s
                cat_modes = []
                beta = %s
                family = gaussian
                link = identity

                [columns]
                %s
                target

                [domains]
                """.formatted(
                n, n + 1, n, Arrays.toString(new double[n]), Arrays.toString(weights), String.join("\n", names));
    }

    static byte[] zip(Map<String, byte[]> entries) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (ZipOutputStream zip = new ZipOutputStream(bytes)) {
            for (Map.Entry<String, byte[]> e : entries.entrySet()) {
                zip.putNextEntry(new ZipEntry(e.getKey()));
                zip.write(e.getValue());
                zip.closeEntry();
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return bytes.toByteArray();
    }
}

package dev.lathe.supernet.data;

import dev.lathe.base.InvalidInputException;
import dev.lathe.base.Names;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import java.util.zip.GZIPInputStream;

/**
 * Optical digits, embedded and from UCI's files: 8x8 pixels, 17 grey levels, 10 classes.
 *
 * @see <a href="https://doi.org/10.24432/C50P49">Alpaydin and Kaynak, Optical Recognition of Handwritten Digits, 1998</a>
 */
public final class Datasets {
    /** Whom the digits are owed to; kept with everything that is made of them. */
    public static final String DIGITS_ATTRIBUTION =
            "E. Alpaydin and C. Kaynak (1998), \"Optical Recognition of Handwritten Digits\", UCI Machine Learning Repository, https://doi.org/10.24432/C50P49, CC BY 4.0";

    private static final int SIDE = 8;
    private static final int CLASSES = 10;
    private static final int GREY_LEVELS = 16;
    private static final int EMBEDDED_ROWS = 1797;
    private static final int EMBEDDED_TEST_ROWS = 450;
    private static final double EMBEDDED_VALIDATION = 300.0 / (EMBEDDED_ROWS - EMBEDDED_TEST_ROWS);
    private static final double UCI_VALIDATION = 0.15;

    private Datasets() {}

    /**
     * The embedded digits, 1,797 images: rows 0 to 1,346 train and validate (about 1,047 and 300, cut stratified by
     * {@code seed}), the last 450 are the test part.
     */
    public static DataSplit digits(long seed) {
        ImageDataset all;
        try (InputStream in = Datasets.class.getResourceAsStream("digits.csv.gz")) {
            if (in == null) {
                throw new IllegalStateException("The program's own file digits.csv.gz is missing; build it again");
            }
            all = parse("digits", "digits.csv.gz", in);
        } catch (IOException e) {
            throw new UncheckedIOException("The program's own file digits.csv.gz cannot be read", e);
        }
        if (all.size() != EMBEDDED_ROWS) {
            throw new IllegalStateException(
                    "The program's own file digits.csv.gz has %d rows, not %d".formatted(all.size(), EMBEDDED_ROWS));
        }
        int rest = EMBEDDED_ROWS - EMBEDDED_TEST_ROWS;
        ImageDataset first = all.subset(IntStream.range(0, rest).toArray());
        ImageDataset test = all.subset(IntStream.range(rest, EMBEDDED_ROWS).toArray());
        return split(first, test, EMBEDDED_VALIDATION, seed);
    }

    /**
     * UCI's own split: {@code optdigits.tra.gz} trains and validates (85 and 15 of 100, stratified by {@code seed}),
     * {@code optdigits.tes.gz}, by other writers, is the test part.
     *
     * @throws InvalidInputException if a file is missing or is not in UCI's format
     */
    public static DataSplit uciDigits(Path folder, long seed) {
        ImageDataset train = read(folder.resolve("optdigits.tra.gz"));
        ImageDataset test = read(folder.resolve("optdigits.tes.gz"));
        return split(train, test, UCI_VALIDATION, seed);
    }

    private static DataSplit split(ImageDataset first, ImageDataset test, double validation, long seed) {
        List<int[]> parts = Stratified.cut(first.labels(), CLASSES, seed, validation);
        return DataSplit.of(
                first.subset(parts.get(0)).named(first.name() + " train"),
                first.subset(parts.get(1)).named(first.name() + " validation"),
                test.named(first.name() + " test"));
    }

    private static ImageDataset read(Path file) {
        if (!Files.isRegularFile(file)) {
            throw new InvalidInputException(
                    "no file %s; the folder must hold UCI's optdigits.tra.gz and optdigits.tes.gz".formatted(file));
        }
        try (InputStream in = Files.newInputStream(file)) {
            return parse("uci-digits", file.toString(), in);
        } catch (IOException e) {
            throw new InvalidInputException(
                    "%s cannot be read as gzip text: %s".formatted(file, Names.shown(String.valueOf(e.getMessage()))),
                    e);
        }
    }

    private static ImageDataset parse(String name, String source, InputStream in) throws IOException {
        List<int[]> rows = new ArrayList<>();
        try (BufferedReader reader =
                new BufferedReader(new InputStreamReader(new GZIPInputStream(in), StandardCharsets.US_ASCII))) {
            String line = reader.readLine();
            while (line != null) {
                rows.add(row(source, rows.size() + 1, line));
                line = reader.readLine();
            }
        }
        if (rows.isEmpty()) {
            throw new InvalidInputException("%s has no rows".formatted(source));
        }
        float[] pixels = new float[rows.size() * SIDE * SIDE];
        int[] labels = new int[rows.size()];
        for (int i = 0; i < labels.length; i++) {
            int[] values = rows.get(i);
            for (int k = 0; k < SIDE * SIDE; k++) {
                pixels[i * SIDE * SIDE + k] = values[k] / (float) GREY_LEVELS;
            }
            labels[i] = values[SIDE * SIDE];
        }
        List<String> names =
                IntStream.range(0, CLASSES).mapToObj(String::valueOf).toList();
        return new ImageDataset(name, DIGITS_ATTRIBUTION, 1, SIDE, SIDE, names, pixels, labels);
    }

    private static int[] row(String source, int line, String text) {
        String[] parts = text.trim().split(",", -1);
        int[] values = new int[parts.length];
        boolean good = parts.length == SIDE * SIDE + 1;
        try {
            for (int i = 0; i < parts.length; i++) {
                values[i] = Integer.parseInt(parts[i].trim());
                good &= values[i] >= 0 && values[i] <= (i < SIDE * SIDE ? GREY_LEVELS : CLASSES - 1);
            }
        } catch (NumberFormatException e) {
            good = false;
        }
        if (!good) {
            throw new InvalidInputException("%s line %d is not 64 integers 0-16 and a class 0-9: '%s'"
                    .formatted(source, line, Names.shown(text)));
        }
        return values;
    }
}

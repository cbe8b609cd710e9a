package dev.lathe.supernet.data;

import dev.lathe.base.InvalidInputException;
import dev.lathe.base.Names;
import dev.lathe.base.Seeds;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.random.RandomGenerator;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Labelled windows of time series: {@code train_x.npy} of (window, sensor, time) and {@code train_y.csv} with a column {@code
 * label} (numbers from 1) and perhaps one {@code subject}, the same with {@code test}; each as it is or packed by gzip.
 *
 * <p>A window becomes an image of one channel, time down and sensors across. Each sensor is standardized by the training
 * part, then mapped to 0..1 with five deviations either way and cut there. Where subjects are named, the validation part is
 * of whole subjects, about 15 of 100 windows: neighbouring windows overlap, so windows of one subject must not be in both.
 */
public final class TimeSeries {
    static final String TRAIN_WINDOWS = "train_x.npy";

    private static final double VALIDATION = 0.15;
    private static final double DEVIATIONS = 5;
    /** Where the mean of a sensor comes to lie. */
    static final double MEAN = 0.5;
    /** How wide a standard deviation of a sensor comes to be. */
    static final double DEVIATION = 0.5 / DEVIATIONS;

    private static final int NPY_HEAD = 10;
    private static final Pattern SHAPE =
            Pattern.compile("'shape':\\s*\\((\\d{1,9}),\\s*(\\d{1,6}),\\s*(\\d{1,6}),?\\s*\\)");
    private static final Pattern TYPE = Pattern.compile("'descr':\\s*'([^']{1,8})'");

    private TimeSeries() {}

    /** Windows (window, sensor, time), row-major. */
    private record Windows(int count, int sensors, int steps, float[] values) {}

    /** Labels from 1, and a subject for each; an empty array where none is named. */
    private record Labels(int[] label, int[] subject) {}

    /**
     * Reads both parts.
     *
     * @param lastLabel larger labels are left out
     * @param seed of the cut
     * @throws InvalidInputException naming file and, for labels, line
     */
    public static DataSplit load(Path folder, int lastLabel, long seed) {
        String name = String.valueOf(folder.toAbsolutePath().normalize().getFileName());
        Windows trainX = windows(folder, TRAIN_WINDOWS);
        Labels trainY = labels(folder, "train_y.csv", trainX.count());
        Windows testX = windows(folder, "test_x.npy");
        Labels testY = labels(folder, "test_y.csv", testX.count());
        if (trainX.sensors() != testX.sensors() || trainX.steps() != testX.steps()) {
            throw new InvalidInputException(
                    "the training windows in %s have %d sensors and %d steps, the test windows %d and %d"
                            .formatted(folder, trainX.sensors(), trainX.steps(), testX.sensors(), testX.steps()));
        }
        int classes = classes(folder, trainY, testY, lastLabel);
        int[] kept = kept(trainY, lastLabel);
        double[][] moments = moments(trainX, kept);
        ImageDataset train = dataset(name, trainX, trainY, kept, classes, moments);
        ImageDataset test = dataset(name, testX, testY, kept(testY, lastLabel), classes, moments);
        List<int[]> parts = trainY.subject().length == 0
                ? Stratified.cut(train.labels(), classes, seed, VALIDATION)
                : bySubject(trainY, kept, seed);
        return DataSplit.of(
                train.subset(parts.get(0)).named(name + " train"),
                train.subset(parts.get(1)).named(name + " validation"),
                test.named(name + " test"));
    }

    /** As many as the training part's largest label says, each of which it must show. */
    private static int classes(Path folder, Labels train, Labels test, int lastLabel) {
        TreeSet<Integer> seen = new TreeSet<>();
        for (int l : train.label()) {
            if (l <= lastLabel) {
                seen.add(l);
            }
        }
        if (seen.size() < 2) {
            throw new InvalidInputException(
                    "the labels in %s are all of one class; two at least are needed".formatted(folder));
        }
        int classes = seen.last();
        for (int c = 1; c <= classes; c++) {
            if (!seen.contains(c)) {
                throw damaged(
                        folder,
                        "train_y.csv",
                        "its labels go up to %d, but no window has label %d".formatted(classes, c));
            }
        }
        for (int i = 0; i < test.label().length; i++) {
            int l = test.label()[i];
            if (l > classes && l <= lastLabel) {
                throw damaged(
                        folder,
                        "test_y.csv",
                        "line %d has label %d, but those of the training part are 1 to %d"
                                .formatted(i + 2, l, classes));
            }
        }
        return classes;
    }

    private static int[] kept(Labels y, int lastLabel) {
        return java.util.stream.IntStream.range(0, y.label().length)
                .filter(i -> y.label()[i] <= lastLabel)
                .toArray();
    }

    /** Mean and deviation of each sensor. */
    private static double[][] moments(Windows x, int[] kept) {
        double[] mean = new double[x.sensors()];
        double[] deviation = new double[x.sensors()];
        for (int s = 0; s < x.sensors(); s++) {
            double sum = 0;
            double squares = 0;
            for (int i : kept) {
                int at = (i * x.sensors() + s) * x.steps();
                for (int t = 0; t < x.steps(); t++) {
                    double v = x.values()[at + t];
                    sum += v;
                    squares += v * v;
                }
            }
            double n = Math.max(1, (double) kept.length * x.steps());
            mean[s] = sum / n;
            deviation[s] = Math.sqrt(Math.max(1e-12, squares / n - mean[s] * mean[s]));
        }
        return new double[][] {mean, deviation};
    }

    private static ImageDataset dataset(String name, Windows x, Labels y, int[] kept, int classes, double[][] moments) {
        int length = x.sensors() * x.steps();
        float[] pixels = new float[kept.length * length];
        int[] labels = new int[kept.length];
        for (int i = 0; i < kept.length; i++) {
            labels[i] = y.label()[kept[i]] - 1;
            for (int s = 0; s < x.sensors(); s++) {
                int from = (kept[i] * x.sensors() + s) * x.steps();
                for (int t = 0; t < x.steps(); t++) {
                    double z = (x.values()[from + t] - moments[0][s]) / moments[1][s];
                    double unit = (z + DEVIATIONS) / (2 * DEVIATIONS);
                    pixels[i * length + t * x.sensors() + s] = (float) Math.max(0, Math.min(1, unit));
                }
            }
        }
        List<String> names = java.util.stream.IntStream.rangeClosed(1, classes)
                .mapToObj(String::valueOf)
                .toList();
        return new ImageDataset(name, "", 1, x.steps(), x.sensors(), names, pixels, labels, true);
    }

    /** Whole subjects, in a seeded order, until enough windows are set apart. */
    private static List<int[]> bySubject(Labels y, int[] kept, long seed) {
        TreeMap<Integer, Integer> windows = new TreeMap<>();
        for (int i : kept) {
            windows.merge(y.subject()[i], 1, Integer::sum);
        }
        List<Integer> order = new ArrayList<>(windows.keySet());
        RandomGenerator random = Seeds.generator(seed, "validation subjects", 0);
        Seeds.shuffle(order, random);
        if (order.size() < 2) {
            throw new InvalidInputException(
                    "the training windows are of one subject; leave the column subject out, and windows are cut instead");
        }
        TreeSet<Integer> apart = new TreeSet<>();
        int count = 0;
        for (int s : order) {
            if (count >= VALIDATION * kept.length || apart.size() == order.size() - 1) {
                break;
            }
            apart.add(s);
            count += windows.getOrDefault(s, 0);
        }
        int[] all = java.util.stream.IntStream.range(0, kept.length).toArray();
        return List.of(
                Arrays.stream(all)
                        .filter(i -> !apart.contains(y.subject()[kept[i]]))
                        .toArray(),
                Arrays.stream(all)
                        .filter(i -> apart.contains(y.subject()[kept[i]]))
                        .toArray());
    }

    private static Windows windows(Path folder, String file) {
        byte[] bytes = Packed.read(folder, file);
        if (bytes.length < NPY_HEAD
                || bytes[0] != (byte) 0x93
                || !new String(bytes, 1, 5, StandardCharsets.US_ASCII).equals("NUMPY")) {
            throw damaged(folder, file, "it does not begin as an NPY file");
        }
        ByteBuffer b = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
        int head = bytes[6] == 1 ? NPY_HEAD + Short.toUnsignedInt(b.getShort(8)) : -1;
        if (head < 0 || head > bytes.length) {
            throw damaged(folder, file, "its version is not 1.0, or its header is cut off");
        }
        String header = new String(bytes, NPY_HEAD, head - NPY_HEAD, StandardCharsets.US_ASCII);
        Matcher shape = SHAPE.matcher(header);
        Matcher type = TYPE.matcher(header);
        if (!shape.find() || !type.find() || header.contains("'fortran_order': True")) {
            throw damaged(
                    folder,
                    file,
                    "its header is '%s'; a row-major array of (window, sensor, time) is read"
                            .formatted(Names.shown(header.trim())));
        }
        int width = switch (type.group(1)) {
            case "<i2" -> Short.BYTES;
            case "<f4" -> Float.BYTES;
            default ->
                throw damaged(
                        folder,
                        file,
                        "its values are '%s'; '<i2' and '<f4' are read".formatted(Names.shown(type.group(1))));
        };
        int count = Integer.parseInt(shape.group(1));
        int sensors = Integer.parseInt(shape.group(2));
        int steps = Integer.parseInt(shape.group(3));
        long values = (long) count * sensors * steps;
        if (count < 1 || sensors < 1 || steps < 1 || head + values * width != bytes.length) {
            throw damaged(
                    folder,
                    file,
                    "%d x %d x %d values do not fill its %d bytes".formatted(count, sensors, steps, bytes.length));
        }
        float[] v = new float[(int) values];
        for (int i = 0; i < v.length; i++) {
            v[i] = width == Short.BYTES ? b.getShort(head + i * width) : b.getFloat(head + i * width);
            if (!Float.isFinite(v[i])) {
                throw damaged(folder, file, "value %d is %s".formatted(i, v[i]));
            }
        }
        return new Windows(count, sensors, steps, v);
    }

    private static Labels labels(Path folder, String file, int windows) {
        List<String> lines = new String(Packed.read(folder, file), StandardCharsets.UTF_8)
                .lines()
                .toList();
        List<String> columns =
                lines.isEmpty() ? List.of() : List.of(lines.get(0).split(",", -1));
        int label = columns.indexOf("label");
        int subject = columns.indexOf("subject");
        if (label < 0) {
            throw damaged(folder, file, "its first line has no column 'label'");
        }
        if (lines.size() - 1 != windows) {
            throw damaged(folder, file, "it has %d labels for %d windows".formatted(lines.size() - 1, windows));
        }
        int[] labels = new int[windows];
        int[] subjects = new int[subject < 0 ? 0 : windows];
        for (int i = 0; i < windows; i++) {
            String[] cells = lines.get(i + 1).split(",", -1);
            try {
                labels[i] = Integer.parseInt(cells[label].trim());
                if (subject >= 0) {
                    subjects[i] = Integer.parseInt(cells[subject].trim());
                }
            } catch (NumberFormatException | ArrayIndexOutOfBoundsException e) {
                labels[i] = 0;
            }
            if (labels[i] < 1 || labels[i] > 10_000) {
                throw damaged(
                        folder,
                        file,
                        "line %d is no label from 1 to 10000: '%s'".formatted(i + 2, Names.shown(lines.get(i + 1))));
            }
        }
        return new Labels(labels, subjects);
    }

    private static InvalidInputException damaged(Path folder, String file, String what) {
        return new InvalidInputException("%s in %s is no file of windows and labels: %s".formatted(file, folder, what));
    }
}

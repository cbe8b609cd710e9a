package dev.lathe.supernet.data;

import dev.lathe.base.InvalidInputException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.IntStream;

/**
 * Gray images in the IDX form of MNIST and Fashion-MNIST: {@code train-images-idx3-ubyte}, {@code train-labels-idx1-ubyte} and
 * the same with {@code t10k}, each as it is or packed by gzip. The first part trains and validates (90 and 10 of 100 of each
 * class, cut by the seed), the second is the test part.
 */
public final class IdxImages {
    static final String TRAIN_IMAGES = "train-images-idx3-ubyte";

    private static final String TRAIN_LABELS = "train-labels-idx1-ubyte";
    private static final String TEST_LABELS = "t10k-labels-idx1-ubyte";

    private static final int IMAGES = 2051;
    private static final int LABELS = 2049;
    private static final int MAX_SIDE = 256;
    private static final double VALIDATION = 0.10;
    private static final float WHITE = 255f;

    private IdxImages() {}

    /** @throws InvalidInputException naming the file that is missing, damaged, or does not fit the others */
    public static DataSplit load(Path folder, long seed) {
        String name = String.valueOf(folder.toAbsolutePath().normalize().getFileName());
        byte[] trainLabels = labels(folder, TRAIN_LABELS);
        byte[] testLabels = labels(folder, TEST_LABELS);
        boolean[] seen = new boolean[256];
        int classes = 0;
        for (byte b : trainLabels) {
            seen[Byte.toUnsignedInt(b)] = true;
            classes = Math.max(classes, Byte.toUnsignedInt(b) + 1);
        }
        if (classes < 2) {
            throw new InvalidInputException(
                    "the labels in %s are all of one class; two at least are needed".formatted(folder));
        }
        for (int c = 0; c < classes; c++) {
            if (!seen[c]) {
                throw damaged(
                        folder,
                        TRAIN_LABELS,
                        "its labels go up to %d, but no image has label %d".formatted(classes - 1, c));
            }
        }
        for (int i = 0; i < testLabels.length; i++) {
            if (Byte.toUnsignedInt(testLabels[i]) >= classes) {
                throw damaged(
                        folder,
                        TEST_LABELS,
                        "label %d of image %d is none of the training part's, 0 to %d"
                                .formatted(Byte.toUnsignedInt(testLabels[i]), i, classes - 1));
            }
        }
        ImageDataset train = images(folder, TRAIN_IMAGES, name, trainLabels, classes);
        ImageDataset test = images(folder, "t10k-images-idx3-ubyte", name, testLabels, classes);
        if (!train.shape().equals(test.shape())) {
            throw new InvalidInputException("the training images in %s are %d x %d pixels, the test images %d x %d"
                    .formatted(
                            folder,
                            train.shape().height(),
                            train.shape().width(),
                            test.shape().height(),
                            test.shape().width()));
        }
        List<int[]> parts = Stratified.cut(train.labels(), classes, seed, VALIDATION);
        return DataSplit.of(
                train.subset(parts.get(0)).named(name + " train"),
                train.subset(parts.get(1)).named(name + " validation"),
                test.named(name + " test"));
    }

    private static byte[] labels(Path folder, String file) {
        byte[] bytes = Packed.read(folder, file);
        int count = count(folder, file, bytes, LABELS, 8);
        if (bytes.length != 8 + count) {
            throw damaged(
                    folder,
                    file,
                    "%d labels need %d bytes, but it has %d".formatted(count, 8 + (long) count, bytes.length));
        }
        return java.util.Arrays.copyOfRange(bytes, 8, bytes.length);
    }

    private static ImageDataset images(Path folder, String file, String name, byte[] labels, int classes) {
        byte[] bytes = Packed.read(folder, file);
        int count = count(folder, file, bytes, IMAGES, 16);
        ByteBuffer head = ByteBuffer.wrap(bytes);
        int height = head.getInt(8);
        int width = head.getInt(12);
        if (height < 1 || width < 1 || height > MAX_SIDE || width > MAX_SIDE) {
            throw damaged(
                    folder,
                    file,
                    "its images are %d x %d pixels; 1 to %d a side are read".formatted(height, width, MAX_SIDE));
        }
        long wanted = 16 + (long) count * height * width;
        if (bytes.length != wanted) {
            throw damaged(
                    folder, file, "%d images need %d bytes, but it has %d".formatted(count, wanted, bytes.length));
        }
        if (count != labels.length) {
            throw damaged(folder, file, "it has %d images, but there are %d labels".formatted(count, labels.length));
        }
        float[] pixels = new float[count * height * width];
        for (int i = 0; i < pixels.length; i++) {
            pixels[i] = Byte.toUnsignedInt(bytes[16 + i]) / WHITE;
        }
        int[] classOf = new int[count];
        for (int i = 0; i < count; i++) {
            classOf[i] = Byte.toUnsignedInt(labels[i]);
        }
        List<String> names =
                IntStream.range(0, classes).mapToObj(String::valueOf).toList();
        return new ImageDataset(name, "", 1, height, width, names, pixels, classOf);
    }

    private static int count(Path folder, String file, byte[] bytes, int magic, int header) {
        if (bytes.length < header || ByteBuffer.wrap(bytes).getInt(0) != magic) {
            throw damaged(folder, file, "it does not begin with the number %d of such IDX files".formatted(magic));
        }
        int count = ByteBuffer.wrap(bytes).getInt(4);
        if (count < 1) {
            throw damaged(folder, file, "it holds %d items".formatted(count));
        }
        return count;
    }

    private static InvalidInputException damaged(Path folder, String file, String what) {
        return new InvalidInputException("%s in %s is damaged: %s; copy it again".formatted(file, folder, what));
    }
}

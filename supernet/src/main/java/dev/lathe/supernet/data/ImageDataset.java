package dev.lathe.supernet.data;

import dev.lathe.space.TaskShape;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.List;

/** Labelled images of one size, pixels in 0..1, NCHW. Immutable. */
public final class ImageDataset {
    private final String name;
    private final String attribution;
    private final TaskShape shape;
    private final List<String> classNames;
    private final float[] pixels;
    private final int[] labels;
    private final boolean timeSeries;

    /**
     * Takes ownership of the arrays: the caller does not change them afterwards.
     *
     * @param name what it is, for messages and files
     * @param attribution author, source and licence in one line; may be empty
     * @param pixels {@code labels.length * channels * height * width} values in 0..1, NCHW
     * @param labels a class index per image
     * @throws IllegalArgumentException if sizes disagree or a label is out of range
     */
    public ImageDataset(
            String name,
            String attribution,
            int channels,
            int height,
            int width,
            List<String> classNames,
            float[] pixels,
            int[] labels) {
        this(name, attribution, channels, height, width, classNames, pixels, labels, false);
    }

    /** @param timeSeries whether rows are steps in time and columns are sensors, so that no image operation makes sense */
    ImageDataset(
            String name,
            String attribution,
            int channels,
            int height,
            int width,
            List<String> classNames,
            float[] pixels,
            int[] labels,
            boolean timeSeries) {
        this.timeSeries = timeSeries;
        this.name = name;
        this.attribution = attribution;
        this.shape = new TaskShape(channels, height, width, classNames.size());
        this.classNames = List.copyOf(classNames);
        this.pixels = pixels;
        this.labels = labels;
        if (pixels.length != (long) labels.length * channels * height * width) {
            throw new IllegalArgumentException("%s: %d values are not %d images of %d x %d x %d"
                    .formatted(name, pixels.length, labels.length, channels, height, width));
        }
        for (int label : labels) {
            if (label < 0 || label >= classNames.size()) {
                throw new IllegalArgumentException(
                        "%s: label %d is not in 0..%d".formatted(name, label, classNames.size() - 1));
            }
        }
    }

    public String name() {
        return name;
    }

    /** Author, source and licence in one line; empty where nothing is known. */
    public String attribution() {
        return attribution;
    }

    /** Channels, height, width and classes. */
    public TaskShape shape() {
        return shape;
    }

    public List<String> classNames() {
        return classNames;
    }

    /** Number of images. */
    public int size() {
        return labels.length;
    }

    public int label(int image) {
        return labels[image];
    }

    /** All labels, a copy. */
    public int[] labels() {
        return labels.clone();
    }

    /** Values of one image: channels x height x width. */
    public int imageLength() {
        return shape.channels() * shape.height() * shape.width();
    }

    /** Copies one image, (C, H, W), pixels in 0..1, to {@code target} from {@code offset}. */
    public void copyImage(int image, float[] target, int offset) {
        System.arraycopy(pixels, image * imageLength(), target, offset, imageLength());
    }

    /** The pixel array itself, for readers in this package that must be fast; not to be changed. */
    float[] rawPixels() {
        return pixels;
    }

    /** These images, in this order. */
    public ImageDataset subset(int[] images) {
        int n = imageLength();
        float[] p = new float[images.length * n];
        int[] l = new int[images.length];
        for (int i = 0; i < images.length; i++) {
            copyImage(images[i], p, i * n);
            l[i] = labels[images[i]];
        }
        return new ImageDataset(
                name, attribution, shape.channels(), shape.height(), shape.width(), classNames, p, l, timeSeries);
    }

    /**
     * Some of the images, every class in nearly its share of the whole.
     *
     * @param images how many, 1 to {@link #size()}
     * @param seed the same seed gives the same images
     */
    public ImageDataset sample(int images, long seed) {
        if (images < 1 || images > size()) {
            throw new IllegalArgumentException("%s: %d images cannot be drawn from %d".formatted(name, images, size()));
        }
        return subset(Stratified.sample(labels, classNames.size(), images, seed));
    }

    /** The same images under another name. */
    public ImageDataset named(String newName) {
        return new ImageDataset(
                newName,
                attribution,
                shape.channels(),
                shape.height(),
                shape.width(),
                classNames,
                pixels,
                labels,
                timeSeries);
    }

    /** Whether rows are steps in time and columns are sensors. */
    public boolean isTimeSeries() {
        return timeSeries;
    }

    /** SHA-256 over shape, class names, labels and pixels: two data sets with one fingerprint are the same. */
    public String fingerprint() {
        MessageDigest digest;
        try {
            digest = MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("Every Java platform has SHA-256", e);
        }
        digest.update((shape + String.join("\n", classNames)).getBytes(StandardCharsets.UTF_8));
        // Image by image: a copy of everything would double what a large data set takes.
        ByteBuffer b = ByteBuffer.allocate(4 * Math.max(labels.length, imageLength()));
        b.asIntBuffer().put(labels);
        digest.update(b.array(), 0, 4 * labels.length);
        for (int from = 0; from < pixels.length; from += imageLength()) {
            b.asFloatBuffer().put(pixels, from, imageLength());
            digest.update(b.array(), 0, 4 * imageLength());
        }
        return HexFormat.of().formatHex(digest.digest());
    }
}

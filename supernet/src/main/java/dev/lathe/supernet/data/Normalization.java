package dev.lathe.supernet.data;

import java.util.Arrays;

/**
 * Mean and standard deviation of each channel of the training part. Networks, trained and exported, take standardized
 * input: (pixel - mean) / deviation, pixel in 0..1.
 */
public final class Normalization {
    private final float[] mean;
    private final float[] deviation;

    /** @throws IllegalArgumentException if lengths differ or a deviation is not positive */
    public Normalization(float[] mean, float[] deviation) {
        this.mean = mean.clone();
        this.deviation = deviation.clone();
        if (mean.length == 0 || mean.length != deviation.length) {
            throw new IllegalArgumentException("Normalization of %d means and %d deviations; one of each per channel"
                    .formatted(mean.length, deviation.length));
        }
        for (float d : deviation) {
            if (!(d > 0) || !Float.isFinite(d)) {
                throw new IllegalArgumentException(
                        "Normalization has the deviation %s; it must be positive".formatted(d));
            }
        }
    }

    /** Of all pixels of {@code train}, by channel; a channel without any variation gets deviation 1. */
    public static Normalization of(ImageDataset train) {
        int channels = train.shape().channels();
        int plane = train.shape().height() * train.shape().width();
        float[] p = train.rawPixels();
        float[] mean = new float[channels];
        float[] deviation = new float[channels];
        for (int c = 0; c < channels; c++) {
            double sum = 0;
            double squares = 0;
            for (int i = 0; i < train.size(); i++) {
                int at = (i * channels + c) * plane;
                for (int k = at; k < at + plane; k++) {
                    sum += p[k];
                    squares += (double) p[k] * p[k];
                }
            }
            double n = (double) Math.max(1, train.size()) * plane;
            double m = sum / n;
            double s = Math.sqrt(Math.max(0, squares / n - m * m));
            mean[c] = (float) m;
            deviation[c] = s > 1e-6 ? (float) s : 1f;
        }
        return new Normalization(mean, deviation);
    }

    public int channels() {
        return mean.length;
    }

    public float mean(int channel) {
        return mean[channel];
    }

    public float deviation(int channel) {
        return deviation[channel];
    }

    /** Standardizes {@code count} images of (C, H*W = plane) in place, from {@code offset}. */
    public void apply(float[] images, int offset, int count, int plane) {
        int at = offset;
        for (int i = 0; i < count; i++) {
            for (int c = 0; c < mean.length; c++) {
                float m = mean[c];
                float r = 1 / deviation[c];
                for (int k = at; k < at + plane; k++) {
                    images[k] = (images[k] - m) * r;
                }
                at += plane;
            }
        }
    }

    /** Images {@code from} (included) to {@code to} (not included), standardized, NCHW. */
    public float[] standardized(ImageDataset data, int from, int to) {
        float[] x = Arrays.copyOfRange(data.rawPixels(), from * data.imageLength(), to * data.imageLength());
        apply(x, 0, to - from, data.shape().height() * data.shape().width());
        return x;
    }

    @Override
    public boolean equals(Object o) {
        return o instanceof Normalization n && Arrays.equals(mean, n.mean) && Arrays.equals(deviation, n.deviation);
    }

    @Override
    public int hashCode() {
        return 31 * Arrays.hashCode(mean) + Arrays.hashCode(deviation);
    }

    @Override
    public String toString() {
        return "mean %s, deviation %s".formatted(Arrays.toString(mean), Arrays.toString(deviation));
    }
}

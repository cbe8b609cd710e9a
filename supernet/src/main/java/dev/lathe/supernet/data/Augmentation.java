package dev.lathe.supernet.data;

import dev.lathe.base.InvalidInputException;
import java.util.random.RandomGenerator;

/**
 * Random small changes of training images that keep their class: a shift, a small affine map (rotation, scale, shear about
 * the middle, bilinear sampling), a mirror image. What comes in from outside the image is {@code fill}.
 *
 * @param shiftPixels largest whole-pixel shift on each axis, 0 for none
 * @param rotationDegrees largest rotation either way
 * @param scale largest relative change of size, for example 0.1
 * @param shear largest shear, as a tangent
 * @param flip whether half of the images are mirrored left to right
 * @param fill what lies beyond the edge
 */
public record Augmentation(
        int shiftPixels, double rotationDegrees, double scale, double shear, boolean flip, Fill fill) {
    /** What lies beyond the edge of an image. */
    public enum Fill {
        /** Pixel value 0, the background of scanned digits. */
        ZERO,
        /** The nearest pixel, for photographs. */
        EDGE
    }

    /** Leaves images as they are. */
    public static final Augmentation NONE = new Augmentation(0, 0, 0, 0, false, Fill.ZERO);

    public Augmentation {
        if (shiftPixels < 0
                || !(rotationDegrees >= 0 && rotationDegrees <= 180)
                || !(scale >= 0 && scale < 1)
                || !(shear >= 0 && shear <= 2)) {
            throw new InvalidInputException(
                    "augmentation of shift %d, rotation %s, scale %s, shear %s: take a shift of 0 or more, a rotation of 0 to 180, a scale of 0 to below 1 and a shear of 0 to 2"
                            .formatted(shiftPixels, rotationDegrees, scale, shear));
        }
    }

    /** The same with or without mirror images. */
    public Augmentation withFlip(boolean newFlip) {
        return new Augmentation(shiftPixels, rotationDegrees, scale, shear, newFlip, fill);
    }

    /** Suits the data: none for time series; shifts of 1 pixel at 8x8 (an eighth of larger images) and a small affine map. */
    public static Augmentation defaults(ImageDataset data) {
        if (data.isTimeSeries()) {
            return NONE;
        }
        int side = Math.min(data.shape().height(), data.shape().width());
        return new Augmentation(
                Math.max(1, side / 8), 5, 0.05, 0.05, false, data.shape().channels() == 1 ? Fill.ZERO : Fill.EDGE);
    }

    /** The defaults with a stronger affine map: for networks that do not know of neighbouring pixels by themselves. */
    public static Augmentation strongerDefaults(ImageDataset data) {
        Augmentation d = defaults(data);
        if (data.isTimeSeries()) {
            return d;
        }
        return new Augmentation(d.shiftPixels, 12, 0.12, 0.1, d.flip, d.fill);
    }

    /**
     * Writes a changed copy of one image.
     *
     * @param target receives (C, H, W) from {@code offset}
     */
    public void apply(ImageDataset data, int image, RandomGenerator random, float[] target, int offset) {
        int h = data.shape().height();
        int w = data.shape().width();
        int plane = h * w;
        int channels = data.shape().channels();
        // All draws are made whatever is switched on, so that a change of one setting leaves the others' draws alone.
        int dy = random.nextInt(2 * shiftPixels + 1) - shiftPixels;
        int dx = random.nextInt(2 * shiftPixels + 1) - shiftPixels;
        double angle = Math.toRadians(rotationDegrees) * signed(random);
        double sy = 1 + scale * signed(random);
        double sx = 1 + scale * signed(random);
        double sh = shear * signed(random);
        boolean mirror = random.nextBoolean() && flip;
        float[] p = data.rawPixels();
        int base = image * data.imageLength();
        if (rotationDegrees == 0 && scale == 0 && shear == 0) {
            for (int c = 0; c < channels; c++) {
                for (int y = 0; y < h; y++) {
                    for (int x = 0; x < w; x++) {
                        int fromX = (mirror ? w - 1 - x : x) - dx;
                        target[offset + c * plane + y * w + x] = pixel(p, base + c * plane, h, w, y - dy, fromX);
                    }
                }
            }
            return;
        }
        double cos = StrictMath.cos(angle);
        double sin = StrictMath.sin(angle);
        double my = (h - 1) / 2.0;
        double mx = (w - 1) / 2.0;
        for (int y = 0; y < h; y++) {
            for (int x = 0; x < w; x++) {
                double v = y - my - dy;
                double u = (mirror ? mx - x : x - mx) - dx;
                double fromX = (cos * u + sin * v) * sx + sh * v + mx;
                double fromY = (cos * v - sin * u) * sy + my;
                int x0 = (int) Math.floor(fromX);
                int y0 = (int) Math.floor(fromY);
                float fx = (float) (fromX - x0);
                float fy = (float) (fromY - y0);
                for (int c = 0; c < channels; c++) {
                    int at = base + c * plane;
                    float top = (1 - fx) * pixel(p, at, h, w, y0, x0) + fx * pixel(p, at, h, w, y0, x0 + 1);
                    float bottom = (1 - fx) * pixel(p, at, h, w, y0 + 1, x0) + fx * pixel(p, at, h, w, y0 + 1, x0 + 1);
                    target[offset + c * plane + y * w + x] = (1 - fy) * top + fy * bottom;
                }
            }
        }
    }

    private float pixel(float[] p, int at, int h, int w, int y, int x) {
        if (y >= 0 && y < h && x >= 0 && x < w) {
            return p[at + y * w + x];
        }
        if (fill == Fill.ZERO) {
            return 0f;
        }
        return p[at + Math.max(0, Math.min(h - 1, y)) * w + Math.max(0, Math.min(w - 1, x))];
    }

    private static double signed(RandomGenerator random) {
        return 2 * random.nextDouble() - 1;
    }
}

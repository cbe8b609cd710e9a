package dev.lathe.supernet.data;

import java.util.random.RandomGenerator;

/**
 * Replaces a random rectangle of some images by noise: 2 to 33 of 100 of the area, sides in the ratio 0.3 to 3.3.
 *
 * @param probability share of images that are changed, 0 to 1
 * @see <a href="https://arxiv.org/abs/1708.04896">Zhong et al., Random Erasing Data Augmentation, AAAI 2020</a>
 */
public record RandomErasing(double probability) {
    private static final double LEAST_AREA = 0.02;
    private static final double MOST_AREA = 0.33;
    private static final double WIDEST = 1 / 0.3;
    private static final int TRIES = 10;

    public RandomErasing {
        if (!(probability >= 0 && probability <= 1)) {
            throw new IllegalArgumentException("A share of images is 0 to 1, not " + probability);
        }
    }

    /**
     * Changes one image in place, or leaves it.
     *
     * @param pixels (C, H, W) in 0..1 from {@code offset}
     */
    public void apply(float[] pixels, int offset, int channels, int height, int width, RandomGenerator random) {
        if (random.nextDouble() >= probability) {
            return;
        }
        for (int i = 0; i < TRIES; i++) {
            double area = (LEAST_AREA + (MOST_AREA - LEAST_AREA) * random.nextDouble()) * height * width;
            double ratio = StrictMath.exp(StrictMath.log(WIDEST) * (2 * random.nextDouble() - 1));
            int h = (int) Math.max(1, Math.round(Math.sqrt(area * ratio)));
            int w = (int) Math.max(1, Math.round(Math.sqrt(area / ratio)));
            if (h < height && w < width) {
                int top = random.nextInt(height - h + 1);
                int left = random.nextInt(width - w + 1);
                fill(pixels, offset, channels, height, width, new int[] {top, left, h, w}, random);
                return;
            }
        }
    }

    private static void fill(
            float[] pixels, int offset, int channels, int height, int width, int[] box, RandomGenerator random) {
        for (int c = 0; c < channels; c++) {
            for (int y = box[0]; y < box[0] + box[2]; y++) {
                int row = offset + (c * height + y) * width;
                for (int x = box[1]; x < box[1] + box[3]; x++) {
                    pixels[row + x] = random.nextFloat();
                }
            }
        }
    }
}

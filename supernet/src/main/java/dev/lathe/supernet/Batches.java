package dev.lathe.supernet;

import dev.lathe.base.Seeds;
import dev.lathe.supernet.data.DataSplit;
import dev.lathe.supernet.data.ImageDataset;
import java.util.random.RandomGenerator;

/** The training batch of each step, a function of (seed, step) alone: every image once an epoch, freshly augmented. */
final class Batches {
    /**
     * One batch.
     *
     * @param pixels standardized images, NCHW
     * @param labels a class per image
     */
    record Batch(float[] pixels, int[] labels) {}

    private final DataSplit data;
    private final TrainingConfig config;
    private long epoch = -1;
    private int[] order = new int[0];

    Batches(DataSplit data, TrainingConfig config) {
        this.data = data;
        this.config = config;
    }

    Batch of(int step) {
        ImageDataset train = data.train();
        int length = train.imageLength();
        int n = config.batchSize();
        float[] pixels = new float[n * length];
        int[] labels = new int[n];
        RandomGenerator random = Seeds.generator(config.seed(), "augment", step);
        for (int i = 0; i < n; i++) {
            long index = (long) step * n + i;
            int image = order(index / train.size())[(int) (index % train.size())];
            config.augmentation().apply(train, image, random, pixels, i * length);
            labels[i] = train.label(image);
        }
        data.normalization()
                .apply(pixels, 0, n, train.shape().height() * train.shape().width());
        return new Batch(pixels, labels);
    }

    private int[] order(long wanted) {
        if (epoch != wanted) {
            epoch = wanted;
            order = permutation(data.train().size(), Seeds.generator(config.seed(), "epoch", wanted));
        }
        return order;
    }

    static int[] permutation(int n, RandomGenerator random) {
        int[] p = new int[n];
        for (int i = 0; i < n; i++) {
            int j = random.nextInt(i + 1);
            p[i] = p[j];
            p[j] = i;
        }
        return p;
    }
}

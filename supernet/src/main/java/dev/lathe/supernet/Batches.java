package dev.lathe.supernet;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import dev.lathe.base.Seeds;
import dev.lathe.space.TaskShape;
import dev.lathe.supernet.data.DataSplit;
import dev.lathe.supernet.data.ImageDataset;
import dev.lathe.supernet.data.Mixup;
import dev.lathe.supernet.data.RandomErasing;
import java.util.List;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/** The training batch of each step, a function of (seed, step) alone: every image once an epoch, freshly augmented. */
final class Batches implements TrainingBatches {
    /**
     * One batch.
     *
     * @param pixels standardized images, NCHW
     * @param labels a class per image
     * @param task the images' extents
     * @param mixed whose labels are mixed, as the pixels are; null for none
     */
    record Batch(float[] pixels, int[] labels, TaskShape task, Mixup.@Nullable Pairs mixed) implements TrainingBatch {
        @Override
        public List<NDArray> inputs(NDManager step) {
            Shape shape = new Shape(labels.length, task.channels(), task.height(), task.width());
            return List.of(step.create(pixels, shape));
        }

        @Override
        public int rows() {
            return labels.length;
        }

        @Override
        public int classes() {
            return task.classes();
        }

        @Override
        public NDArray target(NDManager step, double smoothing) {
            float[] own = targets(labels, task.classes(), smoothing);
            return step.create(mixed == null ? own : mixed.mix(own), new Shape(labels.length, task.classes()));
        }

        @Override
        public NDArray rowWeights(NDManager step) {
            return step.full(new Shape(1), -1f / labels.length);
        }

        @Override
        public float[] ofCountingRows(float[] weights) {
            return weights;
        }
    }

    private final DataSplit data;
    private final TrainingConfig config;
    private long epoch = -1;
    private int[] order = new int[0];

    Batches(DataSplit data, TrainingConfig config) {
        this.data = data;
        this.config = config;
    }

    /** Smoothed one-hot rows times -1/n. */
    static float[] targets(int[] labels, int classes, double smoothing) {
        float[] t = new float[labels.length * classes];
        double n = labels.length;
        for (int i = 0; i < labels.length; i++) {
            for (int c = 0; c < classes; c++) {
                double p = smoothing / classes + (c == labels[i] ? 1 - smoothing : 0);
                t[i * classes + c] = (float) (-p / n);
            }
        }
        return t;
    }

    @Override
    public String fingerprint() {
        return data.fingerprint();
    }

    @Override
    public Initialization initialization() {
        return Initialization.FAN_IN;
    }

    @Override
    public double squaredGradientDecay() {
        return AdamW.USUAL_BETA2;
    }

    @Override
    public Batch of(int step) {
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
        TaskShape shape = train.shape();
        Regularization r = config.regularization();
        if (!r.series().isNone()) {
            RandomGenerator vary = Seeds.generator(config.seed(), "series", step);
            for (int i = 0; i < n; i++) {
                r.series().apply(pixels, i * length, shape.height(), shape.width(), vary);
            }
        }
        if (r.erase() > 0) {
            RandomErasing erasing = new RandomErasing(r.erase());
            RandomGenerator eraser = Seeds.generator(config.seed(), "erase", step);
            for (int i = 0; i < n; i++) {
                erasing.apply(pixels, i * length, shape.channels(), shape.height(), shape.width(), eraser);
            }
        }
        data.normalization().apply(pixels, 0, n, shape.height() * shape.width());
        if (r.mixup() == 0) {
            return new Batch(pixels, labels, shape, null);
        }
        Mixup.Pairs pairs = new Mixup(r.mixup()).draw(n, Seeds.generator(config.seed(), "mixup", step));
        return new Batch(pairs.mix(pixels), labels, shape, pairs);
    }

    private int[] order(long wanted) {
        if (epoch != wanted) {
            epoch = wanted;
            order = Seeds.permutation(data.train().size(), Seeds.generator(config.seed(), "epoch", wanted));
        }
        return order;
    }
}

package dev.lathe.supernet;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import dev.lathe.base.Seeds;
import dev.lathe.graph.Graph;
import dev.lathe.space.Architecture;
import dev.lathe.space.SearchSpace;
import dev.lathe.space.TaskShape;
import dev.lathe.supernet.data.DataSplit;
import dev.lathe.supernet.data.ImageDataset;
import dev.lathe.supernet.data.Normalization;
import java.util.Arrays;
import java.util.List;
import java.util.function.ObjIntConsumer;
import org.jspecify.annotations.Nullable;

/**
 * Runs subnets on shared parameters, batch-norm statistics re-estimated for each: in the process that trained them, or in another that was
 * sent the parameters and the calibration images. Both give the same, to the last bit.
 */
final class SubnetEvaluator {
    private static final int CALIBRATION_IMAGES = 1024;
    private static final int CALIBRATION_BATCH = 256;

    private final SearchSpace space;
    private final SharedParameters parameters;
    private final GraphExecutor executor;
    private final Normalization normalization;
    private final float[] calibration;
    private final int imageLength;
    private final int calibrationImages;

    /**
     * @param width of imitated rounding, or null for none
     * @param calibration whole standardized images, NCHW
     */
    SubnetEvaluator(
            SearchSpace space,
            SharedParameters parameters,
            @Nullable BitWidth width,
            Normalization normalization,
            float[] calibration) {
        this.space = space;
        this.parameters = parameters;
        this.executor = width == null
                ? new GraphExecutor(parameters)
                : new GraphExecutor(parameters, new FakeQuantization(parameters, width));
        this.normalization = normalization;
        this.calibration = calibration;
        TaskShape t = TaskShape.of(space);
        this.imageLength = t.channels() * t.height() * t.width();
        this.calibrationImages = calibration.length / imageLength;
    }

    /** Standardized images of the train part, always the same ones in the same order. */
    static float[] calibration(DataSplit data) {
        ImageDataset train = data.train();
        int images = Math.min(CALIBRATION_IMAGES, train.size());
        int[] some = Arrays.copyOf(Seeds.permutation(train.size(), Seeds.generator(0, "calibration", 0)), images);
        return data.normalization().standardized(train.subset(some), 0, images);
    }

    Normalization normalization() {
        return normalization;
    }

    /** The calibration images themselves; not to be changed. */
    float[] calibration() {
        return calibration;
    }

    SubnetScore evaluate(Architecture a, ImageDataset images) {
        Graph graph = space.lower(a);
        try (NDManager owner = parameters.manager().newSubManager()) {
            BatchNormStatistics statistics = calibrated(graph, owner);
            return SubnetScore.of((input, batch) -> run(graph, statistics, input, batch), images, normalization);
        }
    }

    float[] logits(Architecture a, float[] input, int batch) {
        Graph graph = space.lower(a);
        try (NDManager owner = parameters.manager().newSubManager()) {
            return run(graph, calibrated(graph, owner), input, batch);
        }
    }

    private float[] run(Graph graph, BatchNormStatistics statistics, float[] input, int batch) {
        try (NDManager step = parameters.manager().newSubManager()) {
            NDArray x = step.create(input, inputShape(batch));
            return executor.forward(graph, x, GraphExecutor.Mode.EVALUATE, statistics)
                    .toFloatArray();
        }
    }

    /** Statistics of the graph on the calibration images, owned by {@code owner}. */
    BatchNormStatistics calibrated(Graph graph, NDManager owner) {
        BatchNormStatistics statistics = new BatchNormStatistics(graph, owner);
        if (statistics.isEmpty()) {
            return statistics;
        }
        for (int from = 0; from < calibrationImages; from += CALIBRATION_BATCH) {
            int to = Math.min(calibrationImages, from + CALIBRATION_BATCH);
            if (to - from < Math.min(CALIBRATION_BATCH / 2, calibrationImages)) {
                // A short last batch would weigh as much as a full one, with a noisier variance.
                break;
            }
            try (NDManager step = parameters.manager().newSubManager()) {
                NDArray x = step.create(
                        Arrays.copyOfRange(calibration, from * imageLength, to * imageLength), inputShape(to - from));
                statistics.nextBatch();
                executor.forward(graph, x, GraphExecutor.Mode.CALIBRATE, statistics);
            }
        }
        return statistics;
    }

    /** One pass of a subnet over calibration images, of which every tensor is shown by its id. */
    void observe(Graph graph, ObjIntConsumer<NDArray> observer) {
        int images = Math.min(CALIBRATION_BATCH, calibrationImages);
        try (NDManager owner = parameters.manager().newSubManager()) {
            NDArray x = owner.create(Arrays.copyOf(calibration, images * imageLength), inputShape(images));
            NDArray[] values =
                    executor.values(graph, List.of(x), GraphExecutor.Mode.EVALUATE, calibrated(graph, owner));
            for (int t = 0; t < values.length; t++) {
                observer.accept(values[t], t);
            }
        }
    }

    private Shape inputShape(int batch) {
        TaskShape t = TaskShape.of(space);
        return new Shape(batch, t.channels(), t.height(), t.width());
    }
}

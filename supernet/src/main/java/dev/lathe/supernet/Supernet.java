package dev.lathe.supernet;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import dev.lathe.base.InvalidInputException;
import dev.lathe.base.Seeds;
import dev.lathe.graph.Graph;
import dev.lathe.graph.Node;
import dev.lathe.graph.ParameterUse;
import dev.lathe.graph.WeightSlice;
import dev.lathe.space.Architecture;
import dev.lathe.space.SearchSpace;
import dev.lathe.space.TaskShape;
import dev.lathe.supernet.data.DataSplit;
import dev.lathe.supernet.data.ImageDataset;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.ObjIntConsumer;

/**
 * Trained shared parameters of a space, and every subnet in them. Deterministic: the same architecture gives the same
 * score each time. Safe for use by several threads once training is over.
 *
 * <p>Where a subnet has batch normalization, its statistics are re-estimated on training images before each use.
 */
public final class Supernet implements AutoCloseable {
    private static final int CALIBRATION_IMAGES = 1024;
    private static final int CALIBRATION_BATCH = 256;

    private final SearchSpace space;
    private final SharedParameters parameters;
    private final DataSplit data;
    private final GraphExecutor executor;
    private final float[] calibration;
    private final int calibrationImages;

    /** Takes ownership of the parameters: closing this closes them. */
    public Supernet(SearchSpace space, SharedParameters parameters, DataSplit data) {
        this(space, parameters, data, new GraphExecutor(parameters));
    }

    /** @param executor of these parameters */
    Supernet(SearchSpace space, SharedParameters parameters, DataSplit data, GraphExecutor executor) {
        requireTask(space, data);
        this.space = space;
        this.parameters = parameters;
        this.data = data;
        this.executor = executor;
        ImageDataset train = data.train();
        this.calibrationImages = Math.min(CALIBRATION_IMAGES, train.size());
        int[] some = Arrays.copyOf(
                Batches.permutation(train.size(), Seeds.generator(0, "calibration", 0)), calibrationImages);
        this.calibration = data.normalization().standardized(train.subset(some), 0, calibrationImages);
    }

    /**
     * The supernet that a training left.
     *
     * @throws InvalidInputException if the file is missing, damaged, or of another space or data set
     */
    public static Supernet load(Path checkpoint, SearchSpace space, DataSplit data) throws IOException {
        ParameterLayout layout = ParameterLayout.of(space);
        SupernetCheckpoint c = SupernetCheckpoint.read(checkpoint, space, layout, data.fingerprint());
        return new Supernet(space, SharedParameters.of(c.layout(), c.parameters()), data);
    }

    static void requireTask(SearchSpace space, DataSplit data) {
        if (!space.task().equals(data.shape())) {
            TaskShape d = data.shape();
            throw new InvalidInputException(
                    "space %s was made for %s, but the data has %d channels, %d x %d pixels and %d classes; make the space for the data's shape"
                            .formatted(space.name(), space.task(), d.channels(), d.height(), d.width(), d.classes()));
        }
    }

    public SearchSpace space() {
        return space;
    }

    public DataSplit data() {
        return data;
    }

    public SharedParameters parameters() {
        return parameters;
    }

    /**
     * Top-1 and cross-entropy of a subnet with inherited weights.
     *
     * @param images of the space's task, pixels in 0..1; standardized here
     */
    public SubnetScore evaluate(Architecture a, ImageDataset images) {
        Graph graph = space.lower(a);
        try (NDManager owner = parameters.manager().newSubManager()) {
            BatchNormStatistics statistics = calibrated(graph, owner);
            return SubnetScore.of((input, batch) -> run(graph, statistics, input, batch), images, data.normalization());
        }
    }

    /**
     * Logits of a subnet, for comparing with other runtimes.
     *
     * @param input {@code batch} standardized images, NCHW
     * @return (batch, classes), row-major
     */
    public float[] logits(Architecture a, float[] input, int batch) {
        Graph graph = space.lower(a);
        try (NDManager owner = parameters.manager().newSubManager()) {
            return run(graph, calibrated(graph, owner), input, batch);
        }
    }

    /** The subnet's weights, cut out, with its batch-norm statistics. */
    public ExtractedWeights extract(Architecture a) {
        Graph graph = space.lower(a);
        Map<WeightSlice, float[]> values = new HashMap<>();
        try (NDManager owner = parameters.manager().newSubManager()) {
            BatchNormStatistics statistics = calibrated(graph, owner);
            for (Node node : graph.nodes()) {
                if (node.op() instanceof dev.lathe.graph.Operator.BatchNorm n) {
                    values.put(n.mean(), statistics.of(n).mean().toFloatArray());
                    values.put(n.variance(), statistics.of(n).variance().toFloatArray());
                }
                for (ParameterUse use : node.op().parameters()) {
                    if (use.role().isTrained()) {
                        values.put(use.slice(), parameters.values(use));
                    }
                }
            }
        }
        return new ExtractedWeights(values);
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
        int length = data.train().imageLength();
        for (int from = 0; from < calibrationImages; from += CALIBRATION_BATCH) {
            int to = Math.min(calibrationImages, from + CALIBRATION_BATCH);
            if (to - from < Math.min(CALIBRATION_BATCH / 2, calibrationImages)) {
                // A short last batch would weigh as much as a full one, with a noisier variance.
                break;
            }
            try (NDManager step = parameters.manager().newSubManager()) {
                NDArray x =
                        step.create(Arrays.copyOfRange(calibration, from * length, to * length), inputShape(to - from));
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
            NDArray x = owner.create(
                    Arrays.copyOf(calibration, images * data.train().imageLength()), inputShape(images));
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

    @Override
    public void close() {
        parameters.close();
    }
}

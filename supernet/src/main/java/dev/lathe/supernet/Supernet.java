package dev.lathe.supernet;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import dev.lathe.base.InvalidInputException;
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
import java.util.HashMap;
import java.util.Map;
import java.util.function.ObjIntConsumer;
import org.jspecify.annotations.Nullable;

/**
 * Trained shared parameters of a space, and every subnet in them. Deterministic: the same architecture gives the same
 * score each time. Safe for use by several threads once training is over.
 *
 * <p>Where a subnet has batch normalization, its statistics are re-estimated on training images before each use.
 */
public final class Supernet implements AutoCloseable {
    private final SearchSpace space;
    private final SharedParameters parameters;
    private final DataSplit data;
    private final @Nullable BitWidth width;
    private final SubnetEvaluator evaluator;

    /** Takes ownership of the parameters: closing this closes them. */
    public Supernet(SearchSpace space, SharedParameters parameters, DataSplit data) {
        this(space, parameters, data, null);
    }

    /** @param width of imitated rounding, or null for none */
    Supernet(SearchSpace space, SharedParameters parameters, DataSplit data, @Nullable BitWidth width) {
        requireTask(space, data);
        this.space = space;
        this.parameters = parameters;
        this.data = data;
        this.width = width;
        this.evaluator =
                new SubnetEvaluator(space, parameters, width, data.normalization(), SubnetEvaluator.calibration(data));
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
        return evaluator.evaluate(a, images);
    }

    /**
     * Logits of a subnet, for comparing with other runtimes.
     *
     * @param input {@code batch} standardized images, NCHW
     * @return (batch, classes), row-major
     */
    public float[] logits(Architecture a, float[] input, int batch) {
        return evaluator.logits(a, input, batch);
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

    /** Statistics of the graph on the calibration images, owned by {@code owner}. */
    BatchNormStatistics calibrated(Graph graph, NDManager owner) {
        return evaluator.calibrated(graph, owner);
    }

    /** One pass of a subnet over calibration images, of which every tensor is shown by its id. */
    void observe(Graph graph, ObjIntConsumer<NDArray> observer) {
        evaluator.observe(graph, observer);
    }

    /**
     * All that evaluating subnets on these images takes, for other processes.
     *
     * @param images of the space's task, pixels in 0..1
     * @throws InvalidInputException if parameters and images are more than 2 GiB
     */
    public SupernetBundle bundle(ImageDataset images) {
        return SupernetBundle.of(space, parameters, width, evaluator, images);
    }

    @Override
    public void close() {
        parameters.close();
    }
}

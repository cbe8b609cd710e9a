package dev.lathe.supernet;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import dev.lathe.base.InvalidInputException;
import dev.lathe.base.Seeds;
import dev.lathe.graph.Graph;
import dev.lathe.graph.Tensor;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import java.util.random.RandomGenerator;

/**
 * A network of its own, with random weights, that is run in this process operator by operator: what is timed where PyTorch is the
 * device's runtime. Its input lies ready.
 */
public final class TorchNetwork implements AutoCloseable {
    private final Graph graph;
    private final SharedParameters parameters;
    private final GraphExecutor executor;
    private final NDManager manager;
    private final BatchNormStatistics statistics;
    private final List<NDArray> inputs = new ArrayList<>();

    /**
     * @param batch images in one run
     * @param threads of the engine's operators
     * @param seed of weights and input
     * @throws InvalidInputException if the engine was started with another number of threads
     */
    public TorchNetwork(Graph graph, int batch, int threads, long seed) {
        if (Torch.threads() != threads) {
            throw new InvalidInputException(
                    "PyTorch runs with %d threads here, and the device has %d; set LATHE_THREADS=%d and start again"
                            .formatted(Torch.threads(), threads, threads));
        }
        this.graph = graph;
        this.parameters = SharedParameters.initialize(ParameterLayout.of(graph), seed);
        this.executor = new GraphExecutor(parameters);
        this.manager = parameters.manager().newSubManager();
        this.statistics = new BatchNormStatistics(graph, manager);
        RandomGenerator random = Seeds.generator(seed, "measurement input", 0);
        for (Tensor t : graph.inputs()) {
            float[] values = new float[Math.multiplyExact((int) t.shape().elements(), batch)];
            for (int i = 0; i < values.length; i++) {
                values[i] = random.nextFloat();
            }
            inputs.add(manager.create(values, GraphExecutor.withBatch(batch, t.shape())));
        }
    }

    /** One pass, from the call to the result. */
    public void run() {
        pass(y -> y);
    }

    /** One pass, and the numbers that it gives. */
    float[] forward() {
        return pass(NDArray::toFloatArray);
    }

    private <T> T pass(Function<NDArray, T> result) {
        try (NDManager step = manager.newSubManager()) {
            // What a pass makes belongs to the owner of its input, which itself is kept.
            inputs.forEach(x -> x.attach(step));
            try {
                return result.apply(executor.forward(graph, inputs, GraphExecutor.Mode.EVALUATE, statistics));
            } finally {
                inputs.forEach(x -> x.attach(manager));
            }
        }
    }

    @Override
    public void close() {
        parameters.close();
    }
}

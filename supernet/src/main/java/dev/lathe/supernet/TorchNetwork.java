package dev.lathe.supernet;

import ai.djl.Device;
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
 * A network with random parameters of its own, which the executor of supernets runs in this process, on the CPU: what is timed where
 * PyTorch is the device's runtime. Its input lies ready.
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
     * @param seed of weights and input
     * @throws InvalidInputException if the input is too large for an array
     */
    public TorchNetwork(Graph graph, int batch, long seed) {
        this.graph = graph;
        for (Tensor t : graph.inputs()) {
            if (t.shape().elements() * batch > Integer.MAX_VALUE - 8) {
                throw new InvalidInputException(
                        "%d inputs of shape %s are too large for one run; make the batch smaller"
                                .formatted(batch, t.shape()));
            }
        }
        this.parameters = SharedParameters.alone(graph, seed, Device.cpu());
        try {
            this.executor = new GraphExecutor(parameters);
            this.manager = parameters.manager().newSubManager();
            this.statistics = new BatchNormStatistics(graph, manager);
            RandomGenerator random = Seeds.generator(seed, "measurement input", 0);
            for (Tensor t : graph.inputs()) {
                float[] values = new float[(int) (t.shape().elements() * batch)];
                for (int i = 0; i < values.length; i++) {
                    values[i] = random.nextFloat();
                }
                inputs.add(manager.create(values, GraphExecutor.withBatch(batch, t.shape())));
            }
        } catch (RuntimeException | OutOfMemoryError e) {
            parameters.close();
            throw e;
        }
    }

    /**
     * Starts the engine, as the device has it.
     *
     * @param version of the engine
     * @param threads of its operators
     * @throws InvalidInputException if it is of another version, or was started with another number of threads
     */
    public static void require(String version, int threads) {
        String ours = Torch.engine().getVersion();
        if (!ours.equals(version)) {
            throw new InvalidInputException(
                    "PyTorch %s is loaded here, and the device has %s; unset PYTORCH_VERSION and PYTORCH_LIBRARY_PATH"
                            .formatted(ours, version));
        }
        if (Torch.threads() != threads) {
            throw new InvalidInputException(
                    "PyTorch runs with %d threads here, and the device has %d; set LATHE_THREADS=%d (without the launcher -D%s=%d) and start again"
                            .formatted(Torch.threads(), threads, threads, Torch.THREADS, threads));
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

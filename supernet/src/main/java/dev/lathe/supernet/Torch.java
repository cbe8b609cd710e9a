package dev.lathe.supernet;

import ai.djl.Device;
import ai.djl.engine.Engine;
import ai.djl.ndarray.NDManager;
import dev.lathe.base.InvalidInputException;

/** The engine, started with one thread unless the JVM's options say otherwise. */
final class Torch {
    static final String THREADS = "ai.djl.pytorch.num_threads";
    private static final String INTEROP_THREADS = "ai.djl.pytorch.num_interop_threads";

    static {
        // Spinning OpenMP threads beside other work made a step forty times slower: one thread unless asked for more.
        if (System.getProperty(THREADS) == null) {
            System.setProperty(THREADS, "1");
        }
        if (System.getProperty(INTEROP_THREADS) == null) {
            System.setProperty(INTEROP_THREADS, "1");
        }
    }

    private static boolean isStarted;

    private Torch() {}

    static synchronized Engine engine() {
        isStarted = true;
        return Engine.getEngine("PyTorch");
    }

    /**
     * Starts the engine as another process has it: other versions, and other numbers of threads, may sum in another order.
     *
     * @throws InvalidInputException if it is of another version, or has been started with another number of threads
     */
    static synchronized void adopt(String version, int threads) {
        if (!isStarted) {
            System.setProperty(THREADS, Integer.toString(threads));
        }
        String ours = engine().getVersion();
        if (!ours.equals(version) || threads() != threads) {
            throw new InvalidInputException(
                    "PyTorch %s with %d threads an operator is here, and %s with %d where the supernet comes from; give both the same"
                            .formatted(ours, threads(), version, threads));
        }
    }

    /** Threads of the engine's operators. */
    static int threads() {
        engine();
        return Integer.getInteger(THREADS, 1);
    }

    /** An owner of arrays that live until it is closed. */
    static NDManager newManager() {
        return newManager(ComputeDevice.current());
    }

    static NDManager newManager(Device device) {
        return engine().newBaseManager(device);
    }
}

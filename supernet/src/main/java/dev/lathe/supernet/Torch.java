package dev.lathe.supernet;

import ai.djl.engine.Engine;
import ai.djl.ndarray.NDManager;

/** The engine, started with one thread unless the JVM's options say otherwise. */
final class Torch {
    private static final String THREADS = "ai.djl.pytorch.num_threads";
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

    private Torch() {}

    static Engine engine() {
        return Engine.getEngine("PyTorch");
    }

    /** Threads of the engine's operators. */
    static int threads() {
        engine();
        return Integer.getInteger(THREADS, 1);
    }

    /** An owner of arrays that live until it is closed. */
    static NDManager newManager() {
        return engine().newBaseManager(ComputeDevice.current());
    }
}

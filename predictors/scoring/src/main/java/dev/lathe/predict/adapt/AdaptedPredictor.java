package dev.lathe.predict.adapt;

/** Latency of architectures on one device. Immutable and thread-safe. */
@FunctionalInterface
public interface AdaptedPredictor {
    /**
     * @param architectures choices, one row each
     * @return milliseconds, one a row, in order
     */
    double[] predictMs(int[][] architectures);
}

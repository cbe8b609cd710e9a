package dev.lathe.predict.adapt;

import java.util.random.RandomGenerator;

/**
 * What was learned from devices with many measurements, ready for a device with few. Implementations are immutable and
 * thread-safe.
 *
 * <p>The way of use: {@link #chooseSupport} says which architectures to measure on the new device, the caller measures
 * them, {@link #adapt} makes the predictor.
 */
public interface DeviceAdapter {
    /** The field's name of the method, for example {@code help}. */
    String name();

    /** Architectures that describe a device and so are measured on each, before any that are chosen; most methods need none. */
    default int[][] references() {
        return new int[0][];
    }

    /**
     * Which architectures are worth measuring on the new device, besides the references.
     *
     * @param pool choices of the architectures that could be measured, one row each
     * @param n how many to choose
     * @param random decides what the method leaves open
     * @return {@code n} different rows of the pool, in the order to measure
     * @throws dev.lathe.base.InvalidInputException if the pool has fewer rows
     */
    int[] chooseSupport(int[][] pool, int n, RandomGenerator random);

    /**
     * A predictor of the device on which these latencies were measured.
     *
     * @param support choices of the measured architectures, one row each: the references, then those chosen
     * @param latencyMs what was measured, one finite value a row
     * @throws dev.lathe.base.InvalidInputException if a value is no finite number, too few rows are given, or a choice is
     *     one that no training architecture makes
     */
    AdaptedPredictor adapt(int[][] support, double[] latencyMs);
}

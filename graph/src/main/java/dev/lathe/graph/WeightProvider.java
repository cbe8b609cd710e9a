package dev.lathe.graph;

/** Where the values of slices come from: a supernet, a file, random numbers for a latency measurement. */
@FunctionalInterface
public interface WeightProvider {
    /** The slice's values in row-major order, {@code slice.elements()} of them; the caller does not change them. */
    float[] values(ParameterUse use);
}

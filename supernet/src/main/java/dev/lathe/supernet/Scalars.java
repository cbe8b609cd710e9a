package dev.lathe.supernet;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Constants that stay alive through the backward pass. The engine's operations with a Java number free that number's
 * memory at once, while the gradient still needs it: gradients then go wrong now and then without any exception. So a
 * number becomes an array here, made once and kept until the manager closes; no other class calls those overloads.
 */
final class Scalars {
    private final NDManager manager;
    private final Map<Float, NDArray> arrays = new ConcurrentHashMap<>();

    Scalars(NDManager manager) {
        this.manager = manager;
    }

    /** x · factor. */
    NDArray multiply(NDArray x, float factor) {
        return factor == 1f ? x : x.mul(constant(factor));
    }

    /** x + term. */
    NDArray add(NDArray x, float term) {
        return x.add(constant(term));
    }

    /** An array of one element. */
    NDArray constant(float value) {
        return arrays.computeIfAbsent(value, v -> manager.full(new Shape(1), v));
    }
}

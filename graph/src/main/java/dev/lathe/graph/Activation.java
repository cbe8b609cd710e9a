package dev.lathe.graph;

/** Element-wise non-linearities. */
public enum Activation {
    RELU,
    /** Exact GELU, x times the normal distribution function of x; not the tanh approximation. */
    GELU,
    /** x times relu6(x + 3) / 6. */
    HARD_SWISH,
    /** relu(x), at most 6. */
    RELU6,
    /** x times the logistic function of x, also called SiLU. */
    SWISH,
    /** relu6(x + 3) / 6, a gate. */
    HARD_SIGMOID,
    /** The logistic function, a gate. */
    SIGMOID
}

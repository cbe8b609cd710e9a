package dev.lathe.graph;

/**
 * How an operator uses a slice: the role decides initialization, weight decay and whether training changes it.
 *
 * @param role what the values are for
 * @param slice where they are
 */
public record ParameterUse(Role role, WeightSlice slice) {
    /** What a parameter is for. */
    public enum Role {
        /** A matrix or filter bank, output axis first: decayed, initialized by fan-in. */
        WEIGHT,
        /** Added per output: starts at 0. */
        BIAS,
        /** Gain of a normalization: starts at 1. */
        SCALE,
        /** Offset of a normalization: starts at 0. */
        SHIFT,
        /** A learned position table: starts as small noise. */
        POSITION,
        /** A factor per channel of a residual branch: starts near 0, so that the branch does. */
        LAYER_SCALE,
        /** A table of token vectors: starts as noise of variance 1 / width. */
        EMBEDDING,
        /** Running mean of a batch normalization: not trained, re-estimated per subnet. */
        RUNNING_MEAN,
        /** Running variance of a batch normalization: not trained, re-estimated per subnet. */
        RUNNING_VARIANCE;

        public boolean isTrained() {
            return this != RUNNING_MEAN && this != RUNNING_VARIANCE;
        }
    }
}

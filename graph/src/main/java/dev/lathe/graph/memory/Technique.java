package dev.lathe.graph.memory;

/** What a deployment schedule may do to save memory. None changes a result by a bit. */
public enum Technique {
    /**
     * Batch norm, activation and layer scale are folded into the operator before them; an addition into the operator that
     * makes its last operand, which is summed into the other operand's bytes; layout changes into a patch embedding; a norm
     * into the mean over tokens. None of these has a buffer then.
     */
    FUSION,
    /** Element-wise operators, norms, softmax and additions write over an operand that nobody needs afterwards. */
    IN_PLACE,
    /**
     * Depthwise convolution and pooling write each channel over the one it came from, with one channel of scratch: N + 1
     * channels instead of 2 N.
     */
    DEPTHWISE_IN_PLACE,
    /** Chains of per-token operators (norm, linear, activation, linear: an MLP) run on a few tokens at a time. */
    TOKEN_TILES,
    /** Results of projections and MLPs are written over the tokens they came from. */
    TOKEN_OVERWRITING,
    /** Self-attention runs on one head's keys and values at a time and one query row at a time: no map of T x T. */
    ATTENTION_ROWS,
    /** A low-rank factor that queries, keys and values share is computed again for each head instead of being kept. */
    FACTOR_RECOMPUTATION,
    /** The first convolution takes the image in bands of as many rows as its kernel has: the image is never whole. */
    IMAGE_BANDS,
    /** The first convolutions run patch by patch, and only the last of their results is ever whole. */
    PATCH_STAGES,
    /** Operators of branches run in the order that needs the least memory. */
    REORDERING
}

package dev.lathe.graph.memory;

import java.util.List;
import java.util.Optional;

/**
 * A schedule and its arena.
 *
 * <p>A step is a moment: buffers whose steps overlap never share a byte. Regions are executed in order; a region with a
 * schedule of its own has several steps, which it repeats tile by tile, head by head or row by row.
 *
 * @param regions in the order of execution
 * @param patchStage the regions that run patch by patch, if any
 * @param buffers in order of their first step
 * @param peakSramBytes size of the arena: the highest end of a buffer; stack, code and static data come on top
 * @param largestLiveBytes the largest sum of buffers needed at one step of this schedule: no arena can be smaller
 * @param flashBytes weights, tables, requantization constants and code
 * @param extraMacs multiply-accumulates that are done again, above those of the graph
 */
public record DeploymentPlan(
        List<Region> regions,
        Optional<PatchStage> patchStage,
        List<Buffer> buffers,
        long peakSramBytes,
        long largestLiveBytes,
        long flashBytes,
        long extraMacs) {
    public DeploymentPlan {
        regions = List.copyOf(regions);
        buffers = List.copyOf(buffers);
    }

    /** How a region is executed. */
    public enum Kind {
        /** One operator on whole tensors, or on the tensors of a patch, with what is fused into it. */
        OPERATOR,
        /** A convolution that takes the image in bands of rows. */
        IMAGE_BANDS,
        /** A patch convolution that writes its tokens in their final layout. */
        PATCH_EMBEDDING,
        /** A chain of per-token operators, a few tokens at a time. */
        TOKEN_TILES,
        /** Self-attention, one head and one query row at a time. */
        ATTENTION_ROWS,
        /** Norm and mean over tokens, one token at a time. */
        POOLED_TOKENS
    }

    /** What a buffer holds. */
    public enum Role {
        /** Whole tensors of the graph. */
        TENSOR,
        /** A few tokens, or one patch, of tensors of the graph. */
        TILE,
        /** One channel, or a few tokens, of a result that is about to be written over its operand. */
        SCRATCH,
        /** Rows of the image. */
        IMAGE_BAND,
        /** One patch of the image, gathered. */
        IMAGE_PATCH,
        /** The product of the low-rank factor that queries, keys and values share, all tokens. */
        SHARED_FACTOR,
        /** One token after the norm, and after shared factors. */
        TOKEN,
        /** One head's keys, all tokens. */
        KEYS,
        /** One head's values, all tokens. */
        VALUES,
        /** One query. */
        QUERY,
        /** One row of scores, 4 bytes each. */
        SCORES,
        /** Products with a relative table, or sums over its rows, 4 bytes each. */
        RELATIVE,
        /** All heads' results, all tokens. */
        MIXED,
        /** Sums over tokens, 4 bytes each. */
        SUM,
        /** Weights copied from flash. */
        WEIGHTS
    }

    /**
     * A piece of the arena.
     *
     * @param role what it holds
     * @param tensors ids of the tensors, in order: more than one where operators write over operands; empty where it holds none
     * @param bytes size at its largest, which is at its first step
     * @param firstStep first step that needs it
     * @param lastStep last step that needs it
     * @param offset first byte in the arena
     * @param shrinks sizes from later steps on, where a smaller result was written over an operand
     */
    public record Buffer(
            Role role,
            List<Integer> tensors,
            long bytes,
            int firstStep,
            int lastStep,
            long offset,
            List<Shrink> shrinks) {
        public Buffer {
            tensors = List.copyOf(tensors);
            shrinks = List.copyOf(shrinks);
        }

        /** Bytes needed at a step of its life. */
        public long bytesAt(int step) {
            long size = bytes;
            for (Shrink s : shrinks) {
                size = s.step() <= step ? s.bytes() : size;
            }
            return size;
        }
    }

    /** From a step on, only the first bytes are needed. */
    public record Shrink(int step, long bytes) {}

    /**
     * A part of the graph that is executed together.
     *
     * @param kind how
     * @param nodes indices of the graph's nodes, in the order of computation
     * @param output id of the tensor it makes
     * @param firstStep its first step
     * @param lastStep its last step
     * @param tileTokens tokens in a tile, 0 where it has none
     * @param recomputesFactor whether attention computes its shared factor again for each head
     * @param words the schedule in words
     */
    public record Region(
            Kind kind,
            List<Integer> nodes,
            int output,
            int firstStep,
            int lastStep,
            int tileTokens,
            boolean recomputesFactor,
            String words) {
        public Region {
            nodes = List.copyOf(nodes);
        }
    }

    /**
     * Patch-based execution of the first regions.
     *
     * @param grid patches per side: the regions run grid² times
     * @param regions how many of the first regions run so
     * @param geometry which part of each tensor a patch needs
     */
    public record PatchStage(int grid, int regions, PatchGeometry geometry) {}
}

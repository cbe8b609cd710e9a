package dev.lathe.space.mcuformer;

import dev.lathe.space.TaskShape;
import dev.lathe.space.mcuformer.TransformerSettings.Block;

/**
 * M3: the peak activation memory, in bytes of int8 values, of each phase of a transformer whose weights are read in place from
 * flash and whose schedule streams: the image by bands of one row of patches, attention by one head's keys and values and one
 * query row at a time, the MLP by a few tokens at a time, results overwriting the tokens they come from.
 *
 * <p>A closed form, kept as the reference that a memory plan of the same schedule is compared with; it knows nothing of
 * alignment, the stack or code. The relative positions' 60 products of a query row are left out as well.
 *
 * @param embedding while patches are embedded
 * @param attention in the widest attention
 * @param mlp in the widest MLP
 * @param head in the classifier
 */
public record StreamedMemory(long embedding, long attention, long mlp, long head) {
    /**
     * The peaks of a network for int8.
     *
     * @param tile tokens that the MLP works on at a time
     */
    public static StreamedMemory of(TransformerSettings settings, TaskShape task, int tile) {
        boolean lowRank = settings.factoring().matrices() > 1;
        long attention = 0;
        long mlp = 0;
        int tokens = PatchGrid.of(task, settings.patch()).patches() + 1;
        for (Block b : settings.blocks()) {
            int rank = lowRank ? settings.factoring().mlpRank(settings.width(), b.hidden()) : 0;
            attention = Math.max(
                    attention,
                    attention(
                            tokens,
                            settings.width(),
                            settings.headWidth(),
                            b.heads(),
                            lowRank ? settings.factoring().attentionRank() : 0));
            mlp = Math.max(mlp, mlp(tokens, settings.width(), b.hidden(), rank, tile));
        }
        return new StreamedMemory(
                embedding(tokens, settings.width(), settings.patch(), task),
                attention,
                mlp,
                head(tokens, settings.width(), task.classes()));
    }

    /** The most of all phases. */
    public long peak() {
        return Math.max(Math.max(embedding, attention), Math.max(mlp, head));
    }

    /** The tokens, a band of the image, one patch. */
    static long embedding(long tokens, int width, int patch, TaskShape task) {
        return tokens * width + (long) task.channels() * task.width() * patch + (long) task.channels() * patch * patch;
    }

    /**
     * The tokens, all heads' outputs, the low-rank input that queries, keys and values share, one head's keys and values, its
     * query row, a normalized token, a row of scores of 4 bytes each.
     *
     * @param sharedRank rank of the shared input; 0 for a dense layer, or where it is computed again for each head
     */
    static long attention(long tokens, int width, int headWidth, int heads, int sharedRank) {
        return tokens * width
                + tokens * headWidth * heads
                + tokens * sharedRank
                + 2 * tokens * headWidth
                + headWidth
                + width
                + 4 * tokens;
    }

    /**
     * The tokens; normalized input, low-rank input and hidden values of a tile.
     *
     * @param rank of the low-rank input; 0 for a dense layer
     */
    static long mlp(long tokens, int width, int hidden, int rank, int tile) {
        return tokens * width + (long) tile * (width + hidden + rank);
    }

    /** The tokens, sums of 4 bytes, their mean, logits of 2 bytes. */
    static long head(long tokens, int width, int classes) {
        return tokens * width + 4L * width + width + 2L * classes;
    }
}

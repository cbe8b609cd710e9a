package dev.lathe.space.mcuformer;

import java.util.Collections;
import java.util.List;

/**
 * All sizes of one vision transformer of AutoFormer's kind, the task left out. Networks outside the spaces can be written
 * down too: DeiT-Tiny is one without relative positions.
 *
 * @param patch side of a patch in pixels
 * @param width E, of the embedding
 * @param headWidth width of one head of q, k or v, whatever E is
 * @param blocks one for each layer
 * @param factoring how the large linear layers are made
 * @param relativePositions whether keys and values have learned relative positions
 */
public record TransformerSettings(
        int patch, int width, int headWidth, List<Block> blocks, Factoring factoring, boolean relativePositions) {
    public TransformerSettings {
        blocks = List.copyOf(blocks);
    }

    /** {@code depth} layers that are alike. */
    public static TransformerSettings uniform(
            int patch, int width, int headWidth, int depth, Block block, Factoring factoring, boolean relative) {
        return new TransformerSettings(patch, width, headWidth, Collections.nCopies(depth, block), factoring, relative);
    }

    /**
     * What differs from layer to layer.
     *
     * @param heads of q, k and v alike
     * @param hidden F, the width between the two layers of the MLP
     */
    public record Block(int heads, int hidden) {}

    /**
     * A large linear layer y = W x + b as a product of matrices, the bias on the last: W x, or W2 (W1 x), or W3 (W2 (W1 x)).
     * Queries, keys and values share all but the last matrix.
     *
     * @param matrices 1 for a dense layer, 2, or 3 as in MCUFormer's released form
     * @param attentionRank of q, k, v and of the attention's output layer
     * @param mlpRatio rank of both layers of the MLP as a share of the narrower side
     */
    public record Factoring(int matrices, int attentionRank, double mlpRatio) {
        /** No low rank. */
        public static final Factoring DENSE = new Factoring(1, 0, 0);

        public Factoring {
            if (matrices < 1 || matrices > 3 || attentionRank < 0 || (matrices > 1 && attentionRank < 1)) {
                throw new IllegalArgumentException("No such factoring: %d matrices of rank %d, MLP ratio %s"
                        .formatted(matrices, attentionRank, mlpRatio));
            }
        }

        public int mlpRank(int width, int hidden) {
            return (int) (Math.min(width, hidden) * mlpRatio);
        }
    }
}

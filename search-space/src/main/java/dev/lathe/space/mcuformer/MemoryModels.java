package dev.lathe.space.mcuformer;

import dev.lathe.graph.Graph;
import dev.lathe.graph.Node;
import dev.lathe.graph.Operator;
import java.util.HashMap;
import java.util.Map;

/**
 * The published estimates of a transformer's peak memory, in bytes, a value taking one byte. They place the weights of the
 * running layer in SRAM, and leave out the residual, attention scores, the image and the stack, so none is a safe budget for a
 * real device; {@link StreamedMemory} is for that.
 *
 * @see <a href="https://arxiv.org/abs/2310.16898">Liang et al., MCUFormer, NeurIPS 2023</a>
 */
public final class MemoryModels {
    private MemoryModels() {}

    /**
     * M0, the paper's rule: the largest weights of a fully connected layer, plus the largest input or output of one, because
     * outputs overwrite inputs. Layers that read one tensor are one layer here: queries, keys and values.
     */
    public static long wholeLayers(Graph graph) {
        Map<Integer, Long> weights = new HashMap<>();
        Map<Integer, Long> outputs = new HashMap<>();
        long activations = 0;
        for (Node n : graph.nodes()) {
            if (n.op() instanceof Operator.Linear linear) {
                int input = n.inputs().get(0).id();
                weights.merge(input, linear.weight().elements(), Long::sum);
                outputs.merge(input, n.output().shape().elements(), Long::sum);
                activations = Math.max(activations, n.inputs().get(0).shape().elements());
            }
        }
        return largest(weights) + Math.max(activations, largest(outputs));
    }

    private static long largest(Map<Integer, Long> values) {
        return values.values().stream().mapToLong(v -> v).max().orElse(0);
    }

    /**
     * M1, the estimate of the released code: one matrix of the MLP, its input and its output. The number of tokens is not
     * rounded where patches do not fill the image.
     *
     * @param side of the square image, in pixels
     * @param patch side of a patch, in pixels
     * @param width of the embedding
     * @param mlpRatio greatest of all layers
     * @param rankRatio the low-rank ratio
     */
    public static double released(int side, int patch, int width, double mlpRatio, double rankRatio) {
        double perSide = (double) side / patch;
        return width * ((perSide * perSide + 1) * (1 + mlpRatio) + width * mlpRatio * rankRatio);
    }

    /** M1 of a network for square images. */
    public static double released(int side, TransformerSettings s) {
        double hidden = 0;
        for (TransformerSettings.Block b : s.blocks()) {
            hidden = Math.max(hidden, b.hidden());
        }
        return released(
                side, s.patch(), s.width(), hidden / s.width(), s.factoring().mlpRatio());
    }

    /**
     * M2, the estimate of a later public version of the code: the second matrix of a low-rank layer, its input and its
     * output, for the MLP or for attention, whichever is more.
     *
     * @param tokens length of the sequence with the class token
     * @param width of the embedding
     * @param hidden greatest hidden width of all MLPs
     * @param inner greatest width of the queries, all heads together
     * @param attentionRatio rank in attention as a share of the width
     * @param mlpRatio rank in the MLP as a share of the width
     */
    public static long secondMatrix(
            int tokens, int width, int hidden, int inner, double attentionRatio, double mlpRatio) {
        return Math.max(lowRank(tokens, hidden, (int) (width * mlpRatio)), lowRank(tokens, 3L * inner, (int)
                (width * attentionRatio)));
    }

    private static long lowRank(long tokens, long outputs, long rank) {
        return outputs * tokens + rank * tokens + outputs * rank;
    }
}

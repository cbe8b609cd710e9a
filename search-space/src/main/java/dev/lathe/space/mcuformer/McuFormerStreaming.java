package dev.lathe.space.mcuformer;

import dev.lathe.graph.CostModel;
import dev.lathe.graph.Graph;
import dev.lathe.graph.Node;
import dev.lathe.graph.ParameterUse;
import dev.lathe.space.Comparison;
import dev.lathe.space.TaskShape;
import dev.lathe.space.mcuformer.TransformerSettings.Block;
import dev.lathe.space.mcuformer.TransformerSettings.Factoring;
import java.util.ArrayList;
import java.util.List;

/**
 * The streaming model M3 beside a reference calculation for four networks of DeiT's kind: weights, MACs, memory in KiB.
 *
 * <p>The reference counts weights and MACs of dense layers, and the weights without biases, norms and class token, as a flash
 * image of 8-bit weights does. Its memory of attention holds the low-rank input that q, k and v share, of rank 0.7 E, which is the rank of
 * its memory with staged weights too. Its memory of the MLP is that of dense layers, two tokens at a time.
 */
final class McuFormerStreaming {
    private static final double RATIO = 0.7;
    private static final int TILE = 2;
    private static final double KIB = 1024;

    /**
     * A network and the reference's figures.
     *
     * @param task images and classes
     * @param settings dense layers, no relative positions
     * @param weights in millions, and the number of decimals given
     * @param macs in millions
     * @param staged memory in KiB where the weights of the running layer are in SRAM
     * @param embedding M3 in KiB while patches are embedded
     * @param attention M3 in KiB in attention
     * @param mlp M3 in KiB in the MLP
     */
    private record Row(
            TaskShape task,
            TransformerSettings settings,
            double weights,
            int decimals,
            int macs,
            int staged,
            int embedding,
            int attention,
            int mlp) {}

    private McuFormerStreaming() {}

    private static List<Row> rows() {
        return List.of(
                new Row(imageNet(224), deit(16, 192, 64, 12, 3), 5.69, 2, 1254, 274, 48, 125, 39),
                new Row(imageNet(240), deit(20, 192, 64, 12, 3), 5.76, 2, 900, 228, 42, 92, 29),
                new Row(imageNet(240), deit(16, 240, 64, 14, 4), 10.4, 1, 2644, 407, 65, 176, 55),
                new Row(new TaskShape(3, 64, 64, 10), deit(8, 96, 32, 8, 3), 0.91, 2, 65, 54, 8, 21, 7));
    }

    private static TaskShape imageNet(int side) {
        return new TaskShape(3, side, side, 1000);
    }

    private static TransformerSettings deit(int patch, int width, int headWidth, int depth, int heads) {
        return TransformerSettings.uniform(
                patch, width, headWidth, depth, new Block(heads, 4 * width), Factoring.DENSE, false);
    }

    static List<Comparison> compare() {
        List<Comparison> all = new ArrayList<>();
        for (Row row : rows()) {
            TransformerSettings s = row.settings();
            int width = s.width();
            Block block = s.blocks().get(0);
            int tokens = PatchGrid.of(row.task(), s.patch()).patches() + 1;
            int rank = (int) (width * RATIO);
            String name =
                    "E %d, %d layers, %d tokens".formatted(width, s.blocks().size(), tokens);
            Graph graph = McuFormerMemory.graph(s, row.task());
            all.add(McuFormerMemory.millions("weights of " + name, row.weights(), row.decimals(), weights(graph)));
            // The reference embeds the class token as if it were a patch.
            long classToken = (long) row.task().channels() * s.patch() * s.patch() * width;
            long macs = CostModel.of(graph).macs() + classToken;
            all.add(new Comparison(
                    "MACs of " + name,
                    row.macs() + " M",
                    McuFormerMemory.number(macs / 1e6, 1) + " M",
                    "to 1 M",
                    Math.round(macs / 1e6) == row.macs()));
            double staged = MemoryModels.secondMatrix(
                            tokens, width, block.hidden(), s.headWidth() * block.heads(), RATIO, RATIO)
                    / KIB;
            // The reference is said to be like M2; its exact form is not given.
            all.add(new Comparison(
                    "memory with staged weights of " + name,
                    row.staged() + " KiB",
                    McuFormerMemory.number(staged, 1) + " KiB",
                    "within 1 KiB",
                    Math.abs(staged - row.staged()) <= 1));
            long[] ours = {
                StreamedMemory.embedding(tokens, width, s.patch(), row.task()),
                StreamedMemory.attention(tokens, width, s.headWidth(), block.heads(), rank),
                StreamedMemory.mlp(tokens, width, block.hidden(), 0, TILE)
            };
            int[] theirs = {row.embedding(), row.attention(), row.mlp()};
            int equal = 0;
            for (int i = 0; i < ours.length; i++) {
                equal += Math.round(ours[i] / KIB) == theirs[i] ? 1 : 0;
            }
            all.add(McuFormerMemory.rows("streaming memory M3 of " + name, equal, ours.length, "to 1 KiB"));
        }
        return all;
    }

    /** Matrices, filters and the table of positions. */
    private static long weights(Graph graph) {
        long n = 0;
        for (Node node : graph.nodes()) {
            for (ParameterUse use : node.op().parameters()) {
                boolean matrix = use.role() == ParameterUse.Role.WEIGHT
                        || (use.role() == ParameterUse.Role.POSITION
                                && use.slice().rank() == 2);
                n += matrix ? use.slice().elements() : 0;
            }
        }
        return n;
    }
}

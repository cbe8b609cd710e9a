package dev.lathe.space.spaceevo;

import dev.lathe.graph.Graph;
import dev.lathe.graph.GraphBuilder;
import java.util.List;

/**
 * One concrete stage by itself: what the published tables have a row for. It lowers by the same code as within a network.
 *
 * @param hyperspace where it is from
 * @param stage 1 to 6
 * @param block index of its block type
 * @param inputChannels channels of its input
 * @param side rows and columns of its input
 * @param blocks what its blocks chose, at least one
 */
public record StageInstance(
        Hyperspace hyperspace, int stage, int block, int inputChannels, int side, List<BlockChoice> blocks) {
    public StageInstance {
        blocks = List.copyOf(blocks);
        if (blocks.isEmpty()) {
            throw new IllegalArgumentException("Stage %d of %s has no block".formatted(stage, hyperspace.id()));
        }
    }

    public BlockType blockType() {
        return hyperspace.blockTypes().get(block);
    }

    /** From (inputChannels, side, side). */
    public Graph lower() {
        GraphBuilder g = new GraphBuilder("stage");
        return g.build(new StageLayers(g)
                .stage(
                        stage,
                        blockType(),
                        hyperspace.stage(stage).stride(),
                        blocks,
                        g.input("features", inputChannels, side, side)));
    }
}

package dev.lathe.space.spaceevo;

import dev.lathe.space.Decision;
import java.util.ArrayList;
import java.util.List;

/**
 * Where the choices of one stage stand among a space's decisions: its depth, then kernel, width and expansion of each block,
 * as far as the block type offers more than one.
 */
final class StageGenes {
    final int stage;
    final BlockType type;
    final int stride;
    final int minDepth;
    final int maxDepth;
    final List<Integer> widths;
    private final int depthAt;
    private final int perBlock;
    /** All choices of a block: made once, for every lowering asks for dozens. */
    private final BlockChoice[][][] options;

    /** @param depthAt index of the stage's first decision */
    StageGenes(int stage, ElasticStage plan, BlockType type, List<Integer> widths, int depthAt) {
        this.stage = stage;
        this.type = type;
        this.stride = plan.stride();
        this.minDepth = plan.minDepth();
        this.maxDepth = plan.maxDepth();
        this.widths = widths;
        this.depthAt = depthAt;
        List<Double> expansions = expansions();
        this.perBlock = (type.kernels().size() > 1 ? 2 : 1) + (expansions.size() > 1 ? 1 : 0);
        this.options = new BlockChoice[type.kernels().size()][widths.size()][expansions.size()];
        for (int k = 0; k < options.length; k++) {
            for (int w = 0; w < widths.size(); w++) {
                for (int e = 0; e < expansions.size(); e++) {
                    options[k][w][e] = new BlockChoice(type.kernels().get(k), widths.get(w), expansions.get(e));
                }
            }
        }
    }

    /** What a block has for its expansion: 0 where it has none. */
    private List<Double> expansions() {
        return type.expansions().isEmpty() ? List.of(0.0) : type.expansions();
    }

    /** Index after the stage's last decision. */
    int end() {
        return depthAt + 1 + maxDepth * perBlock;
    }

    int firstDecision() {
        return depthAt;
    }

    /** Index of the first decision of block {@code b}. */
    int blockAt(int b) {
        return depthAt + 1 + b * perBlock;
    }

    /** Index of the width decision of block {@code b}. */
    int widthAt(int b) {
        return blockAt(b) + (options.length > 1 ? 1 : 0);
    }

    /** Number of distinct choices of one block. */
    int choicesPerBlock() {
        return options.length * widths.size() * options[0][0].length;
    }

    List<Decision> decisions() {
        String name = "stage" + stage;
        List<Decision> d = new ArrayList<>();
        d.add(decision(
                name + ".depth",
                java.util.stream.IntStream.rangeClosed(minDepth, maxDepth)
                        .boxed()
                        .toList()));
        for (int b = 0; b < maxDepth; b++) {
            String block = name + ".block" + b;
            if (options.length > 1) {
                d.add(decision(block + ".kernel", type.kernels()));
            }
            d.add(decision(block + ".width", widths));
            if (type.expansions().size() > 1) {
                d.add(decision(block + ".expand", type.expansions()));
            }
        }
        return d;
    }

    private static Decision decision(String name, List<? extends Number> values) {
        return new Decision(name, values.stream().map(Number::doubleValue).toList());
    }

    int depth(int[] choices) {
        return minDepth + choices[depthAt];
    }

    BlockChoice block(int[] choices, int b) {
        int at = blockAt(b);
        int k = options.length > 1 ? choices[at++] : 0;
        int w = choices[at++];
        return options[k][w][options[0][0].length > 1 ? choices[at] : 0];
    }

    List<BlockChoice> blocks(int[] choices) {
        int depth = depth(choices);
        List<BlockChoice> blocks = new ArrayList<>(depth);
        for (int b = 0; b < depth; b++) {
            blocks.add(block(choices, b));
        }
        return blocks;
    }

    /** Sets the choices of block {@code b}; false where the stage does not offer this block. */
    boolean encode(int b, BlockChoice c, int[] choices) {
        int k = type.kernels().indexOf(c.kernel());
        int w = widths.indexOf(c.width());
        int e = expansions().indexOf(c.expansion());
        if (k < 0 || w < 0 || e < 0) {
            return false;
        }
        int at = blockAt(b);
        if (options.length > 1) {
            choices[at++] = k;
        }
        choices[at++] = w;
        if (options[0][0].length > 1) {
            choices[at] = e;
        }
        return true;
    }

    void encodeDepth(int depth, int[] choices) {
        choices[depthAt] = depth - minDepth;
    }

    /** Sets the choices of blocks beyond the depth to 0. */
    void deactivate(int[] choices) {
        java.util.Arrays.fill(choices, blockAt(depth(choices)), end(), 0);
    }
}

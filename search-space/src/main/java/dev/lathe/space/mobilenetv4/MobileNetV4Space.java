package dev.lathe.space.mobilenetv4;

import dev.lathe.base.InvalidInputException;
import dev.lathe.graph.Activation;
import dev.lathe.graph.Graph;
import dev.lathe.graph.GraphBuilder;
import dev.lathe.graph.Tensor;
import dev.lathe.space.Architecture;
import dev.lathe.space.Decision;
import dev.lathe.space.SearchSpace;
import dev.lathe.space.TaskShape;
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * MobileNetV4's networks: a fixed stem, stages of universal inverted bottlenecks, between which multi-query attention may
 * stand, and a fixed head. The released models are points: Conv-S of the small space, Conv-M and Hybrid-M of the medium one,
 * Conv-L and Hybrid-L of the large one ({@link MobileNetV4Models}).
 *
 * <p>Decisions: the non-linearity (0 ReLU, 1 GELU) and layer scale of all blocks; per stage the depth; per block the kernel of
 * the depthwise convolution at the start and in the middle (0 for none) and the expansion; per block but the first of the
 * stages where the hybrids have it, attention before it. The first block of a stage halves the map and always has a middle
 * convolution, which takes the stride.
 *
 * <p>The paper searches with reinforcement learning in two steps, first widths, then the two depthwise slots, and does not
 * state its ranges in a form that could be checked; widths here are those it arrived at, and the choices are those that occur
 * in the released models, with shallower stages added. Weights are shared as leading channels and the middle of a 5x5 kernel.
 *
 * @see <a href="https://arxiv.org/abs/2404.10518">Qin et al., MobileNetV4, ECCV 2024</a>
 */
public final class MobileNetV4Space implements SearchSpace {
    static final int ACTIVATION = 0;
    static final int LAYER_SCALE = 1;
    static final int START = 0;
    static final int MIDDLE = 1;
    static final int EXPAND = 2;
    static final int ATTENTION = 3;
    private static final int HEAD_WIDTH = 960;
    private static final int FEATURES = 1280;
    private static final int LEAST_SIDE = 8;
    private static final int MOST_SIDE = 1024;

    private final MobileNetV4Size size;
    private final TaskShape task;
    private final List<Decision> decisions;
    /** The value of each choice of each decision, for lowering without boxes. */
    private final int[][] values;

    private final int[] depthAt;
    private final int[][] blockAt;
    private final String[][] blockNames;

    /** @throws InvalidInputException if the images are smaller than 8 or larger than 1024 pixels a side */
    public MobileNetV4Space(MobileNetV4Size size, TaskShape task) {
        if (Math.min(task.height(), task.width()) < LEAST_SIDE || Math.max(task.height(), task.width()) > MOST_SIDE) {
            throw new InvalidInputException("%s takes images of %d to %d pixels a side, not %d x %d; set imageSize"
                    .formatted(size.spaceName(), LEAST_SIDE, MOST_SIDE, task.height(), task.width()));
        }
        this.size = size;
        this.task = task;
        List<MobileNetV4Size.Stage> stages = size.stages();
        this.depthAt = new int[stages.size()];
        this.blockAt = new int[stages.size()][];
        this.blockNames = new String[stages.size()][];
        List<Decision> list = new ArrayList<>();
        list.add(Decision.of("activation", 0, 1));
        list.add(Decision.of("layerScale", 0, 1));
        for (int s = 0; s < stages.size(); s++) {
            MobileNetV4Size.Stage stage = stages.get(s);
            depthAt[s] = list.size();
            list.add(Decision.of(
                    "stage" + s + ".depth",
                    stage.depths().stream().mapToDouble(Integer::doubleValue).toArray()));
            blockAt[s] = new int[stage.maxDepth()];
            blockNames[s] = new String[stage.maxDepth()];
            for (int b = 0; b < stage.maxDepth(); b++) {
                String block = "stage" + s + ".block" + b;
                blockAt[s][b] = list.size();
                blockNames[s][b] = block;
                list.add(Decision.of(block + ".start", 0, 3, 5));
                list.add(b == 0 ? Decision.of(block + ".middle", 3, 5) : Decision.of(block + ".middle", 0, 3, 5));
                list.add(Decision.of(block + ".expand", 2, 3, 4, 6));
                if (hasAttention(s, b)) {
                    list.add(Decision.of(block + ".attention", 0, 1));
                }
            }
        }
        this.decisions = List.copyOf(list);
        this.values = list.stream()
                .map(d -> d.choices().stream().mapToInt(Double::intValue).toArray())
                .toArray(int[][]::new);
    }

    @Override
    public String name() {
        return size.spaceName();
    }

    @Override
    public String description() {
        return switch (size) {
            case SMALL -> "MobileNetV4 around Conv-S: bottlenecks with elastic depthwise slots, expansion and depth";
            case MEDIUM ->
                "MobileNetV4 around Conv-M and Hybrid-M: bottlenecks with elastic depthwise slots, expansion, depth and attention";
            case LARGE ->
                "MobileNetV4 around Conv-L and Hybrid-L: bottlenecks with elastic depthwise slots, expansion, depth and attention";
        };
    }

    @Override
    public TaskShape task() {
        return task;
    }

    @Override
    public List<Decision> decisions() {
        return decisions;
    }

    MobileNetV4Size structure() {
        return size;
    }

    /** Index of the depth decision of stage s. */
    int depthAt(int stage) {
        return depthAt[stage];
    }

    /** Index of the first decision of a block; START, MIDDLE, EXPAND and ATTENTION count from it. */
    int blockAt(int stage, int block) {
        return blockAt[stage][block];
    }

    boolean hasAttention(int stage, int block) {
        return block > 0 && size.stages().get(stage).attention() != null;
    }

    int value(Architecture a, int decision) {
        return values[decision][a.choice(decision)];
    }

    @Override
    public Architecture canonical(Architecture a) {
        check(a);
        int[] c = a.choices();
        for (int s = 0; s < depthAt.length; s++) {
            int depth = value(a, depthAt[s]);
            int end = s + 1 < depthAt.length ? depthAt[s + 1] : c.length;
            if (depth < blockAt[s].length) {
                Arrays.fill(c, blockAt[s][depth], end, 0);
            }
        }
        return Architecture.of(name(), c);
    }

    @Override
    public BigInteger size() {
        BigInteger all = BigInteger.valueOf((long) decisions.get(ACTIVATION).size()
                * decisions.get(LAYER_SCALE).size());
        for (int s = 0; s < depthAt.length; s++) {
            BigInteger stage = BigInteger.ZERO;
            BigInteger chain = BigInteger.ONE;
            for (int b = 0; b < blockAt[s].length; b++) {
                int last = hasAttention(s, b) ? ATTENTION : EXPAND;
                for (int i = START; i <= last; i++) {
                    chain = chain.multiply(
                            BigInteger.valueOf(decisions.get(blockAt[s][b] + i).size()));
                }
                if (size.stages().get(s).depths().contains(b + 1)) {
                    stage = stage.add(chain);
                }
            }
            all = all.multiply(stage);
        }
        return all;
    }

    @Override
    public Graph lower(Architecture a) {
        check(a);
        Activation activation = value(a, ACTIVATION) == 0 ? Activation.RELU : Activation.GELU;
        GraphBuilder g = new GraphBuilder(name());
        MobileNetV4Blocks blocks = new MobileNetV4Blocks(g, activation, value(a, LAYER_SCALE) == 1);
        Tensor x = g.input("image", task.channels(), task.height(), task.width());
        for (int i = 0; i < size.stem().size(); i++) {
            MobileNetV4Size.StemLayer l = size.stem().get(i);
            x = l.expansion() == 0
                    ? blocks.conv("stem" + i, x, l.width(), l.kernel(), l.stride())
                    : blocks.fusedBottleneck("stem" + i, x, l.width(), l.kernel(), l.expansion(), l.stride());
        }
        for (int s = 0; s < depthAt.length; s++) {
            MobileNetV4Size.Stage stage = size.stages().get(s);
            MobileNetV4Size.Attention attention = stage.attention();
            int depth = value(a, depthAt[s]);
            for (int b = 0; b < depth; b++) {
                int at = blockAt[s][b];
                String name = blockNames[s][b];
                if (attention != null && b > 0 && value(a, at + ATTENTION) == 1) {
                    x = blocks.attention(
                            name + ".attention", x, attention.heads(), attention.keyWidth(), attention.stride());
                }
                x = blocks.bottleneck(
                        name,
                        x,
                        value(a, at + START),
                        value(a, at + MIDDLE),
                        value(a, at + EXPAND),
                        stage.width(),
                        b == 0 ? 2 : 1);
            }
        }
        return g.build(blocks.head(x, HEAD_WIDTH, FEATURES, task.classes()));
    }
}

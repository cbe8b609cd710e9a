package dev.lathe.space.fbnetv3;

import dev.lathe.base.InvalidInputException;
import dev.lathe.graph.Activation;
import dev.lathe.graph.Graph;
import dev.lathe.graph.GraphBuilder;
import dev.lathe.graph.Operator;
import dev.lathe.graph.Tensor;
import dev.lathe.space.Architecture;
import dev.lathe.space.Decision;
import dev.lathe.space.Layers;
import dev.lathe.space.SearchSpace;
import dev.lathe.space.TaskShape;
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * FBNetV3's pairs of a network and a training recipe. A 3x3 stem; stage 0 of inverted residuals without expansion; stages 1 to 6,
 * each with a width, a depth, and a kernel and an expansion for its first block and for the rest; squeeze-and-excitation in
 * stages 2, 4, 5 and 6; H-swish throughout; a head that expands, pools, and widens the vector to 1984; a classifier. The
 * recipe is part of the point and leaves the graph as it is ({@link #recipe}).
 *
 * <p>The released models A to G are points, their resolution being the task's ({@link FbnetV3Models}). Where they pad the first
 * block of stages 3 and 5 by one less than half the kernel, the map loses a row and a column; {@code paddingOffset} is that
 * choice, which images below 49 pixels have no room for. The ranges of the paper could not be checked: those here are ours,
 * around the released models, and those of the recipe are recalled from the literature. Weights are shared as leading channels
 * and the middle of a 5x5 kernel.
 *
 * @see <a href="https://arxiv.org/abs/2006.02049">Dai et al., FBNetV3, CVPR 2021</a>
 */
public final class FbnetV3Space implements SearchSpace {
    public static final String NAME = "fbnetv3";

    private static final int STEM = 0;
    private static final int FIRST_WIDTH = 1;
    private static final int FIRST_DEPTH = 2;
    private static final FbnetV3Block FIRST_BLOCK = new FbnetV3Block(3, 3, 1, 1, 1, false);
    private static final int MAX_KERNEL = 5;
    private static final int HEAD_EXPANSION = 6;
    private static final int HEAD_WIDTH = 1984;
    private static final float EPSILON = 1e-5f;
    private static final int LEAST_SIDE = 16;
    private static final int MOST_SIDE = 1024;
    /** From here on stage 5 still sees 3 pixels a side when stage 3 has padded less. */
    private static final int LEAST_SIDE_TO_PAD_LESS = 49;

    private final TaskShape task;
    private final List<Decision> decisions;
    /** The value of each choice of each decision, for lowering without boxes. */
    private final int[][] values;

    private final int[] stageAt;
    private final int recipeAt;

    /** @throws InvalidInputException if the images are smaller than 16 or larger than 1024 pixels a side */
    public FbnetV3Space(TaskShape task) {
        int side = Math.min(task.height(), task.width());
        if (side < LEAST_SIDE || Math.max(task.height(), task.width()) > MOST_SIDE) {
            throw new InvalidInputException("%s takes images of %d to %d pixels a side, not %d x %d; set imageSize"
                    .formatted(NAME, LEAST_SIDE, MOST_SIDE, task.height(), task.width()));
        }
        this.task = task;
        List<Decision> list = new ArrayList<>();
        list.add(Decision.of("stem.width", 16, 24, 32));
        list.add(Decision.of("stage0.width", FbnetV3Stage.doubles(FbnetV3Stage.FIRST.widths())));
        list.add(Decision.of("stage0.depth", FbnetV3Stage.doubles(FbnetV3Stage.FIRST.depths())));
        this.stageAt = new int[FbnetV3Stage.REST.size()];
        for (int s = 0; s < stageAt.length; s++) {
            stageAt[s] = list.size();
            list.addAll(FbnetV3Stage.REST.get(s).decisions("stage" + (s + 1), side >= LEAST_SIDE_TO_PAD_LESS));
        }
        this.values = list.stream()
                .map(d -> d.choices().stream().mapToInt(Double::intValue).toArray())
                .toArray(int[][]::new);
        this.recipeAt = list.size();
        list.addAll(FbnetV3Recipe.DECISIONS);
        this.decisions = List.copyOf(list);
    }

    @Override
    public String name() {
        return NAME;
    }

    @Override
    public String description() {
        return "FBNetV3's networks and training recipes: per stage width, depth, kernels and expansions; seven recipe values";
    }

    @Override
    public TaskShape task() {
        return task;
    }

    @Override
    public List<Decision> decisions() {
        return decisions;
    }

    private int value(Architecture a, int decision) {
        return values[decision][a.choice(decision)];
    }

    /** A stage of one block has no rest. */
    @Override
    public Architecture canonical(Architecture a) {
        check(a);
        int[] c = a.choices();
        for (int at : stageAt) {
            if (value(a, at + FbnetV3Stage.DEPTH) == 1) {
                c[at + FbnetV3Stage.REST_KERNEL] = 0;
                c[at + FbnetV3Stage.REST_EXPAND] = 0;
            }
        }
        return Architecture.of(NAME, c);
    }

    @Override
    public BigInteger size() {
        BigInteger all = BigInteger.ONE;
        for (Decision d : decisions) {
            all = all.multiply(BigInteger.valueOf(d.size()));
        }
        for (int at : stageAt) {
            // Of the raw codes of the depths, those of depth 1 that differ only in the rest are one network.
            Decision depth = decisions.get(at + FbnetV3Stage.DEPTH);
            long rest = (long) decisions.get(at + FbnetV3Stage.REST_KERNEL).size()
                    * decisions.get(at + FbnetV3Stage.REST_EXPAND).size();
            long withRest = depth.choices().stream().filter(d -> d > 1).count();
            all = all.divide(BigInteger.valueOf(depth.size() * rest))
                    .multiply(BigInteger.valueOf(withRest * rest + depth.size() - withRest));
        }
        return all;
    }

    @Override
    public Map<String, Double> recipe(Architecture a) {
        check(a);
        return FbnetV3Recipe.of(a, recipeAt);
    }

    @Override
    public Graph lower(Architecture a) {
        check(a);
        GraphBuilder g = new GraphBuilder(NAME);
        Layers layers = new Layers(g, EPSILON);
        Tensor x = g.input("image", task.channels(), task.height(), task.width());
        x = layers.convNorm("stem", x, value(a, STEM), 3, 3, 2, 1, Activation.HARD_SWISH);
        int width = value(a, FIRST_WIDTH);
        int depth = value(a, FIRST_DEPTH);
        for (int b = 0; b < depth; b++) {
            x = FIRST_BLOCK.append(g, layers, "stage0.block" + b, x, width);
        }
        for (int s = 0; s < stageAt.length; s++) {
            x = stage(a, g, layers, s, x);
        }
        x = layers.pointwise("head.expand", x, x.shape().extent(0) * HEAD_EXPANSION, Activation.HARD_SWISH);
        x = g.add("head.pool", new Operator.GlobalAveragePool(), x);
        x = layers.linear("head", x, HEAD_WIDTH, false);
        x = layers.activate("head", x, Activation.HARD_SWISH);
        return g.build(layers.linear("classifier", x, task.classes(), true));
    }

    private Tensor stage(Architecture a, GraphBuilder g, Layers layers, int index, Tensor input) {
        FbnetV3Stage stage = FbnetV3Stage.REST.get(index);
        int at = stageAt[index];
        int width = value(a, at + FbnetV3Stage.WIDTH);
        int depth = value(a, at + FbnetV3Stage.DEPTH);
        String name = "stage" + (index + 1) + ".block";
        Tensor x = input;
        for (int b = 0; b < depth; b++) {
            int kernel = value(a, at + (b == 0 ? FbnetV3Stage.FIRST_KERNEL : FbnetV3Stage.REST_KERNEL));
            int expansion = value(a, at + (b == 0 ? FbnetV3Stage.FIRST_EXPAND : FbnetV3Stage.REST_EXPAND));
            int padding = kernel / 2 + (b == 0 && stage.elasticPadding() ? value(a, at + FbnetV3Stage.PADDING) : 0);
            int stride = b == 0 ? stage.stride() : 1;
            x = new FbnetV3Block(kernel, MAX_KERNEL, expansion, stride, padding, stage.squeezeExcite())
                    .append(g, layers, name + b, x, width);
        }
        return x;
    }
}

package dev.lathe.space.mcuformer;

import dev.lathe.base.InvalidInputException;
import dev.lathe.graph.Graph;
import dev.lathe.space.Architecture;
import dev.lathe.space.Decision;
import dev.lathe.space.SearchSpace;
import dev.lathe.space.TaskShape;
import dev.lathe.space.mcuformer.TransformerSettings.Block;
import dev.lathe.space.mcuformer.TransformerSettings.Factoring;
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.List;

/**
 * What AutoFormer's and MCUFormer's spaces share: the decisions inside one supernet, whose weights are entangled. A layer's
 * parameters are those of its largest form, a smaller form takes the first rows and columns, a depth of L the first L layers.
 *
 * <p>The network: a patch convolution (kernel = stride), a class token, absolute positions, pre-norm blocks of attention and
 * MLP, a layer norm, the mean of the patch tokens, a linear classifier. Attention heads are 64 wide whatever the embedding's
 * width; relative positions of keys and values, clipped at a distance of 14, are shared by the heads of a layer. Departure
 * from the released code: q, k and v are separate tensors, so that a network with fewer heads finds the biases that belong to
 * its heads; the number of parameters is the same.
 */
abstract sealed class TransformerSpace implements SearchSpace permits AutoFormerSpace, McuFormerSpace {
    static final int HEAD_WIDTH = 64;
    private static final int LEAST_SIDE = 8;
    private static final int GREATEST_SIDE = 512;
    private static final int PER_LAYER = 2;

    private final String name;
    private final TaskShape task;
    private final boolean relativePositions;
    private final List<Decision> decisions;
    private final int width;
    private final int depth;
    private final int firstLayer;

    /**
     * The values offered inside one supernet.
     *
     * @param widths of the embedding
     * @param depths numbers of layers
     * @param mlpRatios hidden width of a layer's MLP as a multiple of the embedding's
     * @param heads of a layer
     */
    record Choices(double[] widths, double[] depths, double[] mlpRatios, double[] heads) {}

    /** @param outer decisions on the supernet itself, which come first */
    TransformerSpace(String name, TaskShape task, boolean relativePositions, List<Decision> outer, Choices choices) {
        requireSides(name, task);
        this.name = name;
        this.task = task;
        this.relativePositions = relativePositions;
        this.width = outer.size();
        this.depth = width + 1;
        this.firstLayer = width + 2;
        List<Decision> list = new ArrayList<>(outer);
        list.add(Decision.of("width", choices.widths()));
        list.add(Decision.of("depth", choices.depths()));
        int layers = (int) choices.depths()[choices.depths().length - 1];
        for (int l = 0; l < layers; l++) {
            list.add(Decision.of("layer" + l + ".heads", choices.heads()));
            list.add(Decision.of("layer" + l + ".mlp", choices.mlpRatios()));
        }
        this.decisions = List.copyOf(list);
    }

    private static void requireSides(String name, TaskShape task) {
        for (int side : new int[] {task.height(), task.width()}) {
            if (side < LEAST_SIDE || side > GREATEST_SIDE || side % 2 != 0) {
                throw new InvalidInputException(
                        "%s takes images whose sides are even and %d to %d pixels, not %d x %d; set imageSize"
                                .formatted(name, LEAST_SIDE, GREATEST_SIDE, task.height(), task.width()));
            }
        }
    }

    /** The patch size of a checked architecture. */
    abstract int patch(Architecture a);

    /** How the large linear layers of a checked architecture are made. */
    abstract Factoring factoring(Architecture a);

    /** The names of the supernet that a checked architecture is of. */
    abstract TransformerNames names(Architecture a);

    final int layers() {
        return (decisions.size() - firstLayer) / PER_LAYER;
    }

    /** Number of layers of a checked architecture. */
    final int depth(Architecture a) {
        return decisions.get(depth).intValue(a.choice(depth));
    }

    final int widthDecision() {
        return width;
    }

    final int depthDecision() {
        return depth;
    }

    final int headsDecision(int layer) {
        return firstLayer + PER_LAYER * layer;
    }

    final int mlpDecision(int layer) {
        return headsDecision(layer) + 1;
    }

    final double value(Architecture a, int decision) {
        return decisions.get(decision).value(a.choice(decision));
    }

    final int intValue(Architecture a, int decision) {
        return decisions.get(decision).intValue(a.choice(decision));
    }

    @Override
    public final String name() {
        return name;
    }

    @Override
    public final TaskShape task() {
        return task;
    }

    @Override
    public final List<Decision> decisions() {
        return decisions;
    }

    @Override
    public final Architecture canonical(Architecture a) {
        check(a);
        int[] c = a.choices();
        for (int i = headsDecision(depth(a)); i < c.length; i++) {
            c[i] = 0;
        }
        return Architecture.of(name, c);
    }

    @Override
    public final BigInteger size() {
        BigInteger layer = BigInteger.ONE;
        for (int i = firstLayer; i < firstLayer + PER_LAYER; i++) {
            layer = layer.multiply(BigInteger.valueOf(decisions.get(i).size()));
        }
        BigInteger stacks = BigInteger.ZERO;
        for (double layers : decisions.get(depth).choices()) {
            stacks = stacks.add(layer.pow((int) layers));
        }
        for (int i = 0; i <= width; i++) {
            stacks = stacks.multiply(BigInteger.valueOf(decisions.get(i).size()));
        }
        return stacks;
    }

    /** @throws IllegalArgumentException if {@code a} is of another space, or has a choice outside its decision */
    public final TransformerSettings settings(Architecture a) {
        check(a);
        int e = intValue(a, width);
        List<Block> blocks = new ArrayList<>(layers());
        for (int l = 0; l < depth(a); l++) {
            blocks.add(new Block(intValue(a, headsDecision(l)), (int) (e * value(a, mlpDecision(l)))));
        }
        return new TransformerSettings(patch(a), e, HEAD_WIDTH, blocks, factoring(a), relativePositions);
    }

    @Override
    public final Graph lower(Architecture a) {
        return TransformerGraph.of(name, task, settings(a), names(a));
    }
}

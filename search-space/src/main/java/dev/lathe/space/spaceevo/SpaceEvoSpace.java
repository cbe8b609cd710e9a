package dev.lathe.space.spaceevo;

import dev.lathe.base.InvalidInputException;
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

/**
 * One search space of a hyperspace: convolutional classifiers with elastic resolution, depth of each stage, and kernel, width
 * and expansion of each block; the block type of each stage is the space's own.
 *
 * <p>A 3x3 convolution of stride 2, stage 0, six searched stages, a 1x1 convolution to 1280 channels, global average pooling, a
 * layer to 1920 and the classifier. Widths are chosen per block. A block whose output has another shape than its input gets a
 * 1x1 convolution as its residual path, which two blocks of one width do not have: hence three covering networks.
 *
 * <p>The published resolutions are 160, 176, 192, 208 and 224 pixels; on images of another size they keep their ratio to the
 * image, the largest being the image itself. Images below 112 pixels a side have too little to give and are taken as they are.
 * The five halvings round up, so an image of 32 pixels ends as one.
 *
 * @see <a href="https://arxiv.org/abs/2303.08308">Wang et al., SpaceEvo, ICCV 2023</a>
 */
public final class SpaceEvoSpace implements SearchSpace {
    /** What the names of these spaces start with; the genome follows. */
    public static final String PREFIX = "spaceevo-";

    /** What the spaces are published for: ImageNet. */
    public static final TaskShape IMAGENET = new TaskShape(3, 224, 224, 1000);

    private static final int[] RESOLUTIONS = {160, 176, 192, 208, 224};
    private static final int SMALLEST_SIDE = 32;
    private static final int SMALLEST_ELASTIC_SIDE = 112;
    private static final int LARGEST_SIDE = 512;

    private final SpaceGenome genome;
    private final String name;
    private final TaskShape task;
    private final int[] heights;
    private final int[] widths;
    private final int stemAt;
    private final List<StageGenes> stages;
    private final List<Decision> decisions;

    /**
     * @param genome which of the spaces
     * @param task images of 32 to 512 pixels a side
     */
    public SpaceEvoSpace(SpaceGenome genome, TaskShape task) {
        this.genome = genome;
        this.name = PREFIX + genome.toText();
        this.task = task;
        int least = Math.min(task.height(), task.width());
        if (least < SMALLEST_SIDE || Math.max(task.height(), task.width()) > LARGEST_SIDE) {
            throw new InvalidInputException("%s takes images of %d to %d pixels a side, not %d x %d; set imageSize"
                    .formatted(name, SMALLEST_SIDE, LARGEST_SIDE, task.height(), task.width()));
        }
        boolean elastic = least >= SMALLEST_ELASTIC_SIDE;
        this.heights = elastic ? scaled(task.height()) : new int[] {task.height()};
        this.widths = elastic ? scaled(task.width()) : new int[] {task.width()};
        Hyperspace h = genome.hyperspace();
        List<Decision> list = new ArrayList<>();
        if (elastic) {
            list.add(Decision.of(
                    "resolution",
                    java.util.Arrays.stream(heights).asDoubleStream().toArray()));
        }
        this.stemAt = list.size();
        list.add(new Decision(
                "firstConv.width",
                h.stemWidths().stream().map(Integer::doubleValue).toList()));
        List<StageGenes> s = new ArrayList<>();
        for (int i = 0; i <= Hyperspace.STAGES; i++) {
            StageGenes g = i == 0
                    ? new StageGenes(0, h.stemStage(), h.stemBlock(), h.stemWidths(), list.size())
                    : new StageGenes(i, h.stage(i), genome.blockType(i), genome.widths(i), list.size());
            s.add(g);
            list.addAll(g.decisions());
        }
        this.stages = List.copyOf(s);
        this.decisions = List.copyOf(list);
    }

    /** The published resolutions, in their ratio to an image side. */
    private static int[] scaled(int side) {
        int largest = RESOLUTIONS[RESOLUTIONS.length - 1];
        return java.util.Arrays.stream(RESOLUTIONS)
                .map(r -> (int) Math.round((double) side * r / largest))
                .toArray();
    }

    public SpaceGenome genome() {
        return genome;
    }

    @Override
    public String name() {
        return name;
    }

    @Override
    public String description() {
        return "SpaceEvo: convolutional networks of the block types and widths that genome %s picked for INT8"
                .formatted(genome.toText());
    }

    @Override
    public TaskShape task() {
        return task;
    }

    @Override
    public List<Decision> decisions() {
        return decisions;
    }

    /** Stages 0 to 6. */
    List<StageGenes> stages() {
        return stages;
    }

    /** Index of the width of the first convolution; the resolution stands before it where it is a decision. */
    int stemAt() {
        return stemAt;
    }

    /** Image rows of each choice of the resolution, ascending. */
    int[] resolutions() {
        return heights.clone();
    }

    int resolutionChoice(int[] choices) {
        return stemAt > 0 ? choices[0] : 0;
    }

    @Override
    public Architecture canonical(Architecture a) {
        check(a);
        int[] c = a.choices();
        for (StageGenes s : stages) {
            s.deactivate(c);
        }
        return Architecture.of(name, c);
    }

    @Override
    public BigInteger size() {
        BigInteger n = BigInteger.valueOf(
                (long) heights.length * genome.hyperspace().stemWidths().size());
        for (StageGenes s : stages) {
            BigInteger block = BigInteger.valueOf(s.choicesPerBlock());
            BigInteger stage = BigInteger.ZERO;
            for (int depth = s.minDepth; depth <= s.maxDepth; depth++) {
                stage = stage.add(block.pow(depth));
            }
            n = n.multiply(stage);
        }
        return n;
    }

    /**
     * The largest, which has no residual convolution within a stage; and two of full depth whose blocks are of the largest and
     * the next width by turns, which between them have each such convolution in its full input and its full output width.
     */
    @Override
    public List<Architecture> covering() {
        return List.of(largest(), alternating(0), alternating(1));
    }

    private Architecture alternating(int parity) {
        int[] c = largest().choices();
        int position = parity;
        c[stemAt] -= position++ % 2;
        for (StageGenes s : stages) {
            for (int b = 0; b < s.maxDepth; b++) {
                c[s.widthAt(b)] -= position++ % 2;
            }
        }
        return canonical(Architecture.of(name, c));
    }

    @Override
    public Graph lower(Architecture a) {
        check(a);
        int[] c = a.choices();
        Hyperspace h = genome.hyperspace();
        GraphBuilder g = new GraphBuilder(name);
        StageLayers blocks = new StageLayers(g);
        Layers layers = blocks.layers();
        int resolution = resolutionChoice(c);
        Tensor x = g.input("image", task.channels(), heights[resolution], widths[resolution]);
        int stemWidth = h.stemWidths().get(c[stemAt]);
        x = layers.convNorm("firstConv", x, stemWidth, 3, 3, 2, 1, h.stemBlock().activation());
        for (StageGenes s : stages) {
            x = blocks.stage(s.stage, s.type, s.stride, s.blocks(c), x);
        }
        x = layers.pointwise("finalExpand", x, Hyperspace.FINAL_EXPAND_WIDTH, h.headActivation());
        x = g.add("pool", new Operator.GlobalAveragePool(), x);
        x = layers.linear("featureMix", x, Hyperspace.FEATURE_MIX_WIDTH, false);
        x = layers.activate("featureMix", layers.batchNorm("featureMix", x), h.headActivation());
        return g.build(layers.linear("logits", x, task.classes(), true));
    }
}

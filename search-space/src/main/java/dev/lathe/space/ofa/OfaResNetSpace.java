package dev.lathe.space.ofa;

import dev.lathe.graph.Activation;
import dev.lathe.graph.Graph;
import dev.lathe.graph.GraphBuilder;
import dev.lathe.graph.Operator;
import dev.lathe.graph.Tensor;
import dev.lathe.graph.WeightSlice;
import dev.lathe.space.Architecture;
import dev.lathe.space.Decision;
import dev.lathe.space.Layers;
import dev.lathe.space.SearchSpace;
import dev.lathe.space.TaskShape;
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Once-for-all's ResNet-50-D space. Elastic are the resolution (128 to 224 in steps of 4), a residual 3x3 convolution in the
 * stem, the width of the stem before and after its last convolution, of each stage the depth (2, 2, 4, 2 blocks and 0, 1 or 2
 * more) and the width (0.65, 0.8 or 1.0 of 256, 512, 1024, 2048), and the expansion of each block (inner width 0.2, 0.25 or
 * 0.35 of the outer). A block is a 1x1, a 3x3 and a 1x1 convolution with batch normalization; the shortcut of a stage's first
 * block is an average pooling, where the block strides, and a 1x1 convolution.
 *
 * <p>All widths are multiples of 8, so that 0.65 and 0.8 of the stem's first width are one: that decision has two choices. At
 * other image sizes than 224 (square, 32 to 512 pixels) the resolution is fixed to that size. Subnets share the leading
 * channels.
 *
 * @see <a href="https://arxiv.org/abs/1908.09791">Cai et al., Once-for-All, ICLR 2020</a>
 */
public final class OfaResNetSpace implements SearchSpace {
    public static final String NAME = "ofa-resnet50";

    static final double[] WIDTHS = {0.65, 0.8, 1.0};
    static final double[] EXPANSIONS = {0.2, 0.25, 0.35};
    static final int[] BASE_DEPTHS = {2, 2, 4, 2};
    static final int MORE_DEPTH = 2;

    static final int STEM_BLOCK = 1;
    static final int STEM_INNER_WIDTH = 2;
    static final int STEM_WIDTH = 3;

    private static final int FIRST_STAGE = 4;
    private static final int[] STAGE_WIDTHS = {256, 512, 1024, 2048};
    private static final int STEM_CHANNELS = 64;
    private static final int DIVISOR = ElasticBlock.DIVISOR;
    private static final float EPSILON = 1e-5f;

    private static final Operator ADD = new Operator.Add();
    private static final Operator RELU = new Operator.Activate(Activation.RELU);
    private static final Operator STEM_POOL = Operator.Pool2d.of(Operator.PoolKind.MAX, 3, 2, 1);
    private static final Operator SHORTCUT_POOL =
            new Operator.Pool2d(Operator.PoolKind.AVERAGE, 2, 2, 2, 2, 0, 0, false, true);
    private static final Operator POOL = new Operator.GlobalAveragePool();

    private final TaskShape task;
    private final List<Decision> decisions;
    private final int[] resolutions;
    private final int[] stageIndex = new int[STAGE_WIDTHS.length];
    private final ElasticConv stemIn = conv("stem.in", 3, 2, Activation.RELU);
    private final ElasticConv stemBlock = conv("stem.block", 3, 1, Activation.RELU);
    private final ElasticConv stemOut = conv("stem.out", 3, 1, Activation.RELU);
    private final List<List<Bottleneck>> stages = new ArrayList<>();
    private final Operator[] classifiers = new Operator[WIDTHS.length];

    public OfaResNetSpace(TaskShape task) {
        Resolutions.check(NAME, task);
        this.task = task;
        List<Decision> list = new ArrayList<>();
        list.add(Resolutions.decision(task));
        list.add(Decision.of("stem.block", 0, 1));
        list.add(Decision.of("stem.inner.width", WIDTHS[0], WIDTHS[2]));
        list.add(Decision.of("stem.width", WIDTHS));
        for (int s = 0; s < STAGE_WIDTHS.length; s++) {
            stageIndex[s] = list.size();
            list.add(Decision.of("stage%d.width".formatted(s), WIDTHS));
            list.add(Decision.of("stage%d.depth".formatted(s), depths(BASE_DEPTHS[s])));
            List<Bottleneck> blocks = new ArrayList<>();
            for (int b = 0; b < BASE_DEPTHS[s] + MORE_DEPTH; b++) {
                String name = "stage%d.block%d".formatted(s, b);
                list.add(Decision.of(name + ".expand", EXPANSIONS));
                blocks.add(new Bottleneck(name, s > 0 && b == 0 ? 2 : 1, b == 0));
            }
            stages.add(List.copyOf(blocks));
        }
        this.decisions = List.copyOf(list);
        this.resolutions =
                decisions.get(0).choices().stream().mapToInt(Double::intValue).toArray();
        for (int w = 0; w < WIDTHS.length; w++) {
            classifiers[w] = new Operator.Linear(
                    WeightSlice.first("classifier.weight", task.classes(), stageWidth(STAGE_WIDTHS.length - 1, w)),
                    WeightSlice.first("classifier.bias", task.classes()));
        }
    }

    private static double[] depths(int base) {
        double[] depths = new double[MORE_DEPTH + 1];
        for (int i = 0; i < depths.length; i++) {
            depths[i] = base + i;
        }
        return depths;
    }

    private static ElasticConv conv(String name, int kernel, int stride, @Nullable Activation f) {
        return new ElasticConv(name, kernel, stride, false, f, EPSILON);
    }

    private static int stemWidth(int choice) {
        return Layers.makeDivisible(STEM_CHANNELS * WIDTHS[choice], DIVISOR);
    }

    /** Half of the stem's width, in multiples of 8: 24, 24 and 32 channels. */
    private static int stemInnerWidth(int choice) {
        return Layers.makeDivisible(stemWidth(choice == 0 ? 0 : WIDTHS.length - 1) / 2, DIVISOR);
    }

    private static int stageWidth(int stage, int choice) {
        return Layers.makeDivisible(STAGE_WIDTHS[stage] * WIDTHS[choice], DIVISOR);
    }

    /** A bottleneck block: the shortcut of a stage's first block changes width and size. */
    private static final class Bottleneck {
        private final ElasticConv reduce;
        private final ElasticConv middle;
        private final ElasticConv expand;
        private final ElasticConv shortcut;
        private final String pool;
        private final String sum;
        private final String act;
        private final int stride;
        private final boolean first;

        Bottleneck(String name, int stride, boolean first) {
            this.reduce = conv(name + ".reduce", 1, 1, Activation.RELU);
            this.middle = conv(name + ".middle", 3, stride, Activation.RELU);
            this.expand = conv(name + ".expand", 1, 1, null);
            this.shortcut = conv(name + ".shortcut", 1, 1, null);
            this.pool = name + ".shortcut.pool";
            this.sum = name + ".add";
            this.act = name + ".act";
            this.stride = stride;
            this.first = first;
        }

        Tensor append(GraphBuilder g, Tensor x, int outputs, double expansion) {
            int inner = Layers.makeDivisible(Math.rint(outputs * expansion), DIVISOR);
            Tensor residual = x;
            if (first) {
                residual = shortcut.append(g, stride == 1 ? x : g.add(pool, SHORTCUT_POOL, x), outputs);
            }
            Tensor y = middle.append(g, reduce.append(g, x, inner), inner);
            return g.add(act, RELU, g.add(sum, ADD, expand.append(g, y, outputs), residual));
        }
    }

    @Override
    public String name() {
        return NAME;
    }

    @Override
    public String description() {
        return "once-for-all on ResNet-50-D: elastic resolution, stem, and depth, width and expansion of each stage";
    }

    @Override
    public TaskShape task() {
        return task;
    }

    @Override
    public List<Decision> decisions() {
        return decisions;
    }

    /** Index of a stage's width decision; its depth follows, then the expansions of its blocks. */
    int widthIndex(int stage) {
        return stageIndex[stage];
    }

    int depthIndex(int stage) {
        return stageIndex[stage] + 1;
    }

    int expandIndex(int stage, int block) {
        return stageIndex[stage] + 2 + block;
    }

    int depth(Architecture a, int stage) {
        return BASE_DEPTHS[stage] + a.choice(depthIndex(stage));
    }

    @Override
    public Architecture canonical(Architecture a) {
        check(a);
        int[] c = a.choices();
        for (int s = 0; s < BASE_DEPTHS.length; s++) {
            for (int b = depth(a, s); b < BASE_DEPTHS[s] + MORE_DEPTH; b++) {
                c[expandIndex(s, b)] = 0;
            }
        }
        return Architecture.of(NAME, c);
    }

    @Override
    public BigInteger size() {
        return sizePerResolution().multiply(BigInteger.valueOf(resolutions.length));
    }

    /** Number of distinct networks at one resolution. */
    public BigInteger sizePerResolution() {
        BigInteger size = BigInteger.ONE;
        for (int i = STEM_BLOCK; i < FIRST_STAGE; i++) {
            size = size.multiply(BigInteger.valueOf(decisions.get(i).size()));
        }
        for (int base : BASE_DEPTHS) {
            BigInteger stage = BigInteger.ZERO;
            for (int more = 0; more <= MORE_DEPTH; more++) {
                stage = stage.add(BigInteger.valueOf(EXPANSIONS.length).pow(base + more));
            }
            size = size.multiply(BigInteger.valueOf(WIDTHS.length)).multiply(stage);
        }
        return size;
    }

    @Override
    public Graph lower(Architecture a) {
        check(a);
        int resolution = resolutions[a.choice(0)];
        GraphBuilder g = new GraphBuilder(NAME);
        Tensor x = g.input("image", task.channels(), resolution, resolution);
        int inner = stemInnerWidth(a.choice(STEM_INNER_WIDTH));
        x = stemIn.append(g, x, inner);
        if (a.choice(STEM_BLOCK) == 1) {
            x = g.add("stem.block.add", ADD, stemBlock.append(g, x, inner), x);
        }
        x = stemOut.append(g, x, stemWidth(a.choice(STEM_WIDTH)));
        x = g.add("stem.pool", STEM_POOL, x);
        int width = 0;
        for (int s = 0; s < BASE_DEPTHS.length; s++) {
            width = a.choice(widthIndex(s));
            int outputs = stageWidth(s, width);
            int depth = depth(a, s);
            for (int b = 0; b < depth; b++) {
                x = stages.get(s).get(b).append(g, x, outputs, EXPANSIONS[a.choice(expandIndex(s, b))]);
            }
        }
        x = g.add("pool", POOL, x);
        return g.build(g.add("logits", classifiers[width], x));
    }
}

package dev.lathe.space;

import dev.lathe.base.InvalidInputException;
import dev.lathe.graph.Activation;
import dev.lathe.graph.Graph;
import dev.lathe.graph.GraphBuilder;
import dev.lathe.graph.Operator;
import dev.lathe.graph.Range;
import dev.lathe.graph.Shape;
import dev.lathe.graph.Tensor;
import dev.lathe.graph.WeightSlice;
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.List;

/**
 * Inverted-residual convolutional networks at the scale of small images, with the elastic dimensions of once-for-all:
 * width of stem and head and of each stage, depth of each stage, kernel and expansion of each block.
 *
 * <p>A 3x3 stem, three stages of one or two blocks (expand 1x1, depthwise k x k, project 1x1, each with batch norm; ReLU
 * after the first two; a residual where shapes allow), a 1x1 head convolution, global average pooling and a linear
 * classifier. Stages two and three halve the image. Weights are shared as in once-for-all: leading channels, and the
 * middle of the largest kernel (without the paper's kernel transform).
 *
 * @see <a href="https://arxiv.org/abs/1908.09791">Cai et al., Once-for-All, ICLR 2020</a>
 */
public final class MbConvTinySpace implements SearchSpace {
    public static final String NAME = "mbconv-tiny";

    private static final int[] STAGE_WIDTH = {16, 24, 40};
    private static final double[] WIDTHS = {0.5, 0.75, 1.0};
    private static final int STEM_WIDTH = 16;
    private static final int HEAD_WIDTH = 96;
    private static final int[] STAGE_STRIDE = {1, 2, 2};
    private static final int BLOCKS = 2;
    private static final int MAX_KERNEL = 5;
    private static final float EPSILON = 1e-5f;
    /** Widths are multiples of this, so that every width divides into the vectors of common processors. */
    private static final int DIVISOR = 4;

    private final TaskShape task;
    private final List<Decision> decisions;
    private final int stemStride;

    public MbConvTinySpace(TaskShape task) {
        int side = Math.min(task.height(), task.width());
        if (side < 8 || Math.max(task.height(), task.width()) > 256) {
            throw new InvalidInputException("%s takes images of 8 to 256 pixels a side, not %d x %d; set imageSize"
                    .formatted(NAME, task.height(), task.width()));
        }
        this.task = task;
        this.stemStride = side < 24 ? 1 : side < 96 ? 2 : 4;
        List<Decision> list = new ArrayList<>();
        list.add(Decision.of("width", WIDTHS));
        for (int s = 0; s < STAGE_WIDTH.length; s++) {
            list.add(Decision.of("stage%d.width".formatted(s), WIDTHS));
            list.add(Decision.of("stage%d.depth".formatted(s), 1, 2));
            for (int b = 0; b < BLOCKS; b++) {
                list.add(Decision.of("stage%d.block%d.kernel".formatted(s, b), 3, 5));
                list.add(Decision.of("stage%d.block%d.expand".formatted(s, b), 2, 3, 4));
            }
        }
        this.decisions = List.copyOf(list);
    }

    @Override
    public String name() {
        return NAME;
    }

    @Override
    public String description() {
        return "inverted residuals with elastic width, depth, kernel and expansion (once-for-all's structure) for small images";
    }

    @Override
    public TaskShape task() {
        return task;
    }

    @Override
    public List<Decision> decisions() {
        return decisions;
    }

    /** Index of the depth decision of stage s; its width stands at -1, kernel and expand of block b at +1+2b and +2+2b. */
    private static int depthIndex(int stage) {
        return 2 + stage * (2 + 2 * BLOCKS);
    }

    @Override
    public Architecture canonical(Architecture a) {
        check(a);
        int[] c = a.choices();
        for (int s = 0; s < STAGE_WIDTH.length; s++) {
            int d = depthIndex(s);
            int depth = decisions.get(d).intValue(c[d]);
            for (int b = depth; b < BLOCKS; b++) {
                c[d + 1 + 2 * b] = 0;
                c[d + 2 + 2 * b] = 0;
            }
        }
        return Architecture.of(NAME, c);
    }

    @Override
    public BigInteger size() {
        long block = 2 * 3;
        long stage = 0;
        long chain = 1;
        for (int depth = 1; depth <= BLOCKS; depth++) {
            chain *= block;
            stage += chain;
        }
        return BigInteger.valueOf(WIDTHS.length)
                .multiply(BigInteger.valueOf(WIDTHS.length * stage).pow(STAGE_WIDTH.length));
    }

    @Override
    public Graph lower(Architecture a) {
        check(a);
        double width = decisions.get(0).value(a.choice(0));
        GraphBuilder g = new GraphBuilder(NAME);
        Tensor x = g.input("image", task.channels(), task.height(), task.width());
        int channels = scaled(STEM_WIDTH, width);
        x = conv(g, "stem", x, WeightSlice.first("stem.weight", channels, task.channels(), 3, 3), stemStride, 1, 1);
        x = normalized(g, "stem", x, channels);
        x = g.add("stem.relu", new Operator.Activate(Activation.RELU), x);
        for (int s = 0; s < STAGE_WIDTH.length; s++) {
            int d = depthIndex(s);
            int depth = decisions.get(d).intValue(a.choice(d));
            int outputs = scaled(STAGE_WIDTH[s], decisions.get(d - 1).value(a.choice(d - 1)));
            for (int b = 0; b < depth; b++) {
                int kernel = decisions.get(d + 1 + 2 * b).intValue(a.choice(d + 1 + 2 * b));
                int expand = decisions.get(d + 2 + 2 * b).intValue(a.choice(d + 2 + 2 * b));
                x = block(
                        g, "stage%d.block%d".formatted(s, b), x, outputs, kernel, expand, b == 0 ? STAGE_STRIDE[s] : 1);
            }
        }
        int head = scaled(HEAD_WIDTH, width);
        x = conv(g, "head", x, WeightSlice.first("head.weight", head, x.shape().extent(0), 1, 1), 1, 0, 1);
        x = normalized(g, "head", x, head);
        x = g.add("head.relu", new Operator.Activate(Activation.RELU), x);
        x = g.add("pool", new Operator.GlobalAveragePool(), x);
        x = g.add(
                "logits",
                new Operator.Linear(
                        WeightSlice.first("classifier.weight", task.classes(), head),
                        WeightSlice.first("classifier.bias", task.classes())),
                x);
        return g.build(x);
    }

    private static Tensor block(
            GraphBuilder g, String name, Tensor x, int outputs, int kernel, int expand, int stride) {
        int inputs = x.shape().extent(0);
        int inner = inputs * expand;
        Tensor y =
                conv(g, name + ".expand", x, WeightSlice.first(name + ".expand.weight", inner, inputs, 1, 1), 1, 0, 1);
        y = normalized(g, name + ".expand", y, inner);
        y = g.add(name + ".expand.relu", new Operator.Activate(Activation.RELU), y);
        Range window = Range.middle(kernel, MAX_KERNEL);
        WeightSlice depthwise =
                WeightSlice.of(name + ".depthwise.weight", Range.first(inner), Range.first(1), window, window);
        y = conv(g, name + ".depthwise", y, depthwise, stride, kernel / 2, inner);
        y = normalized(g, name + ".depthwise", y, inner);
        y = g.add(name + ".depthwise.relu", new Operator.Activate(Activation.RELU), y);
        y = conv(g, name + ".project", y, WeightSlice.first(name + ".project.weight", outputs, inner, 1, 1), 1, 0, 1);
        y = normalized(g, name + ".project", y, outputs);
        Shape before = x.shape();
        return before.equals(y.shape()) ? g.add(name + ".add", new Operator.Add(), x, y) : y;
    }

    private static Tensor conv(
            GraphBuilder g, String name, Tensor x, WeightSlice weight, int stride, int padding, int groups) {
        return g.add(name + ".conv", new Operator.Conv2d(weight, null, stride, padding, groups), x);
    }

    private static Tensor normalized(GraphBuilder g, String name, Tensor x, int channels) {
        return g.add(
                name + ".norm",
                new Operator.BatchNorm(
                        WeightSlice.first(name + ".norm.scale", channels),
                        WeightSlice.first(name + ".norm.shift", channels),
                        WeightSlice.first(name + ".norm.mean", channels),
                        WeightSlice.first(name + ".norm.variance", channels),
                        EPSILON),
                x);
    }

    private static int scaled(int channels, double width) {
        return Math.max(DIVISOR, (int) Math.round(channels * width / DIVISOR) * DIVISOR);
    }
}

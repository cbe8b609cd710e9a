package dev.lathe.space.nasbench;

import dev.lathe.base.InvalidInputException;
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
 * The topology space of NAS-Bench-201: one cell, repeated, of four nodes and an operation on each of the six edges between
 * them.
 *
 * <p>A 3x3 stem of 16 channels, three stages of five cells with 16, 32 and 64 channels, before stages two and three a residual
 * block that halves the image, batch normalization, ReLU, global average pooling and a linear classifier. Convolutions of
 * cells and blocks stand between a ReLU and a batch normalization, as published. Weights are shared by edge: each cell has
 * parameters of its own for the 1x1 and for the 3x3 convolution of each edge.
 *
 * <p>Of the 15,625 cells 5,425 are different networks: others differ only in operations that lead nowhere, in skip
 * connections that give a value a second name, or in the order of the nodes. {@link #canonical} picks the cell with the
 * least choices of those that are one network, and {@link #lower} lowers that one. The benchmark's own figures are of the
 * cell as it is written: {@link #lowerAsPublished}. The authors count 6,466 by another rule, {@link
 * NasBench201Text#uniqueForm}.
 *
 * @see <a href="https://arxiv.org/abs/2001.00326">Dong and Yang, NAS-Bench-201, ICLR 2020</a>
 */
public final class NasBench201Space implements SearchSpace {
    public static final String NAME = "nas-bench-201";

    /** CIFAR-10. */
    public static final TaskShape CIFAR10 = new TaskShape(3, 32, 32, 10);

    /** CIFAR-100. */
    public static final TaskShape CIFAR100 = new TaskShape(3, 32, 32, 100);

    /** ImageNet16-120: 120 classes of ImageNet at 16 pixels. */
    public static final TaskShape IMAGENET16_120 = new TaskShape(3, 16, 16, 120);

    private static final int STAGES = 3;
    private static final int CELLS = 5;
    private static final int STEM_WIDTH = 16;
    private static final float EPSILON = 1e-5f;

    private final TaskShape task;
    private final List<Decision> decisions;
    private final CellLayers[][] cells = new CellLayers[STAGES][CELLS];

    /** @throws InvalidInputException if a side is no multiple of 4 from 8 to 256 */
    public NasBench201Space(TaskShape task) {
        if (!fits(task.height()) || !fits(task.width())) {
            throw new InvalidInputException(
                    "%s takes images of 8 to 256 pixels a side, multiples of 4, not %d x %d; set imageSize"
                            .formatted(NAME, task.height(), task.width()));
        }
        this.task = task;
        List<Decision> list = new ArrayList<>();
        for (int e = 0; e < Cells.EDGES; e++) {
            double[] choices = new double[CellOperation.count()];
            for (int i = 0; i < choices.length; i++) {
                choices[i] = i;
            }
            list.add(Decision.of("edge" + Cells.SOURCES[e] + "-" + Cells.TARGETS[e], choices));
        }
        this.decisions = List.copyOf(list);
        for (int s = 0; s < STAGES; s++) {
            for (int c = 0; c < CELLS; c++) {
                cells[s][c] = new CellLayers("stage" + s + ".cell" + c, STEM_WIDTH << s, EPSILON);
            }
        }
    }

    private static boolean fits(int side) {
        return side >= 8 && side <= 256 && side % 4 == 0;
    }

    @Override
    public String name() {
        return NAME;
    }

    @Override
    public String description() {
        return "NAS-Bench-201: cells of four nodes with one of five operations on each of six edges";
    }

    @Override
    public TaskShape task() {
        return task;
    }

    @Override
    public List<Decision> decisions() {
        return decisions;
    }

    @Override
    public Architecture canonical(Architecture a) {
        check(a);
        return Architecture.of(NAME, Cells.representative(a.choices()));
    }

    @Override
    public BigInteger size() {
        return BigInteger.valueOf(Cells.classes());
    }

    /** The network with 3x3 convolutions on all edges: most parameters and most MACs. */
    @Override
    public Architecture largest() {
        return uniform(CellOperation.CONV_3X3);
    }

    /** The network whose cells pass on their input: the least that sees the image. */
    @Override
    public Architecture smallest() {
        return direct(CellOperation.SKIP);
    }

    @Override
    public List<Architecture> covering() {
        return List.of(largest(), uniform(CellOperation.CONV_1X1));
    }

    @Override
    public List<Architecture> floors() {
        return List.of(smallest(), direct(CellOperation.CONV_1X1), direct(CellOperation.CONV_3X3));
    }

    private static Architecture uniform(CellOperation op) {
        int[] c = new int[Cells.EDGES];
        java.util.Arrays.fill(c, op.ordinal());
        return Architecture.of(NAME, Cells.representative(c));
    }

    private static Architecture direct(CellOperation op) {
        int[] c = new int[Cells.EDGES];
        c[Cells.firstEdge(Cells.NODES - 1)] = op.ordinal();
        return Architecture.of(NAME, Cells.representative(c));
    }

    @Override
    public Graph lower(Architecture a) {
        check(a);
        return lower(Cells.representative(a.choices()));
    }

    /**
     * The network as it is written, with operations whose result goes nowhere and operations on zeros, as the benchmark's
     * authors trained and counted it. A node that receives nothing holds zeros.
     *
     * @throws IllegalArgumentException if {@code a} is of another space
     */
    public Graph lowerAsPublished(Architecture a) {
        check(a);
        return lower(a.choices());
    }

    private Graph lower(int[] choices) {
        GraphBuilder g = new GraphBuilder(NAME);
        Layers layers = new Layers(g, EPSILON);
        Tensor x = g.input("image", task.channels(), task.height(), task.width());
        x = layers.convNorm("stem", x, STEM_WIDTH, 3, 3, 1, 1, null);
        for (int s = 0; s < STAGES; s++) {
            if (s > 0) {
                x = reduction(g, layers, "stage" + s + ".reduce", x);
            }
            for (int c = 0; c < CELLS; c++) {
                x = cells[s][c].append(g, x, choices);
            }
        }
        x = layers.batchNorm("head", x);
        x = layers.activate("head", x, Activation.RELU);
        x = g.add("pool", new Operator.GlobalAveragePool(), x);
        return g.build(layers.linear("classifier", x, task.classes(), true));
    }

    /** Two 3x3 convolutions that double the channels and halve the image, beside a 2x2 mean and a 1x1 convolution. */
    private static Tensor reduction(GraphBuilder g, Layers layers, String name, Tensor x) {
        int outputs = 2 * x.shape().extent(0);
        Tensor y = layers.activate(name + ".relu0", x, Activation.RELU);
        y = layers.convNorm(name + ".conv0", y, outputs, 3, 3, 2, 1, null);
        y = layers.activate(name + ".relu1", y, Activation.RELU);
        y = layers.convNorm(name + ".conv1", y, outputs, 3, 3, 1, 1, null);
        Tensor z = g.add(name + ".pool", Operator.Pool2d.of(Operator.PoolKind.AVERAGE, 2, 2, 0), x);
        z = layers.conv(name + ".shortcut", z, outputs, 1, 1, 1, 1);
        return layers.add(name + ".add", z, y);
    }

    /** The operators and names of one cell, made once, because a search lowers thousands of networks. */
    private static final class CellLayers {
        private static final Operator RELU = new Operator.Activate(Activation.RELU);
        private static final Operator ADD = new Operator.Add();
        private static final Operator POOL = Operator.Pool2d.of(Operator.PoolKind.AVERAGE, 3, 1, 1);
        private static final Operator ZERO = new Operator.Zero();

        private final String zeroName;
        /** By node, then by term of its sum. */
        private final String[][] addNames = new String[Cells.NODES][Cells.NODES];

        private final String[] poolNames = new String[Cells.EDGES];
        private final EdgeConv[] conv1x1 = new EdgeConv[Cells.EDGES];
        private final EdgeConv[] conv3x3 = new EdgeConv[Cells.EDGES];

        CellLayers(String name, int channels, float epsilon) {
            zeroName = name + ".zero";
            for (int node = 0; node < Cells.NODES; node++) {
                for (int term = 0; term < Cells.NODES; term++) {
                    addNames[node][term] = name + ".node" + node + ".add" + term;
                }
            }
            for (int e = 0; e < Cells.EDGES; e++) {
                String edge = name + ".edge" + Cells.SOURCES[e] + "-" + Cells.TARGETS[e];
                poolNames[e] = edge + ".pool3x3";
                conv1x1[e] = EdgeConv.of(edge + ".conv1x1", channels, 1, epsilon);
                conv3x3[e] = EdgeConv.of(edge + ".conv3x3", channels, 3, epsilon);
            }
        }

        Tensor append(GraphBuilder g, Tensor x, int[] choices) {
            @Nullable Tensor[] nodes = new @Nullable Tensor[Cells.NODES];
            nodes[0] = x;
            Tensor zero = null;
            for (int node = 1; node < Cells.NODES; node++) {
                Tensor sum = null;
                for (int source = 0; source < node; source++) {
                    int e = Cells.firstEdge(node) + source;
                    CellOperation op = CellOperation.at(choices[e]);
                    if (op == CellOperation.NONE) {
                        continue;
                    }
                    Tensor value = nodes[source];
                    if (value == null) {
                        if (op == CellOperation.SKIP) {
                            continue;
                        }
                        zero = zero == null ? g.add(zeroName, ZERO, x) : zero;
                        value = zero;
                    }
                    Tensor term = edge(g, value, e, op);
                    sum = sum == null ? term : g.add(addNames[node][source], ADD, sum, term);
                }
                nodes[node] = sum;
            }
            Tensor out = nodes[Cells.NODES - 1];
            return out != null ? out : zero != null ? zero : g.add(zeroName, ZERO, x);
        }

        private Tensor edge(GraphBuilder g, Tensor x, int e, CellOperation op) {
            return switch (op) {
                case NONE, SKIP -> x;
                case CONV_1X1 -> conv1x1[e].append(g, x);
                case CONV_3X3 -> conv3x3[e].append(g, x);
                case AVERAGE_POOL -> g.add(poolNames[e], POOL, x);
            };
        }

        /** ReLU, convolution, batch normalization. */
        private record EdgeConv(String name, String reluName, String normName, Operator conv, Operator norm) {
            static EdgeConv of(String name, int channels, int kernel, float epsilon) {
                String norm = name + ".norm";
                return new EdgeConv(
                        name,
                        name + ".relu",
                        norm,
                        new Operator.Conv2d(
                                WeightSlice.first(name + ".weight", channels, channels, kernel, kernel),
                                null,
                                1,
                                kernel / 2,
                                1),
                        new Operator.BatchNorm(
                                WeightSlice.first(norm + ".scale", channels),
                                WeightSlice.first(norm + ".shift", channels),
                                WeightSlice.first(norm + ".mean", channels),
                                WeightSlice.first(norm + ".variance", channels),
                                epsilon));
            }

            Tensor append(GraphBuilder g, Tensor x) {
                return g.add(normName, norm, g.add(name, conv, g.add(reluName, RELU, x)));
            }
        }
    }
}

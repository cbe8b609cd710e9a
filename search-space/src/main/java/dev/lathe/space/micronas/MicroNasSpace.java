package dev.lathe.space.micronas;

import dev.lathe.base.InvalidInputException;
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
 * The space of MicroNAS for time series on microcontrollers. A window of T steps of S sensors is an image of one channel with
 * T rows and S columns.
 *
 * <ol>
 *   <li>Time-reduce cells, as many as it takes to halve T below 16, at least one: a convolution over 3, 5 or 7 steps with
 *       stride 2 in time and 4 to 16 channels.
 *   <li>Sensor-fusion cells, as many as it takes to halve S below 5, at least one, each followed by two that keep S and may be
 *       skipped: a bottleneck convolution over all sensors, then any of three parallel convolutions over 3, 5 and 7 steps,
 *       summed, and a 1x1 convolution (1x2 where S is halved) past them. The two widths are 8 to 64 channels.
 *   <li>A 1x1 convolution to the classes and global average pooling. The softmax is the loss's.
 * </ol>
 *
 * <p>Every convolution but the last is followed by batch normalization and ReLU. A cell with none of the parallel convolutions
 * is the 1x1 convolution alone, and its bottleneck is left out. Weights are shared by leading channels; convolutions of
 * different lengths share none.
 *
 * <p>The published text leaves open what a bottleneck over an even number of sensors is padded with; here one that keeps S is
 * then a sensor wider, so that the padding is the same on both sides. The authors' code ends with the last length that is not
 * below the limit, one cell earlier; this is the text's rule.
 *
 * @see <a href="https://arxiv.org/abs/2310.18384">King et al., MicroNAS, 2023</a>
 */
public final class MicroNasSpace implements SearchSpace {
    public static final String NAME = "micronas";

    /** The six basic activities of UCI HAR: 128 steps of 9 sensors. */
    public static final TaskShape UCI_HAR = new TaskShape(1, 128, 9, 6);

    static final int TIME_LIMIT = 16;
    static final int SENSOR_LIMIT = 5;
    static final double[] KERNELS = {3, 5, 7};
    static final double[] TIME_CHANNELS = {4, 8, 12, 16};
    static final double[] FUSION_CHANNELS = {8, 16, 24, 32, 40, 48, 56, 64};
    /** Cells after each sensor-fusion cell that may be skipped. */
    static final int OPTIONAL_CELLS = 2;

    private static final double[] OFF_ON = {0, 1};
    private static final int LONGEST = 4096;
    private static final int MOST_SENSORS = 128;
    /** Decisions of a sensor-fusion cell, without whether it is there: two widths and a switch for each kernel. */
    private static final int FUSION_DECISIONS = 2 + KERNELS.length;

    private final TaskShape task;
    private final int timeCells;
    private final List<FusionCell> fusionCells = new ArrayList<>();
    private final List<Decision> decisions;
    private final List<Architecture> covering = new ArrayList<>();
    private final List<Architecture> floors = new ArrayList<>();

    /**
     * Where a sensor-fusion cell lies.
     *
     * @param layers its name and shape
     * @param keep index of the decision whether it is there, or -1 for a cell that always is
     * @param first index of the first of its other decisions: width of the bottleneck, width, then a switch for each kernel
     */
    private record FusionCell(FusionLayers layers, int keep, int first) {}

    /**
     * @throws InvalidInputException if the input is no window of 2 to 4096 steps (rows) of 1 to 128 sensors (columns) in one
     *     channel
     */
    public MicroNasSpace(TaskShape task) {
        if (task.channels() != 1 || task.height() < 2 || task.height() > LONGEST || task.width() > MOST_SENSORS) {
            throw new InvalidInputException(
                    "%s takes windows of 1 channel, 2 to %d steps (rows) and 1 to %d sensors (columns), not %d x %d x %d"
                            .formatted(NAME, LONGEST, MOST_SENSORS, task.channels(), task.height(), task.width()));
        }
        this.task = task;
        this.timeCells = halvings(task.height(), TIME_LIMIT);
        List<Decision> list = new ArrayList<>();
        for (int i = 0; i < timeCells; i++) {
            list.add(Decision.of("time" + i + ".kernel", KERNELS));
            list.add(Decision.of("time" + i + ".channels", TIME_CHANNELS));
        }
        int sensors = task.width();
        int fusions = halvings(task.width(), SENSOR_LIMIT);
        for (int i = 0; i < fusions; i++) {
            addCell(list, "fusion" + i, sensors, true);
            sensors = (sensors + 1) / 2;
            for (int j = 0; j < OPTIONAL_CELLS; j++) {
                addCell(list, "fusion" + i + ".extra" + j, sensors, false);
            }
        }
        this.decisions = List.copyOf(list);
        for (int k = KERNELS.length - 1; k >= 0; k--) {
            covering.add(extreme(k, true));
        }
        for (int k = 0; k < KERNELS.length; k++) {
            floors.add(extreme(k, false));
        }
    }

    /** How often a length is halved, rounding up, until it is below a limit; at least once. */
    static int halvings(int length, int limit) {
        int n = 0;
        for (int l = length; n == 0 || l >= limit; l = (l + 1) / 2) {
            n++;
        }
        return n;
    }

    private void addCell(List<Decision> list, String name, int sensors, boolean isReducing) {
        int keep = -1;
        if (!isReducing) {
            keep = list.size();
            list.add(Decision.of(name + ".keep", OFF_ON));
        }
        fusionCells.add(new FusionCell(new FusionLayers(name, sensors, isReducing), keep, list.size()));
        list.add(Decision.of(name + ".bottleneck", FUSION_CHANNELS));
        list.add(Decision.of(name + ".channels", FUSION_CHANNELS));
        for (double kernel : KERNELS) {
            list.add(Decision.of(name + ".kernel" + (int) kernel, OFF_ON));
        }
    }

    /** The largest or smallest network whose time-reduce cells have one kernel. */
    private Architecture extreme(int kernel, boolean isLargest) {
        int[] c = new int[decisions.size()];
        for (int i = 0; i < c.length; i++) {
            c[i] = isLargest ? decisions.get(i).size() - 1 : 0;
        }
        for (int i = 0; i < timeCells; i++) {
            c[2 * i] = kernel;
        }
        return Architecture.of(NAME, c);
    }

    @Override
    public String name() {
        return NAME;
    }

    @Override
    public String description() {
        return "MicroNAS: time-reduce and sensor-fusion cells for windows of sensor readings on microcontrollers";
    }

    @Override
    public TaskShape task() {
        return task;
    }

    @Override
    public List<Decision> decisions() {
        return decisions;
    }

    int timeCells() {
        return timeCells;
    }

    /** Sensor-fusion cells that halve the sensors. */
    int reducingCells() {
        return fusionCells.size() / (1 + OPTIONAL_CELLS);
    }

    @Override
    public Architecture canonical(Architecture a) {
        check(a);
        int[] c = a.choices();
        for (FusionCell cell : fusionCells) {
            if (cell.keep() >= 0 && c[cell.keep()] == 0) {
                Arrays.fill(c, cell.first(), cell.first() + FUSION_DECISIONS, 0);
            } else if (isEmpty(a, cell)) {
                c[cell.first()] = 0;
            }
        }
        return Architecture.of(NAME, c);
    }

    /** Whether none of the parallel convolutions is chosen. */
    private static boolean isEmpty(Architecture a, FusionCell cell) {
        for (int k = 0; k < KERNELS.length; k++) {
            if (a.choice(cell.first() + 2 + k) == 1) {
                return false;
            }
        }
        return true;
    }

    @Override
    public BigInteger size() {
        long widths = FUSION_CHANNELS.length;
        long subsets = (1L << KERNELS.length) - 1;
        BigInteger cell = BigInteger.valueOf(widths * (1 + subsets * widths));
        BigInteger fusion = cell.multiply(cell.add(BigInteger.ONE).pow(OPTIONAL_CELLS));
        return BigInteger.valueOf(KERNELS.length * TIME_CHANNELS.length)
                .pow(timeCells)
                .multiply(fusion.pow(reducingCells()));
    }

    @Override
    public List<Architecture> covering() {
        return List.copyOf(covering);
    }

    @Override
    public List<Architecture> floors() {
        return List.copyOf(floors);
    }

    @Override
    public Graph lower(Architecture a) {
        check(a);
        GraphBuilder g = new GraphBuilder(NAME);
        Tensor x = g.input("window", task.channels(), task.height(), task.width());
        for (int i = 0; i < timeCells; i++) {
            int kernel = (int) KERNELS[a.choice(2 * i)];
            int channels = (int) TIME_CHANNELS[a.choice(2 * i + 1)];
            x = FusionLayers.convolve(g, "time" + i + ".kernel" + kernel, x, channels, kernel, 1, 2, 1, 0);
        }
        boolean[] kernels = new boolean[KERNELS.length];
        for (FusionCell cell : fusionCells) {
            if (cell.keep() >= 0 && a.choice(cell.keep()) == 0) {
                continue;
            }
            for (int k = 0; k < kernels.length; k++) {
                kernels[k] = a.choice(cell.first() + 2 + k) == 1;
            }
            int bottleneck = (int) FUSION_CHANNELS[a.choice(cell.first())];
            int channels = (int) FUSION_CHANNELS[a.choice(cell.first() + 1)];
            x = cell.layers().append(g, x, bottleneck, channels, kernels);
        }
        return g.build(FusionLayers.head(g, x, task.classes()));
    }
}

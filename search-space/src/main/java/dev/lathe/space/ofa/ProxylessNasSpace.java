package dev.lathe.space.ofa;

import dev.lathe.base.InvalidInputException;
import dev.lathe.graph.Activation;
import dev.lathe.graph.Graph;
import dev.lathe.graph.GraphBuilder;
import dev.lathe.graph.Operator;
import dev.lathe.graph.Tensor;
import dev.lathe.graph.WeightSlice;
import dev.lathe.space.Architecture;
import dev.lathe.space.Decision;
import dev.lathe.space.SearchSpace;
import dev.lathe.space.TaskShape;
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * ProxylessNAS's space for ImageNet: a chain of 21 cells, each an inverted residual of expansion 3 or 6 and kernel 3, 5 or 7,
 * or, where shapes allow, nothing. A stem of 3x3 (stride 2, 32 channels) and a fixed block of 16 come before; the cells have
 * widths 24, 40, 80, 96, 192 (four each) and 320 (one); a 1x1 convolution to 1280, pooling and the classifier come after.
 *
 * <p>One decision per cell, whose value is ten times the expansion plus the kernel (35 is expansion 3 and kernel 5), or 0 for no
 * cell. Candidates share no weights: the supernet has a path for each, of which a network is one. The six first cells of a
 * width have no choice of nothing, which makes 6^6 · 7^15 networks. Images are square, of 32 to 512 pixels.
 *
 * @see <a href="https://arxiv.org/abs/1812.00332">Cai et al., ProxylessNAS, ICLR 2019</a>
 */
public final class ProxylessNasSpace implements SearchSpace {
    public static final String NAME = "proxylessnas";

    private static final int[] WIDTHS = {24, 40, 80, 96, 192, 320};
    private static final int[] CELLS = {4, 4, 4, 4, 4, 1};
    private static final int[] STRIDES = {2, 2, 2, 1, 2, 1};
    private static final int[] EXPANSIONS = {3, 6};
    private static final int[] KERNELS = {3, 5, 7};
    private static final int CANDIDATES = EXPANSIONS.length * KERNELS.length;
    private static final int STEM_WIDTH = 32;
    private static final int FIRST_WIDTH = 16;
    private static final int FEATURES = 1280;
    private static final float EPSILON = 1e-3f;
    private static final Activation FUNCTION = Activation.RELU6;

    private static final Operator POOL = new Operator.GlobalAveragePool();

    private final TaskShape task;
    private final List<Decision> decisions;
    private final List<Cell> cells;
    private final ElasticConv stem = new ElasticConv("stem", 3, 2, false, FUNCTION, EPSILON);
    private final ElasticBlock first = new ElasticBlock("first", FIRST_WIDTH, 3, 1, FUNCTION, false, false, EPSILON);
    private final ElasticConv last = new ElasticConv("last", 1, 1, false, FUNCTION, EPSILON);
    private final Operator classifier;

    /**
     * One mixed operation.
     *
     * @param skips whether choice 0 is no cell; then candidate i is choice i + 1
     */
    private record Cell(boolean skips, List<ElasticBlock> candidates) {
        @Nullable
        ElasticBlock block(int choice) {
            int i = skips ? choice - 1 : choice;
            return i < 0 ? null : candidates.get(i);
        }
    }

    /** @throws InvalidInputException if the images are not square or of another size */
    public ProxylessNasSpace(TaskShape task) {
        Resolutions.check(NAME, task);
        this.task = task;
        List<Decision> list = new ArrayList<>();
        List<Cell> made = new ArrayList<>();
        for (int s = 0; s < WIDTHS.length; s++) {
            for (int c = 0; c < CELLS[s]; c++) {
                String name = "stage%d.cell%d".formatted(s, c);
                made.add(cell(name, WIDTHS[s], c == 0 ? STRIDES[s] : 1, c > 0));
                list.add(Decision.of(name, values(c > 0)));
            }
        }
        this.decisions = List.copyOf(list);
        this.cells = List.copyOf(made);
        this.classifier = new Operator.Linear(
                WeightSlice.first("classifier.weight", task.classes(), FEATURES),
                WeightSlice.first("classifier.bias", task.classes()));
    }

    private static Cell cell(String name, int width, int stride, boolean residual) {
        List<ElasticBlock> candidates = new ArrayList<>();
        for (int e : EXPANSIONS) {
            for (int k : KERNELS) {
                candidates.add(new ElasticBlock(
                        name + ".e" + e + "k" + k, width, k, stride, FUNCTION, false, residual, EPSILON));
            }
        }
        return new Cell(residual, List.copyOf(candidates));
    }

    private static double[] values(boolean skips) {
        double[] values = new double[CANDIDATES + (skips ? 1 : 0)];
        int i = skips ? 1 : 0;
        for (int e : EXPANSIONS) {
            for (int k : KERNELS) {
                values[i++] = 10 * e + k;
            }
        }
        return values;
    }

    @Override
    public String name() {
        return NAME;
    }

    @Override
    public String description() {
        return "ProxylessNAS: a chain of 21 mixed operations, each one of six inverted residuals or nothing";
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
        return a;
    }

    @Override
    public BigInteger size() {
        BigInteger size = BigInteger.ONE;
        for (Decision d : decisions) {
            size = size.multiply(BigInteger.valueOf(d.size()));
        }
        return size;
    }

    /** One network for each candidate, which has it in every cell. */
    @Override
    public List<Architecture> covering() {
        List<Architecture> all = new ArrayList<>();
        for (int candidate = 0; candidate < CANDIDATES; candidate++) {
            int[] choices = new int[decisions.size()];
            for (int i = 0; i < choices.length; i++) {
                choices[i] = candidate + (cells.get(i).skips() ? 1 : 0);
            }
            all.add(Architecture.of(NAME, choices));
        }
        return all;
    }

    /** One network for each candidate, which has it in every cell that cannot be left out, and nothing in the others. */
    @Override
    public List<Architecture> floors() {
        List<Architecture> all = new ArrayList<>();
        for (int candidate = 0; candidate < CANDIDATES; candidate++) {
            int[] choices = new int[decisions.size()];
            for (int i = 0; i < choices.length; i++) {
                choices[i] = cells.get(i).skips() ? 0 : candidate;
            }
            all.add(Architecture.of(NAME, choices));
        }
        return all;
    }

    @Override
    public Graph lower(Architecture a) {
        check(a);
        GraphBuilder g = new GraphBuilder(NAME);
        Tensor x = g.input("image", task.channels(), task.height(), task.width());
        x = first.append(g, stem.append(g, x, STEM_WIDTH), 3, 1);
        for (int i = 0; i < cells.size(); i++) {
            ElasticBlock block = cells.get(i).block(a.choice(i));
            if (block != null) {
                int candidate = decisions.get(i).intValue(a.choice(i));
                x = block.append(g, x, candidate % 10, candidate / 10);
            }
        }
        x = g.add("pool", POOL, last.append(g, x, FEATURES));
        return g.build(g.add("logits", classifier, x));
    }
}

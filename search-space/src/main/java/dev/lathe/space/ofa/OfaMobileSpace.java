package dev.lathe.space.ofa;

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
 * Once-for-all's spaces of inverted residuals: on MobileNetV3, with widths times 1.0 or 1.2, and on ProxylessNAS's widths,
 * times 1.3. Elastic are the resolution (128 to 224 in steps of 4), the depth of each unit (2, 3 or 4 blocks), the kernel (3,
 * 5, 7) and the expansion (3, 4, 6) of each block. Five units make 7371^5 networks at each resolution; ProxylessNAS's has a
 * sixth unit of one block.
 *
 * <p>At other image sizes than 224 (square, 32 to 512 pixels) the resolution is fixed to that size. Subnets share the leading
 * channels and the middle of the largest kernel; the paper's learned transform from larger to smaller kernels is left out.
 *
 * @see <a href="https://arxiv.org/abs/1908.09791">Cai et al., Once-for-All, ICLR 2020</a>
 */
public final class OfaMobileSpace implements SearchSpace {
    public static final String MOBILENET_V3 = "ofa-mobilenetv3";
    public static final String MOBILENET_V3_W12 = "ofa-mobilenetv3-w12";
    public static final String PROXYLESS_NAS = "ofa-proxylessnas";

    static final double[] KERNELS = {3, 5, 7};
    static final double[] EXPANSIONS = {3, 4, 6};

    private static final int MAX_KERNEL = 7;
    private static final int LEAST_DEPTH = 2;
    private static final Operator POOL = new Operator.GlobalAveragePool();

    private final MobilePlan plan;
    private final TaskShape task;
    private final List<Decision> decisions;
    private final int[] resolutions;
    private final List<MobileUnit> units;
    private final ElasticConv stem;
    private final ElasticBlock first;
    private final ElasticConv last;
    private final @Nullable Operator mix;
    private final Operator headFunction;
    private final Operator classifier;

    private OfaMobileSpace(MobilePlan plan, TaskShape task) {
        Resolutions.check(plan.name(), task);
        this.plan = plan;
        this.task = task;
        List<Decision> list = new ArrayList<>();
        list.add(Resolutions.decision(task));
        List<MobileUnit> made = new ArrayList<>();
        int width = plan.scaled(plan.first());
        for (int s = 0; s < plan.stages().size(); s++) {
            made.add(unit(plan, s, width, list));
            width = plan.scaled(plan.stages().get(s).width());
        }
        this.units = List.copyOf(made);
        this.decisions = List.copyOf(list);
        this.resolutions =
                decisions.get(0).choices().stream().mapToInt(Double::intValue).toArray();
        float epsilon = plan.epsilon();
        this.stem = new ElasticConv("stem", 3, 2, false, plan.stemFunction(), epsilon);
        this.first = new ElasticBlock(
                "first",
                plan.scaled(plan.first()),
                3,
                1,
                plan.firstFunction(),
                false,
                plan.firstResidual() && plan.scaled(plan.stem()) == plan.scaled(plan.first()),
                epsilon);
        this.last = new ElasticConv("last", 1, 1, false, plan.headFunction(), epsilon);
        int features = plan.scaled(plan.features());
        this.mix = plan.finalExpand() == 0
                ? null
                : new Operator.Linear(WeightSlice.first("mix.weight", features, plan.scaled(plan.finalExpand())), null);
        this.headFunction = new Operator.Activate(plan.headFunction());
        this.classifier = new Operator.Linear(
                WeightSlice.first("classifier.weight", task.classes(), features),
                WeightSlice.first("classifier.bias", task.classes()));
    }

    /** Widths times 1.0. */
    public static OfaMobileSpace mobileNetV3(TaskShape task) {
        return new OfaMobileSpace(MobilePlan.mobileNetV3(MOBILENET_V3, 1.0), task);
    }

    /** Widths times 1.2: the network behind the paper's 80.0 % at 595 million MACs. */
    public static OfaMobileSpace mobileNetV3W12(TaskShape task) {
        return new OfaMobileSpace(MobilePlan.mobileNetV3(MOBILENET_V3_W12, 1.2), task);
    }

    /** Widths times 1.3. */
    public static OfaMobileSpace proxylessNas(TaskShape task) {
        return new OfaMobileSpace(MobilePlan.proxylessNas(PROXYLESS_NAS, 1.3), task);
    }

    private static MobileUnit unit(MobilePlan plan, int s, int inputs, List<Decision> list) {
        MobilePlan.Stage stage = plan.stages().get(s);
        int outputs = plan.scaled(stage.width());
        int leastDepth = Math.min(LEAST_DEPTH, stage.maxDepth());
        boolean isElastic = stage.maxDepth() > leastDepth;
        int depthIndex = isElastic ? list.size() : -1;
        if (isElastic) {
            double[] depths = new double[stage.maxDepth() - leastDepth + 1];
            for (int i = 0; i < depths.length; i++) {
                depths[i] = leastDepth + i;
            }
            list.add(Decision.of("stage%d.depth".formatted(s), depths));
        }
        int firstIndex = list.size();
        List<ElasticBlock> blocks = new ArrayList<>();
        for (int b = 0; b < stage.maxDepth(); b++) {
            String name = "stage%d.block%d".formatted(s, b);
            list.add(Decision.of(name + ".kernel", KERNELS));
            list.add(Decision.of(name + ".expand", EXPANSIONS));
            int stride = b == 0 ? stage.stride() : 1;
            boolean residual = stride == 1 && (b == 0 ? inputs : outputs) == outputs;
            blocks.add(new ElasticBlock(
                    name,
                    outputs,
                    MAX_KERNEL,
                    stride,
                    stage.function(),
                    stage.squeezeExcite(),
                    residual,
                    plan.epsilon()));
        }
        return new MobileUnit(depthIndex, firstIndex, leastDepth, List.copyOf(blocks));
    }

    @Override
    public String name() {
        return plan.name();
    }

    @Override
    public String description() {
        return plan.description();
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
        int[] c = a.choices();
        for (MobileUnit u : units) {
            for (int b = u.depth(a); b < u.maxDepth(); b++) {
                c[u.kernelIndex(b)] = 0;
                c[u.expandIndex(b)] = 0;
            }
        }
        return Architecture.of(name(), c);
    }

    @Override
    public BigInteger size() {
        return sizePerResolution().multiply(BigInteger.valueOf(resolutions.length));
    }

    /** Number of distinct networks at one resolution. */
    public BigInteger sizePerResolution() {
        long block = (long) KERNELS.length * EXPANSIONS.length;
        BigInteger size = BigInteger.ONE;
        for (MobileUnit u : units) {
            long unit = 0;
            long chain = 1;
            for (int depth = 1; depth <= u.maxDepth(); depth++) {
                chain *= block;
                unit += depth >= u.leastDepth() ? chain : 0;
            }
            size = size.multiply(BigInteger.valueOf(unit));
        }
        return size;
    }

    @Override
    public Graph lower(Architecture a) {
        check(a);
        int resolution = resolutions[a.choice(0)];
        GraphBuilder g = new GraphBuilder(name());
        Tensor x = g.input("image", task.channels(), resolution, resolution);
        x = stem.append(g, x, plan.scaled(plan.stem()));
        x = first.append(g, x, 3, 1);
        for (MobileUnit u : units) {
            int depth = u.depth(a);
            for (int b = 0; b < depth; b++) {
                int kernel = (int) KERNELS[a.choice(u.kernelIndex(b))];
                int expansion = (int) EXPANSIONS[a.choice(u.expandIndex(b))];
                x = u.blocks().get(b).append(g, x, kernel, expansion);
            }
        }
        x = last.append(g, x, plan.scaled(mix == null ? plan.features() : plan.finalExpand()));
        x = g.add("pool", POOL, x);
        if (mix != null) {
            x = g.add("mix.act", headFunction, g.add("mix", mix, x));
        }
        return g.build(g.add("logits", classifier, x));
    }

    /** The units in order. */
    List<MobileUnit> units() {
        return units;
    }
}

package dev.lathe.supernet;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import ai.djl.training.GradientCollector;
import dev.lathe.base.Seeds;
import dev.lathe.graph.Activation;
import dev.lathe.graph.Graph;
import dev.lathe.graph.GraphBuilder;
import dev.lathe.graph.Node;
import dev.lathe.graph.Operator;
import dev.lathe.graph.ParameterUse;
import dev.lathe.graph.Tensor;
import dev.lathe.space.Architecture;
import dev.lathe.space.SearchSpace;
import dev.lathe.space.TaskShape;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.random.RandomGenerator;
import org.hipparchus.linear.Array2DRowRealMatrix;
import org.hipparchus.linear.EigenDecompositionSymmetric;
import org.hipparchus.linear.LUDecomposition;
import org.hipparchus.linear.RealMatrix;

/**
 * Scores of untrained networks that correlate with their accuracy after training. Each takes one batch; higher is better.
 * Weights are drawn afresh, uniform within one over the root of the fan-in.
 *
 * @see <a href="https://arxiv.org/abs/2101.08134">Abdelfattah et al., Zero-Cost Proxies for Lightweight NAS, ICLR 2021</a>
 * @see <a href="https://arxiv.org/abs/2210.03230">Krishnakumar et al., NAS-Bench-Suite-Zero, NeurIPS 2022</a>
 */
public final class ZeroCost {
    /** The scores. */
    public enum Proxy {
        /** Sum over weights of the norm of their gradient. */
        GRAD_NORM,
        /** Sum of |weight · gradient| (Lee et al. 2019). */
        SNIP,
        /** Logarithm of the same for the sum of outputs, all weights made positive, inputs of one (Tanaka et al. 2020). */
        SYNFLOW,
        /** Logarithm of the determinant of how alike images switch the ReLUs (Mellor et al. 2021). */
        NASWOT,
        /** How little the images' input gradients correlate (Mellor et al. 2020). */
        JACOB_COV,
        /** How much a small change of Gaussian input moves the features, batch norm undone (Lin et al. 2021). */
        ZEN
    }

    private static final double JACOBIAN_EPSILON = 1e-5;
    /** Keeps synflow in the range of float32: the network is linear in its input there. */
    private static final float SYNFLOW_INPUT = 1e-15f;

    private static final int ZEN_BATCH = 16;
    private static final float ZEN_CHANGE = 0.01f;

    private ZeroCost() {}

    /**
     * All scores of a network.
     *
     * @param space of image classifiers
     * @param images standardized images, (batch, C, H, W)
     * @param labels a class for each
     * @param seed of the weights and of Gaussian input
     */
    public static Map<Proxy, Double> scores(
            SearchSpace space, Architecture a, float[] images, int[] labels, long seed) {
        TaskShape task = TaskShape.of(space);
        SearchSpace one = new SingleNetworkSpace(space, a);
        Graph graph = one.lower(a);
        ParameterLayout layout = ParameterLayout.of(one);
        Map<Proxy, Double> scores = new EnumMap<>(Proxy.class);
        try (SharedParameters p = SharedParameters.of(layout, weights(layout, seed, Init.UNIFORM))) {
            gradients(graph, p, task, images, labels, scores);
        }
        try (SharedParameters p = SharedParameters.of(layout, weights(layout, seed, Init.POSITIVE))) {
            scores.put(Proxy.SYNFLOW, synflow(withoutNormalization(graph), p, task));
        }
        try (SharedParameters p = SharedParameters.of(layout, weights(layout, seed, Init.GAUSSIAN))) {
            scores.put(Proxy.ZEN, zen(graph, p, task, seed));
        }
        return scores;
    }

    private enum Init {
        UNIFORM,
        POSITIVE,
        GAUSSIAN
    }

    private static Map<String, float[]> weights(ParameterLayout layout, long seed, Init init) {
        Map<String, float[]> all = new LinkedHashMap<>();
        layout.entries().forEach((name, entry) -> {
            if (!entry.role().isTrained()) {
                return;
            }
            float[] v = new float[entry.elements()];
            RandomGenerator random = Seeds.generator(seed, name, 0);
            double bound = 1 / Math.sqrt(Math.max(1, v.length / entry.extents()[0]));
            for (int i = 0; i < v.length; i++) {
                v[i] = switch (entry.role()) {
                    case SCALE -> 1f;
                    case WEIGHT, EMBEDDING, POSITION ->
                        (float)
                                switch (init) {
                                    case UNIFORM -> bound * (2 * random.nextDouble() - 1);
                                    case POSITIVE -> bound * random.nextDouble();
                                    case GAUSSIAN -> random.nextGaussian();
                                };
                    default -> 0f;
                };
            }
            all.put(name, v);
        });
        return all;
    }

    /** One forward pass and two backward ones for four scores. */
    private static void gradients(
            Graph graph, SharedParameters p, TaskShape task, float[] images, int[] labels, Map<Proxy, Double> scores) {
        int n = labels.length;
        GraphExecutor executor = new GraphExecutor(p);
        try (NDManager step = p.manager().newSubManager()) {
            NDArray x = step.create(images, new Shape(n, task.channels(), task.height(), task.width()));
            try (GradientCollector collector = Torch.engine().newGradientCollector()) {
                NDArray[] values = executor.values(graph, List.of(x), GraphExecutor.Mode.TRAIN, null);
                scores.put(Proxy.NASWOT, naswot(graph, values, n));
                NDArray target =
                        step.create(SandwichStep.targets(labels, task.classes(), 0), new Shape(n, task.classes()));
                collector.backward(
                        values[graph.output().id()].logSoftmax(1).mul(target).sum());
            }
            double norm = 0;
            double snip = 0;
            for (String name : weightsOf(graph).keySet()) {
                NDArray w = java.util.Objects.requireNonNull(p.trained().get(name));
                NDArray g = w.getGradient();
                g.attach(step);
                norm += Math.sqrt(g.square().sum().getFloat());
                snip += g.mul(w.stopGradient()).abs().sum().getFloat();
            }
            scores.put(Proxy.GRAD_NORM, norm);
            scores.put(Proxy.SNIP, snip);
        }
        try (NDManager step = p.manager().newSubManager()) {
            NDArray x = step.create(images, new Shape(n, task.channels(), task.height(), task.width()));
            x.setRequiresGradient(true);
            try (GradientCollector collector = Torch.engine().newGradientCollector()) {
                collector.backward(executor.forward(graph, x, GraphExecutor.Mode.TRAIN, null)
                        .sum());
            }
            scores.put(Proxy.JACOB_COV, jacobianCovariance(x.getGradient().toFloatArray(), n));
        }
    }

    /** Matrices and filters by name. */
    private static Map<String, ParameterUse> weightsOf(Graph graph) {
        Map<String, ParameterUse> all = new LinkedHashMap<>();
        for (Node node : graph.nodes()) {
            for (ParameterUse use : node.op().parameters()) {
                if (use.role() == ParameterUse.Role.WEIGHT) {
                    all.put(use.slice().parameter(), use);
                }
            }
        }
        return all;
    }

    /** Counts, over all ReLU units, in how many two images agree; the sign pattern is the image's code. */
    private static double naswot(Graph graph, NDArray[] values, int n) {
        double[][] agree = new double[n][n];
        for (Node node : graph.nodes()) {
            if (node.op() instanceof Operator.Activate a
                    && (a.function() == Activation.RELU || a.function() == Activation.RELU6)) {
                NDArray y = values[node.output().id()].stopGradient();
                NDArray on = y.sign().reshape(n, y.size() / n);
                float[] both = on.matMul(on.transpose()).toFloatArray();
                float[] each = on.sum(new int[] {1}).toFloatArray();
                double units = (double) y.size() / n;
                for (int i = 0; i < n; i++) {
                    for (int j = 0; j < n; j++) {
                        // Both on, or both off: units - on_i - on_j + both.
                        agree[i][j] += 2 * both[i * n + j] + units - each[i] - each[j];
                    }
                }
            }
        }
        RealMatrix m = new Array2DRowRealMatrix(agree, false);
        LUDecomposition lu = new LUDecomposition(m);
        double log = 0;
        for (int i = 0; i < n; i++) {
            // A singular matrix has no pivots to take: images that no ReLU tells apart.
            log += lu.getU() == null
                    ? Double.NEGATIVE_INFINITY
                    : Math.log(Math.abs(lu.getU().getEntry(i, i)));
        }
        return log;
    }

    private static double jacobianCovariance(float[] jacobian, int n) {
        int d = jacobian.length / n;
        double[][] rows = new double[n][d];
        for (int i = 0; i < n; i++) {
            double mean = 0;
            for (int k = 0; k < d; k++) {
                mean += jacobian[i * d + k] / (double) d;
            }
            double squares = 0;
            for (int k = 0; k < d; k++) {
                rows[i][k] = jacobian[i * d + k] - mean;
                squares += rows[i][k] * rows[i][k];
            }
            double norm = squares > 0 ? 1 / Math.sqrt(squares) : 0;
            for (int k = 0; k < d; k++) {
                rows[i][k] *= norm;
            }
        }
        RealMatrix r = new Array2DRowRealMatrix(rows, false);
        double score = 0;
        for (double v : new EigenDecompositionSymmetric(r.multiplyTransposed(r)).getEigenvalues()) {
            double e = Math.max(0, v) + JACOBIAN_EPSILON;
            score -= Math.log(e) + 1 / e;
        }
        return score;
    }

    private static double synflow(Graph graph, SharedParameters p, TaskShape task) {
        double sum = 0;
        try (NDManager step = p.manager().newSubManager()) {
            NDArray x = step.full(new Shape(1, task.channels(), task.height(), task.width()), SYNFLOW_INPUT);
            try (GradientCollector collector = Torch.engine().newGradientCollector()) {
                collector.backward(new GraphExecutor(p)
                        .forward(graph, x, GraphExecutor.Mode.TRAIN, null)
                        .sum());
            }
            for (String name : weightsOf(graph).keySet()) {
                NDArray w = java.util.Objects.requireNonNull(p.trained().get(name));
                NDArray g = w.getGradient();
                g.attach(step);
                sum += g.mul(w.stopGradient()).abs().sum().getFloat();
            }
        }
        return Math.log(sum) - Math.log(SYNFLOW_INPUT);
    }

    /** Normalizations left out: their input is their output. */
    private static Graph withoutNormalization(Graph graph) {
        GraphBuilder b = new GraphBuilder(graph.name());
        Map<Integer, Tensor> to = new HashMap<>();
        for (Tensor t : graph.inputs()) {
            to.put(t.id(), b.input(t.name(), t.shape().toArray()));
        }
        for (Node node : graph.nodes()) {
            Tensor[] in = node.inputs().stream()
                    .map(t -> java.util.Objects.requireNonNull(to.get(t.id())))
                    .toArray(Tensor[]::new);
            to.put(
                    node.output().id(),
                    node.op() instanceof Operator.BatchNorm || node.op() instanceof Operator.LayerNorm
                            ? in[0]
                            : b.add(node.name(), node.op(), in));
        }
        return b.build(java.util.Objects.requireNonNull(to.get(graph.output().id())));
    }

    private static double zen(Graph graph, SharedParameters p, TaskShape task, long seed) {
        int length = task.channels() * task.height() * task.width();
        RandomGenerator random = Seeds.generator(seed, "zen", 0);
        float[] x = new float[ZEN_BATCH * length];
        float[] moved = new float[x.length];
        for (int i = 0; i < x.length; i++) {
            x[i] = (float) random.nextGaussian();
            moved[i] = x[i] + ZEN_CHANGE * (float) random.nextGaussian();
        }
        int features = features(graph);
        GraphExecutor executor = new GraphExecutor(p);
        Shape shape = new Shape(ZEN_BATCH, task.channels(), task.height(), task.width());
        try (NDManager step = p.manager().newSubManager()) {
            BatchNormStatistics statistics = new BatchNormStatistics(graph, step);
            statistics.nextBatch();
            NDArray before = executor.values(
                            graph, List.of(step.create(x, shape)), GraphExecutor.Mode.CALIBRATE, statistics)[features];
            double scale = 0;
            for (Node node : graph.nodes()) {
                if (node.op() instanceof Operator.BatchNorm n) {
                    scale += 0.5 * Math.log(statistics.of(n).variance().mean().getFloat() + n.epsilon());
                }
            }
            NDArray after = executor.values(
                            graph, List.of(step.create(moved, shape)), GraphExecutor.Mode.CALIBRATE, statistics)[
                    features];
            return Math.log(before.sub(after).abs().sum().getFloat() / ZEN_BATCH) + scale;
        }
    }

    /** The tensor that the first pooling to a vector reads, or the output where there is none. */
    private static int features(Graph graph) {
        for (int i = graph.nodes().size() - 1; i >= 0; i--) {
            Node node = graph.nodes().get(i);
            if (node.op() instanceof Operator.GlobalAveragePool || node.op() instanceof Operator.MeanTokens) {
                return node.inputs().get(0).id();
            }
        }
        return graph.output().id();
    }
}

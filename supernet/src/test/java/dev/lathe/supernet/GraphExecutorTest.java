package dev.lathe.supernet;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import ai.djl.training.GradientCollector;
import dev.lathe.graph.Activation;
import dev.lathe.graph.Graph;
import dev.lathe.graph.GraphBuilder;
import dev.lathe.graph.Node;
import dev.lathe.graph.Operator;
import dev.lathe.graph.ParameterUse;
import dev.lathe.graph.Tensor;
import dev.lathe.graph.WeightSlice;
import dev.lathe.space.SearchSpace;
import dev.lathe.space.TaskShape;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class GraphExecutorTest {
    private static boolean[] touched(SharedParameters p, Graph graph, String parameter) {
        int[] e = p.layout().get(parameter).extents();
        boolean[] in = new boolean[p.layout().get(parameter).elements()];
        for (Node node : graph.nodes()) {
            for (ParameterUse use : node.op().parameters()) {
                if (use.slice().parameter().equals(parameter)) {
                    for (int i = 0; i < in.length; i++) {
                        int rest = i;
                        boolean inside = true;
                        for (int a = e.length - 1; a >= 0; a--) {
                            int at = rest % e[a];
                            rest /= e[a];
                            inside &= at >= use.slice().ranges().get(a).from()
                                    && at < use.slice().ranges().get(a).to();
                        }
                        in[i] |= inside;
                    }
                }
            }
        }
        return in;
    }

    @ParameterizedTest
    @ValueSource(strings = {"mbconv-tiny", "vit-tiny"})
    void givenASubnet_whenBackward_thenGradientIsZeroOutsideItsSlicesAndNotInside(String name) {
        SearchSpace space = Fixtures.space(name);
        try (SharedParameters p = Fixtures.perturbed(space, 1)) {
            Graph graph = space.lower(Fixtures.random(space, 4));
            Fixtures.run(space, p, graph, Fixtures.batch(0));
            Map<String, float[]> gradients = Fixtures.gradients(p);
            int inside = 0;
            int moving = 0;
            for (Map.Entry<String, float[]> g : gradients.entrySet()) {
                boolean[] touched = touched(p, graph, g.getKey());
                for (int i = 0; i < touched.length; i++) {
                    if (touched[i]) {
                        inside++;
                        moving += g.getValue()[i] != 0 ? 1 : 0;
                    } else {
                        assertThat(g.getValue()[i]).isZero();
                    }
                }
            }
            assertThat(moving).isGreaterThan(inside / 2);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"mbconv-tiny", "vit-tiny"})
    void givenASubnet_whenAParameterMovesAlongItsGradient_thenTheLossMovesByTheGradientsLength(String name) {
        SearchSpace space = Fixtures.space(name);
        Batches.Batch batch = Fixtures.batch(0);
        Graph graph = space.lower(Fixtures.random(space, 5));
        try (SharedParameters p = Fixtures.perturbed(space, 2)) {
            Fixtures.run(space, p, graph, batch);
            Map<String, float[]> gradients = Fixtures.gradients(p);
            Map<String, float[]> values = p.values();
            int checked = 0;
            for (String parameter : values.keySet()) {
                // All values at once: single ones move the loss by little more than float32's noise and ReLU's kinks.
                double length = length(gradients.get(parameter));
                if (length < 5e-2) {
                    continue;
                }
                double h = 2e-3;
                double up = lossAt(space, p.layout(), values, parameter, gradients, h / length, graph, batch);
                double down = lossAt(space, p.layout(), values, parameter, gradients, -h / length, graph, batch);
                assertThat((up - down) / (2 * h)).as(parameter).isCloseTo(length, within(0.06 * length));
                checked++;
            }
            assertThat(checked).isGreaterThan(15);
        }
    }

    private static double length(float[] v) {
        double sum = 0;
        for (float x : v) {
            sum += (double) x * x;
        }
        return Math.sqrt(sum);
    }

    private static double lossAt(
            SearchSpace space,
            ParameterLayout layout,
            Map<String, float[]> values,
            String parameter,
            Map<String, float[]> gradients,
            double factor,
            Graph graph,
            Batches.Batch batch) {
        float[] before = values.get(parameter);
        float[] moved = before.clone();
        for (int i = 0; i < moved.length; i++) {
            moved[i] += (float) (factor * gradients.get(parameter)[i]);
        }
        values.put(parameter, moved);
        try (SharedParameters p = SharedParameters.of(layout, values)) {
            return Fixtures.run(space, p, graph, batch)[0];
        } finally {
            values.put(parameter, before);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"mbconv-tiny", "vit-tiny"})
    void givenGarbageCollectionBeforeBackward_whenRepeated_thenGradientsAreRight(String name) throws Exception {
        SearchSpace space = Fixtures.space(name);
        Graph graph = space.lower(Fixtures.random(space, 6));
        Batches.Batch batch = Fixtures.batch(0);
        try (SharedParameters p = Fixtures.perturbed(space, 3)) {
            Fixtures.run(space, p, graph, batch);
            Map<String, float[]> wanted = Fixtures.gradients(p);
            Fixtures.clearGradients(p);
            GraphExecutor executor = new GraphExecutor(p);
            int n = batch.labels().length;
            for (int round = 0; round < 3; round++) {
                try (NDManager step = p.manager().newSubManager();
                        GradientCollector collector = Torch.engine().newGradientCollector()) {
                    NDArray x = step.create(batch.pixels(), new Shape(n, 1, 8, 8));
                    NDArray target = step.create(Batches.targets(batch.labels(), 10, 0.1), new Shape(n, 10));
                    NDArray loss = executor.forward(graph, x, GraphExecutor.Mode.TRAIN, null)
                            .logSoftmax(1)
                            .mul(target)
                            .sum();
                    System.gc();
                    List<ByteBuffer> junk = new ArrayList<>();
                    for (int k = 0; k < 3000; k++) {
                        ByteBuffer b = ByteBuffer.allocateDirect(4 + k % 64);
                        while (b.hasRemaining()) {
                            b.put((byte) 0x7f);
                        }
                        junk.add(b);
                    }
                    collector.backward(loss);
                    assertThat(junk).hasSize(3000);
                }
                Fixtures.gradients(p).forEach((parameter, g) -> assertClose(g, wanted.get(parameter), 1e-6, parameter));
                Fixtures.clearGradients(p);
            }
        }
    }

    static void assertClose(float[] actual, float[] wanted, double tolerance, String what) {
        assertThat(actual).as(what).hasSameSizeAs(wanted);
        for (int i = 0; i < wanted.length; i++) {
            assertThat((double) actual[i]).as(what + " " + i).isCloseTo(wanted[i], within(tolerance));
        }
    }

    @Test
    void givenEachActivation_whenRun_thenItIsItsFormula() {
        float[] in = {-5f, -3f, -1f, -0.2f, 0f, 0.4f, 1f, 2.9f, 3.5f, 8f};
        for (Activation function : Activation.values()) {
            GraphBuilder b = new GraphBuilder("activation");
            Tensor x = b.input("x", in.length);
            Graph graph = b.build(b.add("y", new Operator.Activate(function), x));
            try (SharedParameters p = SharedParameters.initialize(
                            ParameterLayout.of(new OneGraph(graph, new TaskShape(1, 1, 1, 2))), 1);
                    NDManager m = p.manager().newSubManager()) {
                float[] out = new GraphExecutor(p)
                        .forward(graph, m.create(in, new Shape(1, in.length)), GraphExecutor.Mode.EVALUATE, null)
                        .toFloatArray();
                for (int i = 0; i < in.length; i++) {
                    double v = in[i];
                    double wanted = switch (function) {
                        case RELU -> Math.max(0, v);
                        case GELU -> v * normal(v);
                        case HARD_SWISH -> v * Math.min(6, Math.max(0, v + 3)) / 6;
                        case RELU6 -> Math.min(6, Math.max(0, v));
                        case SWISH -> v / (1 + Math.exp(-v));
                        case HARD_SIGMOID -> Math.min(6, Math.max(0, v + 3)) / 6;
                        case SIGMOID -> 1 / (1 + Math.exp(-v));
                    };
                    assertThat((double) out[i]).as(function + " of " + v).isCloseTo(wanted, within(2e-6));
                }
            }
        }
    }

    /** Normal distribution function by Simpson's rule. */
    private static double normal(double x) {
        int n = 2000;
        double h = x / n;
        double sum = 0;
        for (int i = 0; i <= n; i++) {
            double t = i * h;
            sum += (i == 0 || i == n ? 1 : i % 2 == 1 ? 4 : 2) * Math.exp(-t * t / 2);
        }
        return 0.5 + sum * h / 3 / Math.sqrt(2 * Math.PI);
    }

    @Test
    void givenConvolutionsOfManyGeometries_whenRun_thenValuesAndGradientsEqualTheDefinition() {
        // side, kernel, stride, inputs, outputs, groups
        int[][] cases = {
            {8, 5, 2, 6, 6, 6}, {8, 5, 1, 6, 6, 6}, {4, 5, 1, 6, 6, 6}, {2, 5, 1, 6, 6, 6}, {2, 3, 1, 6, 6, 6},
            {4, 3, 2, 6, 6, 6}, {3, 5, 2, 6, 6, 6}, {12, 3, 1, 6, 6, 6}, {5, 1, 1, 4, 7, 1}, {4, 3, 1, 3, 5, 1},
            {4, 1, 2, 4, 6, 1}, {6, 2, 2, 1, 5, 1}
        };
        SplittableRandom random = new SplittableRandom(9);
        for (int[] c : cases) {
            check(c, random);
        }
    }

    private static void check(int[] c, SplittableRandom random) {
        int side = c[0];
        int k = c[1];
        int stride = c[2];
        int padding = k % 2 == 0 ? 0 : k / 2;
        int perGroup = c[3] / c[5];
        GraphBuilder b = new GraphBuilder("convolution");
        Tensor x = b.input("x", c[3], side, side);
        WeightSlice weight = WeightSlice.first("w", c[4], perGroup, k, k);
        Graph graph = b.build(b.add("y", new Operator.Conv2d(weight, null, stride, padding, c[5]), x));
        int out = graph.output().shape().extent(1);
        float[] w = random(random, c[4] * perGroup * k * k);
        float[] in = random(random, 2 * c[3] * side * side);
        float[] r = random(random, 2 * c[4] * out * out);
        float[] wantedY = new float[r.length];
        float[] wantedDw = new float[w.length];
        float[] wantedDx = new float[in.length];
        for (int i = 0; i < r.length; i++) {
            int o = i / out / out % c[4];
            int image = i / out / out / c[4];
            for (int ch = 0; ch < perGroup; ch++) {
                int channel = o / (c[4] / c[5]) * perGroup + ch;
                for (int t = 0; t < k * k; t++) {
                    int iy = i / out % out * stride - padding + t / k;
                    int ix = i % out * stride - padding + t % k;
                    if (iy >= 0 && iy < side && ix >= 0 && ix < side) {
                        int at = ((image * c[3] + channel) * side + iy) * side + ix;
                        int tap = (o * perGroup + ch) * k * k + t;
                        wantedY[i] += in[at] * w[tap];
                        wantedDw[tap] += in[at] * r[i];
                        wantedDx[at] += w[tap] * r[i];
                    }
                }
            }
        }
        String what = Arrays.toString(c);
        try (SharedParameters p = SharedParameters.of(
                        ParameterLayout.of(new OneGraph(graph, new TaskShape(c[3], side, side, 2))), Map.of("w", w));
                NDManager m = p.manager().newSubManager();
                GradientCollector collector = Torch.engine().newGradientCollector()) {
            NDArray input = m.create(in, new Shape(2, c[3], side, side));
            input.setRequiresGradient(true);
            NDArray y = new GraphExecutor(p).forward(graph, input, GraphExecutor.Mode.TRAIN, null);
            collector.backward(y.mul(m.create(r, y.getShape())).sum());
            assertClose(y.toFloatArray(), wantedY, 1e-4, "y " + what);
            assertClose(Fixtures.gradients(p).get("w"), wantedDw, 2e-4, "dw " + what);
            assertClose(input.getGradient().toFloatArray(), wantedDx, 1e-4, "dx " + what);
        }
    }

    private static float[] random(SplittableRandom random, int n) {
        float[] v = new float[n];
        for (int i = 0; i < n; i++) {
            v[i] = (float) random.nextGaussian();
        }
        return v;
    }
}

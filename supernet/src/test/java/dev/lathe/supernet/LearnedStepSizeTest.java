package dev.lathe.supernet;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import ai.djl.training.GradientCollector;
import dev.lathe.supernet.LearnedStepSize.Grid;
import java.util.Arrays;
import java.util.random.RandomGenerator;
import org.assertj.core.data.Offset;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** LSQ+ against values worked by hand, and against finite differences where the rounding does not jump. */
class LearnedStepSizeTest {
    private static final Offset<Float> CLOSE = within(1e-5f);

    /** Results of one pass: values, and gradients of their weighted sum. */
    private record Pass(float[] y, float[] dx, float ds, float dBeta) {}

    private static Pass pass(float[] x, float s, float beta, boolean isAffine, Grid grid, float[] weights) {
        try (NDManager manager = Torch.newManager()) {
            Scalars scalars = new Scalars(manager);
            NDArray values = manager.create(x);
            NDArray step = manager.create(new float[] {s});
            NDArray offset = manager.create(new float[] {beta});
            for (NDArray a : new NDArray[] {values, step, offset}) {
                a.setRequiresGradient(true);
            }
            try (GradientCollector collector = Torch.engine().newGradientCollector()) {
                NDArray y = new LearnedStepSize(scalars).quantize(values, step, isAffine ? offset : null, grid);
                // What the engine must not lose between the passes.
                System.gc();
                collector.backward(y.mul(manager.create(weights)).sum());
                return new Pass(
                        y.toFloatArray(),
                        values.getGradient().toFloatArray(),
                        step.getGradient().getFloat(),
                        isAffine ? offset.getGradient().getFloat() : 0);
            }
        }
    }

    private static float[] only(int i, int n) {
        float[] w = new float[n];
        w[i] = 1;
        return w;
    }

    @Test
    void valuesAndGradientsAreTheWorkedOnes() {
        float[] x = {-1f, -0.3f, 0.26f, 1.4f, 5f};
        float[] y = {-0.4f, -0.4f, 0.1f, 1.6f, 3.1f};
        float[] ds = {0, -0.2f, -0.32f, 0.4f, 7};
        float[] dBeta = {1, 0, 0, 0, 1};
        float[] dx = {0, 1, 1, 1, 0};
        for (int i = 0; i < x.length; i++) {
            Pass p = pass(x, 0.5f, -0.4f, true, Grid.unsigned(3), only(i, 5));
            assertThat(p.y()).containsExactly(y, CLOSE);
            assertThat(p.ds()).isCloseTo(ds[i], CLOSE);
            assertThat(p.dBeta()).isCloseTo(dBeta[i], CLOSE);
            assertThat(p.dx()[i]).isEqualTo(dx[i]);
        }
        assertThat(LearnedStepSize.gradientFactor(5, Grid.unsigned(3))).isCloseTo(0.169031f, CLOSE);
    }

    /** Values on the very edge count as beyond it: a ReLU's zeros at offset 0 all do. */
    @Test
    void theEdgesBelongToTheOutside() {
        float[] x = {0f, 3.5f, -2f, 1.5f};
        Pass low = pass(x, 0.5f, 0, true, Grid.unsigned(3), only(0, 4));
        assertThat(low.dBeta()).isEqualTo(1);
        assertThat(low.ds()).isZero();
        Pass high = pass(x, 0.5f, 0, true, Grid.unsigned(3), only(1, 4));
        assertThat(high.dBeta()).isEqualTo(1);
        assertThat(high.ds()).isEqualTo(7);
        assertThat(high.dx()[1]).isZero();
        Pass signed = pass(x, 0.5f, 0, false, Grid.signed(3), only(2, 4));
        assertThat(signed.y()).containsExactly(0, 1.5f, -2, 1.5f);
        assertThat(signed.ds()).isEqualTo(-4);
        assertThat(pass(x, 0.5f, 0, false, Grid.signed(3), only(3, 4)).ds()).isEqualTo(3);
    }

    /**
     * Straight through means: the gradient of the value with the rounding error held. So the error found at the point is held in the finite
     * differences, too; clamped values need no such help.
     */
    @ParameterizedTest
    @ValueSource(ints = {4, 8})
    void gradientsAreFiniteDifferencesWithTheRoundingHeld(int bits) {
        Grid grid = Grid.unsigned(bits);
        RandomGenerator random = new java.util.SplittableRandom(bits);
        float s = 2f / (1 << bits);
        float beta = -0.3f;
        float[] x = new float[60];
        float[] w = new float[60];
        for (int i = 0; i < x.length; i++) {
            do {
                x[i] = (float) (4 * random.nextDouble() - 1.5);
            } while (nearAnEdge((x[i] - beta) / s, grid));
            w[i] = (float) random.nextGaussian();
        }
        Pass p = pass(x, s, beta, true, grid, w);
        double[] held = new double[x.length];
        for (int i = 0; i < x.length; i++) {
            double u = clamped(x[i], s, beta, grid);
            held[i] = Math.rint(u) - u;
            assertThat(p.y()[i]).isCloseTo((float) (Math.rint(u) * s + beta), within(1e-5f));
        }
        double h = 1e-7;
        double ds = (sum(x, w, held, s + h, beta, grid) - sum(x, w, held, s - h, beta, grid)) / (2 * h);
        double dBeta = (sum(x, w, held, s, beta + h, grid) - sum(x, w, held, s, beta - h, grid)) / (2 * h);
        assertThat((double) p.ds()).isCloseTo(ds, within(1e-3 * Math.abs(ds) + 1e-3));
        assertThat((double) p.dBeta()).isCloseTo(dBeta, within(1e-4));
        for (int i = 0; i < x.length; i++) {
            double u = (x[i] - beta) / s;
            assertThat(p.dx()[i]).isCloseTo(u <= grid.least() || u >= grid.most() ? 0 : w[i], within(1e-5f));
        }
    }

    private static boolean nearAnEdge(float u, Grid grid) {
        return Math.abs(u - Math.floor(u) - 0.5) < 0.02
                || Math.abs(u - grid.least()) < 0.02
                || Math.abs(u - grid.most()) < 0.02;
    }

    private static double clamped(double x, double s, double beta, Grid grid) {
        return Math.max(grid.least(), Math.min(grid.most(), (x - beta) / s));
    }

    private static double sum(float[] x, float[] w, double[] held, double s, double beta, Grid grid) {
        double sum = 0;
        for (int i = 0; i < x.length; i++) {
            sum += w[i] * ((clamped(x[i], s, beta, grid) + held[i]) * s + beta);
        }
        return sum;
    }

    @Test
    void aFactorChangesTheGradientAndNothingElse() {
        try (NDManager manager = Torch.newManager()) {
            NDArray p = manager.create(new float[] {0.1f, -3f, 1e-6f});
            p.setRequiresGradient(true);
            try (GradientCollector collector = Torch.engine().newGradientCollector()) {
                NDArray q = new LearnedStepSize(new Scalars(manager)).withGradientTimes(p, 0.25f);
                assertThat(q.toFloatArray()).isEqualTo(p.toFloatArray());
                collector.backward(q.sum());
                assertThat(p.getGradient().toFloatArray()).containsExactly(0.25f, 0.25f, 0.25f);
            }
        }
    }

    @Test
    void withoutGradientTheValuesAreTheSame() {
        float[] x = new float[500];
        RandomGenerator random = new java.util.SplittableRandom(8);
        for (int i = 0; i < x.length; i++) {
            x[i] = (float) random.nextGaussian();
        }
        try (NDManager manager = Torch.newManager()) {
            LearnedStepSize rounding = new LearnedStepSize(new Scalars(manager));
            NDArray values = manager.create(x);
            NDArray step = manager.create(new float[] {0.07f});
            NDArray offset = manager.create(new float[] {-0.35f});
            for (NDArray o : new NDArray[] {null, offset}) {
                Grid grid = o == null ? Grid.signed(4) : Grid.unsigned(4);
                assertThat(rounding.quantizeFixed(values, step, o, grid).toFloatArray())
                        .containsExactly(
                                rounding.quantize(values, step, o, grid).toFloatArray(), within(1e-6f));
            }
            assertThat(values.toFloatArray()).isEqualTo(x);
        }
    }

    @Test
    void oneStepForEachOutputIsTheSameAsEachOutputByItself() {
        float[] w = new float[12];
        RandomGenerator random = new java.util.SplittableRandom(3);
        for (int i = 0; i < w.length; i++) {
            w[i] = (float) random.nextGaussian();
        }
        float[] s = {0.1f, 0.3f, 0.02f};
        try (NDManager manager = Torch.newManager()) {
            LearnedStepSize rounding = new LearnedStepSize(new Scalars(manager));
            float[] together = rounding.quantize(
                            manager.create(w, new Shape(3, 4, 1, 1)),
                            manager.create(s, new Shape(3, 1, 1, 1)),
                            null,
                            Grid.weights(4))
                    .toFloatArray();
            for (int o = 0; o < 3; o++) {
                float[] row = rounding.quantize(
                                manager.create(Arrays.copyOfRange(w, 4 * o, 4 * o + 4)),
                                manager.create(new float[] {s[o]}),
                                null,
                                Grid.weights(4))
                        .toFloatArray();
                assertThat(Arrays.copyOfRange(together, 4 * o, 4 * o + 4)).isEqualTo(row);
            }
        }
    }

    @Test
    void anEstimateGivesUpExtremesThatCostTheRestTheirResolution() {
        float[] v = new float[2000];
        RandomGenerator random = new java.util.SplittableRandom(5);
        for (int i = 0; i < v.length; i++) {
            v[i] = (float) Math.max(0, random.nextGaussian());
        }
        v[7] = 40;
        // The fewer the bits, the less one extreme is worth.
        double share4 = StepEstimate.affine(v, Grid.unsigned(4)).step() * 15 / 40;
        double share8 = StepEstimate.affine(v, Grid.unsigned(8)).step() * 255 / 40;
        assertThat(share4).isLessThan(0.9).isLessThan(share8);
        assertThat(StepEstimate.affine(v, Grid.unsigned(8)).offset()).isZero();
        assertThat(StepEstimate.symmetric(new float[10], Grid.signed(8)).step()).isPositive();
        float[] grid = {-1.27f, 0.5f, 1.27f, 0.01f};
        assertThat(StepEstimate.symmetric(grid, Grid.weights(8)).step()).isCloseTo(0.01, within(1e-6));
    }
}

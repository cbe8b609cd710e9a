package dev.lathe.supernet;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.lathe.space.Architecture;
import dev.lathe.space.Decision;
import dev.lathe.space.SearchSpace;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

class TrainingStrategyTest {
    /** The largest network first, whose choices are all open; values and gradients worked out by hand from the paper's formulae. */
    @ParameterizedTest
    @CsvSource({
        "'2,1,0', '0,0,0', '-0.451373,-0.164379,0.615752'",
        "'0,0,0', '3,0,-1', '0.602906,-0.286721,-0.316186'",
        "'4,0,0,0', '0,2,0,0', '-0.851660,0.693873,0.078893,0.078893'"
    })
    void theAlphaDivergenceHasTheGradientOfItsFormula(String teacher, String student, String gradient) {
        float[] t = numbers(teacher);
        float[] s = numbers(student);
        float[] wanted = numbers(gradient);
        float[] w = Distillation.ALPHA.weights(t, s, t.length);
        // The gradient of sum w log softmax(s) by s is w - softmax(s) sum w.
        double[] q = softmax(s);
        double sum = 0;
        for (float v : w) {
            sum += v;
        }
        for (int i = 0; i < w.length; i++) {
            assertThat(w[i] - q[i] * sum).isCloseTo(wanted[i], within(2e-6));
        }
    }

    private static float[] numbers(String text) {
        String[] parts = text.split(",");
        float[] v = new float[parts.length];
        for (int i = 0; i < v.length; i++) {
            v[i] = Float.parseFloat(parts[i]);
        }
        return v;
    }

    private static double[] softmax(float[] logits) {
        double[] e = new double[logits.length];
        double sum = 0;
        for (int i = 0; i < e.length; i++) {
            e[i] = Math.exp(logits[i]);
            sum += e[i];
        }
        for (int i = 0; i < e.length; i++) {
            e[i] /= sum;
        }
        return e;
    }

    @ParameterizedTest
    @EnumSource(
            value = Distillation.class,
            names = {"KL", "ALPHA"})
    void aStudentThatEqualsItsTeacherHasNoGradientAndExtremeLogitsStayFinite(Distillation d) {
        float[] logits = {50, -50, 0, 3, 2, 1};
        float[] w = d.weights(logits, logits, 3);
        for (int i = 0; i < 2; i++) {
            double[] q = softmax(Arrays.copyOfRange(logits, i * 3, i * 3 + 3));
            double sum = w[i * 3] + w[i * 3 + 1] + w[i * 3 + 2];
            for (int c = 0; c < 3; c++) {
                assertThat(w[i * 3 + c] - q[c] * sum).isCloseTo(0, within(1e-6));
            }
        }
        for (float v : d.weights(logits, new float[] {-50, 50, 0, -50, 50, 0}, 3)) {
            assertThat(v).isFinite();
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"mbconv-tiny", "vit-tiny"})
    void strictFairnessTrainsEveryChoiceAsOftenAsTheOthersInEachStep(String name) {
        SearchSpace space = Fixtures.space(name);
        for (int step = 0; step < 50; step++) {
            List<Architecture> plan = new StrictFairness().plan(space, 3, step);
            for (int d = 0; d < space.decisions().size(); d++) {
                // Canonical forms set inactive decisions to 0, so only those that are always active are counted.
                Decision decision = space.decisions().get(d);
                if (decision.name().contains("block") || decision.name().contains("layer")) {
                    continue;
                }
                int[] counts = new int[decision.size()];
                for (Architecture a : plan) {
                    counts[a.choice(d)]++;
                }
                assertThat(Arrays.stream(counts).max().orElseThrow()
                                - Arrays.stream(counts).min().orElseThrow())
                        .as(decision.name())
                        .isLessThanOrEqualTo(1);
            }
        }
    }

    @Test
    void uniformSamplingDrawsEachChoiceEquallyOften() {
        SearchSpace space = Fixtures.space("mbconv-tiny");
        int steps = 6000;
        int size = space.decisions().get(0).size();
        int[] counts = new int[size];
        for (int step = 0; step < steps; step++) {
            counts[new UniformSampling().plan(space, 1, step).get(0).choice(0)]++;
        }
        double chi = 0;
        for (int c : counts) {
            chi += Math.pow(c - steps / (double) size, 2) * size / steps;
        }
        // The 99.9 % point of chi-square with 2 degrees of freedom.
        assertThat(chi).isLessThan(13.8);
    }

    @Test
    void shrinkingOpensKernelsThenDepthsThenWidths() {
        SearchSpace space = Fixtures.space("mbconv-tiny");
        ProgressiveShrinking p = new ProgressiveShrinking(100, 2);
        assertThat(p.plan(space, 1, 0)).containsExactly(space.largest());
        boolean[] seen = new boolean[2];
        for (int step = 25; step < 40; step++) {
            for (Architecture a : p.plan(space, 1, step)) {
                for (int i = 0; i < space.decisions().size(); i++) {
                    Decision d = space.decisions().get(i);
                    boolean smaller = a.choice(i) < d.size() - 1;
                    seen[d.name().endsWith("kernel") ? 0 : 1] |= smaller;
                }
            }
        }
        assertThat(seen).containsExactly(true, false);
        boolean narrow = false;
        for (int step = 70; step < 100; step++) {
            for (Architecture a : p.plan(space, 1, step)) {
                narrow |= a.choice(0) == 0;
            }
        }
        assertThat(narrow).isTrue();
    }
}

package dev.lathe.supernet;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import ai.djl.training.GradientCollector;
import dev.lathe.base.Seeds;
import dev.lathe.graph.Graph;
import dev.lathe.space.Architecture;
import dev.lathe.space.SearchSpace;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class SandwichStepTest {
    @ParameterizedTest
    @ValueSource(strings = {"mbconv-tiny", "vit-tiny"})
    void givenASandwich_whenAccumulated_thenTheGradientIsTheSumOfTheSeparateOnes(String name) {
        SearchSpace space = Fixtures.space(name);
        Batches.Batch batch = Fixtures.batch(0);
        List<Graph> graphs =
                new SandwichRule(2).plan(space, 1, 0).stream().map(space::lower).toList();
        try (SharedParameters p = Fixtures.perturbed(space, 1)) {
            Fixtures.step(space, p).accumulate(graphs, batch);
            Map<String, float[]> together = Fixtures.gradients(p);
            Fixtures.clearGradients(p);
            Fixtures.run(space, p, graphs.get(0), batch);
            Map<String, float[]> sum = Fixtures.gradients(p);
            float[] teacher = teacher(p, graphs.get(0), batch);
            for (Graph g : graphs.subList(1, graphs.size())) {
                Fixtures.clearGradients(p);
                distil(p, g, batch, teacher);
                Fixtures.gradients(p).forEach((parameter, v) -> {
                    for (int i = 0; i < v.length; i++) {
                        sum.get(parameter)[i] += v[i];
                    }
                });
            }
            together.forEach((parameter, v) -> GraphExecutorTest.assertClose(v, sum.get(parameter), 2e-5, parameter));
        }
    }

    private static float[] teacher(SharedParameters p, Graph graph, Batches.Batch batch) {
        int n = batch.labels().length;
        try (NDManager step = p.manager().newSubManager()) {
            NDArray x = step.create(batch.pixels(), new Shape(n, 1, 8, 8));
            float[] logits = new GraphExecutor(p)
                    .forward(graph, x, GraphExecutor.Mode.TRAIN, null)
                    .toFloatArray();
            for (int i = 0; i < n; i++) {
                double sum = 0;
                for (int c = 0; c < 10; c++) {
                    sum += Math.exp(logits[i * 10 + c]);
                }
                for (int c = 0; c < 10; c++) {
                    logits[i * 10 + c] = (float) (Math.exp(logits[i * 10 + c]) / sum);
                }
            }
            return logits;
        }
    }

    private static void distil(SharedParameters p, Graph graph, Batches.Batch batch, float[] teacher) {
        int n = batch.labels().length;
        float[] weights = teacher.clone();
        for (int i = 0; i < weights.length; i++) {
            weights[i] /= -n;
        }
        try (NDManager step = p.manager().newSubManager();
                GradientCollector collector = Torch.engine().newGradientCollector()) {
            NDArray x = step.create(batch.pixels(), new Shape(n, 1, 8, 8));
            NDArray logits = new GraphExecutor(p).forward(graph, x, GraphExecutor.Mode.TRAIN, null);
            collector.backward(logits.logSoftmax(1)
                    .mul(step.create(weights, new Shape(n, 10)))
                    .sum());
        }
    }

    @Test
    void givenTheTeacherItselfAsStudent_whenAccumulated_thenItAddsNoGradient() {
        SearchSpace space = Fixtures.space("vit-tiny");
        Batches.Batch batch = Fixtures.batch(0);
        Graph largest = space.lower(space.largest());
        try (SharedParameters p = Fixtures.perturbed(space, 2)) {
            Fixtures.run(space, p, largest, batch);
            Map<String, float[]> alone = Fixtures.gradients(p);
            Fixtures.clearGradients(p);
            Fixtures.step(space, p).accumulate(List.of(largest, largest), batch);
            Fixtures.gradients(p).forEach((name, g) -> GraphExecutorTest.assertClose(g, alone.get(name), 1e-5, name));
        }
    }

    @Test
    void givenTargets_whenMade_thenTheySumToMinusOne() {
        float[] t = Batches.targets(new int[] {0, 2}, 3, 0.3);
        double sum = 0;
        for (float v : t) {
            sum += v;
        }
        assertThat(sum).isCloseTo(-1, within(1e-6));
        assertThat(t[0]).isCloseTo(-0.4f, within(1e-6f));
        assertThat(t[1]).isCloseTo(-0.05f, within(1e-6f));
    }

    @ParameterizedTest
    @ValueSource(strings = {"mbconv-tiny", "vit-tiny"})
    void givenManySteps_whenPlanned_thenEveryChoiceAndEveryCoveringNetIsTrained(String name) {
        SearchSpace space = Fixtures.space(name);
        SandwichRule rule = new SandwichRule(2);
        Set<Architecture> seen = new HashSet<>();
        Map<String, Set<Integer>> choices = new TreeMap<>();
        for (int step = 0; step < 200; step++) {
            List<Architecture> plan = rule.plan(space, 3, step);
            assertThat(plan).hasSize(4).isEqualTo(rule.plan(space, 3, step));
            assertThat(plan.get(0)).isEqualTo(space.largest());
            assertThat(plan.get(1))
                    .isEqualTo(space.floors().get(step % space.floors().size()));
            seen.addAll(plan);
            for (Architecture a : plan) {
                for (int i = 0; i < a.length(); i++) {
                    choices.computeIfAbsent("" + i, k -> new HashSet<>()).add(a.choice(i));
                }
            }
        }
        assertThat(seen).containsAll(space.covering()).hasSizeGreaterThan(150);
        for (int i = 0; i < space.decisions().size(); i++) {
            assertThat(choices.get("" + i)).hasSize(space.decisions().get(i).size());
        }
    }

    @Test
    void givenNoRandomNetworks_whenPlanned_thenCoveringOnesStillTakeTurns() {
        SearchSpace space = Fixtures.space("vit-tiny");
        List<Architecture> seen = new ArrayList<>();
        for (int step = 0; step < 4; step++) {
            seen.addAll(new SandwichRule(0).plan(space, 1, step));
        }
        assertThat(seen).containsAll(space.covering());
    }

    @Test
    void givenBatches_whenDrawn_thenAnEpochHasEveryImageOnceAndTheStepDecides() {
        Batches one = new Batches(Fixtures.DIGITS, Fixtures.config(10));
        Batches two = new Batches(Fixtures.DIGITS, Fixtures.config(10));
        two.of(0);
        assertThat(one.of(70).pixels()).containsExactly(two.of(70).pixels());
        int[] p = Seeds.permutation(1000, new java.util.SplittableRandom(1));
        assertThat(java.util.Arrays.stream(p).sorted().toArray())
                .containsExactly(java.util.stream.IntStream.range(0, 1000).toArray());
    }
}

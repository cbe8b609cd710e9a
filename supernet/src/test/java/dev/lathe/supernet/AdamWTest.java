package dev.lathe.supernet;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.lathe.graph.Graph;
import dev.lathe.graph.ParameterUse;
import dev.lathe.space.Architecture;
import dev.lathe.space.SearchSpace;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class AdamWTest {
    @ParameterizedTest
    @ValueSource(doubles = {0, 0.01})
    void givenTwoSteps_whenUpdated_thenTheyAreThePapersFormula(double clip) {
        SearchSpace space = Fixtures.space("vit-tiny");
        Graph graph = space.lower(space.smallest());
        double rate = 0.01;
        double decay = 0.1;
        try (SharedParameters p = Fixtures.perturbed(space, 1)) {
            AdamW optimizer = new AdamW(p, decay, clip, false);
            Set<String> used = SandwichStep.used(java.util.List.of(graph));
            Map<String, float[]> w = p.values();
            Map<String, float[]> mean = p.values();
            Map<String, float[]> variance = p.values();
            for (int t = 1; t <= 2; t++) {
                Fixtures.run(space, p, graph, Fixtures.batch(t));
                Map<String, float[]> g = Fixtures.gradients(p);
                double norm = 0;
                for (String name : used) {
                    for (float v : g.get(name)) {
                        norm += (double) v * v;
                    }
                }
                double scale = clip > 0 ? Math.min(1, clip / Math.sqrt(norm)) : 1;
                optimizer.update(used, rate);
                Map<String, float[]> after = p.values();
                for (String name : w.keySet()) {
                    for (int i = 0; i < w.get(name).length; i++) {
                        if (!used.contains(name)) {
                            assertThat(after.get(name)[i]).isEqualTo(w.get(name)[i]);
                            continue;
                        }
                        double gi = g.get(name)[i] * scale;
                        double m = 0.9 * (t == 1 ? 0 : mean.get(name)[i]) + 0.1 * gi;
                        double v = 0.999 * (t == 1 ? 0 : variance.get(name)[i]) + 0.001 * gi * gi;
                        mean.get(name)[i] = (float) m;
                        variance.get(name)[i] = (float) v;
                        boolean decays = p.layout().get(name).role() == ParameterUse.Role.WEIGHT;
                        double mHat = m / (1 - Math.pow(0.9, t));
                        double vHat = v / (1 - Math.pow(0.999, t));
                        double wanted = w.get(name)[i] * (1 - (decays ? rate * decay : 0))
                                - rate * mHat / (Math.sqrt(vHat) + 1e-8);
                        // Where the gradient is as small as epsilon, where epsilon stands matters; no more than that.
                        if (Math.abs(gi) > 1e-5 && Math.sqrt(vHat) > 1e-5) {
                            assertThat((double) after.get(name)[i]).as(name).isCloseTo(wanted, within(3e-4));
                        }
                    }
                }
                w = after;
                Fixtures.gradients(p).forEach((name, left) -> {
                    if (used.contains(name)) {
                        assertThat(left).as(name).containsOnly(0f);
                    }
                });
            }
        }
    }

    /** What lies side by side is updated by one call; named one by one, each parameter is a call. */
    @ParameterizedTest
    @ValueSource(strings = {"vit-tiny", "mbconv-tiny"})
    void givenAllParameters_whenUpdatedTogether_thenTheyAreToTheBitAsOneByOne(String name) {
        SearchSpace space = Fixtures.space(name);
        try (SharedParameters together = Fixtures.perturbed(space, 1);
                SharedParameters apart = Fixtures.perturbed(space, 1)) {
            AdamW one = new AdamW(together, 0.1, 0, false);
            AdamW many = new AdamW(apart, 0.1, 0, false);
            Set<String> all = together.trained().keySet();
            for (int t = 1; t <= 3; t++) {
                for (SharedParameters p : java.util.List.of(together, apart)) {
                    for (Architecture a : space.covering()) {
                        Fixtures.run(space, p, space.lower(a), Fixtures.batch(t));
                    }
                }
                one.update(all, 0.01);
                all.forEach(n -> many.update(Set.of(n), 0.01));
                Map<String, float[]> expected = apart.values();
                together.values().forEach((n, v) -> assertThat(v).as(n).isEqualTo(expected.get(n)));
                Fixtures.gradients(together)
                        .forEach((n, left) -> assertThat(left).as(n).containsOnly(0f));
            }
            Map<String, AdamW.Moments> expected = many.state();
            one.state().forEach((n, m) -> {
                AdamW.Moments e = java.util.Objects.requireNonNull(expected.get(n));
                assertThat(m.mean()).as(n).isEqualTo(e.mean());
                assertThat(m.variance()).as(n).isEqualTo(e.variance());
                assertThat(m.updates()).isEqualTo(3);
            });
        }
    }
}

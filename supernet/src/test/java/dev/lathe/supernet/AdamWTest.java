package dev.lathe.supernet;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.lathe.graph.Graph;
import dev.lathe.graph.ParameterUse;
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
}

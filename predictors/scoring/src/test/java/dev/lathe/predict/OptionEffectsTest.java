package dev.lathe.predict;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.lathe.base.InvalidInputException;
import dev.lathe.base.Seeds;
import dev.lathe.predict.DecisionKinds.Kind;
import dev.lathe.space.Architecture;
import dev.lathe.space.SearchSpace;
import dev.lathe.space.SearchSpaces;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.ToDoubleFunction;
import java.util.random.RandomGenerator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class OptionEffectsTest {
    private static final SearchSpace SPACE = SearchSpaces.create("mbconv-tiny", SearchSpaces.usualTask("mbconv-tiny"));
    private static final DecisionKinds KINDS = new DecisionKinds(SPACE);

    private static Map<Architecture, Double> sample(int n, long seed, ToDoubleFunction<Architecture> value) {
        RandomGenerator random = Seeds.generator(seed, "effects", 0);
        Map<Architecture, Double> values = new LinkedHashMap<>();
        while (values.size() < n) {
            Architecture a = SPACE.random(random);
            values.put(a, value.applyAsDouble(a));
        }
        return values;
    }

    private static Kind kind(String name) {
        return KINDS.kinds().stream()
                .filter(k -> k.name().equals(name))
                .findFirst()
                .orElseThrow();
    }

    @Test
    void decisionsAtAllPlacesAreOneKind() {
        assertThat(KINDS.kinds().stream().map(Kind::name))
                .contains("stage.width", "stage.depth", "stage.block.kernel", "stage.block.expand");
        assertThat(kind("stage.block.kernel").decisions()).hasSize(6);
        assertThat(kind("stage.block.kernel").choices()).containsExactly(3.0, 5.0);
        assertThat(DecisionKinds.plain("layer12.mlp")).isEqualTo("layer.mlp");
        assertThat(DecisionKinds.plain("patch")).isEqualTo("patch");
    }

    @ParameterizedTest
    @ValueSource(strings = {"ofa-mobilenetv3", "vit-tiny", "nas-bench-201", "hat-mini", "fbnetv3"})
    void everyDecisionWithAChoiceIsOfOneKindThatOffersItsChoices(String name) {
        SearchSpace space = SearchSpaces.create(name, SearchSpaces.usualTask(name));
        DecisionKinds kinds = new DecisionKinds(space);
        long with = space.decisions().stream().filter(d -> d.size() > 1).count();
        assertThat(kinds.kinds().stream().mapToLong(k -> k.decisions().size()).sum())
                .isEqualTo(with);
        for (Kind k : kinds.kinds()) {
            assertThat(k.decisions())
                    .allMatch(d -> space.decisions().get(d).choices().equals(k.choices()));
        }
    }

    @Test
    void aBlockBeyondTheDepthCountsForNothing() {
        Architecture smallest = SPACE.smallest();
        Architecture largest = SPACE.largest();
        assertThat(KINDS.counts(smallest, kind("stage.block.kernel"))).containsExactly(3, 0);
        assertThat(KINDS.counts(largest, kind("stage.block.kernel"))).containsExactly(0, 6);
        assertThat(KINDS.counts(smallest, kind("stage.depth"))).containsExactly(3, 0);
    }

    /** Where the quantity is additive, the model is exact. */
    @Test
    void effectsThatAreThereAreFound() {
        Kind kernel = kind("stage.block.kernel");
        Kind depth = kind("stage.depth");
        OptionEffects e = OptionEffects.fit(
                KINDS, sample(200, 1, a -> 10 + 3 * KINDS.counts(a, kernel)[1] + 2 * KINDS.counts(a, depth)[1]));
        assertThat(e.rSquared()).isCloseTo(1, within(1e-9));
        double copies = sample(200, 1, a -> {
                    int[] c = KINDS.counts(a, kernel);
                    return c[0] + c[1];
                })
                .values()
                .stream()
                .mapToDouble(v -> v)
                .average()
                .orElseThrow();
        assertThat(e.everywhere(kernel, 1, 0).value()).isCloseTo(3 * copies, within(1e-6));
        assertThat(e.everywhere(kernel, 0, 1).value()).isCloseTo(-3 * copies, within(1e-6));
        assertThat(e.everywhere(depth, 1, 0).value()).isCloseTo(6, within(1e-6));
        assertThat(e.everywhere(kind("stage.width"), 2, 0).value()).isCloseTo(0, within(1e-6));
        assertThat(e.share(kernel)).isGreaterThan(e.share(depth));
        assertThat(e.share(kind("stage.width"))).isLessThan(1e-9);
    }

    /** The law of a 95 % interval, over many samples of a quantity with known effects and noise. */
    @Test
    void intervalsHoldTheTruthAsOftenAsTheySay() {
        Kind depth = kind("stage.depth");
        int held = 0;
        for (int seed = 0; seed < 200; seed++) {
            RandomGenerator noise = Seeds.generator(seed, "noise", 0);
            OptionEffects e =
                    OptionEffects.fit(KINDS, sample(60, seed, a -> KINDS.counts(a, depth)[1] + noise.nextGaussian()));
            OptionEffects.Effect d = e.everywhere(depth, 1, 0);
            held += d.low() <= 3 && d.high() >= 3 ? 1 : 0;
        }
        assertThat(held).isBetween(176, 198);
    }

    @Test
    void anOptionThatCostsAndGainsNothingGoesAndOneThatMayGainStays() {
        Kind kernel = kind("stage.block.kernel");
        Kind expand = kind("stage.block.expand");
        OptionEffects latency = OptionEffects.fit(
                KINDS, sample(200, 1, a -> 1 + 0.1 * KINDS.counts(a, kernel)[1] + 0.1 * KINDS.counts(a, expand)[2]));
        OptionEffects top1 = OptionEffects.fit(KINDS, sample(200, 2, a -> 0.5 + 0.01 * KINDS.counts(a, expand)[2]));
        Map<String, List<Integer>> kept = OptionSelection.keep(KINDS, latency, top1, 0.005);
        assertThat(kept.get("stage.block.kernel")).containsExactly(0);
        assertThat(kept.get("stage.block.expand")).containsExactly(0, 1, 2);
        // Equal in time: nothing is faster for certain.
        assertThat(kept.get("stage.width")).containsExactly(0, 1, 2);
        RandomGenerator noise = Seeds.generator(3, "noise", 0);
        OptionEffects vague = OptionEffects.fit(KINDS, sample(60, 3, a -> 0.5 + 0.1 * noise.nextGaussian()));
        assertThat(OptionSelection.keep(KINDS, latency, vague, 0.005).get("stage.block.kernel"))
                .containsExactly(0, 1);
    }

    @Test
    void tooFewNetworksAreRefused() {
        assertThatThrownBy(() -> OptionEffects.fit(KINDS, sample(12, 1, a -> 1)))
                .isInstanceOf(InvalidInputException.class)
                .hasMessageContaining("12 networks are too few");
    }
}

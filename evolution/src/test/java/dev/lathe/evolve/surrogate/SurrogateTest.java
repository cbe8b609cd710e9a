package dev.lathe.evolve.surrogate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.lathe.space.Architecture;
import dev.lathe.space.TaskShape;
import dev.lathe.space.nasbench.NasBench201Space;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class SurrogateTest {
    private static final NasBench201Space SPACE = new NasBench201Space(new TaskShape(3, 8, 8, 10));
    private static final Encoding ENCODING = Encoding.of(SPACE, 1);

    private static List<Architecture> drawn(int n, long seed) {
        SplittableRandom random = new SplittableRandom(seed);
        Set<Architecture> seen = new HashSet<>();
        List<Architecture> all = new ArrayList<>();
        while (all.size() < n) {
            Architecture a = SPACE.random(random);
            if (seen.add(a)) {
                all.add(a);
            }
        }
        return all;
    }

    private static double cost(Architecture a) {
        double sum = 3;
        for (int e = 0; e < a.length(); e++) {
            sum += new double[] {0, 0.2, 1, 3, 0.7}[a.choice(e)];
        }
        return sum;
    }

    private static Surrogate fitted(List<Architecture> known) {
        Surrogate s = new Surrogate(1);
        known.forEach(a -> s.add(ENCODING.encode(a), new double[] {cost(a)}));
        s.fit();
        return s;
    }

    @Test
    void knowsWhatItWasToldAndPredictsASumFromFewSamples() {
        List<Architecture> known = drawn(50, 2);
        Surrogate s = fitted(known);
        for (Architecture a : known) {
            assertThat(s.predict(ENCODING.encode(a)).means()[0]).isCloseTo(cost(a), within(0.1));
        }
        double error = 0;
        int within = 0;
        List<Architecture> others = drawn(200, 3);
        for (Architecture a : others) {
            Surrogate.Prediction p = s.predict(ENCODING.encode(a));
            double e = Math.abs(p.means()[0] - cost(a));
            error += e / others.size();
            within += e <= 3 * p.deviations()[0] + 0.01 ? 1 : 0;
        }
        assertThat(error).isLessThan(0.3);
        assertThat(within).isGreaterThan(170);
    }

    @Test
    void isLessSureOfWhatItDoesNotKnowAndMoreSureOnceANeighbourIsKnown() {
        List<Architecture> known = drawn(20, 2);
        Surrogate s = fitted(known);
        Surrogate.Prediction old = s.predict(ENCODING.encode(known.get(0)));
        Architecture a = drawn(60, 9).stream()
                .filter(x -> !known.contains(x))
                .findFirst()
                .orElseThrow();
        Surrogate.Prediction fresh = s.predict(ENCODING.encode(a));
        assertThat(fresh.deviations()[0]).isGreaterThan(old.deviations()[0]);
        double before = fresh.deviations()[0];
        fresh.know(s.predict(ENCODING.encode(a)));
        assertThat(fresh.deviations()[0]).isLessThan(0.8 * before);
    }

    @Test
    void predictsNothingBeforeItIsFitted() {
        Surrogate s = new Surrogate(1);
        assertThatThrownBy(() -> s.predict(ENCODING.encode(SPACE.smallest())))
                .isInstanceOf(IllegalStateException.class);
    }

    @Test
    void equalValuesAreAConstant() {
        Surrogate s = new Surrogate(1);
        drawn(6, 4).forEach(a -> s.add(ENCODING.encode(a), new double[] {7}));
        s.fit();
        assertThat(s.predict(ENCODING.encode(SPACE.largest())).means()[0]).isCloseTo(7, within(1e-6));
    }

    @Test
    void aWarpRisesAndIsUndone() {
        double[] values = {1, 2, 3, 4, 5, 90};
        assertThat(Warp.of(values)).hasSize(2);
        assertThat(Warp.of(new double[] {-1, 2, 3})).hasSize(1);
        for (Warp w : Warp.of(values)) {
            double last = Double.NEGATIVE_INFINITY;
            for (double v = 0.5; v < 200; v += 0.5) {
                assertThat(w.to(v)).isGreaterThan(last);
                assertThat(w.from(w.to(v))).isCloseTo(v, within(1e-9));
                assertThat(Math.log((w.to(v + 1e-6) - w.to(v)) / 1e-6)).isCloseTo(w.logSlope(v), within(1e-4));
                last = w.to(v);
            }
        }
        assertThat(Warp.of(values).get(0).to(2.5)).isEqualTo(2.5);
        assertThat(Warp.of(values).get(0).to(90)).isLessThan(30);
    }

    @Test
    void kernelRidgeFindsASum() {
        List<Architecture> known = drawn(60, 5);
        KernelRidge k = KernelRidge.fit(
                known.stream().map(Architecture::choices).toArray(int[][]::new),
                known.stream().mapToDouble(SurrogateTest::cost).toArray());
        double error = 0;
        List<Architecture> others = drawn(100, 6);
        for (Architecture a : others) {
            error += Math.abs(k.predict(a.choices()) - cost(a)) / others.size();
        }
        assertThat(error).isLessThan(0.3);
    }
}

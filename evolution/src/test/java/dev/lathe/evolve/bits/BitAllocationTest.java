package dev.lathe.evolve.bits;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.lathe.base.InvalidInputException;
import dev.lathe.evolve.bits.BitAllocation.Limit;
import dev.lathe.evolve.bits.LayerOptions.Option;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class BitAllocationTest {
    /** Layers whose sensitivity falls and whose costs rise with the bits, as measured ones do, not quite regularly. */
    private static List<LayerOptions> layers(SplittableRandom random, int count) {
        List<LayerOptions> all = new ArrayList<>();
        for (int l = 0; l < count; l++) {
            double parameters = 100 + random.nextInt(5000);
            double scale = random.nextDouble();
            List<Option> options = new ArrayList<>();
            for (int bits : new int[] {2, 4, 8}) {
                options.add(new Option(
                        bits,
                        scale * Math.pow(2, -bits) * (0.5 + random.nextDouble()),
                        List.of(
                                parameters * bits / 8,
                                parameters * 1e-4 * Math.sqrt(bits) * (0.8 + random.nextDouble()))));
            }
            all.add(new LayerOptions("layer" + l, options));
        }
        return all;
    }

    private static double sum(List<LayerOptions> layers, int[] choice, int cost) {
        double sum = 0;
        for (int l = 0; l < choice.length; l++) {
            Option o = layers.get(l).options().get(choice[l]);
            sum += cost < 0 ? o.sensitivity() : o.costs().get(cost);
        }
        return sum;
    }

    private static double bruteForce(List<LayerOptions> layers, List<Limit> limits) {
        int[] choice = new int[layers.size()];
        double least = Double.POSITIVE_INFINITY;
        while (true) {
            double value = sum(layers, choice, -1);
            boolean fits = true;
            for (int c = 0; c < limits.size(); c++) {
                double s = sum(layers, choice, c);
                value += limits.get(c).weight() * s;
                fits &= s <= limits.get(c).most();
            }
            least = fits ? Math.min(least, value) : least;
            int l = 0;
            while (l < choice.length && ++choice[l] == layers.get(l).options().size()) {
                choice[l++] = 0;
            }
            if (l == choice.length) {
                return least;
            }
        }
    }

    @Test
    void widthsAreThoseOfBruteForce() {
        SplittableRandom random = new SplittableRandom(5);
        int solved = 0;
        for (int i = 0; i < 60; i++) {
            List<LayerOptions> layers = layers(random, 2 + random.nextInt(6));
            double bytes = sum(layers, filled(layers, 2), 0);
            double time = sum(layers, filled(layers, 2), 1);
            List<Limit> limits = List.of(
                    new Limit("bytes", bytes * (0.2 + 0.8 * random.nextDouble()), 0),
                    new Limit("latencyMs", time * (0.4 + 0.8 * random.nextDouble()), i % 3 == 0 ? 0.01 : 0));
            double expected = bruteForce(layers, limits);
            if (Double.isInfinite(expected)) {
                assertThatThrownBy(() -> BitAllocation.solve(layers, limits))
                        .isInstanceOf(InvalidInputException.class)
                        .hasMessageContaining("no widths meet");
                continue;
            }
            solved++;
            BitAllocation a = BitAllocation.solve(layers, limits);
            assertThat(a.objective()).isCloseTo(expected, within(1e-9 * expected));
            assertThat(a.bound()).isLessThanOrEqualTo(a.objective() * (1 + 1e-9));
            assertThat(a.costs().get(0)).isLessThanOrEqualTo(limits.get(0).most());
            assertThat(a.costs().get(1)).isLessThanOrEqualTo(limits.get(1).most());
        }
        assertThat(solved).isGreaterThan(40);
    }

    private static int[] filled(List<LayerOptions> layers, int option) {
        int[] all = new int[layers.size()];
        java.util.Arrays.fill(all, option);
        return all;
    }

    /** One limit leaves one layer between two widths: a network of 60 layers takes a few nodes, and the bound is near. */
    @Test
    void aDeepNetworkIsSolvedAndNearItsBound() {
        List<LayerOptions> layers = layers(new SplittableRandom(1), 60);
        double most = sum(layers, filled(layers, 2), 0) / 2; // 4 bits on average
        BitAllocation a = BitAllocation.solve(
                layers, List.of(new Limit("bytes", most, 0), new Limit("latencyMs", Double.POSITIVE_INFINITY, 0)));
        assertThat(a.costs().get(0)).isLessThanOrEqualTo(most);
        assertThat(a.objective() - a.bound()).isBetween(0.0, 0.02 * a.objective());
        assertThat(a.sensitivity()).isLessThan(sum(layers, filled(layers, 1), -1));
        assertThat(a.bits()).contains(2, 4, 8);
        assertThat(BitAllocation.solve(layers, List.of(new Limit("bytes", 1e9, 0), new Limit("latencyMs", 1e9, 0)))
                        .bits())
                .hasSize(60);
    }

    @Test
    void aLimitThatIsMetExactlyIsMet() {
        List<LayerOptions> layers = List.of(
                new LayerOptions("a", List.of(new Option(4, 1, List.of(1.0)), new Option(8, 0, List.of(2.0)))),
                new LayerOptions("b", List.of(new Option(4, 3, List.of(1.0)), new Option(8, 0, List.of(2.0)))));
        assertThat(BitAllocation.solve(layers, List.of(new Limit("bytes", 3, 0)))
                        .bits())
                .containsExactly(4, 8);
        assertThat(BitAllocation.solve(layers, List.of(new Limit("bytes", 2, 0)))
                        .bits())
                .containsExactly(4, 4);
        assertThat(BitAllocation.solve(layers, List.of(new Limit("bytes", 4, 0)))
                        .bits())
                .containsExactly(8, 8);
    }

    @Test
    void whatHasNoAnswerOrNoSenseIsSaid() {
        List<LayerOptions> one = List.of(new LayerOptions(
                "a", List.of(new Option(4, 1, List.of(10.0, 1.0)), new Option(8, 0, List.of(1.0, 10.0)))));
        assertThatThrownBy(() -> BitAllocation.solve(one, List.of(new Limit("bytes", 0.5, 0), new Limit("ms", 20, 0))))
                .isInstanceOf(InvalidInputException.class)
                .hasMessage("no widths meet bytes <= 0.5: the least is 1.0; raise the limit");
        assertThatThrownBy(() -> BitAllocation.solve(one, List.of(new Limit("bytes", 5, 0), new Limit("ms", 5, 0))))
                .isInstanceOf(InvalidInputException.class)
                .hasMessage("no widths meet bytes <= 5.0 and ms <= 5.0 together; raise one of the limits");
        assertThatThrownBy(() -> new Option(4, Double.NaN, List.of())).isInstanceOf(InvalidInputException.class);
        assertThatThrownBy(() -> new Option(4, 0, List.of(-1.0))).isInstanceOf(InvalidInputException.class);
        assertThatThrownBy(() -> new Limit("bytes", 0, 0)).isInstanceOf(InvalidInputException.class);
        assertThatThrownBy(() -> new LayerOptions("a", List.of())).isInstanceOf(InvalidInputException.class);
        assertThatThrownBy(() -> BitAllocation.solve(List.of(), List.of())).isInstanceOf(InvalidInputException.class);
    }
}

package dev.lathe.evolve;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lathe.space.Architecture;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** NSGA-III's own parts; as a strategy it keeps the laws of {@link StrategiesTest}. */
class NichedSurvivalTest {
    /** The numbers of reference points that the paper gives for its populations. */
    @Test
    void directionsAreThoseOfTheFinestGridThatFits() {
        assertThat(ReferenceDirections.of(3, 92).size()).isEqualTo(91); // 12 divisions
        assertThat(ReferenceDirections.of(5, 212).size()).isEqualTo(210); // 6 divisions
        assertThat(ReferenceDirections.of(2, 100).size()).isEqualTo(100);
        assertThat(ReferenceDirections.of(1, 100).size()).isEqualTo(1);
        assertThat(ReferenceDirections.of(4, 2).size()).isEqualTo(4); // the corners
    }

    @Test
    void distancesAreThoseOfLinesThroughTheOrigin() {
        ReferenceDirections two = ReferenceDirections.of(2, 3); // (0, 1), (1/2, 1/2), (1, 0)
        assertThat(two.nearest(new double[] {0.1, 5})).isZero();
        assertThat(two.nearest(new double[] {3, 3.1})).isEqualTo(1);
        assertThat(two.nearest(new double[] {4, 0})).isEqualTo(2);
        assertThat(two.squaredDistance(new double[] {1, 3}, 1))
                .isCloseTo(2, org.assertj.core.data.Offset.offset(1e-12));
    }

    /** Many on one end of the front, few on the rest: every direction keeps its own. */
    @Test
    void ofAFrontThatDoesNotFitEveryDirectionKeepsTheOneNearestToIt() {
        List<Fitness> population = new ArrayList<>();
        for (int i = 0; i < 60; i++) { // crowded: near (0, 10)
            add(population, 0.01 * i, 10 - 0.01 * i);
        }
        for (int i = 1; i <= 9; i++) {
            add(population, i, 10 - i);
        }
        add(population, 10, 0);
        int[] order = new NichedSurvival(2, 11).order(population, 11, new Random(1));
        Set<Long> kept = new HashSet<>();
        for (int i = 0; i < 11; i++) {
            kept.add(Math.round(population.get(order[i]).minimized()[0]));
        }
        assertThat(kept).containsExactlyInAnyOrder(0L, 1L, 2L, 3L, 4L, 5L, 6L, 7L, 8L, 9L, 10L);
        assertThat(Arrays.stream(order).sorted().toArray()).isEqualTo(IndexSort.identity(population.size()));
    }

    @Test
    void objectivesOfOtherSizesAreScaled() {
        List<Fitness> population = new ArrayList<>();
        for (int i = 0; i < 60; i++) {
            add(population, 0.01 * i, 1e6 * (10 - 0.01 * i) + 5e8);
        }
        for (int i = 1; i <= 10; i++) {
            add(population, i, 1e6 * (10 - i) + 5e8);
        }
        int[] order = new NichedSurvival(2, 11).order(population, 11, new Random(1));
        assertThat(Arrays.stream(order)
                        .limit(11)
                        .mapToLong(i -> Math.round(population.get(i).minimized()[0]))
                        .distinct()
                        .count())
                .isEqualTo(11);
    }

    @Test
    void whatIsOverBudgetComesLast() {
        List<Fitness> population = new ArrayList<>();
        population.add(new Fitness(Architecture.of("toy", 100), new double[] {0, 0}, 0.5));
        population.add(new Fitness(Architecture.of("toy", 101), new double[] {9, 9}, 0.1));
        add(population, 5, 5);
        add(population, 6, 4);
        assertThat(new NichedSurvival(2, 2).order(population, 2, new Random(1))).containsExactly(2, 3, 1, 0);
        assertThat(new NichedSurvival(2, 2).order(population, 1, new Random(1))).endsWith(1, 0);
    }

    private static void add(List<Fitness> population, double... minimized) {
        population.add(new Fitness(Architecture.of("toy", population.size()), minimized, 0));
    }
}

package dev.lathe.evolve;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lathe.space.Architecture;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The fast forms of what every generation does, against the definitions. */
class FrontsTest {
    private static double[][] points(int n, int objectives, Random random) {
        double[][] points = new double[n][objectives];
        for (double[] p : points) {
            for (int m = 0; m < objectives; m++) {
                p[m] = random.nextInt(6); // many ties
            }
        }
        return points;
    }

    private static int[] byDefinition(double[][] points) {
        int[] front = new int[points.length];
        Arrays.fill(front, -1);
        for (int k = 0, left = points.length; left > 0; k++) {
            List<Integer> members = new ArrayList<>();
            for (int i = 0; i < points.length; i++) {
                boolean dominated = false;
                for (int j = 0; j < points.length; j++) {
                    dominated |= front[j] < 0 && Dominance.dominates(points[j], points[i]);
                }
                if (front[i] < 0 && !dominated) {
                    members.add(i);
                }
            }
            for (int i : members) {
                front[i] = k;
            }
            left -= members.size();
        }
        return front;
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 3, 4})
    void frontsAreThoseOfTheDefinition(int objectives) {
        for (int seed = 0; seed < 200; seed++) {
            Random random = new Random(seed);
            double[][] points = points(random.nextInt(60), objectives, random);
            assertThat(Fronts.of(points)).isEqualTo(byDefinition(points));
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {2, 3})
    void theArchiveHoldsTheFirstFrontWhateverTheOrderOfOffers(int objectives) {
        ToySpace space = new ToySpace(4, 4);
        SearchProblem problem = new SearchProblem(
                space,
                ToySpace.METRICS,
                List.of(
                                Objective.minimize("top1"),
                                Objective.minimize("latencyMs"),
                                Objective.maximize("peakActivationBytes"))
                        .subList(0, objectives),
                List.of());
        for (int seed = 0; seed < 100; seed++) {
            Random random = new Random(seed);
            List<Evaluation> all = new ArrayList<>();
            for (double[] p : points(80, 3, random)) {
                all.add(Evaluation.of(space.random(random), p));
            }
            List<Evaluation> front = ParetoFront.of(problem, all).members();
            java.util.Collections.shuffle(all, random);
            assertThat(ParetoFront.of(problem, all).members()).isEqualTo(front);
            int[] ranks = byDefinition(all.stream().map(problem::minimized).toArray(double[][]::new));
            Set<List<Double>> expected = new HashSet<>();
            for (int i = 0; i < ranks.length; i++) {
                if (ranks[i] == 0) {
                    expected.add(
                            Arrays.stream(problem.minimized(all.get(i))).boxed().toList());
                }
            }
            assertThat(front.stream()
                            .map(e ->
                                    Arrays.stream(problem.minimized(e)).boxed().toList()))
                    .containsExactlyInAnyOrderElementsOf(expected);
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 11, 12, 13, 100, 1000})
    void theSortIsStable(int n) {
        Random random = new Random(n);
        double[] keys = random.ints(n, 0, 40).asDoubleStream().toArray();
        int[] sorted = IndexSort.identity(n);
        IndexSort.sort(sorted, 0, n, keys);
        for (int i = 1; i < n; i++) {
            assertThat(keys[sorted[i - 1]] < keys[sorted[i]]
                            || (keys[sorted[i - 1]] == keys[sorted[i]] && sorted[i - 1] < sorted[i]))
                    .isTrue();
        }
        assertThat(new HashSet<>(Arrays.stream(sorted).boxed().toList())).hasSize(n);
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 5})
    void theSetOfArchitecturesKnowsWhatItWasGiven(int seed) {
        ToySpace space = new ToySpace(4, 4);
        Random random = new Random(seed);
        ArchitectureSet set = new ArchitectureSet();
        Set<Architecture> expected = new HashSet<>();
        for (int i = 0; i < 20_000; i++) {
            Architecture a = space.random(random);
            assertThat(set.contains(a)).isEqualTo(expected.contains(a));
            assertThat(set.add(a)).isEqualTo(expected.add(a));
        }
        assertThat(set.size()).isEqualTo(expected.size());
    }
}

package dev.lathe.evolve;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lathe.space.Architecture;
import io.jenetics.ext.moea.Pareto;
import io.jenetics.util.ISeq;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;

class ParetoTest {
    private static final ToySpace SPACE = new ToySpace(2, 4);
    private static final SearchProblem FREE = SPACE.problem();

    private static Evaluation evaluation(int id, double top1, double latencyMs, double bytes) {
        return Evaluation.of(
                Architecture.of("toy", 1, id / 100, id / 10 % 10, id % 10, 0, 0, 0), top1, latencyMs, bytes);
    }

    private static List<Evaluation> cloud(Random random, int n, int grid) {
        List<Evaluation> all = new ArrayList<>();
        for (int i = 0; i < n; i++) {
            all.add(evaluation(i, random.nextInt(grid), random.nextInt(grid), random.nextInt(grid)));
        }
        return all;
    }

    @Property(tries = 200)
    void theFrontIsWhatNothingDominates(@ForAll long seed, @ForAll @IntRange(min = 1, max = 12) int grid) {
        List<Evaluation> all = cloud(new Random(seed), 120, grid);
        SearchProblem problem = SPACE.problem(new Budget("latencyMs", Math.max(1, grid / 2.0)));
        List<Evaluation> feasible = all.stream().filter(problem::isFeasible).toList();
        ISeq<double[]> expected = Pareto.front(
                ISeq.of(feasible.stream().map(problem::minimized).toList()),
                (a, b) -> Dominance.dominates(a, b) ? 1 : Dominance.dominates(b, a) ? -1 : 0);
        List<Evaluation> members = ParetoFront.of(problem, all).members();
        assertThat(keys(members.stream().map(problem::minimized).toList())).isEqualTo(keys(expected.asList()));
        assertThat(members).hasSameSizeAs(keys(expected.asList())); // one for each vector
        assertThat(members).allMatch(problem::isFeasible).isSortedAccordingTo(ParetoArchive.order(problem));
    }

    private static Set<List<Double>> keys(List<double[]> points) {
        Set<List<Double>> keys = new HashSet<>();
        points.forEach(v -> keys.add(List.of(v[0], v[1], v[2])));
        return keys;
    }

    @Property(tries = 100)
    void theOrderOfOffersDoesNotMatter(@ForAll long seed) {
        Random random = new Random(seed);
        List<Evaluation> all = cloud(random, 80, 4);
        ParetoFront front = ParetoFront.of(FREE, all);
        Collections.shuffle(all, random);
        assertThat(ParetoFront.of(FREE, all)).isEqualTo(front);
    }

    @Test
    void ofEqualsTheSmallestArchitectureStays() {
        ParetoArchive archive = new ParetoArchive(FREE);
        assertThat(archive.offer(evaluation(5, 0.9, 1, 1))).isTrue();
        assertThat(archive.offer(evaluation(7, 0.9, 1, 1))).isFalse();
        assertThat(archive.offer(evaluation(3, 0.9, 1, 1))).isTrue();
        assertThat(archive.offer(evaluation(1, 0.9, 1, 2))).isFalse();
        assertThat(archive.front().members()).containsExactly(evaluation(3, 0.9, 1, 1));
    }

    @Test
    void aThinnedFrontKeepsTheExtremesAndIsSpread() {
        List<Evaluation> all = new ArrayList<>();
        // A line with a crowd at one end.
        for (int i = 0; i <= 100; i++) {
            double x = i <= 90 ? i * 0.001 : (i - 90) * 0.1;
            all.add(evaluation(i, x, x, 1000 - x));
        }
        ParetoFront front = ParetoFront.of(FREE, all);
        assertThat(front.size()).isEqualTo(101);
        List<Evaluation> thin = front.thin(8).members();
        assertThat(thin).hasSize(8).isSortedAccordingTo(ParetoArchive.order(FREE));
        assertThat(thin).contains(evaluation(0, 0, 0, 1000), evaluation(100, 1, 1, 999));
        assertThat(thin.stream().filter(e -> e.value(0) < 0.1)).hasSizeLessThanOrEqualTo(2);
        assertThat(front.thin(500)).isEqualTo(front);
        assertThat(front.thin(1).members()).containsExactly(evaluation(100, 1, 1, 999)); // best in the first objective
        assertThatThrownBy(() -> front.thin(0)).isInstanceOf(IllegalArgumentException.class);
    }

    @Property(tries = 100)
    void thinningKeepsTheExtremesOfEveryObjective(@ForAll long seed, @ForAll @IntRange(min = 6, max = 30) int k) {
        Random random = new Random(seed);
        List<Evaluation> all = new ArrayList<>();
        for (int i = 0; i < 200; i++) {
            double x = random.nextDouble();
            double y = random.nextDouble() * (1 - x);
            all.add(evaluation(i, x, 1 - y, x + y));
        }
        ParetoFront front = ParetoFront.of(FREE, all);
        List<Evaluation> thin = front.thin(k).members();
        assertThat(thin).hasSize(Math.min(k, front.size()));
        for (int m = 0; m < 3; m++) {
            int metric = m;
            Comparator<Evaluation> byMetric = Comparator.comparingDouble(e -> e.value(metric));
            assertThat(Collections.min(thin, byMetric).value(m))
                    .isEqualTo(Collections.min(front.members(), byMetric).value(m));
            assertThat(Collections.max(thin, byMetric).value(m))
                    .isEqualTo(Collections.max(front.members(), byMetric).value(m));
        }
    }

    @Test
    void crowdingDistancesOfThePapersDefinition() {
        double[] d = Crowding.distances(new double[][] {{0, 10}, {1, 6}, {4, 4}, {10, 0}});
        assertThat(d[0]).isInfinite();
        assertThat(d[3]).isInfinite();
        assertThat(d[1]).isEqualTo(0.4 + 0.6);
        assertThat(d[2]).isEqualTo(0.9 + 0.6);
    }

    @Test
    void selectionPutsFeasibleFirstThenFrontsThenSpread() {
        Architecture[] a = new Architecture[9];
        for (int i = 0; i < a.length; i++) {
            a[i] = Architecture.of("toy", i);
        }
        List<Fitness> population = List.of(
                new Fitness(a[0], new double[] {0, 0}, 0.5),
                new Fitness(a[1], new double[] {0, 0}, 0.1),
                new Fitness(a[2], new double[] {5, 5}, 0), // second front
                new Fitness(a[3], new double[] {0, 4}, 0),
                new Fitness(a[4], new double[] {1, 2.9}, 0), // crowded
                new Fitness(a[5], new double[] {1.1, 2}, 0),
                new Fitness(a[6], new double[] {4, 0}, 0),
                Fitness.unevaluated(a[7]),
                new Fitness(a[3], new double[] {0, 4}, 0)); // a repeat
        assertThat(CrowdedSurvival.order(population, 9)).containsExactly(3, 6, 5, 4, 2, 1, 0, 7, 8);
    }
}

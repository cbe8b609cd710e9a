package dev.lathe.evolve;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lathe.base.ProgressListener;
import dev.lathe.space.Architecture;
import dev.lathe.space.TaskShape;
import dev.lathe.space.nasbench.NasBench201Space;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import org.junit.jupiter.api.Test;

/** Strategies for expensive evaluations, on the cells of NAS-Bench-201 with values made up from their operations. */
class SparingSearchTest {
    static final List<String> METRICS = List.of("top1", "latencyMs", "bytes");
    static final NasBench201Space SPACE = new NasBench201Space(new TaskShape(3, 8, 8, 10));
    /** Of none, skip, 1x1, 3x3 and pooling. */
    private static final double[] WORTH = {0, 0.8, 1.6, 2.4, 0.9};

    private static final double[] MS = {0, 0.1, 1.1, 3.2, 0.7};

    private static final Supplier<SearchStrategy> OURS = ExpectedGainStrategy::new;

    /** Edges count more the later they are; a chain is better than a fan. */
    static double[] score(Architecture a) {
        double worth = 0;
        double ms = 0.5;
        for (int e = 0; e < 6; e++) {
            worth += WORTH[a.choice(e)] * (1 + 0.1 * e);
            ms += MS[a.choice(e)] * (1 + 0.05 * (e % 3));
        }
        worth += 0.5 * WORTH[a.choice(0)] * WORTH[a.choice(2)] * WORTH[a.choice(5)] / 5;
        return new double[] {1 - Math.exp(-0.25 * worth), ms, 100 * (1 + a.choice(3) + a.choice(5))};
    }

    private static final class Scores implements BatchEvaluator {
        final List<Architecture> all = new ArrayList<>();

        @Override
        public List<String> metrics() {
            return METRICS;
        }

        @Override
        public List<Evaluation> evaluate(List<Architecture> batch) {
            all.addAll(batch);
            return batch.stream().map(a -> Evaluation.of(a, score(a))).toList();
        }
    }

    private static SearchProblem problem(Budget... budgets) {
        return new SearchProblem(
                SPACE, METRICS, List.of(Objective.maximize("top1"), Objective.minimize("latencyMs")), List.of(budgets));
    }

    private static ReferencePoint reference(SearchProblem problem) {
        return new ReferencePoint(problem, List.of(0.0, 20.0), List.of(1.0, 0.0));
    }

    private static SearchResult search(
            SearchStrategy strategy, SearchProblem problem, BatchEvaluator evaluator, int evaluations, long seed) {
        return strategy.search(
                problem, evaluator, new SearchSettings(evaluations, reference(problem), seed), ProgressListener.SILENT);
    }

    @Test
    void oursNeedsFewerEvaluationsThanAllOthers() {
        SearchProblem problem = problem();
        for (long seed = 1; seed <= 2; seed++) {
            double ours = search(OURS.get(), problem, new Scores(), 30, seed).hypervolume();
            assertThat(ours)
                    .isGreaterThan(search(new RandomStrategy(), problem, new Scores(), 120, seed)
                            .hypervolume())
                    .isGreaterThan(search(new Nsga2Strategy(10), problem, new Scores(), 60, seed)
                            .hypervolume())
                    .isGreaterThan(search(new RegularizedEvolutionStrategy(20, 5), problem, new Scores(), 60, seed)
                            .hypervolume());
        }
    }

    @Test
    void linasBeatsRandomSearch() {
        SearchProblem problem = problem();
        double linas = 0;
        double random = 0;
        for (long seed = 1; seed <= 3; seed++) {
            linas += search(new LinasStrategy(25), problem, new Scores(), 75, seed)
                    .hypervolume();
            random += search(new RandomStrategy(), problem, new Scores(), 75, seed)
                    .hypervolume();
        }
        assertThat(linas).isGreaterThan(random);
    }

    @Test
    void nothingIsEvaluatedTwiceAndBudgetsOfEvaluationsAreKept() {
        for (SearchStrategy s : List.of(OURS.get(), new LinasStrategy(20), new RegularizedEvolutionStrategy(10, 3))) {
            Scores scores = new Scores();
            SearchResult r = search(s, problem(), scores, 33, 5);
            assertThat(scores.all)
                    .hasSize(33)
                    .doesNotHaveDuplicates()
                    .allMatch(a -> SPACE.canonical(a).equals(a));
            assertThat(r.evaluations()).isEqualTo(33);
            assertThat(r.strategy()).isEqualTo(s.name());
        }
    }

    @Test
    void oneSeedGivesOneResult() {
        for (Supplier<SearchStrategy> s :
                List.of(OURS, () -> new LinasStrategy(15), RegularizedEvolutionStrategy::new)) {
            SearchResult one = search(s.get(), problem(), new Scores(), 30, 7);
            assertThat(search(s.get(), problem(), new Scores(), 30, 7)).isEqualTo(one);
            assertThat(search(s.get(), problem(), new Scores(), 30, 8)).isNotEqualTo(one);
        }
    }

    @Test
    void oursLooksForWhatMeetsTheBudgets() {
        SearchProblem tight = problem(new Budget("bytes", 450), new Budget("latencyMs", 5));
        Scores scores = new Scores();
        SearchResult r = search(OURS.get(), tight, scores, 40, 1);
        assertThat(r.front()).isNotEmpty().allMatch(tight::isFeasible);
        long random = search(new RandomStrategy(), tight, new Scores(), 40, 1).feasible();
        assertThat((long) r.feasible()).isGreaterThan(random);
        assertThatThrownBy(() -> search(OURS.get(), problem(new Budget("latencyMs", 0.1)), new Scores(), 12, 1))
                .isInstanceOf(InfeasibleBudgetException.class);
    }

    @Test
    void aKnownMetricIsNotModelled() {
        ExpectedGainStrategy knows = new ExpectedGainStrategy(8, 4, Map.of("latencyMs", a -> score(a)[1]));
        SearchResult r = search(knows, problem(), new Scores(), 40, 2);
        assertThat(r.hypervolume())
                .isGreaterThan(search(new RandomStrategy(), problem(), new Scores(), 120, 2)
                        .hypervolume());
    }

    @Test
    void threeObjectivesAndAnExhaustedSpaceEnd() {
        SearchProblem three = new SearchProblem(
                SPACE,
                METRICS,
                List.of(Objective.maximize("top1"), Objective.minimize("latencyMs"), Objective.minimize("bytes")),
                List.of());
        ReferencePoint box = new ReferencePoint(three, List.of(0.0, 20.0, 1000.0), List.of(1.0, 0.0, 0.0));
        Scores scores = new Scores();
        SearchResult r = OURS.get().search(three, scores, new SearchSettings(30, box, 1), ProgressListener.SILENT);
        assertThat(scores.all).hasSize(30).doesNotHaveDuplicates();
        assertThat(r.front()).hasSizeGreaterThan(5);
    }

    @Test
    void refusesSettingsWithoutSense() {
        assertThatThrownBy(() -> new ExpectedGainStrategy(1, 1, Map.of())).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> new ExpectedGainStrategy(5, 0, Map.of())).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> new LinasStrategy(1)).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> new RegularizedEvolutionStrategy(4, 5)).isInstanceOf(IllegalArgumentException.class);
    }
}

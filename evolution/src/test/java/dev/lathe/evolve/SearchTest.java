package dev.lathe.evolve;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.lathe.base.InvalidInputException;
import dev.lathe.base.ProgressListener;
import dev.lathe.space.Architecture;
import java.util.HashSet;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class SearchTest {
    private static final ToySpace SPACE = new ToySpace(5, 5);
    private static final SearchProblem PROBLEM =
            SPACE.problem(new Budget("latencyMs", 1.2), new Budget("peakActivationBytes", 700));

    private static ReferencePoint reference(SearchProblem problem) {
        try (BatchEvaluator evaluator = ToySpace.evaluator(1)) {
            return ReferencePoint.sampled(problem, evaluator, 500, 99);
        }
    }

    private static SearchResult search(SearchStrategy strategy, int evaluations, long seed, int threads) {
        try (BatchEvaluator evaluator = ToySpace.evaluator(threads)) {
            return strategy.search(
                    PROBLEM,
                    evaluator,
                    new SearchSettings(evaluations, reference(PROBLEM), seed),
                    ProgressListener.SILENT);
        }
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4, 5})
    void evolutionBeatsRandomSearch(long seed) {
        SearchResult evolved = search(new Nsga2Strategy(), 3000, seed, 1);
        SearchResult random = search(new RandomStrategy(), 3000, seed, 1);
        assertThat(evolved.evaluations()).isEqualTo(3000);
        assertThat(random.evaluations()).isEqualTo(3000);
        assertThat(evolved.hypervolume()).isGreaterThan(random.hypervolume() * 1.02);
    }

    @Test
    void oneSeedGivesOneResultOnAnyNumberOfThreads() {
        SearchResult one = search(new Nsga2Strategy(), 2000, 7, 1);
        assertThat(search(new Nsga2Strategy(), 2000, 7, 2)).isEqualTo(one);
        assertThat(search(new Nsga2Strategy(), 2000, 7, 5)).isEqualTo(one);
        assertThat(search(new Nsga2Strategy(), 2000, 8, 1).front()).isNotEqualTo(one.front());
        assertThat(search(new RandomStrategy(), 2000, 7, 3)).isEqualTo(search(new RandomStrategy(), 2000, 7, 1));
    }

    @Test
    void theFrontIsFeasibleAndMutuallyNonDominated() {
        SearchResult result = search(new Nsga2Strategy(), 2000, 3, 1);
        assertThat(result.front()).hasSizeGreaterThan(20).allMatch(PROBLEM::isFeasible);
        for (Evaluation a : result.front()) {
            for (Evaluation b : result.front()) {
                assertThat(Dominance.dominates(PROBLEM.minimized(a), PROBLEM.minimized(b)))
                        .isFalse();
            }
        }
        assertThat(result.feasible()).isBetween(result.front().size(), 2000);
        assertThat(result.thinnedFront(10)).hasSize(10).isSubsetOf(result.front());
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 150, 777, 2000})
    void batchesAreNewCanonicalArchitecturesAndExactlyAsManyAsAsked(int evaluations) {
        SearchProblem free = SPACE.problem();
        for (SearchStrategy strategy : List.of(new Nsga2Strategy(), new RandomStrategy())) {
            RecordingEvaluator recorder = new RecordingEvaluator();
            SearchResult result = strategy.search(
                    free, recorder, new SearchSettings(evaluations, reference(free), 1), ProgressListener.SILENT);
            List<Architecture> all = recorder.all();
            assertThat(all).hasSize(evaluations).doesNotHaveDuplicates();
            assertThat(all).allMatch(a -> SPACE.canonical(a).equals(a));
            assertThat(recorder.batches).noneMatch(List::isEmpty);
            assertThat(result.evaluations()).isEqualTo(evaluations);
            assertThat(result.front())
                    .isEqualTo(ParetoFront.of(free, recorder.evaluate(all)).members());
        }
    }

    @Test
    void aGenerationIsOneBatchWithoutIdleChildren() {
        RecordingEvaluator recorder = new RecordingEvaluator();
        SearchResult result = new Nsga2Strategy(50)
                .search(PROBLEM, recorder, new SearchSettings(1000, reference(PROBLEM), 5), ProgressListener.SILENT);
        assertThat(recorder.batches.get(0)).hasSize(100).contains(SPACE.smallest(), SPACE.largest());
        assertThat(recorder.batches.subList(1, recorder.batches.size())).allMatch(b -> b.size() == 50);
        assertThat(result.generations()).isEqualTo(18);
    }

    @Test
    void aSmallSpaceIsExhaustedAndTheSearchEnds() {
        ToySpace small = new ToySpace(2, 2); // 8 + 64 architectures
        SearchProblem problem = small.problem();
        for (SearchStrategy strategy : List.of(new Nsga2Strategy(), new Nsga2Strategy(4), new RandomStrategy())) {
            RecordingEvaluator recorder = new RecordingEvaluator();
            SearchResult result = strategy.search(
                    problem, recorder, new SearchSettings(20_000, reference(problem), 1), ProgressListener.SILENT);
            assertThat(new HashSet<>(recorder.all())).hasSize(72);
            assertThat(result.evaluations()).isEqualTo(72);
        }
    }

    @Test
    void aSpaceThatOverstatesItsSizeDoesNotKeepTheSearchGoing() {
        ToySpace small = new ToySpace(1, 2);
        SearchProblem problem = new SearchProblem(
                new OverstatedSpace(small), ToySpace.METRICS, small.problem().objectives(), List.of());
        for (SearchStrategy strategy : List.of(new Nsga2Strategy(), new RandomStrategy())) {
            SearchResult result = strategy.search(
                    problem,
                    new RecordingEvaluator(),
                    new SearchSettings(1000, reference(problem), 1),
                    ProgressListener.SILENT);
            assertThat(result.evaluations()).isEqualTo(8);
        }
    }

    @Test
    void theCurveRisesToTheFrontsHypervolume() {
        SearchResult result = search(new Nsga2Strategy(), 2050, 1, 1);
        assertThat(result.curve()).hasSizeBetween(100, 105);
        assertThat(result.curve()).isSortedAccordingTo((a, b) -> Integer.compare(a.evaluations(), b.evaluations()));
        for (int i = 1; i < result.curve().size(); i++) {
            assertThat(result.curve().get(i).hypervolume())
                    .isGreaterThanOrEqualTo(result.curve().get(i - 1).hypervolume() - 1e-12);
        }
        assertThat(result.curve().get(result.curve().size() - 1).evaluations()).isEqualTo(2050);
        assertThat(result.hypervolume()).isEqualTo(result.reference().hypervolume(result.front()));
    }

    @Test
    void progressCountsUpToTheEnd() {
        AtomicLong last = new AtomicLong();
        new Nsga2Strategy()
                .search(
                        PROBLEM,
                        new RecordingEvaluator(),
                        new SearchSettings(500, reference(PROBLEM), 1),
                        (phase, done, total, note) -> {
                            assertThat(total).isEqualTo(500);
                            assertThat(done).isGreaterThan(last.get());
                            last.set(done);
                        });
        assertThat(last).hasValue(500);
    }

    @Test
    void aBudgetNothingMeetsNamesTheNearestNetwork() {
        SearchProblem impossible = SPACE.problem(new Budget("latencyMs", 0.001));
        SearchSettings settings = new SearchSettings(300, reference(impossible), 1);
        assertThatThrownBy(() -> new Nsga2Strategy()
                        .search(impossible, new RecordingEvaluator(), settings, ProgressListener.SILENT))
                .isInstanceOf(InfeasibleBudgetException.class)
                .isInstanceOf(InvalidInputException.class)
                .hasMessage("no network of 300 in toy meets latencyMs <= 0.001: the smallest latencyMs seen is "
                        + "0.1 of toy:0-0-0-0-0-0-0-0-0-0-0-0-0-0-0-0; raise the budget");
        SearchResult random =
                new RandomStrategy().search(impossible, new RecordingEvaluator(), settings, ProgressListener.SILENT);
        assertThat(random.front()).isEmpty();
        assertThat(random.hypervolume()).isZero();
    }

    @Test
    void budgetsThatNothingMeetsTogetherAreAllNamed() {
        SearchProblem impossible =
                SPACE.problem(new Budget("latencyMs", 0.001), new Budget("peakActivationBytes", 200.5));
        assertThatThrownBy(() -> new Nsga2Strategy()
                        .search(
                                impossible,
                                new RecordingEvaluator(),
                                new SearchSettings(300, reference(impossible), 1),
                                ProgressListener.SILENT))
                .hasMessageContaining("meets latencyMs <= 0.001 and peakActivationBytes <= 200.5: ")
                .hasMessageContaining(", the smallest peakActivationBytes seen is 128 of toy:")
                .hasMessageEndingWith("; raise one of the budgets")
                .hasMessageNotContaining("\n");
    }

    @Test
    void theSearchFindsItsWayIntoASmallFeasibleRegion() {
        // Less than one random network in a thousand meets this.
        SearchProblem tight = SPACE.problem(new Budget("latencyMs", 0.2));
        SearchResult result = new Nsga2Strategy()
                .search(
                        tight,
                        new RecordingEvaluator(),
                        new SearchSettings(2000, reference(tight), 1),
                        ProgressListener.SILENT);
        assertThat(result.feasible()).isGreaterThan(20);
    }

    @Test
    void anEvaluatorThatDropsOrMovesResultsIsRefused() {
        SearchSettings settings = new SearchSettings(300, reference(PROBLEM), 1);
        BatchEvaluator dropping = new BatchEvaluator() {
            @Override
            public List<String> metrics() {
                return ToySpace.METRICS;
            }

            @Override
            public List<Evaluation> evaluate(List<Architecture> batch) {
                return batch.stream()
                        .skip(1)
                        .map(a -> Evaluation.of(a, ToySpace.score(a)))
                        .toList();
            }
        };
        assertThatThrownBy(() -> new Nsga2Strategy().search(PROBLEM, dropping, settings, ProgressListener.SILENT))
                .hasMessageContaining("given 200 architectures and answered with 199");
        BatchEvaluator moving = new BatchEvaluator() {
            @Override
            public List<String> metrics() {
                return ToySpace.METRICS;
            }

            @Override
            public List<Evaluation> evaluate(List<Architecture> batch) {
                return batch.stream()
                        .map(a -> Evaluation.of(batch.get(0), ToySpace.score(a)))
                        .toList();
            }
        };
        assertThatThrownBy(() -> new RandomStrategy().search(PROBLEM, moving, settings, ProgressListener.SILENT))
                .hasMessageContaining("expected the same architecture");
    }

    @Test
    void theReferenceBoxIsWorstAndBestOfTheFeasible() {
        Architecture a = SPACE.smallest();
        Architecture b = SPACE.largest();
        List<Evaluation> given = List.of(
                Evaluation.of(a, 0.5, 1.0, 300),
                Evaluation.of(b, 0.9, 0.2, 100),
                Evaluation.of(b, 0.99, 9, 100)); // over budget
        ReferencePoint box = ReferencePoint.of(PROBLEM, given);
        assertThat(box.worst()).containsExactly(0.5, 1.0, 300.0);
        assertThat(box.best()).containsExactly(0.9, 0.2, 100.0);
        assertThat(box.hypervolume(List.of(Evaluation.of(a, 0.7, 0.6, 200)))).isCloseTo(0.125, within(1e-12));
        assertThat(box.hypervolume(List.of(Evaluation.of(a, 0.7, 1.0, 200)))).isZero();
        assertThatThrownBy(() -> new ReferencePoint(PROBLEM, List.of(0.9, 1.0, 1.0), List.of(0.5, 0.1, 0.1)))
                .hasMessageContaining("top1: best 0.5 is not better than worst 0.9");
        assertThatThrownBy(() -> ReferencePoint.of(PROBLEM, List.of())).isInstanceOf(InvalidInputException.class);
        assertThat(ReferencePoint.of(PROBLEM, given.subList(0, 1)).best()).containsExactly(0.5, 1.0, 300.0);
        assertThat(reference(PROBLEM)).isEqualTo(reference(PROBLEM));
    }
}

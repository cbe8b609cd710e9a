package dev.lathe.evolve;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lathe.base.InvalidInputException;
import dev.lathe.base.ProgressListener;
import dev.lathe.space.Architecture;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Laws that every strategy keeps. */
class StrategiesTest {
    private static final ToySpace SPACE = new ToySpace(4, 4);
    private static final SearchProblem PROBLEM = SPACE.problem(new Budget("latencyMs", 1));
    private static final ReferencePoint BOX = ReferencePoint.sampled(PROBLEM, new RecordingEvaluator(), 100, 1);
    /** What is modelled by its graphs needs a space that has some. */
    private static final SearchProblem CELLS = new SearchProblem(
            SparingSearchTest.SPACE,
            SparingSearchTest.METRICS,
            List.of(Objective.maximize("top1"), Objective.minimize("latencyMs")),
            List.of(new Budget("latencyMs", 8)));

    private static final ReferencePoint CELL_BOX = new ReferencePoint(CELLS, List.of(0.0, 20.0), List.of(1.0, 0.0));
    private static final Strategies.Parameters PARAMETERS = new Strategies.Parameters(20, 5, 3, 2);

    @TempDir
    Path folder;

    static List<String> names() {
        return Strategies.names();
    }

    /** Models are fitted after each batch: what is resumed 50 times is kept small. */
    private static int evaluations(String name) {
        return name.equals("expected-gain") ? 15 : name.equals("linas") ? 45 : 300;
    }

    private static SearchProblem problem(String name) {
        return name.equals("expected-gain") ? CELLS : PROBLEM;
    }

    private static RecordingEvaluator evaluator(String name) {
        return name.equals("expected-gain")
                ? new RecordingEvaluator(SparingSearchTest.METRICS, SparingSearchTest::score)
                : new RecordingEvaluator();
    }

    private static SearchSettings settings(String name, long seed) {
        return new SearchSettings(evaluations(name), problem(name) == CELLS ? CELL_BOX : BOX, seed);
    }

    private static SearchResult search(String name, BatchEvaluator evaluator, SearchSettings settings) {
        return Strategies.create(name, PARAMETERS).search(problem(name), evaluator, settings, ProgressListener.SILENT);
    }

    private SearchResult logged(String name, BatchEvaluator evaluator) throws IOException {
        try (EvaluationLog log = EvaluationLog.open(
                        folder.resolve("log.csv"), problem(name).space(), evaluator.metrics());
                DecisionLog decisions = DecisionLog.open(
                        folder.resolve("decisions.csv"), problem(name).space());
                LoggedEvaluator logging = new LoggedEvaluator(log, decisions, evaluator)) {
            return search(name, logging, settings(name, 4));
        }
    }

    /** Cut at 50 random bytes, as a kill may leave it: the same result, the same log, and only what was missing is evaluated. */
    @ParameterizedTest
    @MethodSource("names")
    void aSearchCutAnywhereIsResumedWithoutLosingOrRepeatingAnEvaluation(String name) throws IOException {
        Path file = folder.resolve("log.csv");
        RecordingEvaluator whole = evaluator(name);
        SearchResult expected = logged(name, whole);
        assertThat(whole.all()).hasSize(evaluations(name)).doesNotHaveDuplicates();
        byte[] complete = Files.readAllBytes(file);
        int moments = name.equals("expected-gain") || name.equals("linas") ? 10 : 50;
        for (int seed = 0; seed < moments; seed++) {
            byte[] cut = Arrays.copyOf(complete, new Random(seed).nextInt(complete.length + 1));
            Files.write(file, cut);
            long written = new String(cut, java.nio.charset.StandardCharsets.UTF_8)
                    .chars()
                    .filter(c -> c == '\n')
                    .count();
            RecordingEvaluator rest = evaluator(name);
            assertThat(logged(name, rest)).isEqualTo(expected);
            assertThat(rest.all()).isEqualTo(whole.all().subList((int) Math.max(0, written - 1), evaluations(name)));
            assertThat(Files.readAllBytes(file)).isEqualTo(complete);
        }
    }

    @ParameterizedTest
    @MethodSource("names")
    void oneSeedGivesOneResultOnAnyNumberOfThreads(String name) {
        SearchResult one = search(name, evaluator(name), settings(name, 7));
        for (int threads : new int[] {1, 4}) {
            RecordingEvaluator like = evaluator(name);
            try (BatchEvaluator local = new LocalBatchEvaluator(like.metrics(), like::score, threads)) {
                assertThat(search(name, local, settings(name, 7))).isEqualTo(one);
            }
        }
        assertThat(one.strategy()).isEqualTo(name);
        assertThat(one.front()).isNotEmpty().allMatch(problem(name)::isFeasible);
        assertThat(search(name, evaluator(name), settings(name, 8))).isNotEqualTo(one);
    }

    @ParameterizedTest
    @ValueSource(strings = {"nsga2", "nsga3", "islands", "steady-state", "regularized-evolution"})
    void evolutionBeatsRandomSearch(String name) {
        double evolved = 0;
        double random = 0;
        for (int seed = 1; seed <= 3; seed++) {
            SearchSettings settings = new SearchSettings(2000, BOX, seed);
            evolved += search(name, new RecordingEvaluator(), settings).hypervolume();
            random += search("random", new RecordingEvaluator(), settings).hypervolume();
        }
        assertThat(evolved).isGreaterThan(random * 1.01);
    }

    @ParameterizedTest
    @ValueSource(strings = {"nsga2", "nsga3", "islands", "steady-state", "regularized-evolution", "random"})
    void aSmallSpaceIsExhaustedAndTheSearchEnds(String name) {
        ToySpace small = new ToySpace(2, 2); // 8 + 64 architectures
        SearchProblem free = small.problem();
        RecordingEvaluator recorder = new RecordingEvaluator();
        Strategies.create(name, PARAMETERS)
                .search(
                        free,
                        recorder,
                        new SearchSettings(5000, ReferencePoint.sampled(free, new RecordingEvaluator(), 50, 1), 1),
                        ProgressListener.SILENT);
        assertThat(recorder.all()).doesNotHaveDuplicates().hasSizeBetween(60, 72);
    }

    @ParameterizedTest
    @MethodSource("names")
    void aWarmStartComesFirst(String name) {
        SearchSettings cold = settings(name, 3);
        List<Architecture> start = new Nsga2Strategy(20)
                        .search(
                                problem(name),
                                evaluator(name),
                                new SearchSettings(300, cold.reference(), 1),
                                ProgressListener.SILENT)
                        .thinnedFront(6)
                        .stream()
                        .map(Evaluation::architecture)
                        .toList();
        RecordingEvaluator recorder = evaluator(name);
        search(name, recorder, new SearchSettings(evaluations(name), cold.reference(), 3, StopRule.NONE, start));
        if (!name.equals("random")) {
            // Of the islands, each begins with its own share.
            assertThat(recorder.all().subList(0, name.equals("islands") ? 200 : 6))
                    .containsAll(start);
        }
        assertThat(recorder.all()).hasSize(evaluations(name)).doesNotHaveDuplicates();
    }

    @ParameterizedTest
    @ValueSource(strings = {"nsga2", "islands", "steady-state", "random"})
    void aSearchEndsWhereItStallsOrItsTimeIsOver(String name) {
        SearchSettings stalled = new SearchSettings(20_000, BOX, 1, new StopRule(500, null), List.of());
        SearchResult one = search(name, new RecordingEvaluator(), stalled);
        assertThat(one.evaluations()).isBetween(1000, 19_000);
        assertThat(search(name, new RecordingEvaluator(), stalled)).isEqualTo(one);
        SearchResult brief = search(
                name,
                new RecordingEvaluator(),
                new SearchSettings(20_000, BOX, 1, new StopRule(null, Duration.ofNanos(1)), List.of()));
        assertThat(brief.evaluations()).isBetween(20, 500);
    }

    @Test
    void islandsEvaluateEachNetworkOnceAndAreOfUse() {
        RecordingEvaluator recorder = new RecordingEvaluator();
        SearchResult r = new IslandStrategy(8, 80, 3)
                .search(PROBLEM, recorder, new SearchSettings(3000, BOX, 1), ProgressListener.SILENT);
        assertThat(new HashSet<>(recorder.all())).hasSize(3000);
        assertThat(r.front())
                .isEqualTo(ParetoFront.of(
                                PROBLEM,
                                recorder.evaluate(
                                        recorder.all().stream().limit(3000).toList()))
                        .members());
        double one = new Nsga2Strategy(80)
                .search(PROBLEM, new RecordingEvaluator(), new SearchSettings(3000, BOX, 1), ProgressListener.SILENT)
                .hypervolume();
        assertThat(r.hypervolume()).isGreaterThan(0.97 * one);
    }

    @Test
    void unknownStrategiesAndPopulationsTooSmallForTheirIslandsAreNamed() {
        assertThatThrownBy(() -> Strategies.create("nsga4", PARAMETERS))
                .isInstanceOf(InvalidInputException.class)
                .hasMessageContaining("nsga4")
                .hasMessageContaining("expected-gain");
        assertThatThrownBy(() -> Strategies.create("islands", new Strategies.Parameters(20, 1, 6, 5)))
                .isInstanceOf(InvalidInputException.class)
                .hasMessageContaining("6 islands");
    }
}

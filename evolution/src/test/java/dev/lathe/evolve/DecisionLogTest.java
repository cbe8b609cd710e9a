package dev.lathe.evolve;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lathe.base.InvalidInputException;
import dev.lathe.base.ProgressListener;
import dev.lathe.space.Architecture;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Decisions save time when a search is resumed, and change nothing else. */
class DecisionLogTest {
    private static final SearchProblem PROBLEM = new SearchProblem(
            SparingSearchTest.SPACE,
            SparingSearchTest.METRICS,
            List.of(Objective.maximize("top1"), Objective.minimize("latencyMs")),
            List.of(new Budget("latencyMs", 8)));
    private static final ReferencePoint BOX = new ReferencePoint(PROBLEM, List.of(0.0, 20.0), List.of(1.0, 0.0));
    private static final int EVALUATIONS = 21;

    @TempDir
    Path folder;

    private Path evaluations;
    private Path decisions;
    private int recalled;
    private int decided;

    @BeforeEach
    void names() {
        evaluations = folder.resolve("evaluations.csv");
        decisions = folder.resolve("decisions.csv");
    }

    private SearchResult search(String strategy, long seed) throws IOException {
        recalled = 0;
        decided = 0;
        SearchStrategy s = strategy.equals("linas") ? new LinasStrategy(5) : new ExpectedGainStrategy();
        try (EvaluationLog log = EvaluationLog.open(evaluations, SparingSearchTest.SPACE, SparingSearchTest.METRICS);
                DecisionLog kept = DecisionLog.open(decisions, SparingSearchTest.SPACE)) {
            BatchEvaluator logged = new LoggedEvaluator(
                    log, kept, new RecordingEvaluator(SparingSearchTest.METRICS, SparingSearchTest::score));
            BatchEvaluator counting = new BatchEvaluator() {
                @Override
                public List<String> metrics() {
                    return logged.metrics();
                }

                @Override
                public List<Evaluation> evaluate(List<Architecture> batch) {
                    return logged.evaluate(batch);
                }

                @Override
                public Optional<SearchDecision> recall(int evaluations, int size) {
                    Optional<SearchDecision> d = logged.recall(evaluations, size);
                    recalled += d.isPresent() ? 1 : 0;
                    return d;
                }

                @Override
                public void remember(int evaluations, SearchDecision decision) {
                    decided++;
                    logged.remember(evaluations, decision);
                }
            };
            return s.search(PROBLEM, counting, new SearchSettings(EVALUATIONS, BOX, seed), ProgressListener.SILENT);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"linas", "expected-gain"})
    void aSearchIsResumedFromItsDecisionsWhereverBothFilesWereCut(String strategy) throws IOException {
        SearchResult expected = search(strategy, 4);
        int batches = decided;
        assertThat(batches).isGreaterThan(2);
        byte[] log = Files.readAllBytes(evaluations);
        byte[] kept = Files.readAllBytes(decisions);
        assertThat(search(strategy, 4)).isEqualTo(expected);
        assertThat(recalled).isEqualTo(batches);
        assertThat(decided).isZero();
        for (int seed = 0; seed < 8; seed++) {
            Random random = new Random(seed);
            Files.write(evaluations, Arrays.copyOf(log, random.nextInt(log.length + 1)));
            byte[] cut = Arrays.copyOf(kept, random.nextInt(kept.length + 1));
            Files.write(decisions, cut);
            long whole = new String(cut, StandardCharsets.UTF_8).lines().count() - 1;
            assertThat(search(strategy, 4)).isEqualTo(expected);
            assertThat(recalled + decided).isEqualTo(batches);
            // The last line may be torn.
            assertThat((long) recalled).isBetween(Math.max(0, whole - 1), Math.max(0, whole));
            assertThat(Files.readAllBytes(evaluations)).isEqualTo(log);
            assertThat(Files.readAllBytes(decisions)).isEqualTo(kept);
        }
    }

    @Test
    void aRowThatWasChangedIsComputedAgain() throws IOException {
        SearchResult expected = search("expected-gain", 4);
        int batches = decided;
        String kept = Files.readString(decisions);
        List<String> lines = kept.lines().toList();
        int third = kept.indexOf(lines.get(3));
        for (String wrong : List.of(
                lines.get(3).replaceFirst("-", "+"),
                lines.get(3).replaceFirst(":[0-9]", ":9"),
                lines.get(3).replaceFirst("^[0-9]+", "99999999999"),
                "",
                lines.get(2))) {
            Files.writeString(
                    decisions,
                    kept.substring(0, third)
                            + wrong
                            + kept.substring(third + lines.get(3).length()));
            assertThat(search("expected-gain", 4)).isEqualTo(expected);
            assertThat(recalled).isEqualTo(2);
            assertThat(decided).isEqualTo(batches - 2);
            assertThat(Files.readString(decisions)).isEqualTo(kept);
        }
    }

    @Test
    void decisionsOnOtherEvaluationsAreNotTaken() throws IOException {
        SearchResult expected = search("expected-gain", 5);
        String kept = Files.readString(decisions);
        Files.delete(evaluations);
        Files.delete(decisions);
        search("expected-gain", 4);
        Files.delete(evaluations);
        assertThat(search("expected-gain", 5)).isEqualTo(expected);
        assertThat(recalled).isZero();
        assertThat(Files.readString(decisions)).isEqualTo(kept);
    }

    @Test
    void anotherFileIsRefusedAndStays() throws IOException {
        Files.writeString(decisions, "some other file\n");
        assertThatThrownBy(() -> search("expected-gain", 4))
                .isInstanceOf(InvalidInputException.class)
                .hasMessageContaining("is not the log it should be");
        assertThat(Files.readString(decisions)).isEqualTo("some other file\n");
    }

    @Test
    void strategiesThatDecideAtOnceLeaveNone() throws IOException {
        try (EvaluationLog log = EvaluationLog.open(evaluations, SparingSearchTest.SPACE, SparingSearchTest.METRICS);
                DecisionLog kept = DecisionLog.open(decisions, SparingSearchTest.SPACE)) {
            new Nsga2Strategy(4)
                    .search(
                            PROBLEM,
                            new LoggedEvaluator(
                                    log,
                                    kept,
                                    new RecordingEvaluator(SparingSearchTest.METRICS, SparingSearchTest::score)),
                            new SearchSettings(EVALUATIONS, BOX, 1),
                            ProgressListener.SILENT);
        }
        assertThat(decisions).doesNotExist();
    }
}

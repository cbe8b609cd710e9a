package dev.lathe.cluster;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lathe.base.InvalidInputException;
import dev.lathe.base.ProgressListener;
import dev.lathe.evolve.BatchEvaluator;
import dev.lathe.evolve.Budget;
import dev.lathe.evolve.Evaluation;
import dev.lathe.evolve.EvaluationException;
import dev.lathe.evolve.LocalBatchEvaluator;
import dev.lathe.evolve.Nsga2Strategy;
import dev.lathe.evolve.Objective;
import dev.lathe.evolve.ReferencePoint;
import dev.lathe.evolve.SearchProblem;
import dev.lathe.evolve.SearchResult;
import dev.lathe.evolve.SearchSettings;
import dev.lathe.predict.ArchitectureScorer;
import dev.lathe.predict.ScorerBundle;
import dev.lathe.space.Architecture;
import dev.lathe.space.SearchSpace;
import dev.lathe.space.SearchSpaces;
import dev.lathe.space.TaskShape;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

class SparkBatchEvaluatorTest {
    private static final TaskShape TASK = new TaskShape(1, 8, 8, 10);
    private static final SearchSpace SPACE = SearchSpaces.create("mbconv-tiny", TASK);
    private static final ScorerBundle BUNDLE = new ScorerBundle("mbconv-tiny", TASK, null, null);
    private static final ArchitectureScorer SCORER = new ArchitectureScorer(BUNDLE);

    private static SparkBatchEvaluator spark;

    @BeforeAll
    static void start() {
        spark = new SparkBatchEvaluator("local[2]", BUNDLE, List.of(), SparkSecurity.NONE);
    }

    @AfterAll
    static void stop() {
        spark.close();
    }

    private static List<Architecture> batch(int n) {
        Random random = new Random(n);
        return Stream.generate(() -> SPACE.random(random)).distinct().limit(n).toList();
    }

    private static LocalBatchEvaluator local() {
        return new LocalBatchEvaluator(SCORER.metrics(), SCORER::score, 1);
    }

    @Test
    void scoresAsLocalThreadsDoInTheSameOrder() {
        assertThat(spark.metrics()).isEqualTo(SCORER.metrics());
        try (BatchEvaluator local = local()) {
            for (int n : new int[] {0, 1, 2, 17, 100, 500}) {
                assertThat(spark.evaluate(batch(n))).isEqualTo(local.evaluate(batch(n)));
            }
        }
    }

    @Test
    void aBatchOfThousandsKeepsItsOrder() {
        List<Architecture> batch = batch(2500);
        List<Evaluation> results = spark.evaluate(batch);
        assertThat(results.stream().map(Evaluation::architecture)).isEqualTo(batch);
        for (int i = 0; i < batch.size(); i += 97) {
            assertThat(results.get(i).values()).isEqualTo(SCORER.score(batch.get(i)));
        }
    }

    private static SearchResult search(BatchEvaluator evaluator) {
        SearchProblem problem = new SearchProblem(
                SPACE,
                SCORER.metrics(),
                List.of(
                        Objective.maximize("parameters"),
                        Objective.minimize("macs"),
                        Objective.minimize("peakActivationBytes")),
                List.of(new Budget(
                        "macs", SCORER.score(SPACE.largest())[SCORER.metrics().indexOf("macs")] / 3)));
        ReferencePoint reference = ReferencePoint.sampled(problem, evaluator, 100, 1);
        return new Nsga2Strategy(50)
                .search(problem, evaluator, new SearchSettings(400, reference, 3), ProgressListener.SILENT);
    }

    @Test
    void aSearchFindsTheSameFront() {
        SearchResult onSpark = search(spark);
        try (BatchEvaluator local = local()) {
            SearchResult here = search(local);
            assertThat(onSpark.front()).isNotEmpty().isEqualTo(here.front());
            assertThat(onSpark.curve()).isEqualTo(here.curve());
        }
    }

    @Test
    void aFailureNamesItsArchitecture() {
        List<Architecture> batch = new ArrayList<>(batch(40));
        int[] choices = batch.get(29).choices();
        choices[1] = 99;
        batch.set(29, Architecture.of("mbconv-tiny", choices));
        assertThatThrownBy(() -> spark.evaluate(batch))
                .isInstanceOf(EvaluationException.class)
                .hasMessageContaining(batch.get(29).toString())
                .hasMessageNotContaining("\n");
        assertThatThrownBy(() -> spark.evaluate(List.of(Architecture.of("vit-tiny", 0))))
                .hasMessageContaining("vit-tiny:0 is not of space mbconv-tiny");
        assertThat(spark.evaluate(batch.subList(0, 29))).hasSize(29); // still of use
    }

    @Test
    void aMissingJarIsNamed() {
        assertThatThrownBy(() -> new SparkBatchEvaluator(
                        "local[2]", BUNDLE, List.of(java.nio.file.Path.of("no-such.jar")), SparkSecurity.NONE))
                .isInstanceOf(InvalidInputException.class)
                .hasMessageContaining("no-such.jar");
    }
}

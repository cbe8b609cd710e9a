package dev.lathe.cluster;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lathe.base.InvalidInputException;
import dev.lathe.evolve.Evaluation;
import dev.lathe.space.Architecture;
import dev.lathe.space.MetricScorer;
import dev.lathe.space.ScorerSource;
import dev.lathe.space.SearchSpace;
import dev.lathe.space.SearchSpaces;
import dev.lathe.space.TaskShape;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What is sent need not be predictors: any source is opened once in a process, and closed at the end. */
class ScorerSourceTest {
    private static final SearchSpace SPACE = SearchSpaces.create("vit-tiny", new TaskShape(1, 8, 8, 10));
    private static final AtomicInteger OPENED = new AtomicInteger();
    private static final AtomicInteger CLOSED = new AtomicInteger();

    /** @param refusedFrom the opening from which this process is not fit any more */
    private record Counting(int refusedFrom) implements ScorerSource {
        @Override
        public String sha256() {
            return "counting" + refusedFrom;
        }

        @Override
        public boolean isSlow() {
            return true;
        }

        @Override
        public MetricScorer open() {
            if (OPENED.incrementAndGet() >= refusedFrom) {
                throw new InvalidInputException("this processor rounds otherwise");
            }
            return new MetricScorer() {
                @Override
                public SearchSpace space() {
                    return SPACE;
                }

                @Override
                public List<String> metrics() {
                    return List.of("sum");
                }

                @Override
                public double[] score(Architecture a) {
                    return new double[] {Arrays.stream(a.choices()).sum()};
                }

                @Override
                public void close() {
                    CLOSED.incrementAndGet();
                }
            };
        }
    }

    @BeforeEach
    void none() {
        OPENED.set(0);
        CLOSED.set(0);
    }

    private static List<Architecture> batch(int n) {
        Random random = new Random(n);
        return Stream.generate(() -> SPACE.random(random)).distinct().limit(n).toList();
    }

    private static SparkBatchEvaluator connect(int refusedFrom) {
        return new SparkBatchEvaluator("local[2]", new Counting(refusedFrom), List.of(), SparkSecurity.NONE);
    }

    @Test
    void itIsOpenedOnceToBeCheckedAndOnceInTheProcessThatScores() {
        try (SparkBatchEvaluator spark = connect(99)) {
            assertThat(spark.metrics()).containsExactly("sum");
            assertThat(spark.parallelism()).isEqualTo(2);
            for (int n : new int[] {1, 7, 30}) {
                List<Evaluation> found = spark.evaluate(batch(n));
                for (int i = 0; i < n; i++) {
                    assertThat(found.get(i).architecture()).isEqualTo(batch(n).get(i));
                    assertThat(found.get(i).value(0))
                            .isEqualTo(Arrays.stream(batch(n).get(i).choices()).sum());
                }
            }
            assertThat(OPENED).hasValue(2);
            assertThat(CLOSED).hasValue(1);
        }
        assertThat(CLOSED).hasValue(2);
    }

    @Test
    void aWorkerThatWouldGiveOtherValuesIsRefusedInOneLine() {
        try (SparkBatchEvaluator spark = connect(2)) {
            assertThatThrownBy(() -> spark.evaluate(batch(5)))
                    .isInstanceOf(InvalidInputException.class)
                    .hasMessageContainingAll("Spark master local[2]: worker process ", "rounds otherwise")
                    .hasMessageNotContaining("\n");
        }
        assertThatThrownBy(() -> connect(1))
                .isInstanceOf(InvalidInputException.class)
                .hasMessage("this processor rounds otherwise");
    }
}

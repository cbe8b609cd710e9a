package dev.lathe.evolve;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lathe.base.InvalidInputException;
import dev.lathe.space.Architecture;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class LocalBatchEvaluatorTest {
    private static final ToySpace SPACE = new ToySpace(4, 4);

    private static List<Architecture> batch(int n) {
        Random random = new Random(n);
        return Stream.generate(() -> SPACE.random(random)).distinct().limit(n).toList();
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 2, 3, 100, 1001})
    void resultsComeInTheOrderOfTheBatch(int n) {
        List<Evaluation> expected = new RecordingEvaluator().evaluate(batch(n));
        for (int threads = 1; threads <= 4; threads++) {
            try (LocalBatchEvaluator evaluator = ToySpace.evaluator(threads)) {
                assertThat(evaluator.evaluate(batch(n))).isEqualTo(expected);
            }
        }
    }

    @Test
    void aFailureNamesTheFirstArchitectureThatFailed() {
        List<Architecture> batch = batch(50);
        Set<Architecture> bad = Set.of(batch.get(17), batch.get(40));
        try (LocalBatchEvaluator evaluator = new LocalBatchEvaluator(
                ToySpace.METRICS,
                a -> {
                    if (bad.contains(a)) {
                        throw new IllegalArgumentException("no such kernel");
                    }
                    return ToySpace.score(a);
                },
                2)) {
            assertThatThrownBy(() -> evaluator.evaluate(batch))
                    .isInstanceOf(EvaluationException.class)
                    .hasMessageContaining(batch.get(17).toString())
                    .hasMessageContaining("no such kernel")
                    .hasCauseInstanceOf(IllegalArgumentException.class);
            assertThat(evaluator.evaluate(batch.subList(0, 17))).hasSize(17); // still of use
        }
    }

    @Test
    void valuesThatAreNotFiniteOrTooFewAreFailures() {
        try (LocalBatchEvaluator nan = new LocalBatchEvaluator(List.of("x"), a -> new double[] {Double.NaN}, 1);
                LocalBatchEvaluator few = new LocalBatchEvaluator(List.of("x", "y"), a -> new double[] {1}, 1)) {
            assertThatThrownBy(() -> nan.evaluate(batch(3)))
                    .isInstanceOf(EvaluationException.class)
                    .hasMessageContaining("not finite");
            assertThatThrownBy(() -> few.evaluate(batch(3)))
                    .isInstanceOf(EvaluationException.class)
                    .hasMessageContaining("expected values for [x, y]");
        }
        assertThatThrownBy(() -> ToySpace.evaluator(0)).isInstanceOf(InvalidInputException.class);
    }

    @Test
    void threadsAreDaemonsAndEndOnClose() throws InterruptedException {
        Set<Thread> threads = ConcurrentHashMap.newKeySet();
        LocalBatchEvaluator evaluator = new LocalBatchEvaluator(
                ToySpace.METRICS,
                a -> {
                    threads.add(Thread.currentThread());
                    return ToySpace.score(a);
                },
                2);
        evaluator.evaluate(batch(100));
        assertThat(threads).isNotEmpty().allMatch(Thread::isDaemon).doesNotContain(Thread.currentThread());
        evaluator.close();
        for (Thread t : threads) {
            t.join(10_000);
            assertThat(t.isAlive()).isFalse();
        }
    }
}

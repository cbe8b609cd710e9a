package dev.lathe.evolve;

import dev.lathe.base.InvalidInputException;
import dev.lathe.space.Architecture;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.Function;

/** Evaluates on threads of this process. Results come in the order of the batch, whatever the number of threads. */
public final class LocalBatchEvaluator implements BatchEvaluator {
    /** Pieces a batch is cut into for each thread: enough to even out, few enough to cost nothing. */
    private static final int PIECES_PER_THREAD = 4;

    private final List<String> metrics;
    private final Function<Architecture, double[]> scorer;
    private final int threads;
    private final ExecutorService pool;

    /**
     * @param metrics names of the scorer's values, in order
     * @param scorer gives an architecture's values; called by several threads at once, so it must be safe for that
     * @param threads at least 1
     */
    public LocalBatchEvaluator(List<String> metrics, Function<Architecture, double[]> scorer, int threads) {
        if (threads < 1) {
            throw new InvalidInputException("%d threads cannot evaluate anything; give at least 1".formatted(threads));
        }
        this.metrics = List.copyOf(metrics);
        this.scorer = scorer;
        this.threads = threads;
        this.pool = Executors.newFixedThreadPool(threads, task -> {
            Thread thread = new Thread(task, "lathe-evaluator");
            thread.setDaemon(true);
            return thread;
        });
    }

    @Override
    public List<String> metrics() {
        return metrics;
    }

    /** @throws EvaluationException if the scorer failed for an architecture (the first one of the batch that did) */
    @Override
    public List<Evaluation> evaluate(List<Architecture> batch) {
        int piece = Math.max(1, (batch.size() + threads * PIECES_PER_THREAD - 1) / (threads * PIECES_PER_THREAD));
        List<Future<List<Evaluation>>> pieces = new ArrayList<>();
        for (int from = 0; from < batch.size(); from += piece) {
            List<Architecture> part = batch.subList(from, Math.min(batch.size(), from + piece));
            pieces.add(pool.submit(() -> part.stream().map(this::score).toList()));
        }
        List<Evaluation> results = new ArrayList<>(batch.size());
        try {
            for (Future<List<Evaluation>> p : pieces) {
                results.addAll(awaited(p));
            }
        } finally {
            pieces.forEach(p -> p.cancel(true));
        }
        return results;
    }

    @Override
    public Pending submit(Architecture architecture) {
        Future<Evaluation> future = pool.submit(() -> score(architecture));
        return () -> awaited(future);
    }

    @Override
    public List<IslandOutcome> evolve(SearchProblem problem, List<IslandTask> tasks) {
        List<Future<IslandOutcome>> futures = new ArrayList<>();
        for (IslandTask t : tasks) {
            futures.add(pool.submit(() ->
                    t.run(problem, batch -> batch.stream().map(this::score).toList())));
        }
        try {
            return futures.stream().map(LocalBatchEvaluator::awaited).toList();
        } finally {
            futures.forEach(f -> f.cancel(true));
        }
    }

    private static <T> T awaited(Future<T> future) {
        try {
            return future.get();
        } catch (ExecutionException e) {
            if (e.getCause() instanceof EvaluationException failed) {
                // A new one, so that the trace shows the caller too.
                throw new EvaluationException(failed.architecture(), failed.reason());
            }
            throw new IllegalStateException("Evaluation failed", e.getCause());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("Interrupted while evaluating", e);
        }
    }

    private Evaluation score(Architecture a) {
        try {
            double[] values = scorer.apply(a);
            if (values.length != metrics.size()) {
                throw new IllegalStateException(
                        "the scorer gave %s, expected values for %s".formatted(Arrays.toString(values), metrics));
            }
            return Evaluation.of(a, values);
        } catch (RuntimeException e) {
            throw new EvaluationException(a, e);
        }
    }

    /** Ends the threads; a running evaluation is interrupted. */
    @Override
    public void close() {
        pool.shutdownNow();
    }
}

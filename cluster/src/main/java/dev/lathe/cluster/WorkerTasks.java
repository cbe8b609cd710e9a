package dev.lathe.cluster;

import dev.lathe.base.InvalidInputException;
import dev.lathe.evolve.Budget;
import dev.lathe.evolve.Evaluation;
import dev.lathe.evolve.IslandOutcome;
import dev.lathe.evolve.IslandTask;
import dev.lathe.evolve.Objective;
import dev.lathe.evolve.SearchProblem;
import dev.lathe.space.Architecture;
import dev.lathe.space.MetricScorer;
import dev.lathe.space.ScorerSource;
import java.io.Serializable;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.ConcurrentHashMap;
import org.apache.spark.api.java.function.Function;
import org.apache.spark.broadcast.Broadcast;
import org.jspecify.annotations.Nullable;

/** What runs in a worker. Classes, not lambdas: they carry nothing but their fields. */
final class WorkerTasks {
    /** How the message of a worker begins that must not score. */
    static final String REFUSED = "worker process ";

    private WorkerTasks() {}

    /** Closes the scorer that tasks in this process made, if they did; none of them runs any more. */
    static void close(Setup setup) {
        Scorers.close(setup.key());
    }

    /**
     * What each task is given.
     *
     * @param source sent once to each worker
     * @param key by which a worker finds the scorer that it made
     * @param version of the code that a worker must have
     * @param pauseMs waited before each evaluation; 0 but where the cluster itself is measured
     */
    record Setup(Broadcast<? extends ScorerSource> source, String key, String version, int pauseMs)
            implements Serializable {
        private MetricScorer scorer() {
            return Scorers.of(this);
        }

        private double[] score(MetricScorer scorer, Architecture a) {
            if (pauseMs > 0) {
                try {
                    Thread.sleep(pauseMs);
                } catch (InterruptedException e) {
                    Thread.currentThread().interrupt();
                    throw new IllegalStateException("Interrupted while waiting", e);
                }
            }
            return scorer.score(a);
        }
    }

    /** Values of a task's architectures, up to the first that failed; failures travel as text, which any worker can send. */
    static final class Scores implements Serializable {
        private static final long serialVersionUID = 2L;

        final double[][] values;
        final @Nullable String failure;
        final long nanos;

        Scores(double[][] values, @Nullable String failure, long nanos) {
            this.values = values;
            this.failure = failure;
            this.nanos = nanos;
        }
    }

    /** Scores the architectures of these genes. */
    static final class Score implements Function<int[][], Scores> {
        private static final long serialVersionUID = 2L;

        private final Setup setup;

        Score(Setup setup) {
            this.setup = setup;
        }

        @Override
        public Scores call(int[][] genes) {
            double[][] values = new double[genes.length][];
            int done = 0;
            long start = System.nanoTime();
            try {
                MetricScorer scorer = setup.scorer();
                start = System.nanoTime();
                for (; done < genes.length; done++) {
                    values[done] =
                            setup.score(scorer, Architecture.of(scorer.space().name(), genes[done]));
                }
                return new Scores(values, null, System.nanoTime() - start);
            } catch (RuntimeException e) {
                return new Scores(Arrays.copyOf(values, done), e.toString(), System.nanoTime() - start);
            }
        }
    }

    /** Lets an island evolve for an epoch. */
    static final class Evolve implements Function<IslandTask, IslandOutcome> {
        private static final long serialVersionUID = 1L;

        private final Setup setup;
        private final ArrayList<Objective> objectives;
        private final ArrayList<Budget> budgets;

        Evolve(Setup setup, SearchProblem problem) {
            this.setup = setup;
            this.objectives = new ArrayList<>(problem.objectives());
            this.budgets = new ArrayList<>(problem.budgets());
        }

        @Override
        public IslandOutcome call(IslandTask task) {
            MetricScorer scorer = setup.scorer();
            SearchProblem problem = new SearchProblem(scorer.space(), scorer.metrics(), objectives, budgets);
            return task.run(problem, batch -> scored(scorer, batch));
        }

        private List<Evaluation> scored(MetricScorer scorer, List<Architecture> batch) {
            return batch.stream()
                    .map(a -> Evaluation.of(a, setup.score(scorer, a)))
                    .toList();
        }
    }

    /** One scorer for each source in a process: making one (reading predictors, a supernet) takes longer than a task. */
    private static final class Scorers {
        private static final ConcurrentHashMap<String, MetricScorer> MADE = new ConcurrentHashMap<>();

        private Scorers() {}

        static MetricScorer of(Setup setup) {
            return MADE.computeIfAbsent(setup.key(), k -> opened(setup));
        }

        private static MetricScorer opened(Setup setup) {
            long pid = ProcessHandle.current().pid();
            ScorerSource source = setup.source().value();
            String version = CodeVersion.of(source.getClass());
            if (!version.equals(setup.version())) {
                throw new IllegalStateException(
                        "%s%d has Lathe's code in version %s, this is version %s; remove Lathe's jars from the worker's jars folder, or put the same ones there"
                                .formatted(REFUSED, pid, version, setup.version()));
            }
            try {
                return source.open();
            } catch (InvalidInputException e) {
                throw new IllegalStateException("%s%d: %s".formatted(REFUSED, pid, e.getMessage()), e);
            }
        }

        static void close(String key) {
            MetricScorer made = MADE.remove(key);
            if (made != null) {
                made.close();
            }
        }
    }
}

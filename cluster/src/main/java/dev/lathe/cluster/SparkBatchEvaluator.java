package dev.lathe.cluster;

import dev.lathe.base.InvalidInputException;
import dev.lathe.evolve.BatchEvaluator;
import dev.lathe.evolve.Evaluation;
import dev.lathe.evolve.EvaluationException;
import dev.lathe.evolve.IslandOutcome;
import dev.lathe.evolve.IslandTask;
import dev.lathe.evolve.Pending;
import dev.lathe.evolve.SearchProblem;
import dev.lathe.space.Architecture;
import dev.lathe.space.MetricScorer;
import dev.lathe.space.ScorerSource;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.Supplier;
import org.apache.spark.api.java.JavaSparkContext;

/**
 * Scores batches on Apache Spark. The scorer's source, predictors or a supernet, is broadcast once and made into a scorer once in each
 * worker process; each batch is one job that sends genes ({@code int[]}) and returns values ({@code double[]}), in the order of the batch and
 * equal to the last bit to what the scorer gives locally. Workers with other code are refused. A worker that dies is no
 * matter: Spark runs its tasks again elsewhere, and they give the same values.
 *
 * <p>A job costs tens of milliseconds whatever it scores: with scorers of a tenth of a millisecond, batches of some hundred
 * architectures are faster on local threads, and Spark pays where scoring is slow, batches are large, or a task is many generations
 * of an island. docs/scaling.md has the figures.
 *
 * @implNote One process can have one Spark context at a time, so one open evaluator.
 */
public final class SparkBatchEvaluator implements BatchEvaluator {
    /** A task of less work than this is not worth sending. */
    private static final double LEAST_TASK_NANOS = 20e6;

    /** Fewer architectures than this are taken for too few until it is known how long one takes. */
    private static final int SMALLEST_TASK = 16;

    /** Keeps a task's description below the size (1,000 KiB) that Spark warns about. */
    private static final int LARGEST_TASK = 2000;

    private final String space;
    private final List<String> metrics;
    private final String master;
    private final JavaSparkContext spark;
    private final WorkerTasks.Setup setup;
    private final ExecutorService jobs;
    private volatile int smallestTask;

    /**
     * Connects to a master.
     *
     * @param master {@code local}, {@code local[2]}, {@code local[*]}, {@code spark://HOST:PORT}
     * @param source what scores
     * @param jars jar files that workers in other processes need to load the scorer; see {@link #workerJars}
     * @param security how a standalone master is spoken to
     * @throws InvalidInputException if the address is none, or the master or its workers do not answer within half a minute
     *     and a minute, or a jar is not there, or the source is broken
     */
    public SparkBatchEvaluator(String master, ScorerSource source, List<Path> jars, SparkSecurity security) {
        this(master, source, jars, security, SparkConnection.START_TIMEOUT, SparkConnection.WORKER_TIMEOUT, 0);
    }

    /** @param pauseMs waited in a worker before each evaluation, where the cluster itself is measured */
    SparkBatchEvaluator(
            String master,
            ScorerSource source,
            List<Path> jars,
            SparkSecurity security,
            Duration startTimeout,
            Duration workerTimeout,
            int pauseMs) {
        SparkMaster address = SparkMaster.parse(master);
        // A broken source is better refused here than by every worker.
        try (MetricScorer scorer = source.open()) {
            this.metrics = scorer.metrics();
            this.space = scorer.space().name();
        }
        this.smallestTask = source.isSlow() ? 1 : SMALLEST_TASK;
        this.master = master;
        this.spark = SparkConnection.open(address, security, jars, startTimeout, workerTimeout);
        this.jobs = Executors.newCachedThreadPool(task -> {
            Thread thread = new Thread(task, "lathe-spark-job");
            thread.setDaemon(true);
            return thread;
        });
        try {
            // A broadcast, not a file by addFile: workers take its blocks from each other and not all from here, it
            // goes
            // encrypted where RPC does, no copy stays on a worker's disk, and predictors and supernets go one way.
            this.setup = new WorkerTasks.Setup(
                    spark.broadcast(source), source.sha256(), CodeVersion.of(source.getClass()), pauseMs);
        } catch (RuntimeException e) {
            spark.close();
            throw e;
        }
    }

    /** The jars on this process's class path that workers in other processes need besides Spark's own to score with this. */
    public static List<Path> workerJars(ScorerSource source) {
        return SparkConnection.workerJars(source.libraries());
    }

    /** How many evaluations can be made at a time. */
    public int parallelism() {
        return spark.defaultParallelism();
    }

    @Override
    public List<String> metrics() {
        return metrics;
    }

    /**
     * @throws EvaluationException if an architecture could not be scored (the first one of the batch)
     * @throws InvalidInputException if a worker has other code, or would give other values
     * @throws IllegalStateException if the job failed, for example because all workers were lost
     */
    @Override
    public List<Evaluation> evaluate(List<Architecture> batch) {
        if (batch.isEmpty()) {
            return List.of();
        }
        return evaluateInTasks(batch, taskCount(batch.size(), spark.defaultParallelism()));
    }

    List<Evaluation> evaluateInTasks(List<Architecture> batch, int count) {
        List<int[][]> tasks = tasks(batch, count);
        List<WorkerTasks.Scores> scored = job(() -> spark.parallelize(tasks, tasks.size())
                .map(new WorkerTasks.Score(setup))
                .collect());
        List<Evaluation> results = new ArrayList<>(batch.size());
        long nanos = 0;
        for (WorkerTasks.Scores s : scored) {
            nanos += s.nanos;
            for (double[] values : s.values) {
                results.add(Evaluation.of(batch.get(results.size()), values));
            }
            if (s.failure != null) {
                throwRefusal(s.failure);
                throw new EvaluationException(batch.get(results.size()), new IllegalStateException(s.failure));
            }
        }
        // The size of tasks changes when results come, not what they are.
        double each = Math.max(1, (double) nanos / batch.size());
        smallestTask = (int) Math.max(1, Math.min(SMALLEST_TASK, Math.ceil(LEAST_TASK_NANOS / each)));
        return results;
    }

    @Override
    public Pending submit(Architecture architecture) {
        Future<Evaluation> future =
                jobs.submit(() -> evaluate(List.of(architecture)).get(0));
        return () -> {
            try {
                return future.get();
            } catch (ExecutionException e) {
                if (e.getCause() instanceof RuntimeException r) {
                    throw r;
                }
                throw new IllegalStateException("Evaluation failed", e.getCause());
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw new IllegalStateException("Interrupted while evaluating", e);
            }
        };
    }

    /** A task for each island. */
    @Override
    public List<IslandOutcome> evolve(SearchProblem problem, List<IslandTask> tasks) {
        return job(() -> spark.parallelize(tasks, tasks.size())
                .map(new WorkerTasks.Evolve(setup, problem))
                .collect());
    }

    private <T> T job(Supplier<T> job) {
        try {
            return job.get();
        } catch (Exception e) { // Scala throws checked exceptions that it does not declare.
            String message = String.valueOf(e.getMessage());
            throwRefusal(message);
            throw new IllegalStateException(
                    "The job on Spark master %s failed: %s"
                            .formatted(master, message.lines().findFirst().orElse(e.toString())),
                    e);
        }
    }

    private void throwRefusal(String failure) {
        int at = failure.indexOf(WorkerTasks.REFUSED);
        if (at >= 0) {
            throw new InvalidInputException("Spark master %s: %s"
                    .formatted(master, failure.substring(at).lines().findFirst().orElse(failure)));
        }
    }

    /** Waits until so many workers are there, two minutes at most. */
    void awaitWorkers(int workers) {
        SparkConnection.awaitWorkers(spark, SparkMaster.parse(master), Duration.ofMinutes(2), workers);
    }

    /** Two tasks for each core where there is enough to do, fewer for small batches. */
    private int taskCount(int size, int cores) {
        int most = 2 * cores;
        int worthwhile = (size + smallestTask - 1) / smallestTask;
        int count = worthwhile < 2 * most ? Math.min(cores, worthwhile) : most;
        return Math.max(count, (size + LARGEST_TASK - 1) / LARGEST_TASK);
    }

    /** Cuts a batch into tasks. */
    private List<int[][]> tasks(List<Architecture> batch, int count) {
        List<int[][]> tasks = new ArrayList<>(count);
        for (int t = 0; t < count; t++) {
            int from = (int) ((long) batch.size() * t / count);
            int to = (int) ((long) batch.size() * (t + 1) / count);
            int[][] genes = new int[to - from][];
            for (int i = from; i < to; i++) {
                Architecture a = batch.get(i);
                if (!a.space().equals(space)) {
                    throw new IllegalArgumentException("%s is not of space %s".formatted(a, space));
                }
                genes[i - from] = a.choices();
            }
            tasks.add(genes);
        }
        return tasks;
    }

    /** Leaves the cluster; the context is gone afterwards. */
    @Override
    public void close() {
        jobs.shutdownNow();
        spark.close();
        // With a local master the worker is this process; others end with the context.
        WorkerTasks.close(setup);
    }
}

package dev.lathe.cluster;

import dev.lathe.base.InvalidInputException;
import dev.lathe.evolve.BatchEvaluator;
import dev.lathe.evolve.Evaluation;
import dev.lathe.evolve.EvaluationException;
import dev.lathe.predict.ArchitectureScorer;
import dev.lathe.predict.ScorerBundle;
import dev.lathe.space.Architecture;
import dev.lathe.space.SearchSpaces;
import java.io.File;
import java.io.Serializable;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.apache.spark.SparkConf;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.api.java.function.Function;
import org.apache.spark.broadcast.Broadcast;
import org.jspecify.annotations.Nullable;

/**
 * Scores batches on Apache Spark. The scorer's bundle is broadcast once and made into a scorer once in each worker process;
 * each batch is one job that sends genes ({@code int[]}) and returns values ({@code double[]}), in the order of the batch and
 * equal to the last bit to what {@link ArchitectureScorer} gives locally.
 *
 * <p>A job costs 20 to 85 ms whatever it scores: with scorers of a tenth of a millisecond, batches of some hundred
 * architectures are faster on local threads, and Spark pays where scoring is slow or batches are large.
 *
 * @implNote One process can have one Spark context at a time, so one open evaluator.
 */
public final class SparkBatchEvaluator implements BatchEvaluator {
    private static final Duration CONNECT_TIMEOUT = Duration.ofSeconds(5);
    private static final Duration START_TIMEOUT = Duration.ofSeconds(25);
    private static final Duration WORKER_TIMEOUT = Duration.ofSeconds(60);

    /** Fewer architectures than this are not worth a task of their own. */
    private static final int SMALLEST_TASK = 16;

    /** Keeps a task's description below the size (1,000 KiB) that Spark warns about. */
    private static final int LARGEST_TASK = 2000;

    /** Libraries of the scorer, by the start of their jar's name; workers have Spark's own and what it brings. */
    private static final List<String> WORKER_LIBRARIES = List.of(
            "lathe-", "h2o-genmodel", "h2o-logger", "h2o-tree-api", "gson-", "opencsv-", "joda-time-", "hipparchus-");

    private final String space;
    private final List<String> metrics;
    private final String master;
    private final JavaSparkContext spark;
    private final Broadcast<ScorerBundle> bundle;
    private final String key;

    /**
     * Connects to a master.
     *
     * @param master {@code local}, {@code local[2]}, {@code local[*]}, {@code spark://HOST:PORT}
     * @param bundle what scores
     * @param jars jar files that workers in other processes need to load the scorer; see {@link #workerJars}
     * @throws InvalidInputException if the address is none, or the master or its workers do not answer within half a minute
     *     and a minute, or a jar is not there, or the bundle is broken
     */
    public SparkBatchEvaluator(String master, ScorerBundle bundle, List<Path> jars) {
        this(master, bundle, jars, START_TIMEOUT, WORKER_TIMEOUT);
    }

    SparkBatchEvaluator(
            String master, ScorerBundle bundle, List<Path> jars, Duration startTimeout, Duration workerTimeout) {
        SparkMaster address = SparkMaster.parse(master);
        for (Path jar : jars) {
            if (!Files.isRegularFile(jar)) {
                throw new InvalidInputException(
                        "jar %s for Spark's workers is not there; build it first".formatted(jar));
            }
        }
        // A broken bundle is better refused here than by every worker.
        this.metrics = new ArchitectureScorer(bundle).metrics();
        this.space = SearchSpaces.nameOf(bundle.space());
        this.master = master;
        this.key = bundle.sha256();
        // Before any class of Spark's: the first one that logs decides.
        QuietLogging.unlessConfigured();
        SparkConf conf = configuration(address, jars);
        this.spark = connect(address, conf, startTimeout);
        try {
            awaitWorker(address, workerTimeout);
            this.bundle = spark.broadcast(bundle);
        } catch (RuntimeException e) {
            spark.close();
            throw e;
        }
    }

    private static SparkConf configuration(SparkMaster master, List<Path> jars) {
        String driver = master.driverAddress(CONNECT_TIMEOUT);
        return new SparkConf()
                .setMaster(master.url())
                .setAppName("lathe")
                .setJars(jars.stream().map(p -> p.toAbsolutePath().toString()).toArray(String[]::new))
                .set("spark.ui.enabled", "false")
                .set("spark.ui.showConsoleProgress", "false")
                .set("spark.driver.host", driver)
                .set("spark.driver.bindAddress", driver);
    }

    /**
     * Starts Spark on a thread of its own: where the port answers but is no Spark master, Spark would try for a minute and
     * end in an exception that names neither.
     */
    private static JavaSparkContext connect(SparkMaster master, SparkConf conf, Duration timeout) {
        FutureTask<JavaSparkContext> start = new FutureTask<>(() -> new JavaSparkContext(conf));
        Thread starter = new Thread(start, "lathe-spark-start");
        starter.setDaemon(true);
        starter.start();
        try {
            return master.isLocal() ? start.get() : start.get(timeout.toMillis(), TimeUnit.MILLISECONDS);
        } catch (TimeoutException e) {
            start.cancel(true);
            throw master.unreachable("no answer of a Spark master within %d s".formatted(timeout.toSeconds()));
        } catch (ExecutionException e) {
            if (master.isLocal()) {
                throw new IllegalStateException("Spark does not start: " + e.getCause(), e.getCause());
            }
            throw master.unreachable(String.valueOf(e.getCause()));
        } catch (InterruptedException e) {
            start.cancel(true);
            Thread.currentThread().interrupt();
            throw new IllegalStateException("Interrupted while connecting to " + master.url(), e);
        }
    }

    /** A job without a worker would wait for ever. */
    private void awaitWorker(SparkMaster address, Duration timeout) {
        long deadline = System.nanoTime() + timeout.toNanos();
        // The driver counts as one.
        while (!address.isLocal() && spark.sc().statusTracker().getExecutorInfos().length < 2) {
            if (System.nanoTime() > deadline) {
                throw new InvalidInputException(
                        "Spark master %s gave no worker within %d s: start one, or free one, or use local[2]"
                                .formatted(address.url(), timeout.toSeconds()));
            }
            try {
                Thread.sleep(50);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw new IllegalStateException("Interrupted while waiting for a worker of " + address.url(), e);
            }
        }
    }

    /** The jars on this process's class path that workers in other processes need besides Spark's own. */
    public static List<Path> workerJars() {
        return Arrays.stream(System.getProperty("java.class.path", "").split(File.pathSeparator, -1))
                .filter(entry -> entry.endsWith(".jar"))
                .map(Path::of)
                .filter(p -> {
                    String name = String.valueOf(p.getFileName());
                    return WORKER_LIBRARIES.stream().anyMatch(name::startsWith);
                })
                .toList();
    }

    @Override
    public List<String> metrics() {
        return metrics;
    }

    /**
     * @throws EvaluationException if an architecture could not be scored (the first one of the batch)
     * @throws IllegalStateException if the job failed, for example because all workers were lost
     */
    @Override
    public List<Evaluation> evaluate(List<Architecture> batch) {
        if (batch.isEmpty()) {
            return List.of();
        }
        List<int[][]> tasks = tasks(batch, spark.defaultParallelism());
        List<Scores> scored;
        try {
            scored = spark.parallelize(tasks, tasks.size())
                    .map(new Score(bundle, key, space))
                    .collect();
        } catch (Exception e) { // Scala throws checked exceptions that it does not declare.
            throw new IllegalStateException(
                    "The job on Spark master %s failed: %s"
                            .formatted(
                                    master,
                                    String.valueOf(e.getMessage())
                                            .lines()
                                            .findFirst()
                                            .orElse(e.toString())),
                    e);
        }
        List<Evaluation> results = new ArrayList<>(batch.size());
        for (Scores s : scored) {
            for (double[] values : s.values) {
                results.add(Evaluation.of(batch.get(results.size()), values));
            }
            if (s.failure != null) {
                throw new EvaluationException(batch.get(results.size()), new IllegalStateException(s.failure));
            }
        }
        return results;
    }

    /** Cuts a batch into tasks: two for each core where there is enough to do, fewer for small batches. */
    private List<int[][]> tasks(List<Architecture> batch, int cores) {
        int most = 2 * cores;
        int worthwhile = (batch.size() + SMALLEST_TASK - 1) / SMALLEST_TASK;
        int count = worthwhile < 2 * most ? Math.min(cores, worthwhile) : most;
        count = Math.max(count, (batch.size() + LARGEST_TASK - 1) / LARGEST_TASK);
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
        spark.close();
    }

    /** Values of a task's architectures, up to the first that failed; failures travel as text, which any worker can send. */
    private static final class Scores implements Serializable {
        private static final long serialVersionUID = 1L;

        private final double[][] values;
        private final @Nullable String failure;

        Scores(double[][] values, @Nullable String failure) {
            this.values = values;
            this.failure = failure;
        }
    }

    /** What runs in a worker. A class, not a lambda: it carries nothing but its fields. */
    private static final class Score implements Function<int[][], Scores> {
        private static final long serialVersionUID = 1L;

        private final Broadcast<ScorerBundle> bundle;
        private final String key;
        private final String space;

        Score(Broadcast<ScorerBundle> bundle, String key, String space) {
            this.bundle = bundle;
            this.key = key;
            this.space = space;
        }

        @Override
        public Scores call(int[][] genes) {
            ArchitectureScorer scorer = Scorers.of(key, bundle);
            double[][] values = new double[genes.length][];
            for (int i = 0; i < genes.length; i++) {
                try {
                    values[i] = scorer.score(Architecture.of(space, genes[i]));
                } catch (RuntimeException e) {
                    return new Scores(Arrays.copyOf(values, i), e.toString());
                }
            }
            return new Scores(values, null);
        }
    }

    /** One scorer for each bundle in a process: making one (reading predictors) takes longer than a task. */
    private static final class Scorers {
        private static final int MOST = 4;
        private static final ConcurrentHashMap<String, ArchitectureScorer> MADE = new ConcurrentHashMap<>();

        private Scorers() {}

        static ArchitectureScorer of(String key, Broadcast<ScorerBundle> bundle) {
            if (MADE.size() > MOST) {
                MADE.clear();
            }
            return MADE.computeIfAbsent(key, k -> new ArchitectureScorer(bundle.value()));
        }
    }
}

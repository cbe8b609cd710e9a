package dev.lathe.cluster;

import dev.lathe.evolve.Evaluation;
import dev.lathe.evolve.Pending;
import dev.lathe.predict.ArchitectureScorer;
import dev.lathe.predict.ScorerBundle;
import dev.lathe.space.Architecture;
import dev.lathe.space.SearchSpace;
import dev.lathe.space.SearchSpaces;
import dev.lathe.space.TaskShape;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.Stream;

/**
 * What a standalone cluster of one-core workers costs on this machine, where each evaluation waits {@value #PAUSE_MS} ms before it is
 * made: sleeping takes no processor, so that two workers are two workers on a machine with one core, too.
 *
 * @param localMs an evaluation on this thread, without pause
 * @param jobMs a job of two evaluations without pause on two workers, the median
 * @param taskMs each further task of a job
 * @param submitMs each evaluation that is a job of its own, many at a time
 * @param oneSeconds a batch of {@value #BATCH} evaluations with pause on one worker
 * @param twoSeconds the same on two
 * @param islandsOneSeconds two islands' epochs of {@value #EPOCH} evaluations with pause on one worker, one after the other
 * @param islandsTwoSeconds the same on two
 * @param sameValues whether every batch gave what this thread gives
 */
public record ClusterCosts(
        double localMs,
        double jobMs,
        double taskMs,
        double submitMs,
        double oneSeconds,
        double twoSeconds,
        double islandsOneSeconds,
        double islandsTwoSeconds,
        boolean sameValues) {
    public static final int PAUSE_MS = 50;
    public static final int BATCH = 120;
    public static final int EPOCH = 60;
    private static final int REPEATS = 15;
    private static final int TASKS = 64;
    private static final ScorerBundle BUNDLE =
            new ScorerBundle("mbconv-tiny", new TaskShape(1, 8, 8, 10), new byte[0], new byte[0]);

    /** @param folder for what the processes of the cluster write */
    public static ClusterCosts measure(Path folder) throws IOException {
        ArchitectureScorer scorer = new ArchitectureScorer(BUNDLE);
        List<Architecture> batch = batch(BATCH);
        for (Architecture a : batch) {
            scorer.score(a); // warm-up
        }
        long start = System.nanoTime();
        List<Evaluation> expected =
                batch.stream().map(a -> Evaluation.of(a, scorer.score(a))).toList();
        double localMs = (System.nanoTime() - start) / 1e6 / BATCH;
        try (LocalCluster cluster = LocalCluster.start(folder)) {
            cluster.addWorker();
            double[] one;
            try (SparkBatchEvaluator spark = connect(cluster, 1, PAUSE_MS)) {
                one = seconds(spark, batch, expected);
            }
            cluster.addWorker();
            double[] two;
            try (SparkBatchEvaluator spark = connect(cluster, 2, PAUSE_MS)) {
                two = seconds(spark, batch, expected);
            }
            try (SparkBatchEvaluator spark = connect(cluster, 2, 0)) {
                spark.evaluate(batch);
                double jobMs = median(() -> spark.evaluateInTasks(batch.subList(0, 2), 2));
                double manyMs = median(() -> spark.evaluateInTasks(batch.subList(0, TASKS), TASKS));
                double submitMs = median(() -> submitAll(spark, batch)) / BATCH;
                return new ClusterCosts(
                        localMs,
                        jobMs,
                        Math.max(0, manyMs - jobMs) / (TASKS - 2),
                        submitMs,
                        one[0],
                        two[0],
                        one[1],
                        two[1],
                        one[2] + two[2] == 2);
            }
        }
    }

    private static SparkBatchEvaluator connect(LocalCluster cluster, int workers, int pauseMs) {
        SparkBatchEvaluator spark = new SparkBatchEvaluator(
                cluster.master(),
                BUNDLE,
                cluster.jars(),
                cluster.security(),
                SparkConnection.START_TIMEOUT,
                Duration.ofSeconds(120),
                pauseMs);
        spark.awaitWorkers(workers);
        return spark;
    }

    /** Of a batch, of two islands, and 1 where the values are right. */
    private static double[] seconds(SparkBatchEvaluator spark, List<Architecture> batch, List<Evaluation> expected) {
        spark.evaluate(batch.subList(0, 40)); // each worker makes its scorer
        long start = System.nanoTime();
        boolean same = spark.evaluate(batch).equals(expected);
        double batchSeconds = (System.nanoTime() - start) / 1e9;
        start = System.nanoTime();
        spark.evolve(IslandEpochs.problem(BUNDLE), IslandEpochs.two(EPOCH));
        return new double[] {batchSeconds, (System.nanoTime() - start) / 1e9, same ? 1 : 0};
    }

    private static void submitAll(SparkBatchEvaluator spark, List<Architecture> batch) {
        List<Pending> pending = new ArrayList<>();
        for (Architecture a : batch) {
            pending.add(spark.submit(a));
        }
        pending.forEach(Pending::await);
    }

    private static double median(Runnable job) {
        double[] ms = new double[REPEATS];
        for (int i = 0; i < REPEATS; i++) {
            long start = System.nanoTime();
            job.run();
            ms[i] = (System.nanoTime() - start) / 1e6;
        }
        Arrays.sort(ms);
        return ms[REPEATS / 2];
    }

    private static List<Architecture> batch(int n) {
        SearchSpace space = SearchSpaces.create(BUNDLE.space(), BUNDLE.task());
        SplittableRandom random = new SplittableRandom(1);
        return Stream.generate(() -> space.random(random)).distinct().limit(n).toList();
    }
}

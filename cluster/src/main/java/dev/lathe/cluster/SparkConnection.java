package dev.lathe.cluster;

import dev.lathe.base.InvalidInputException;
import java.io.File;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.stream.Stream;
import org.apache.spark.SparkConf;
import org.apache.spark.api.java.JavaSparkContext;

/** Makes the connection to a master, or says within half a minute why there is none. */
final class SparkConnection {
    static final Duration START_TIMEOUT = Duration.ofSeconds(20);
    static final Duration WORKER_TIMEOUT = Duration.ofSeconds(60);
    private static final Duration CONNECT_TIMEOUT = Duration.ofSeconds(5);

    /** Libraries of the scorer, by the start of their jar's name; workers have Spark's own and what it brings. */
    private static final List<String> WORKER_LIBRARIES = List.of(
            "lathe-",
            "h2o-genmodel",
            "h2o-logger",
            "h2o-tree-api",
            "gson-",
            "opencsv-",
            "joda-time-",
            "hipparchus-",
            "jenetics-",
            "jspecify-");

    /**
     * A task that takes twice as long as the median of those that have ended, where half have, is started once more on another host; what ends first
     * counts, and both give the same. Spark's own settings wait for nine tasks of ten, of which small batches have none.
     */
    private static final Map<String, String> STRAGGLERS = Map.of(
            "spark.speculation", "true",
            "spark.speculation.quantile", "0.5",
            "spark.speculation.multiplier", "2",
            "spark.speculation.minTaskRuntime", "1s");

    private SparkConnection() {}

    /** @throws InvalidInputException if the master or its workers do not answer, or a jar is not there */
    static JavaSparkContext open(
            SparkMaster master,
            SparkSecurity security,
            List<Path> jars,
            Duration startTimeout,
            Duration workerTimeout) {
        for (Path jar : jars) {
            if (!Files.isRegularFile(jar)) {
                throw new InvalidInputException(
                        "jar %s for Spark's workers is not there; build it first".formatted(jar));
            }
        }
        // Before any class of Spark's: the first one that logs decides.
        QuietLogging.unlessConfigured();
        JavaSparkContext spark = connect(master, configuration(master, security, jars), startTimeout);
        try {
            awaitWorkers(spark, master, workerTimeout, 1);
            return spark;
        } catch (RuntimeException e) {
            spark.close();
            throw e;
        }
    }

    private static SparkConf configuration(SparkMaster master, SparkSecurity security, List<Path> jars) {
        master.requireManager(System.getenv());
        // Has what spark-submit was given.
        SparkConf conf = new SparkConf()
                .setMaster(master.url())
                .setAppName("lathe")
                .set("spark.ui.enabled", "false")
                .set("spark.ui.showConsoleProgress", "false");
        master.driverAddress(CONNECT_TIMEOUT).ifPresent(driver -> {
            if (!conf.contains("spark.driver.host")) {
                conf.set("spark.driver.host", driver).setIfMissing("spark.driver.bindAddress", driver);
            }
        });
        if (!jars.isEmpty()) {
            conf.setJars(jars.stream().map(p -> p.toAbsolutePath().toString()).toArray(String[]::new));
        }
        if (!master.isLocal()) {
            security.apply(conf);
            STRAGGLERS.forEach(conf::setIfMissing);
        }
        return conf;
    }

    /**
     * Starts Spark on a thread of its own: where the port answers but is no Spark master, or one with another secret, Spark would try
     * for a minute and end in an exception that names neither. What starts after that time is closed again: it would hold the workers. It
     * is not interrupted: Spark cleans up after what fails, but not after that.
     */
    private static JavaSparkContext connect(SparkMaster master, SparkConf conf, Duration timeout) {
        CompletableFuture<JavaSparkContext> start = new CompletableFuture<>();
        Thread starter = new Thread(
                () -> {
                    try {
                        JavaSparkContext spark = new JavaSparkContext(conf);
                        if (!start.complete(spark)) {
                            spark.close();
                        }
                    } catch (Throwable e) { // Scala throws checked exceptions that it does not declare.
                        start.completeExceptionally(e);
                    }
                },
                "lathe-spark-start");
        starter.setDaemon(true);
        starter.start();
        try {
            return master.isLocal() ? start.get() : start.get(timeout.toMillis(), TimeUnit.MILLISECONDS);
        } catch (TimeoutException e) {
            if (!start.cancel(false) && !start.isCompletedExceptionally()) {
                return start.join();
            }
            throw master.unreachable(
                    "no answer of a Spark master with this secret within %d s".formatted(timeout.toSeconds()));
        } catch (ExecutionException e) {
            if (master.isLocal()) {
                throw new IllegalStateException("Spark does not start: " + e.getCause(), e.getCause());
            }
            throw master.unreachable(String.valueOf(e.getCause()));
        } catch (InterruptedException e) {
            if (!start.cancel(false) && !start.isCompletedExceptionally()) {
                start.join().close();
            }
            Thread.currentThread().interrupt();
            throw new IllegalStateException("Interrupted while connecting to " + master.url(), e);
        }
    }

    /** A job without a worker would wait for ever. */
    static void awaitWorkers(JavaSparkContext spark, SparkMaster master, Duration timeout, int workers) {
        long deadline = System.nanoTime() + timeout.toNanos();
        // The driver counts as one.
        while (!master.isLocal() && spark.sc().statusTracker().getExecutorInfos().length <= workers) {
            if (System.nanoTime() > deadline) {
                throw new InvalidInputException(
                        "Spark master %s gave no worker within %d s: start one, or free one, or use local[2]"
                                .formatted(master.url(), timeout.toSeconds()));
            }
            try {
                Thread.sleep(50);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw new IllegalStateException("Interrupted while waiting for a worker of " + master.url(), e);
            }
        }
    }

    /**
     * The jars on this process's class path that workers in other processes need besides Spark's own.
     *
     * @param more how the names of further ones begin
     */
    static List<Path> workerJars(List<String> more) {
        return classPath().stream()
                .filter(p -> p.toString().endsWith(".jar") && isForWorkers(p, more))
                .toList();
    }

    static List<Path> classPath() {
        return Arrays.stream(System.getProperty("java.class.path", "").split(File.pathSeparator, -1))
                .filter(entry -> !entry.isEmpty())
                .map(Path::of)
                .toList();
    }

    static boolean isForWorkers(Path jar, List<String> more) {
        String name = String.valueOf(jar.getFileName());
        return Stream.concat(WORKER_LIBRARIES.stream(), more.stream()).anyMatch(name::startsWith);
    }
}

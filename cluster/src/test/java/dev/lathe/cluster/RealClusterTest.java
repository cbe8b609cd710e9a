package dev.lathe.cluster;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lathe.base.InvalidInputException;
import dev.lathe.base.ProgressListener;
import dev.lathe.evolve.BatchEvaluator;
import dev.lathe.evolve.Budget;
import dev.lathe.evolve.Evaluation;
import dev.lathe.evolve.EvaluationLog;
import dev.lathe.evolve.LocalBatchEvaluator;
import dev.lathe.evolve.LoggedEvaluator;
import dev.lathe.evolve.Objective;
import dev.lathe.evolve.ReferencePoint;
import dev.lathe.evolve.SearchProblem;
import dev.lathe.evolve.SearchResult;
import dev.lathe.evolve.SearchSettings;
import dev.lathe.evolve.Strategies;
import dev.lathe.predict.ArchitectureScorer;
import dev.lathe.predict.ScorerBundle;
import dev.lathe.space.Architecture;
import dev.lathe.space.SearchSpace;
import dev.lathe.space.SearchSpaces;
import dev.lathe.space.TaskShape;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.jar.JarEntry;
import java.util.jar.JarOutputStream;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

/** One master and two workers, each a process: what only a cluster with processes of its own can show. */
@EnabledOnOs(OS.LINUX)
@TestMethodOrder(MethodOrderer.OrderAnnotation.class) // the last ones spoil the cluster
class RealClusterTest {
    private static final TaskShape TASK = new TaskShape(1, 8, 8, 10);
    static final SearchSpace SPACE = SearchSpaces.create("mbconv-tiny", TASK);
    static final ScorerBundle BUNDLE = new ScorerBundle("mbconv-tiny", TASK, null, null);
    private static final ArchitectureScorer SCORER = new ArchitectureScorer(BUNDLE);

    @TempDir
    static Path folder;

    private static LocalCluster cluster;

    @BeforeAll
    static void start() throws IOException {
        cluster = LocalCluster.start(folder);
        cluster.addWorker();
        cluster.addWorker();
    }

    @AfterAll
    static void stop() {
        cluster.close();
    }

    private static SparkBatchEvaluator connect(SparkSecurity security, int startSeconds, int pauseMs) {
        return new SparkBatchEvaluator(
                cluster.master(),
                BUNDLE,
                cluster.jars(),
                security,
                Duration.ofSeconds(startSeconds),
                Duration.ofSeconds(180), // a worker's first start, on a machine that does much else
                pauseMs);
    }

    private static LocalBatchEvaluator local() {
        return new LocalBatchEvaluator(SCORER.metrics(), SCORER::score, 1);
    }

    private static List<Architecture> batch(int n) {
        Random random = new Random(n);
        return Stream.generate(() -> SPACE.random(random)).distinct().limit(n).toList();
    }

    private static SearchResult search(String strategy, BatchEvaluator evaluator) {
        return search(strategy, evaluator, evaluator, ProgressListener.SILENT);
    }

    /** @param unlogged scores the box for hypervolume, which is no part of the search */
    static SearchResult search(
            String strategy, BatchEvaluator evaluator, BatchEvaluator unlogged, ProgressListener progress) {
        double macs = SCORER.score(SPACE.largest())[SCORER.metrics().indexOf("macs")];
        SearchProblem problem = new SearchProblem(
                SPACE,
                SCORER.metrics(),
                List.of(Objective.maximize("parameters"), Objective.minimize("macs")),
                List.of(new Budget("macs", macs / 3)));
        ReferencePoint reference = ReferencePoint.sampled(problem, unlogged, 100, 1);
        return Strategies.create(strategy, new Strategies.Parameters(20, 4, 2, 5))
                .search(problem, evaluator, new SearchSettings(120, reference, 3), progress);
    }

    /** Spark takes a process that only hangs for lost after two minutes; a copy of its task is long done by then. */
    @Test
    @Order(0)
    void theTaskOfAWorkerThatHangsIsDoneByTheOther() throws Exception {
        List<Architecture> batch = batch(48);
        try (SparkBatchEvaluator spark = connect(cluster.security(), 180, 40);
                BatchEvaluator here = local()) {
            spark.awaitWorkers(2);
            spark.evaluateInTasks(batch(8), 4); // both have the code
            CompletableFuture<List<Evaluation>> running =
                    CompletableFuture.supplyAsync(() -> spark.evaluateInTasks(batch, 6));
            Thread.sleep(200); // of at least 1 s
            cluster.hang(1, true);
            try {
                assertThat(running.get(100, TimeUnit.SECONDS)).isEqualTo(here.evaluate(batch));
            } finally {
                cluster.hang(1, false);
            }
        }
    }

    @Test
    @Order(1)
    void frontsAreThoseOfOneThreadAndAWorkerKilledOnTheWayChangesNothing() throws Exception {
        List<Architecture> batch = batch(60);
        List<Evaluation> expected;
        try (SparkBatchEvaluator spark = connect(cluster.security(), 180, 40);
                BatchEvaluator here = local()) {
            for (String strategy : List.of("nsga2", "islands", "steady-state")) {
                assertThat(search(strategy, spark)).as(strategy).isEqualTo(search(strategy, here));
            }
            assertOnlyOnLoopback();
            expected = here.evaluate(batch);
            CompletableFuture<List<Evaluation>> running = CompletableFuture.supplyAsync(() -> spark.evaluate(batch));
            Thread.sleep(300); // of at least 1.2 s
            cluster.kill(0);
            assertThat(running.get()).isEqualTo(expected);
            assertThat(spark.evaluate(batch(10))).isEqualTo(here.evaluate(batch(10)));
        }
    }

    /** Sockets that listen, of all processes of the cluster and of this one. */
    private static void assertOnlyOnLoopback() throws IOException {
        List<String> inodes = new ArrayList<>();
        for (ProcessHandle p : cluster.processes()) {
            try (Stream<Path> open = Files.list(Path.of("/proc", Long.toString(p.pid()), "fd"))) {
                for (Path fd : open.toList()) {
                    String target = Files.exists(fd, java.nio.file.LinkOption.NOFOLLOW_LINKS)
                            ? Files.readSymbolicLink(fd).toString()
                            : "";
                    if (target.startsWith("socket:[")) {
                        inodes.add(target.substring(8, target.length() - 1));
                    }
                }
            }
        }
        int listening = 0;
        for (String table : List.of("tcp", "tcp6")) {
            List<String> lines = Files.readAllLines(Path.of("/proc/net", table));
            for (String line : lines.subList(1, lines.size())) {
                String[] cells = line.strip().split("\\s+");
                if (cells[3].equals("0A") && inodes.contains(cells[9])) {
                    listening++;
                    assertThat(cells[1].split(":")[0])
                            .matches("(0{16}FFFF0{4}|0{16}0{8}01000000|)0[12]00007F|0{24}01000000");
                }
            }
        }
        assertThat(listening).isGreaterThanOrEqualTo(6); // master and workers: two ports each
    }

    /** Killed in its first generations and, resumed, once more: log and front are those of one thread. */
    @Test
    @Order(2)
    void aDriverKilledTwiceIsResumedOnTheCluster() throws Exception {
        Path here = Files.createDirectories(folder.resolve("driver-here"));
        SearchResult expected;
        try (BatchEvaluator local = local();
                EvaluationLog log = EvaluationLog.open(here.resolve("evaluations.csv"), SPACE, local.metrics())) {
            expected = search("nsga2", new LoggedEvaluator(log, local), local, ProgressListener.SILENT);
        }
        Path there = Files.createDirectories(folder.resolve("driver-there"));
        Path log = there.resolve("evaluations.csv");
        for (int rows : new int[] {30, 70}) {
            Process driver = driver(there, cluster.security().secret(), 180);
            while (driver.isAlive()
                    && (!Files.exists(log) || Files.readAllLines(log).size() <= rows)) {
                Thread.sleep(10);
            }
            driver.destroyForcibly().waitFor();
            assertThat(driver.exitValue()).as("killed, not ended").isNotZero();
            assertThat(there.resolve("front.txt")).doesNotExist();
        }
        Process last = driver(there, cluster.security().secret(), 180);
        assertThat(last.waitFor(10, TimeUnit.MINUTES)).isTrue();
        assertThat(last.exitValue())
                .as(Files.readString(there.resolve("output")))
                .isZero();
        assertThat(there.resolve("front.txt")).hasContent(expected.front().toString());
        assertThat(Files.readAllBytes(log)).isEqualTo(Files.readAllBytes(here.resolve("evaluations.csv")));
    }

    /** @param secret what it speaks to the master with, or null for no authentication */
    private static Process driver(Path there, @Nullable String secret, int startSeconds) throws IOException {
        List<String> command = new ArrayList<>(
                List.of(Path.of(System.getProperty("java.home"), "bin", "java").toString(), "-XX:TieredStopAtLevel=1"));
        ManagementFactory.getRuntimeMXBean().getInputArguments().stream()
                .filter(o -> o.startsWith("--add-opens"))
                .forEach(command::add);
        command.addAll(List.of(SearchDriver.class.getName(), cluster.master(), "nsga2", there.toString()));
        cluster.jars().forEach(j -> command.add(j.toString()));
        ProcessBuilder b = new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(there.resolve("output").toFile());
        b.environment().put("CLASSPATH", System.getProperty("java.class.path"));
        b.environment().put("SPARK_LOCAL_IP", "127.0.0.1");
        b.environment().put(SearchDriver.START_SECONDS, Integer.toString(startSeconds));
        b.environment().remove(SparkSecurity.VARIABLE);
        if (secret != null) {
            b.environment().put(SparkSecurity.VARIABLE, secret);
        }
        return b.start();
    }

    /** In processes of their own: Spark tries for a minute, and then stops what this process has by then. */
    @Test
    @Order(3)
    void whoDoesNotKnowTheSecretIsRefused() throws Exception {
        Map<Path, Process> drivers = new LinkedHashMap<>();
        for (String wrong : new String[] {null, "another-secret-of-some-length"}) {
            Path there = Files.createDirectories(folder.resolve("driver-with-" + wrong));
            drivers.put(there, driver(there, wrong, 5));
        }
        for (Map.Entry<Path, Process> d : drivers.entrySet()) {
            assertThat(d.getValue().waitFor(10, TimeUnit.MINUTES)).isTrue();
            String output = Files.readString(d.getKey().resolve("output"));
            assertThat(d.getValue().exitValue()).as(output).isEqualTo(2);
            assertThat(output.lines())
                    .anyMatch(l -> l.startsWith("refused: Spark master " + cluster.master() + " cannot be reached"));
        }
        assertThatThrownBy(() -> SparkSecurity.of(cluster.master(), Map.of(), false))
                .isInstanceOf(InvalidInputException.class)
                .hasMessageContaining("LATHE_SPARK_SECRET")
                .hasMessageContaining(cluster.master());
        assertThat(cluster.security().toString()).isEqualTo("SparkSecurity[authenticated]");
        assertThatThrownBy(() -> new SparkSecurity("short")).isInstanceOf(InvalidInputException.class);
    }

    @Test
    @Order(4)
    void aWorkerWithOtherCodeIsRefused() throws IOException {
        // The same classes and one more, where the worker finds them before those it is sent.
        for (Path jar : cluster.jars()) {
            Path there = cluster.libraries().resolve("other-" + jar.getFileName());
            Files.copy(jar, there, StandardCopyOption.REPLACE_EXISTING);
            if (there.getFileName().toString().startsWith("other-lathe")) {
                addClass(there);
            }
        }
        try (SparkBatchEvaluator spark = connect(cluster.security(), 180, 0)) {
            assertThatThrownBy(() -> spark.evaluate(batch(10)))
                    .isInstanceOf(InvalidInputException.class)
                    .hasMessageContaining(cluster.master())
                    .hasMessageContaining("has Lathe's code in version")
                    .hasMessageNotContaining("\n");
        }
    }

    private static void addClass(Path jar) throws IOException {
        Path changed = jar.resolveSibling("changed.tmp");
        try (java.util.jar.JarFile old = new java.util.jar.JarFile(jar.toFile());
                JarOutputStream out = new JarOutputStream(Files.newOutputStream(changed))) {
            for (JarEntry e : old.stream().toList()) {
                out.putNextEntry(new JarEntry(e.getName()));
                old.getInputStream(e).transferTo(out);
                out.closeEntry();
            }
            out.putNextEntry(new JarEntry("dev/lathe/Another.class"));
            out.closeEntry();
        }
        Files.move(changed, jar, StandardCopyOption.REPLACE_EXISTING);
    }
}

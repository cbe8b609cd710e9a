package dev.lathe.cluster;

import dev.lathe.base.InvalidInputException;
import dev.lathe.base.ProgressListener;
import dev.lathe.evolve.BatchEvaluator;
import dev.lathe.evolve.EvaluationLog;
import dev.lathe.evolve.LoggedEvaluator;
import dev.lathe.evolve.SearchResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Map;

/** A driver in a process of its own, to be killed: a logged search on a cluster, whose front it writes at its end. */
final class SearchDriver {
    private static final int PAUSE_MS = 20;

    private SearchDriver() {}

    /** Variable with the seconds after which the master is given up. */
    static final String START_SECONDS = "LATHE_TEST_START_SECONDS";

    /**
     * Arguments: the master, the strategy, a folder, and the jars for the workers; the secret comes by the environment, and without one there
     * is no authentication. Ends with 2 and one line where it cannot connect.
     */
    public static void main(String[] args) throws Exception {
        String master = args[0];
        Path folder = Path.of(args[2]);
        List<Path> jars = Arrays.stream(args).skip(3).map(Path::of).toList();
        Map<String, String> environment = System.getenv();
        try (BatchEvaluator spark = new SparkBatchEvaluator(
                        master,
                        RealClusterTest.BUNDLE,
                        jars,
                        SparkSecurity.of(master, environment, !environment.containsKey(SparkSecurity.VARIABLE)),
                        Duration.ofSeconds(Long.parseLong(environment.getOrDefault(START_SECONDS, "60"))),
                        Duration.ofSeconds(180),
                        PAUSE_MS);
                EvaluationLog log =
                        EvaluationLog.open(folder.resolve("evaluations.csv"), RealClusterTest.SPACE, spark.metrics())) {
            SearchResult r =
                    RealClusterTest.search(args[1], new LoggedEvaluator(log, spark), spark, ProgressListener.SILENT);
            Files.writeString(folder.resolve("front.txt"), r.front().toString());
        } catch (InvalidInputException e) {
            System.out.println("refused: " + e.getMessage());
            System.exit(2);
        }
        System.exit(0);
    }
}

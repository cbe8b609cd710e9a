package dev.lathe.cli;

import dev.lathe.base.Folders;
import dev.lathe.cluster.ClusterCosts;
import dev.lathe.cluster.ScalingModel;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** What a cluster of one-core workers costs and gains, measured on this machine, and what follows for larger ones. */
final class ScalingReproduction {
    private static final double LEAST_SPEED_UP = 1.8;
    private static final double MOST_DEVIATION = 0.2;
    private static final int POPULATION = 1000;
    private static final int EVALUATIONS = 50_000;
    /** Evaluations under way for each core, so that one that takes ten times as long keeps few waiting. */
    private static final int IN_FLIGHT = 10;

    private static final double SPREAD = 0.3;
    private static final double STRAGGLERS = 0.01;
    private static final double FACTOR = 10;

    private ScalingReproduction() {}

    private static ClusterCosts measured(ReproduceCommand o) throws IOException {
        Path folder = Files.createTempDirectory("lathe-cluster");
        try {
            o.execution.progress().report("measuring a cluster of two workers", 0, 1, "");
            return ClusterCosts.measure(folder);
        } finally {
            Folders.delete(folder);
        }
    }

    /** Speed-up of two workers over one, and overheads. */
    static List<ReproduceCommand.Row> cluster(ReproduceCommand o) throws IOException {
        ClusterCosts c = measured(o);
        double batch = c.oneSeconds() / c.twoSeconds();
        double islands = c.islandsOneSeconds() / c.islandsTwoSeconds();
        return List.of(
                new ReproduceCommand.Row(
                        "values of two workers",
                        "one thread",
                        c.sameValues() ? "the same bits" : "other",
                        "the same",
                        c.sameValues()),
                speedUp(
                        "%d evaluations of %d ms, two workers over one"
                                .formatted(ClusterCosts.BATCH, ClusterCosts.PAUSE_MS),
                        c.oneSeconds(),
                        c.twoSeconds(),
                        batch),
                speedUp(
                        "two islands' epochs of %d evaluations of %d ms, two workers over one"
                                .formatted(ClusterCosts.EPOCH, ClusterCosts.PAUSE_MS),
                        c.islandsOneSeconds(),
                        c.islandsTwoSeconds(),
                        islands),
                stated("overhead of a generation (an empty job)", c.jobMs()),
                stated("overhead of each further task", c.taskMs()),
                stated("overhead of an evaluation that is a job of its own", c.submitMs()));
    }

    private static ReproduceCommand.Row speedUp(String what, double one, double two, double ratio) {
        return new ReproduceCommand.Row(
                what,
                "%.2f s (one)".formatted(one),
                "%.2f s, %.2f times".formatted(two, ratio),
                "at least " + LEAST_SPEED_UP,
                ratio >= LEAST_SPEED_UP);
    }

    private static ReproduceCommand.Row stated(String what, double ms) {
        return new ReproduceCommand.Row(what, "", "%.2f ms".formatted(ms), "stated", true);
    }

    /** The model's constants, its agreement with two workers, and its predictions. */
    static List<ReproduceCommand.Row> scaling(ReproduceCommand o) throws IOException {
        ClusterCosts c = measured(o);
        List<ReproduceCommand.Row> rows = new ArrayList<>();
        rows.add(stated("an evaluation on one thread (exact costs, no predictors)", c.localMs()));
        rows.add(stated("a job", c.jobMs()));
        rows.add(stated("a task", c.taskMs()));
        rows.add(stated("an evaluation that is a job of its own", c.submitMs()));
        ScalingModel even =
                new ScalingModel(c.jobMs(), c.taskMs(), c.submitMs(), ClusterCosts.PAUSE_MS + c.localMs(), 0, 0, 1);
        rows.add(agreement(
                "a batch on two workers, model and measurement",
                even.generations(2, ClusterCosts.BATCH, ClusterCosts.BATCH).seconds(),
                c.twoSeconds()));
        rows.add(agreement(
                "an epoch of two islands, model and measurement",
                even.islands(2, ClusterCosts.EPOCH, 2 * ClusterCosts.EPOCH).seconds(),
                c.islandsTwoSeconds()));
        for (double evaluationMs : new double[] {1, 50, 10_000}) {
            ScalingModel model =
                    new ScalingModel(c.jobMs(), c.taskMs(), c.submitMs(), evaluationMs, SPREAD, STRAGGLERS, FACTOR);
            for (int cores : new int[] {10, 100, 1000}) {
                rows.add(new ReproduceCommand.Row(
                        "%,d evaluations of %,.0f ms, %,d cores: generations, islands, asynchronous"
                                .formatted(EVALUATIONS, evaluationMs, cores),
                        "%,d (all busy)".formatted(cores),
                        "%,.1f, %,.1f, %,.1f"
                                .formatted(
                                        model.generations(cores, POPULATION, EVALUATIONS)
                                                .speedUp(),
                                        model.islands(cores, POPULATION, EVALUATIONS)
                                                .speedUp(),
                                        model.asynchronous(cores, IN_FLIGHT * cores, EVALUATIONS)
                                                .speedUp()),
                        "predicted",
                        true));
            }
        }
        return rows;
    }

    private static ReproduceCommand.Row agreement(String what, double predicted, double measured) {
        return new ReproduceCommand.Row(
                what,
                "%.2f s (measured)".formatted(measured),
                "%.2f s".formatted(predicted),
                "within %.0f %%".formatted(100 * MOST_DEVIATION),
                Math.abs(predicted / measured - 1) <= MOST_DEVIATION);
    }
}

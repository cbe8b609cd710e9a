package dev.lathe.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lathe.cluster.LocalCluster;
import dev.lathe.cluster.SparkBatchEvaluator;
import dev.lathe.evolve.Evaluation;
import dev.lathe.results.RunDirectory;
import dev.lathe.results.RunManifest;
import dev.lathe.space.Architecture;
import dev.lathe.supernet.SubnetScore;
import dev.lathe.supernet.Supernet;
import dev.lathe.supernet.SupernetBundle;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

/** Subnets evaluated on workers have the scores that they have here, to the last bit. */
class SupernetClusterTest {
    @TempDir
    Path folder;

    private interface Work {
        void on(Workbench w) throws IOException;
    }

    private void inARun(String name, Work work) throws IOException {
        Experiment e =
                Experiment.read(null, List.of("training.steps=2", "training.batchSize=8", "profile.accuracies=20"));
        RunManifest manifest = RunManifest.of(e.settings(), Map.of(), Map.of(), Map.of(), List.of(), "now");
        ExecutionOptions quiet = new ExecutionOptions();
        quiet.quiet = true;
        try (RunDirectory run = RunDirectory.start(folder.resolve(name), manifest, true)) {
            Workbench w = Workbench.of(e, run, Workbench.load(e, false), quiet, quiet.progress());
            TrainStep.run(w);
            work.on(w);
        }
    }

    /** With a master the file is the same, also where some of it is there already. */
    @Test
    void withAMasterTheScoresAreTheSameBytes() throws Exception {
        List<byte[]> files = new ArrayList<>();
        inARun("here", w -> {
            AccuracyStep.run(w);
            files.add(Files.readAllBytes(w.run().accuracies()));
        });
        inARun("spark", w -> {
            w.execution().master = "local[2]";
            Map<Architecture, SubnetScore> found = AccuracyStep.run(w);
            assertThat(found).hasSize(22);
            assertThat(Files.readAllBytes(w.run().accuracies())).isEqualTo(files.get(0));
            List<String> lines = Files.readAllLines(w.run().accuracies());
            Files.write(w.run().accuracies(), lines.subList(0, 9));
            assertThat(AccuracyStep.run(w)).isEqualTo(found);
            assertThat(Files.readAllLines(w.run().accuracies())).isEqualTo(lines);
        });
    }

    /** Two worker processes that start with Spark alone, and are sent Lathe, DJL, and the supernet once each. */
    @Test
    @EnabledOnOs(OS.LINUX)
    void workersOfAClusterFetchTheSupernetOnce() throws Exception {
        inARun("run", w -> {
            Path processes = Files.createDirectories(folder.resolve("cluster"));
            try (Supernet supernet = TrainStep.load(w)) {
                SupernetBundle bundle = supernet.bundle(w.data().validation());
                List<Architecture> batch = AccuracyStep.sample(w);
                try (LocalCluster cluster = cluster(processes, bundle);
                        SparkBatchEvaluator spark = cluster.connect(bundle, 2)) {
                    for (int from = 0; from < batch.size(); from += 11) {
                        for (Evaluation e : spark.evaluate(batch.subList(from, from + 11))) {
                            SubnetScore here =
                                    supernet.evaluate(e.architecture(), w.data().validation());
                            assertThat(e.values()).containsExactly(here.top1(), here.crossEntropy());
                        }
                    }
                }
                for (int worker = 0; worker < 2; worker++) {
                    assertThat(broadcastsRead(processes.resolve("work-" + worker)))
                            .as("worker %d", worker)
                            .filteredOn(l -> l.contains("broadcast variable 0"))
                            .hasSize(1);
                }
            }
        });
    }

    private static LocalCluster cluster(Path processes, SupernetBundle bundle) throws IOException {
        LocalCluster cluster = LocalCluster.start(processes, bundle.libraries());
        cluster.addWorker();
        cluster.addWorker();
        return cluster;
    }

    /** What Spark's log of a worker says that it has fetched. */
    private static List<String> broadcastsRead(Path work) throws IOException {
        List<String> lines = new ArrayList<>();
        try (Stream<Path> files = Files.walk(work)) {
            for (Path p : files.filter(f -> f.endsWith("stderr")).toList()) {
                Files.readAllLines(p).stream()
                        .filter(l -> l.contains("Reading broadcast variable") && l.contains("took"))
                        .forEach(lines::add);
            }
        }
        return lines;
    }
}

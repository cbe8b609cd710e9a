package dev.lathe.bench;

import dev.lathe.graph.CostModel;
import dev.lathe.graph.Graph;
import dev.lathe.graph.MemoryPlanner;
import dev.lathe.graph.memory.DeploymentOptions;
import dev.lathe.graph.memory.DeploymentPlanner;
import dev.lathe.space.Architecture;
import dev.lathe.space.SearchSpace;
import dev.lathe.space.SearchSpaces;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Threads;
import org.openjdk.jmh.annotations.Warmup;

/**
 * Architectures a second on one core: lowering with the cost model, and the memory planners on graphs that are there. The
 * architectures are random, so that neither branches nor caches learn one network.
 */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.Throughput)
@OutputTimeUnit(TimeUnit.SECONDS)
@Fork(2)
@Threads(1)
@Warmup(iterations = 3, time = 2)
@Measurement(iterations = 5, time = 2)
public class LoweringBenchmark {
    private static final int NETWORKS = 512;

    @Param({"mbconv-tiny", "vit-tiny", "ofa-mobilenetv3"})
    public String space = "";

    private SearchSpace searched = SearchSpaces.create("mbconv-tiny", SearchSpaces.usualTask("mbconv-tiny"));
    private final Architecture[] architectures = new Architecture[NETWORKS];
    private final Graph[] graphs = new Graph[NETWORKS];
    private int next;

    @Setup
    public void draw() {
        searched = SearchSpaces.create(space, SearchSpaces.usualTask(space));
        SplittableRandom random = new SplittableRandom(1);
        for (int i = 0; i < NETWORKS; i++) {
            architectures[i] = searched.random(random);
            graphs[i] = searched.lower(architectures[i]);
        }
    }

    @Benchmark
    public long lowerAndCost() {
        next = (next + 1) % NETWORKS;
        return CostModel.of(searched.lower(architectures[next])).macs();
    }

    @Benchmark
    public long planMemory() {
        next = (next + 1) % NETWORKS;
        return MemoryPlanner.peakBytes(graphs[next], 1);
    }

    /** Every technique of microcontroller schedules, patches included. */
    @Benchmark
    public long planDeployment() {
        next = (next + 1) % NETWORKS;
        return DeploymentPlanner.peakSramBytes(graphs[next], DeploymentOptions.int8());
    }
}

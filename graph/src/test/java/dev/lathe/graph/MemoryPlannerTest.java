package dev.lathe.graph;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;

class MemoryPlannerTest {
    private static Tensor conv(GraphBuilder g, String name, Tensor x, int out) {
        return g.add(
                name,
                new Operator.Conv2d(
                        WeightSlice.first(name + ".weight", out, x.shape().extent(0), 1, 1), null, 1, 0, 1),
                x);
    }

    @Test
    void aChainNeedsItsLargestNeighbouringPair() {
        GraphBuilder g = new GraphBuilder("chain");
        Tensor x = g.input("image", 1, 4, 4); // 16 elements
        x = conv(g, "a", x, 4); // 64
        x = conv(g, "b", x, 2); // 32
        x = conv(g, "c", x, 6); // 96
        Graph graph = g.build(x);

        MemoryPlan plan = MemoryPlanner.plan(graph, 4);

        assertThat(plan.peakBytes()).isEqualTo(4 * (32 + 96)).isEqualTo(plan.largestLiveBytes());
    }

    @Test
    void aResidualStaysAliveOverItsBranchAndTheSumIsWrittenInPlace() {
        GraphBuilder g = new GraphBuilder("residual");
        Tensor x = g.input("image", 1, 4, 4);
        Tensor a = conv(g, "a", x, 4); // 64, alive until the sum
        Tensor b = g.add("b", new Operator.Activate(Activation.RELU), a); // 64 of its own: a is needed later
        Tensor c = conv(g, "c", b, 4); // 64
        Tensor sum = g.add("sum", new Operator.Add(), a, c); // in place on a
        Graph graph = g.build(sum);

        MemoryPlan plan = MemoryPlanner.plan(graph, 1);

        assertThat(plan.peakBytes()).isEqualTo(3 * 64);
        assertThat(plan.buffers())
                .filteredOn(buffer -> buffer.tensors().contains(sum.id()))
                .singleElement()
                .satisfies(buffer -> assertThat(buffer.tensors()).contains(a.id()));
    }

    @Test
    void aReshapeIsAViewAndAnInputIsNeverOverwritten() {
        GraphBuilder g = new GraphBuilder("view");
        Tensor x = g.input("image", 2, 3, 4);
        Tensor r = g.add("flat", new Operator.Reshape(Shape.of(2, 12)), x);
        Tensor y = g.add("softmax", new Operator.Softmax(), r);
        MemoryPlan plan = MemoryPlanner.plan(g.build(y), 4);

        assertThat(plan.buffers()).hasSize(2);
        assertThat(plan.peakBytes()).isEqualTo(2 * 24 * 4);
    }

    @Property(tries = 500)
    void plansAreValidAndNeverBelowTheLargestLiveSet(
            @ForAll long seed, @ForAll @IntRange(min = 1, max = 40) int nodes) {
        Graph graph = RandomGraphs.make(new SplittableRandom(seed), nodes);
        MemoryPlan plan = MemoryPlanner.plan(graph, 4);

        assertThat(plan.peakBytes()).isGreaterThanOrEqualTo(plan.largestLiveBytes());
        assertThat(MemoryPlanner.peakBytes(graph, 4)).isEqualTo(plan.peakBytes());
        assertThat(plan.buffers().stream()
                        .flatMap(b -> b.tensors().stream())
                        .sorted()
                        .toList())
                .isEqualTo(java.util.stream.IntStream.range(0, graph.tensors())
                        .boxed()
                        .toList());
        for (MemoryPlan.Buffer a : plan.buffers()) {
            assertThat(a.offset() + a.bytes()).isLessThanOrEqualTo(plan.peakBytes());
            for (MemoryPlan.Buffer b : plan.buffers()) {
                if (a != b && a.isAliveWith(b)) {
                    assertThat(a.overlapsInSpace(b)).as("%s and %s", a, b).isFalse();
                }
            }
        }
    }

    /** A tensor that is read later must not share its room with one written in between: simulated execution. */
    @Property(tries = 300)
    void executingInTheArenaNeverReadsWhatWasOverwritten(
            @ForAll long seed, @ForAll @IntRange(min = 1, max = 30) int nodes) {
        Graph graph = RandomGraphs.make(new SplittableRandom(seed), nodes);
        MemoryPlan plan = MemoryPlanner.plan(graph, 1);
        long[] offset = new long[graph.tensors()];
        for (MemoryPlan.Buffer b : plan.buffers()) {
            b.tensors().forEach(t -> offset[t] = b.offset());
        }
        int[] holder = new int[(int) plan.peakBytes()];
        java.util.Arrays.fill(holder, -1);
        fill(holder, offset, graph.inputs().get(0));
        for (Node node : graph.nodes()) {
            for (Tensor t : node.inputs()) {
                for (long i = 0; i < t.shape().elements(); i++) {
                    assertThat(holder[(int) (offset[t.id()] + i)])
                            .as("%s of %s", t, node.name())
                            .isEqualTo(t.id());
                }
            }
            fill(holder, offset, node.output());
        }
    }

    private static void fill(int[] holder, long[] offset, Tensor t) {
        java.util.Arrays.fill(
                holder, (int) offset[t.id()], (int) (offset[t.id()] + t.shape().elements()), t.id());
    }

    @Property(tries = 300)
    void smallGraphsArePackedAsWellAsByExhaustiveSearch(
            @ForAll long seed, @ForAll @IntRange(min = 1, max = 7) int nodes) {
        Graph graph = RandomGraphs.make(new SplittableRandom(seed), nodes);
        MemoryPlan plan = MemoryPlanner.plan(graph, 1);
        if (plan.buffers().size() <= 6) {
            assertThat(plan.peakBytes()).isEqualTo(best(new ArrayList<>(), plan.buffers()));
        }
    }

    /** Tries every order, each buffer on the floor or on top of one placed before: an independent, slow packing. */
    private static long best(List<MemoryPlan.Buffer> placed, List<MemoryPlan.Buffer> rest) {
        if (rest.isEmpty()) {
            return placed.stream().mapToLong(b -> b.offset() + b.bytes()).max().orElse(0);
        }
        long best = Long.MAX_VALUE;
        for (MemoryPlan.Buffer next : rest) {
            List<Long> candidates = new ArrayList<>(List.of(0L));
            placed.forEach(p -> candidates.add(p.offset() + p.bytes()));
            long lowest = candidates.stream()
                    .filter(o -> {
                        MemoryPlan.Buffer at =
                                new MemoryPlan.Buffer(next.tensors(), next.bytes(), next.from(), next.to(), o);
                        return placed.stream().noneMatch(p -> p.isAliveWith(at) && p.overlapsInSpace(at));
                    })
                    .min(Long::compare)
                    .orElseThrow();
            List<MemoryPlan.Buffer> more = new ArrayList<>(placed);
            more.add(new MemoryPlan.Buffer(next.tensors(), next.bytes(), next.from(), next.to(), lowest));
            best = Math.min(
                    best, best(more, rest.stream().filter(r -> r != next).toList()));
        }
        return best;
    }
}

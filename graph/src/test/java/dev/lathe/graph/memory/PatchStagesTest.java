package dev.lathe.graph.memory;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lathe.graph.Graph;
import dev.lathe.graph.GraphBuilder;
import dev.lathe.graph.Operator;
import dev.lathe.graph.Tensor;
import dev.lathe.graph.WeightSlice;
import dev.lathe.graph.memory.DeploymentOptions.Image;
import java.util.ArrayList;
import java.util.Collections;
import java.util.EnumSet;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.SplittableRandom;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;

/** Split and number of patches of random chains of convolutions against trying all, with pixels marked one by one. */
class PatchStagesTest {
    private record Layer(int channels, int kernel, int stride) {}

    @Property(tries = 200)
    void chainsAreSplitAsTryingAllSplitsWould(@ForAll long seed) {
        SplittableRandom random = new SplittableRandom(seed);
        int side = 6 + random.nextInt(14);
        List<Layer> layers = new ArrayList<>();
        for (int i = 0, n = 1 + random.nextInt(5); i < n; i++) {
            layers.add(new Layer(1 + random.nextInt(12), 1 + 2 * random.nextInt(3), 1 + random.nextInt(2)));
        }
        GraphBuilder g = new GraphBuilder("chain");
        Tensor x = g.input("image", 2, side, side);
        List<Tensor> tensors = new ArrayList<>(List.of(x));
        for (Layer l : layers) {
            String name = "conv" + tensors.size();
            int in = x.shape().extent(0);
            x = g.add(
                    name,
                    new Operator.Conv2d(
                            WeightSlice.first(name, l.channels, in, l.kernel, l.kernel),
                            null,
                            l.stride,
                            l.kernel / 2,
                            1),
                    x);
            tensors.add(x);
        }
        Graph graph = g.build(x);
        List<Integer> grids = List.of(2, 3, 5);
        DeploymentOptions options = DeploymentOptions.int8()
                .withImage(Image.EXCLUDED)
                .withPatchGrids(grids)
                .withTechniques(EnumSet.of(Technique.PATCH_STAGES));

        DeploymentPlan plan = DeploymentPlanner.plan(graph, options);

        long[] best = {Long.MAX_VALUE, 0};
        for (int split = 0; split <= layers.size(); split++) {
            for (int grid : split == 0 ? List.of(1) : grids) {
                if (grid <= tensors.get(split).shape().extent(1)) {
                    long[] cost = cost(tensors, layers, split, grid);
                    boolean better = cost[0] < best[0] || (cost[0] == best[0] && cost[1] < best[1]);
                    best = better ? cost : best;
                }
            }
        }
        // In a chain without overlays no three buffers but the stage's result meet: largest live set and arena agree.
        assertThat(plan.largestLiveBytes()).isEqualTo(best[0]);
        assertThat(plan.peakSramBytes()).isGreaterThanOrEqualTo(best[0]);
        if (plan.peakSramBytes() == best[0]) {
            assertThat(plan.extraMacs()).isEqualTo(best[1]);
        }
    }

    /** Largest live set and multiply-accumulates of pixels made before, with the first layers in patches. */
    private static long[] cost(List<Tensor> tensors, List<Layer> layers, int split, int grid) {
        long[] widest = new long[tensors.size()];
        long[] pixels = new long[tensors.size()];
        List<Set<List<Integer>>> distinct = new ArrayList<>();
        tensors.forEach(t -> distinct.add(new HashSet<>()));
        int last = tensors.get(split).shape().extent(1);
        for (int r = 0; r < grid && split > 0; r++) {
            for (int c = 0; c < grid; c++) {
                List<Integer> rows = range(r * last / grid, (r + 1) * last / grid);
                List<Integer> columns = range(c * last / grid, (c + 1) * last / grid);
                for (int i = split; i >= 0; i--) {
                    widest[i] = Math.max(widest[i], (long) rows.size() * columns.size());
                    pixels[i] += (long) rows.size() * columns.size();
                    for (int y : rows) {
                        for (int x : columns) {
                            distinct.get(i).add(List.of(y, x));
                        }
                    }
                    if (i > 0) {
                        int extent = tensors.get(i - 1).shape().extent(1);
                        rows = needed(rows, layers.get(i - 1), extent);
                        columns = needed(columns, layers.get(i - 1), extent);
                    }
                }
            }
        }
        // The largest of each axis may be in different patches: a buffer has the largest rows times the largest
        // columns.
        long live = 0;
        long extra = 0;
        for (int i = 0; i < layers.size(); i++) {
            long in = i == 0 ? 0 : bytes(tensors, i, i < split ? widest[i] : -1);
            long out = bytes(tensors, i + 1, i + 1 < split ? widest[i + 1] : -1);
            long waiting = i + 1 < split ? bytes(tensors, split, -1) : 0;
            live = Math.max(live, in + out + waiting);
            if (i < split) {
                Layer l = layers.get(i);
                int channels = tensors.get(i).shape().extent(0);
                extra += (pixels[i + 1] - distinct.get(i + 1).size()) * l.channels * channels * l.kernel * l.kernel;
            }
        }
        return new long[] {live, extra};
    }

    private static long bytes(List<Tensor> tensors, int i, long pixels) {
        var shape = tensors.get(i).shape();
        return shape.extent(0) * (pixels >= 0 ? pixels : (long) shape.extent(1) * shape.extent(2));
    }

    private static List<Integer> range(int from, int end) {
        List<Integer> list = new ArrayList<>();
        for (int i = from; i < end; i++) {
            list.add(i);
        }
        return list;
    }

    /** All rows from the first to the last that an output row reads, edges cut off; where it reads none, the nearest. */
    private static List<Integer> needed(List<Integer> rows, Layer layer, int extent) {
        List<Integer> reads = new ArrayList<>();
        for (int row : rows) {
            for (int k = 0; k < layer.kernel; k++) {
                reads.add(Math.max(0, Math.min(extent - 1, row * layer.stride - layer.kernel / 2 + k)));
            }
        }
        return range(Collections.min(reads), Collections.max(reads) + 1);
    }
}

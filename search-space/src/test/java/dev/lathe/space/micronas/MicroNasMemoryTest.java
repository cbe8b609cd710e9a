package dev.lathe.space.micronas;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lathe.graph.Activation;
import dev.lathe.graph.Graph;
import dev.lathe.graph.GraphBuilder;
import dev.lathe.graph.MemoryPlanner;
import dev.lathe.graph.Operator;
import dev.lathe.graph.Tensor;
import dev.lathe.graph.WeightSlice;
import dev.lathe.space.Architecture;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class MicroNasMemoryTest {
    @Test
    void aConvolutionNeedsInputOutputAndScratch() {
        GraphBuilder g = new GraphBuilder("one");
        Tensor x = g.input("window", 2, 10, 3);
        x = FusionLayers.convolve(g, "conv", x, 4, 5, 1, 2, 1, 0);
        // (2, 10, 3), (4, 5, 3), and 4 bytes for each of 5 rows of 2 channels; normalization and ReLU are folded.
        assertThat(MicroNasMemory.peakBytes(g.build(x))).isEqualTo(60 + 60 + 40);
    }

    @Test
    void parallelBranchesAreKept() {
        GraphBuilder g = new GraphBuilder("branches");
        Tensor x = g.input("window", 1, 10, 1);
        Tensor y = conv(g, "a", x, 8);
        Tensor z = conv(g, "b", x, 8);
        Tensor sum = g.add("sum", new Operator.Add(), y, z);
        Graph graph = g.build(conv(g, "c", sum, 1));
        // At the sum: two operands and the result; the input has been read for the last time.
        assertThat(MicroNasMemory.peakBytes(graph)).isEqualTo(3 * 80);
    }

    @Test
    void aValueThatIsReadAgainIsNotOverwritten() {
        GraphBuilder g = new GraphBuilder("again");
        Tensor x = g.input("window", 1, 10, 1);
        Tensor y = conv(g, "a", x, 8);
        Tensor z = g.add("relu", new Operator.Activate(Activation.RELU), y);
        Graph graph = g.build(g.add("sum", new Operator.Add(), z, y));
        assertThat(MicroNasMemory.peakBytes(graph)).isEqualTo(3 * 80);
    }

    @Test
    void aValueReadTwiceByOneLayerCountsOnce() {
        GraphBuilder g = new GraphBuilder("twice");
        Tensor x = g.input("window", 1, 10, 1);
        Tensor y = conv(g, "a", x, 8);
        Tensor sum = g.add("sum", new Operator.Add(), y, y);
        Graph graph = g.build(conv(g, "b", sum, 4));
        assertThat(MicroNasMemory.peakBytes(graph)).isEqualTo(2 * 80);
    }

    /** Without scratch buffers and with sums in place an arena is no larger. */
    @Test
    void itBoundsTheArenaFromAbove() {
        MicroNasSpace space = new MicroNasSpace(MicroNasSpace.UCI_HAR);
        SplittableRandom random = new SplittableRandom(1);
        for (int i = 0; i < 300; i++) {
            Architecture a = space.random(random);
            Graph g = space.lower(a);
            assertThat(MicroNasMemory.peakBytes(g))
                    .as("%s", a)
                    .isGreaterThanOrEqualTo(MemoryPlanner.plan(g, 1).largestLiveBytes());
        }
    }

    /** Worked by hand: at the second time-reduce cell (4, 64, 9), (4, 32, 9) and 4 x 3 x 4 bytes. */
    @Test
    void theSmallestNetworkForUciHarNeedsFourKilobytes() {
        MicroNasSpace space = new MicroNasSpace(MicroNasSpace.UCI_HAR);
        assertThat(MicroNasMemory.peakBytes(space.lower(space.smallest())))
                .isEqualTo(Math.max(1152 + 2304 + 4 * 3, 2304 + 1152 + 4 * 3 * 4));
    }

    private static Tensor conv(GraphBuilder g, String name, Tensor x, int channels) {
        WeightSlice weight =
                WeightSlice.first(name + ".weight", channels, x.shape().extent(0), 1, 1);
        return g.add(name, new Operator.Conv2d(weight, null, 1, 0, 1), x);
    }
}

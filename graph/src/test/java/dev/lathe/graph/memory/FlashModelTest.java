package dev.lathe.graph.memory;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lathe.graph.Activation;
import dev.lathe.graph.Graph;
import dev.lathe.graph.GraphBuilder;
import dev.lathe.graph.Operator;
import dev.lathe.graph.Tensor;
import dev.lathe.graph.WeightSlice;
import org.junit.jupiter.api.Test;

class FlashModelTest {
    private static final long CODE = 7 * 1024;

    /** Weights, 9 bytes a channel, 6 E a norm, 256 a GELU, positions and class token, the exponential's table, code. */
    @Test
    void aTransformerIsTheSumOfItsTables() {
        int t = 17;
        int e = 12;
        int q = 2 * 6;
        int f = 48;
        Graph graph = new Networks.Transformer(16, 4, e, 3, 2, 6, 4, 0, 10, false).graph();
        long attention = 2 * e * 3 + (long) (3 * q) * e + 3 * q * 9 + (long) e * q + e * 9;
        long norms = 2 * 6 * e;
        long mlp = (long) f * e + f * 9 + 256 + (long) e * f + e * 9;
        long block = attention - 2 * e * 3 + norms + mlp;
        long ends = (long) e * 3 * 16 + e * 9 + e + (long) t * e + 6 * e + 10 * e + 10 * 9;
        assertThat(DeploymentPlanner.flashBytes(graph, DeploymentOptions.int8()))
                .isEqualTo(3 * block + ends + 512 + CODE);
        assertThat(DeploymentPlanner.plan(graph, DeploymentOptions.int8()).flashBytes())
                .isEqualTo(3 * block + ends + 512 + CODE);
    }

    @Test
    void batchNormIsFoldedSharedTablesCountOnceAndUnusedNodesNothing() {
        GraphBuilder g = new GraphBuilder("convolutions");
        Tensor x = g.input("image", 4, 6, 6);
        WeightSlice shared = WeightSlice.first("shared", 4, 4, 3, 3);
        Tensor a = g.add("a", new Operator.Conv2d(shared, null, 1, 1, 1), x);
        a = g.add("a.norm", norm("a.norm"), a);
        a = g.add("a.act", new Operator.Activate(Activation.RELU6), a);
        Tensor b = g.add("b", new Operator.Conv2d(shared, null, 1, 1, 1), a);
        g.add("unused", new Operator.Conv2d(WeightSlice.first("unused", 100, 4, 3, 3), null, 1, 1, 1), a);
        Tensor sum = g.add("sum", new Operator.Add(), a, b);
        Graph graph = g.build(g.add("alone", norm("alone"), sum));
        long once = 4 * 4 * 9 + 4 * 9;
        long alone = 4 * 9;
        assertThat(DeploymentPlanner.flashBytes(graph, DeploymentOptions.int8()))
                .isEqualTo(once + alone + CODE);
    }

    private static Operator norm(String name) {
        return new Operator.BatchNorm(
                WeightSlice.first(name + ".scale", 4),
                WeightSlice.first(name + ".shift", 4),
                WeightSlice.first(name + ".mean", 4),
                WeightSlice.first(name + ".variance", 4),
                1e-5f);
    }
}

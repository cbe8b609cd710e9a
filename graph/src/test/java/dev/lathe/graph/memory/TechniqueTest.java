package dev.lathe.graph.memory;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lathe.graph.Activation;
import dev.lathe.graph.Graph;
import dev.lathe.graph.GraphBuilder;
import dev.lathe.graph.Operator;
import dev.lathe.graph.Tensor;
import dev.lathe.graph.WeightSlice;
import dev.lathe.graph.memory.DeploymentOptions.Image;
import java.util.EnumSet;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** What each technique saves on a network made for it, in bytes that are worked out here by hand. */
class TechniqueTest {
    private static Tensor conv(GraphBuilder g, String name, Tensor x, int out, int groups) {
        int in = x.shape().extent(0) / groups;
        int kernel = groups > 1 ? 3 : 1;
        return g.add(
                name,
                new Operator.Conv2d(
                        WeightSlice.first(name + ".weight", out, in, kernel, kernel), null, 1, kernel / 2, groups),
                x);
    }

    private static long peak(Graph graph, Technique... allowed) {
        Set<Technique> set = EnumSet.noneOf(Technique.class);
        set.addAll(Set.of(allowed));
        return DeploymentPlanner.peakSramBytes(
                graph, DeploymentOptions.int8().withImage(Image.RESIDENT).withTechniques(set));
    }

    @Test
    void aFoldedActivationHasNoBuffer() {
        GraphBuilder g = new GraphBuilder("fusion");
        Tensor x = g.input("image", 1, 4, 4); // 16 bytes
        x = conv(g, "a", x, 8, 1); // 128
        x = g.add("act", new Operator.Activate(Activation.RELU), x);
        Graph graph = g.build(conv(g, "b", x, 1, 1));
        assertThat(peak(graph)).isEqualTo(128 + 128);
        assertThat(peak(graph, Technique.IN_PLACE)).isEqualTo(16 + 128);
        assertThat(peak(graph, Technique.FUSION)).isEqualTo(16 + 128);
    }

    @Test
    void aSumIsMadeInItsOtherOperandWithoutABufferForTheConvolution() {
        GraphBuilder g = new GraphBuilder("sum");
        Tensor x = g.input("image", 1, 4, 4);
        Tensor a = conv(g, "a", x, 8, 1); // 128, until the sum
        Tensor b = conv(g, "b", a, 2, 1); // 32
        Tensor c = conv(g, "c", b, 8, 1); // 128
        Graph graph = g.build(g.add("sum", new Operator.Add(), a, c));
        assertThat(peak(graph)).isEqualTo(3 * 128);
        assertThat(peak(graph, Technique.IN_PLACE)).isEqualTo(128 + 32 + 128);
        assertThat(peak(graph, Technique.IN_PLACE, Technique.FUSION)).isEqualTo(128 + 32);
    }

    @Test
    void aDepthwiseConvolutionNeedsOneChannelBesides() {
        GraphBuilder g = new GraphBuilder("depthwise");
        Tensor x = g.input("image", 1, 4, 4);
        x = conv(g, "a", x, 10, 1);
        x = conv(g, "b", x, 10, 10);
        Graph graph = g.build(conv(g, "c", x, 1, 1));
        assertThat(peak(graph)).isEqualTo(2 * 160);
        assertThat(peak(graph, Technique.DEPTHWISE_IN_PLACE)).isEqualTo(160 + 16);
    }

    /** a (small) to b (large) to c (small), and a to d (small): d first would keep d alive while b is large. */
    @Test
    void branchesRunInTheOrderThatNeedsLeast() {
        GraphBuilder g = new GraphBuilder("order");
        Tensor x = g.input("image", 1, 4, 4);
        Tensor a = conv(g, "a", x, 2, 1); // 32
        Tensor d = conv(g, "d", a, 6, 1); // 96
        Tensor b = conv(g, "b", a, 20, 1); // 320
        Tensor c = conv(g, "c", b, 6, 1); // 96
        Graph graph = g.build(g.add("join", new Operator.Concat(0), d, c)); // 192
        assertThat(peak(graph)).isEqualTo(96 + 320 + 96);
        assertThat(peak(graph, Technique.REORDERING)).isEqualTo(32 + 320 + 96);
    }

    /** Tokens T, width E, heads H of d, hidden F = 4 E, rank r of factors; the image is streamed by patch rows. */
    @Test
    void aTransformerNeedsWhatItsPhasesNeed() {
        int t = 17;
        int e = 32;
        int d = 8;
        int q = 4 * d;
        int f = 4 * e;
        int rank = 12;
        Graph dense = new Networks.Transformer(16, 4, e, 2, 4, d, 4, 0, 10, false).graph();
        Graph factors = new Networks.Transformer(16, 4, e, 2, 4, d, 4, rank, 10, false).graph();
        DeploymentOptions all = DeploymentOptions.int8();

        int row = Math.max(e + d, d + 4 * t);
        assertThat(peakOf(dense, all)).isEqualTo(t * e + t * q + 2 * t * d + row);
        // The factor is recomputed, or kept for all tokens; then the norm of a token is needed only before it is made.
        int token = e + rank + d;
        assertThat(peakOf(factors, all)).isEqualTo(t * e + t * q + 2 * t * d + Math.max(token, d + 4 * t));
        assertThat(peakOf(factors, all.without(Technique.FACTOR_RECOMPUTATION)))
                .isEqualTo(t * e + t * q + t * rank + 2 * t * d + d + 4 * t);
        // Without rows the best order keeps x, the normed tokens or values, keys, queries and maps of all heads.
        assertThat(peakOf(dense, all.without(Technique.ATTENTION_ROWS))).isGreaterThan(peakOf(dense, all));

        DeploymentOptions noRows = all.without(Technique.ATTENTION_ROWS);
        Graph mlp = new Networks.Transformer(16, 4, e, 0, 4, d, 4, 0, 10, false).graph();
        long ends = t * e + Math.max(3 * 16 * 4 + 3 * 16, e + 4 * e);
        assertThat(peakOf(mlp, noRows)).isEqualTo(ends);
    }

    @Test
    void tilesAndOverwritingSpareTheExpandedTensorAndTheCopy() {
        int t = 17;
        int e = 32;
        int f = 4 * e;
        Graph mlp = Networks.perceptrons(t, e, f);
        DeploymentOptions all = DeploymentOptions.int8();
        assertThat(peakOf(mlp, all)).isEqualTo(t * e + 2 * (e + f));
        assertThat(peakOf(mlp, all.without(Technique.TOKEN_OVERWRITING))).isEqualTo(2 * t * e + 2 * (e + f));
        // Whole: x, the hidden values, and the normed tokens before them or, in place of x, the sum after them.
        assertThat(peakOf(mlp, all.without(Technique.TOKEN_TILES))).isEqualTo(t * e + t * e + t * f);
    }

    @Test
    void anImageInBandsIsNeverWhole() {
        GraphBuilder g = new GraphBuilder("bands");
        Tensor x = g.input("image", 3, 20, 10); // 600 bytes
        Graph graph = g.build(g.add(
                "a", new Operator.Conv2d(WeightSlice.first("a.weight", 2, 3, 3, 3), null, 2, 1, 1), x)); // 2 x 10 x 5
        DeploymentOptions bands = DeploymentOptions.int8().withTechniques(EnumSet.of(Technique.IMAGE_BANDS));
        assertThat(peakOf(graph, bands)).isEqualTo(3 * 3 * 10 + 100);
        assertThat(peakOf(graph, bands.without(Technique.IMAGE_BANDS))).isEqualTo(600 + 100);
        assertThat(peakOf(graph, bands.withImage(Image.RESIDENT))).isEqualTo(600 + 100);
        assertThat(peakOf(graph, bands.withImage(Image.EXCLUDED))).isEqualTo(100);
    }

    private static long peakOf(Graph graph, DeploymentOptions options) {
        return DeploymentPlanner.peakSramBytes(graph, options);
    }
}

package dev.lathe.graph;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import org.junit.jupiter.api.Test;

class GraphTest {
    @Test
    void costsAreThoseWorkedByHand() {
        GraphBuilder g = new GraphBuilder("net");
        Tensor x = g.input("image", 3, 8, 8);
        x = g.add(
                "conv",
                new Operator.Conv2d(
                        WeightSlice.first("conv.weight", 16, 3, 3, 3), WeightSlice.first("conv.bias", 16), 2, 1, 1),
                x);
        assertThat(x.shape()).isEqualTo(Shape.of(16, 4, 4));
        x = g.add(
                "depthwise",
                new Operator.Conv2d(WeightSlice.first("depthwise.weight", 16, 1, 5, 5), null, 1, 2, 16),
                x);
        x = g.add(
                "norm",
                new Operator.BatchNorm(
                        WeightSlice.first("norm.scale", 16),
                        WeightSlice.first("norm.shift", 16),
                        WeightSlice.first("norm.mean", 16),
                        WeightSlice.first("norm.variance", 16),
                        1e-5f),
                x);
        x = g.add("pool", new Operator.GlobalAveragePool(), x);
        x = g.add(
                "logits",
                new Operator.Linear(WeightSlice.first("fc.weight", 10, 16), WeightSlice.first("fc.bias", 10)),
                x);
        CostModel.Cost cost = CostModel.of(g.build(x));

        assertThat(cost.macs()).isEqualTo(16 * 16 * 3 * 9 + 16 * 16 * 25 + 160);
        assertThat(cost.parameters()).isEqualTo(16 * 27 + 16 + 16 * 25 + 32 + 170);
    }

    @Test
    void valuesThatSeveralSlicesOfOneParameterHoldCountOnce() {
        GraphBuilder g = new GraphBuilder("net");
        Tensor x = g.input("x", 3, 10);
        Tensor tokens = g.input("tokens", 3);
        Tensor all = g.add("all", new Operator.Linear(rows("stack", 0, 8, 10), null), x);
        // Disjoint rows of fewer columns, a slice within another, one that lies across two, the same once more.
        Tensor y = g.add("below", new Operator.Linear(rows("stack", 8, 12, 8), null), all);
        g.add("within", new Operator.Linear(rows("stack", 0, 4, 8), null), all);
        g.add("across", new Operator.Linear(rows("stack", 6, 10, 10), null), x);
        g.add("again", new Operator.Linear(rows("stack", 8, 12, 8), null), all);
        Tensor e = g.add("embed", new Operator.Embedding(WeightSlice.first("table", 50, 4), 1f), tokens);
        g.add("wider", new Operator.Embedding(WeightSlice.first("table", 50, 6), 1f), tokens);
        Tensor scores = g.add("scores", Operator.Linear.tied(WeightSlice.first("table", 50, 4)), e);
        assertThat(scores.shape()).isEqualTo(Shape.of(3, 50));

        long stack = 8 * 10 + 4 * 8 + 2 * 2;
        assertThat(CostModel.of(g.build(y)).parameters()).isEqualTo(stack + 50 * 6);
    }

    private static WeightSlice rows(String parameter, int from, int to, int columns) {
        return WeightSlice.of(parameter, new Range(from, to), Range.first(columns));
    }

    @Test
    void attentionProductsCountTheirMacs() {
        Operator scores = new Operator.MatMul(true, 0.25f);
        List<Shape> in = List.of(Shape.of(3, 16, 8), Shape.of(3, 20, 8));
        assertThat(scores.output(in)).isEqualTo(Shape.of(3, 16, 20));
        assertThat(scores.macs(in, scores.output(in))).isEqualTo(3 * 16 * 20 * 8);
    }

    @Test
    void anOperatorThatDoesNotFitNamesTheNodeAndTheShapes() {
        GraphBuilder g = new GraphBuilder("net");
        Tensor x = g.input("image", 3, 8, 8);
        assertThatThrownBy(() -> g.add("fc", new Operator.Linear(WeightSlice.first("fc.weight", 10, 7), null), x))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContainingAll("fc", "[3, 8, 8]", "net");
    }

    @Test
    void aNodeOutOfOrderIsRefused() {
        Tensor in = new Tensor(0, "x", Shape.of(4));
        Tensor later = new Tensor(2, "later", Shape.of(4));
        Node uses = new Node("early", new Operator.Softmax(), List.of(later), new Tensor(1, "early", Shape.of(4)));
        assertThatThrownBy(() -> new Graph("g", List.of(in), List.of(uses), in))
                .hasMessageContainingAll("early", "before it is made");
    }

    @Test
    void aTensorTooLargeToIndexIsRefused() {
        assertThatThrownBy(() -> Shape.of(70_000, 70_000)).hasMessageContaining("4900000000");
        assertThatThrownBy(() -> Shape.of(3, 0)).hasMessageContaining("at least 1");
    }

    @Test
    void theBuilderRefusesWhatTheGraphWould() {
        GraphBuilder g = new GraphBuilder("net");
        Tensor x = g.input("image", 3, 8, 8);
        Operator relu = new Operator.Activate(Activation.RELU);
        Tensor a = g.add("a", relu, x);
        assertThatThrownBy(() -> g.add("a", relu, x)).hasMessageContainingAll("a", "repeated name");
        assertThatThrownBy(() -> g.add("image", relu, x)).hasMessageContainingAll("image", "repeated name");
        Tensor foreign = new Tensor(7, "foreign", Shape.of(3, 8, 8));
        assertThatThrownBy(() -> g.add("b", relu, foreign)).hasMessageContainingAll("b", "before it is made");
        assertThatThrownBy(() -> g.build(foreign)).hasMessageContainingAll("foreign", "never made");
        GraphBuilder two = new GraphBuilder("two");
        two.input("image", 1);
        assertThatThrownBy(() -> two.input("image", 1)).hasMessageContaining("repeated name");

        Graph built = g.build(a);
        assertThat(built)
                .isEqualTo(new Graph("net", built.inputs(), built.nodes(), a))
                .hasSameHashCodeAs(new Graph("net", built.inputs(), built.nodes(), a))
                .isNotEqualTo(new Graph("other", built.inputs(), built.nodes(), a))
                .isNotEqualTo(new Graph("net", built.inputs(), built.nodes(), x));
    }

    @Test
    void aGraphWithRepeatedNamesOrWrongShapesIsRefused() {
        Tensor in = new Tensor(0, "x", Shape.of(4));
        Operator softmax = new Operator.Softmax();
        Node first = new Node("a", softmax, List.of(in), new Tensor(1, "a", Shape.of(4)));
        Node again = new Node("a", softmax, List.of(in), new Tensor(2, "a", Shape.of(4)));
        Node wider = new Node("b", softmax, List.of(in), new Tensor(2, "b", Shape.of(5)));
        assertThatThrownBy(() -> new Graph("g", List.of(in), List.of(first, again), in))
                .hasMessageContainingAll("a", "repeated name");
        assertThatThrownBy(() -> new Graph("g", List.of(in), List.of(first, wider), in))
                .hasMessageContainingAll("b", "[4]", "[5]");
        assertThatThrownBy(() -> new Graph("g", List.of(in), List.of(wider), in))
                .hasMessageContaining("output id");
    }

    @Test
    void aParameterUsedTwiceCountsItsLargestSlice() {
        GraphBuilder g = new GraphBuilder("net");
        Tensor x = g.input("tokens", 5, 4);
        x = g.add("a", new Operator.Linear(WeightSlice.first("w", 4, 4), null), x);
        x = g.add("b", new Operator.Linear(WeightSlice.first("w", 2, 4), null), x);
        assertThat(CostModel.of(g.build(x)).parameters()).isEqualTo(16);
    }
}

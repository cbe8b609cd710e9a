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
}

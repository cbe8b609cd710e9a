package dev.lathe.graph.operator;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lathe.graph.Activation;
import dev.lathe.graph.Graph;
import dev.lathe.graph.GraphBuilder;
import dev.lathe.graph.Node;
import dev.lathe.graph.Operator;
import dev.lathe.graph.Range;
import dev.lathe.graph.Tensor;
import dev.lathe.graph.WeightSlice;
import java.util.List;
import org.junit.jupiter.api.Test;

class FusedOperatorTest {
    private static WeightSlice vector(String name, int from, int n) {
        return WeightSlice.of(name, new Range(from, from + n));
    }

    /** Two convolutions with normalization; the first one's activation is its only reader's, the second is read twice. */
    private static Graph network(String prefix, int from) {
        GraphBuilder b = new GraphBuilder(prefix);
        Tensor x = b.input("input", 4, 8, 8);
        for (int i = 0; i < 2; i++) {
            String name = prefix + i;
            WeightSlice w = WeightSlice.of(
                    name + ".weight", new Range(from, from + 4), Range.first(4), Range.first(3), Range.first(3));
            x = b.add(name, new Operator.Conv2d(w, null, 1, 1, 1), x);
            x = b.add(
                    name + ".norm",
                    new Operator.BatchNorm(
                            vector(name + ".scale", from, 4),
                            vector(name + ".shift", from, 4),
                            vector(name + ".mean", from, 4),
                            vector(name + ".variance", from, 4),
                            1e-5f),
                    x);
            if (i == 0) {
                x = b.add(name + ".relu", new Operator.Activate(Activation.RELU), x);
            }
        }
        Tensor relu = b.add("relu", new Operator.Activate(Activation.RELU), x);
        return b.build(b.add("sum", new Operator.Add(), x, relu));
    }

    @Test
    void normalizationAndActivationBelongToTheStepBeforeUnlessSomethingElseReadsIt() {
        assertThat(FusedOperator.of(network("a", 0)))
                .extracting(FusedOperator::signature)
                .containsExactly(
                        "Conv2d.4.k3x3.s1x1.p1x1.g1+BatchNorm+Activate.RELU(4x8x8)",
                        "Conv2d.4.k3x3.s1x1.p1x1.g1+BatchNorm(4x8x8)",
                        "Activate.RELU(4x8x8)",
                        "Add(4x8x8;4x8x8)");
    }

    @Test
    void aSignatureDoesNotDependOnNamesOrOnWhichPartOfAParameterIsUsed() {
        assertThat(FusedOperator.of(network("b", 3)).stream().map(FusedOperator::signature))
                .containsExactlyElementsOf(FusedOperator.of(network("a", 0)).stream()
                        .map(FusedOperator::signature)
                        .toList());
    }

    @Test
    void everyNodeIsInOneStepAndEveryStepIsANetworkOfTheSameWork() {
        Graph g = network("a", 0);
        List<FusedOperator> steps = FusedOperator.of(g);
        assertThat(steps.stream().flatMap(s -> s.nodes().stream())).containsExactlyElementsOf(g.nodes());
        for (FusedOperator s : steps) {
            Graph alone = s.graph();
            assertThat(alone.nodes().stream().mapToLong(Node::macs).sum()).isEqualTo(s.macs());
            assertThat(alone.output().shape())
                    .isEqualTo(s.nodes().get(s.nodes().size() - 1).output().shape());
            assertThat(FusedOperator.of(alone))
                    .singleElement()
                    .extracting(FusedOperator::signature)
                    .isEqualTo(s.signature());
        }
        // 16 · 9 weights, 4 · 4 of the normalization, 256 in, 256 out.
        assertThat(steps.get(0).movedElements()).isEqualTo(144 + 16 + 512);
    }
}

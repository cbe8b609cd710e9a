package dev.lathe.space.ofa;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lathe.graph.Graph;
import dev.lathe.graph.Node;
import dev.lathe.graph.Operator;
import dev.lathe.graph.ParameterUse;
import dev.lathe.space.Architecture;
import dev.lathe.space.SearchSpace;
import dev.lathe.space.SearchSpaceContract;
import java.math.BigInteger;
import java.util.HashSet;
import java.util.Set;
import org.junit.jupiter.api.Test;

class ProxylessNasTest extends SearchSpaceContract {
    private final SearchSpace space = new ProxylessNasSpace(OfaMobileNetV3Test.IMAGENET);

    @Override
    protected SearchSpace space() {
        return space;
    }

    @Override
    protected int points() {
        return 500;
    }

    @Test
    void sixPositionsHaveSixCandidatesAndFifteenHaveSeven() {
        assertThat(space.size())
                .isEqualTo(BigInteger.valueOf(6)
                        .pow(6)
                        .multiply(BigInteger.valueOf(7).pow(15)));
        assertThat(space.decisions().get(0).choices()).containsExactly(33.0, 35.0, 37.0, 63.0, 65.0, 67.0);
        assertThat(space.decisions().get(1).choices()).containsExactly(0.0, 33.0, 35.0, 37.0, 63.0, 65.0, 67.0);
    }

    @Test
    void candidatesHaveTheirKernelAndExpansionAndShareNoWeights() {
        int[] a = new int[21];
        int[] b = new int[21];
        a[0] = 1;
        b[0] = 5;
        Graph first = space.lower(Architecture.of(space.name(), a));
        Graph second = space.lower(Architecture.of(space.name(), b));
        assertThat(((Operator.Conv2d) OfaMobileNetV3Test.op(first, "stage0.cell0.e3k5.depthwise"))
                        .weight()
                        .extents())
                .containsExactly(48, 1, 5, 5);
        assertThat(((Operator.Conv2d) OfaMobileNetV3Test.op(second, "stage0.cell0.e6k7.depthwise"))
                        .weight()
                        .extents())
                .containsExactly(96, 1, 7, 7);
        Set<String> shared = parameters(first);
        shared.retainAll(parameters(second));
        assertThat(shared).isNotEmpty().noneMatch(p -> p.startsWith("stage0.cell0."));
    }

    @Test
    void aSkippedCellIsNotThere() {
        assertThat(space.lower(space.smallest()).nodes())
                .noneMatch(n -> n.name().contains("cell1"));
    }

    private static Set<String> parameters(Graph g) {
        Set<String> names = new HashSet<>();
        for (Node n : g.nodes()) {
            for (ParameterUse use : n.op().parameters()) {
                names.add(use.slice().parameter());
            }
        }
        return names;
    }
}

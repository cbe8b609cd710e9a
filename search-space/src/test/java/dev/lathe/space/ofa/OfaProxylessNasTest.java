package dev.lathe.space.ofa;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lathe.graph.Activation;
import dev.lathe.graph.Graph;
import dev.lathe.graph.Operator;
import dev.lathe.space.Decision;
import dev.lathe.space.SearchSpace;
import dev.lathe.space.SearchSpaceContract;
import java.math.BigInteger;
import org.junit.jupiter.api.Test;

class OfaProxylessNasTest extends SearchSpaceContract {
    private final OfaMobileSpace space = OfaMobileSpace.proxylessNas(OfaMobileNetV3Test.IMAGENET);

    @Override
    protected SearchSpace space() {
        return space;
    }

    @Override
    protected int points() {
        return 500;
    }

    /** One code in 243 has all five units at full depth, so the standard error is 4.5 %. */
    @Override
    protected double sizeTolerance() {
        return 14;
    }

    @Test
    void aSixthUnitOfOneBlockMakesTwentyOneBlocks() {
        assertThat(space.sizePerResolution())
                .isEqualTo(BigInteger.valueOf(7371).pow(5).multiply(BigInteger.valueOf(9)));
        assertThat(space.decisions())
                .extracting(Decision::name)
                .hasSize(1 + 5 + 2 * 21)
                .contains("stage5.block0.kernel")
                .doesNotContain("stage5.depth");
    }

    @Test
    void widthsAreThoseOfProxylessNasTimesOnePointThree() {
        Graph g = space.lower(space.largest());
        assertThat(g.nodes().stream()
                        .filter(n -> n.name().endsWith("block0.project"))
                        .map(n -> n.output().shape().extent(0)))
                .containsExactly(32, 56, 104, 128, 248, 416);
        assertThat(((Operator.Conv2d) OfaMobileNetV3Test.op(g, "stem")).weight().extent(0))
                .isEqualTo(40);
        assertThat(((Operator.Conv2d) OfaMobileNetV3Test.op(g, "last")).weight().extents())
                .containsExactly(1664, 416, 1, 1);
        assertThat(g.nodes())
                .noneMatch(n -> n.op() instanceof Operator.Gate || n.name().equals("first.add"))
                .allMatch(n -> !(n.op() instanceof Operator.Activate a) || a.function() == Activation.RELU6);
    }
}

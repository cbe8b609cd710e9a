package dev.lathe.space.hat;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lathe.graph.Graph;
import dev.lathe.space.SearchSpace;
import dev.lathe.space.SearchSpaceContract;
import java.math.BigInteger;
import java.util.Arrays;
import org.junit.jupiter.api.Test;

class HatIwsltSpaceTest extends SearchSpaceContract {
    private final HatSpace space = new HatSpace(HatSettings.IWSLT_DE_EN, HatSettings.IWSLT_DE_EN.usualTask());

    @Override
    protected SearchSpace space() {
        return space;
    }

    @Override
    protected int points() {
        return 400;
    }

    @Test
    void sourceTargetAndOutputHaveMatricesOfTheirOwn() {
        Graph g = space.lower(space.largest());
        assertThat(g.nodes().stream()
                        .flatMap(n -> n.op().parameters().stream())
                        .filter(u -> u.slice().extent(0) > 2048)
                        .map(u -> u.role() + " " + u.slice().parameter()
                                + Arrays.toString(u.slice().extents())))
                .containsExactly(
                        "EMBEDDING encoder.embedding[8848, 640]",
                        "EMBEDDING decoder.embedding[6632, 640]",
                        "WEIGHT output.weight[6632, 640]");
    }

    @Test
    void choicesAreSmallerAndAsMany() {
        assertThat(space.size()).isEqualTo(new BigInteger("417846678672384"));
        assertThat(space.decisions().get(1).choices()).containsExactly(512.0, 1024.0, 2048.0);
        assertThat(space.decisions().get(7).choices()).containsExactly(2.0, 4.0);
    }
}

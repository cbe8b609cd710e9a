package dev.lathe.space;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lathe.graph.Graph;
import dev.lathe.graph.Node;
import dev.lathe.graph.Shape;
import org.junit.jupiter.api.Test;

class VitTinySpaceTest extends SearchSpaceContract {
    private final SearchSpace space = new VitTinySpace(new TaskShape(1, 8, 8, 10));

    @Override
    protected SearchSpace space() {
        return space;
    }

    @Test
    void thereAreFourHundredThousandNetworks() {
        assertThat(space.size()).isEqualTo(java.math.BigInteger.valueOf(2L * 3 * 3 * (144 + 1728 + 20736)));
    }

    @Test
    void eachPatchSizeHasItsLargestAndItsSmallestNetwork() {
        assertThat(space.covering()).hasSize(2).startsWith(space.largest());
        assertThat(space.floors()).hasSize(2).endsWith(space.smallest());
    }

    @Test
    void headsSetTheInnerWidthApartFromTheEmbedding() {
        Graph g = space.lower(space.largest());
        Node query = g.nodes().stream()
                .filter(n -> n.name().equals("layer0.query"))
                .findFirst()
                .orElseThrow();
        Node scores = g.nodes().stream()
                .filter(n -> n.name().equals("layer0.scores"))
                .findFirst()
                .orElseThrow();
        assertThat(query.output().shape()).isEqualTo(Shape.of(16, 64));
        assertThat(scores.output().shape()).isEqualTo(Shape.of(4, 16, 16));
    }

    @Test
    void imagesThatPatchesDoNotFillAreRefused() {
        assertThatThrownBy(() -> new VitTinySpace(new TaskShape(1, 12, 12, 10))).hasMessageContaining("12 x 12");
    }
}

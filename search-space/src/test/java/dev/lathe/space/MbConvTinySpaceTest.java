package dev.lathe.space;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lathe.base.InvalidInputException;
import dev.lathe.graph.Graph;
import dev.lathe.graph.Operator;
import dev.lathe.graph.Range;
import org.junit.jupiter.api.Test;

class MbConvTinySpaceTest extends SearchSpaceContract {
    private final SearchSpace space = new MbConvTinySpace(new TaskShape(1, 8, 8, 10));

    @Override
    protected SearchSpace space() {
        return space;
    }

    @Test
    void thereAreSixMillionNetworks() {
        // Widths of stem and of three stages, each of one or two blocks of 2 kernels and 3 expansions.
        assertThat(space.size()).isEqualTo(java.math.BigInteger.valueOf(3L * 126 * 126 * 126));
    }

    @Test
    void aSmallKernelIsTheMiddleOfTheLarge() {
        Graph g = space.lower(space.smallest());
        assertThat(g.nodes())
                .filteredOn(n -> n.name().endsWith("depthwise.conv"))
                .isNotEmpty()
                .allSatisfy(n -> assertThat(
                                ((Operator.Conv2d) n.op()).weight().ranges().subList(2, 4))
                        .containsExactly(new Range(1, 4), new Range(1, 4)));
    }

    @Test
    void largeImagesAreHalvedOrQuarteredAtTheStem() {
        assertThat(new MbConvTinySpace(new TaskShape(3, 32, 32, 10))
                        .lower(space.largest())
                        .nodes()
                        .get(0)
                        .output()
                        .shape()
                        .extent(1))
                .isEqualTo(16);
        assertThatThrownBy(() -> new MbConvTinySpace(new TaskShape(3, 4, 4, 10)))
                .isInstanceOf(InvalidInputException.class)
                .hasMessageContainingAll("4 x 4", "imageSize");
    }

    @Test
    void anUnknownSpaceSuggestsTheNearest() {
        assertThatThrownBy(() -> SearchSpaces.create("mbconv-tyny", new TaskShape(1, 8, 8, 10)))
                .isInstanceOf(InvalidInputException.class)
                .hasMessageContaining("did you mean 'mbconv-tiny'?");
    }
}

package dev.lathe.space.ofa;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lathe.graph.CostModel;
import dev.lathe.graph.Graph;
import dev.lathe.graph.Node;
import dev.lathe.graph.Operator;
import dev.lathe.space.Architecture;
import dev.lathe.space.SearchSpace;
import dev.lathe.space.SearchSpaceContract;
import java.math.BigInteger;
import java.util.Collections;
import org.junit.jupiter.api.Test;

class OfaResNetTest extends SearchSpaceContract {
    private final OfaResNetSpace space = new OfaResNetSpace(OfaMobileNetV3Test.IMAGENET);

    @Override
    protected SearchSpace space() {
        return space;
    }

    @Override
    protected int points() {
        return 500;
    }

    @Test
    void theSizeIsThatCountedByHand() {
        // Stem: residual or not, two inner and three outer widths; stages: three widths, 3^2+3^3+3^4 or 3^4+3^5+3^6
        // expansions.
        BigInteger shallow = BigInteger.valueOf(3 * (9 + 27 + 81));
        assertThat(space.sizePerResolution())
                .isEqualTo(BigInteger.valueOf(2 * 2 * 3)
                        .multiply(shallow.pow(3))
                        .multiply(BigInteger.valueOf(3 * (81 + 243 + 729))));
        assertThat(space.size()).isEqualTo(space.sizePerResolution().multiply(BigInteger.valueOf(25)));
    }

    /**
     * The usual ResNet-50-D, of 3, 4, 6 and 3 blocks and a stem of 32, 32 and 64 channels, is a point. Its parameters are those of
     * ResNet-50 (25,557,032) with the 7x7 stem of 9,536 taken out and the one of three 3x3 of 28,768 put in; its MACs likewise, of
     * 4,089,184,256.
     */
    @Test
    void resNet50dIsAPointWithItsPublishedCosts() {
        Architecture a = new OfaResNetText(space)
                .parse("{\"d\": [2, 1, 2, 2, 1], \"e\": [%s], \"w\": [2, 2, 2, 2, 2, 2], \"image_size\": 224}"
                        .formatted(String.join(", ", Collections.nCopies(18, "0.25"))));
        CostModel.Cost cost = CostModel.of(space.lower(a));
        assertThat(cost.parameters()).isEqualTo(25_557_032L - 9_536 + 28_768).isEqualTo(25_576_264L);
        assertThat(cost.macs()).isEqualTo(4_089_184_256L - 118_013_952 + (864 + 9_216 + 18_432) * 112L * 112);
    }

    @Test
    void theFirstShortcutOfAStageThatStridesPoolsBeforeItsConvolution() {
        Graph g = space.lower(space.smallest());
        assertThat(OfaMobileNetV3Test.names(g, Operator.Pool2d.class))
                .containsExactly(
                        "stem.pool",
                        "stage1.block0.shortcut.pool",
                        "stage2.block0.shortcut.pool",
                        "stage3.block0.shortcut.pool");
        assertThat(g.nodes().stream().map(Node::name).filter(n -> n.endsWith(".shortcut")))
                .containsExactly(
                        "stage0.block0.shortcut",
                        "stage1.block0.shortcut",
                        "stage2.block0.shortcut",
                        "stage3.block0.shortcut");
    }

    @Test
    void theStemsBlockIsThereOnlyWhereItIsChosen() {
        assertThat(space.lower(space.smallest()).nodes())
                .noneMatch(n -> n.name().startsWith("stem.block"));
        assertThat(space.lower(space.largest()).nodes()).anyMatch(n -> n.name().equals("stem.block.add"));
    }

    @Test
    void widthsAreMultiplesOfEight() {
        Graph g = space.lower(space.smallest());
        assertThat(g.nodes().stream()
                        .filter(n -> n.name().endsWith("block0.expand")
                                || n.name().equals("stem.in")
                                || n.name().equals("stem.out"))
                        .map(n -> n.output().shape().extent(0)))
                .containsExactly(24, 40, 168, 336, 664, 1328);
        assertThat(((Operator.Conv2d) OfaMobileNetV3Test.op(g, "stage0.block0.reduce"))
                        .weight()
                        .extent(0))
                .isEqualTo(32);
    }
}

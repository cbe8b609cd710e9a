package dev.lathe.space.fbnetv3;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lathe.base.InvalidInputException;
import dev.lathe.graph.Graph;
import dev.lathe.graph.Node;
import dev.lathe.graph.Operator;
import dev.lathe.graph.Range;
import dev.lathe.space.Architecture;
import dev.lathe.space.Decision;
import dev.lathe.space.SearchSpace;
import dev.lathe.space.SearchSpaceContract;
import dev.lathe.space.TaskShape;
import java.math.BigInteger;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class FbnetV3SpaceTest extends SearchSpaceContract {
    private final FbnetV3Space space = new FbnetV3Space(new TaskShape(3, 64, 64, 10));

    @Override
    protected SearchSpace space() {
        return space;
    }

    @Override
    protected int points() {
        return 150;
    }

    @Test
    void theSizeIsTheProductOverStages() {
        // Stages of several blocks: kernel and expansion of the first and of the rest, 2 x 3 x 2 x 5.
        long several = 60;
        BigInteger networks = BigInteger.valueOf(3 * 2 * 3)
                .multiply(BigInteger.valueOf(3 * 4 * several))
                .multiply(BigInteger.valueOf(3 * 4 * several))
                .multiply(BigInteger.valueOf(5 * 4 * several * 2))
                .multiply(BigInteger.valueOf(6 * 5 * several))
                .multiply(BigInteger.valueOf(11 * 4 * several * 2))
                .multiply(BigInteger.valueOf(10 * (6 + several)));
        BigInteger recipes = BigInteger.valueOf(11L * 2 * 2 * 31 * 22 * 42 * 15);
        assertThat(space.size()).isEqualTo(networks.multiply(recipes));
    }

    @Test
    void theRecipeIsPartOfThePointAndNotOfTheGraph() {
        int[] c = FbnetV3Models.A.architecture(space).choices();
        Architecture first = Architecture.of(space.name(), c.clone());
        List<Decision> d = space.decisions();
        for (int i = d.size() - 7; i < d.size(); i++) {
            c[i] = d.get(i).size() - 1;
        }
        Architecture last = Architecture.of(space.name(), c);
        assertThat(space.canonical(last)).isNotEqualTo(space.canonical(first));
        assertThat(space.lower(last)).isEqualTo(space.lower(first));
        assertThat(space.recipe(first))
                .containsExactly(
                        Map.entry("learningRate", 0.020),
                        Map.entry("optimiser", 0.0),
                        Map.entry("ema", 0.0),
                        Map.entry("dropout", 0.01),
                        Map.entry("stochasticDepth", 0.10),
                        Map.entry("mixup", 0.0),
                        Map.entry("weightDecay", 7e-6));
        assertThat(space.recipe(last).values()).containsExactly(0.030, 1.0, 1.0, 0.31, 0.31, 0.41, 21e-6);
    }

    @ParameterizedTest
    @EnumSource
    void everyReleasedModelIsACanonicalPoint(FbnetV3Models model) {
        Architecture a = model.architecture(space);
        assertThat(space.canonical(a)).isEqualTo(a);
        assertThat(space.lower(a).output().shape().elements()).isEqualTo(10);
    }

    /** With padding of half the kernel, the maps of A would be 14 and 7 pixels a side. */
    @Test
    void padsLessWhereTheReleasedModelsDo() {
        Graph a = FbnetV3Models.A.lower(1000);
        assertThat(side(a, "stage3.block0.project")).isEqualTo(13);
        assertThat(side(a, "stage5.block0.project")).isEqualTo(6);
        Graph d = FbnetV3Models.D.lower(1000);
        assertThat(side(d, "stage3.block0.project")).isEqualTo(16);
        assertThat(side(d, "stage5.block0.project")).isEqualTo(8);
    }

    @Test
    void squeezeAndExcitationIsAQuarterOfTheInputInMultiplesOfEight() {
        assertThat(List.of(24, 40, 48, 56, 72, 80, 104, 120, 144, 184, 208, 264).stream()
                        .map(FbnetV3Block::squeezed))
                .containsExactly(8, 16, 16, 16, 24, 24, 32, 32, 40, 48, 56, 64);
        Graph a = FbnetV3Models.A.lower(1000);
        assertThat(a.nodes().stream().map(Node::name).filter(n -> n.endsWith(".se")))
                .hasSize(5 + 6 + 6 + 1)
                .allMatch(n -> n.matches("stage[2456]\\.block\\d\\.se"));
    }

    @Test
    void aSmallKernelIsTheMiddleOfTheLarge() {
        Operator.Conv2d conv = (Operator.Conv2d)
                node(space.lower(space.smallest()), "stage1.block0.depthwise").op();
        assertThat(conv.weight().ranges().get(2)).isEqualTo(new Range(1, 4));
        assertThat(conv.paddingY()).isEqualTo(1);
    }

    @Test
    void smallImagesHaveNoRoomToPadLess() {
        FbnetV3Space small = new FbnetV3Space(new TaskShape(1, 32, 48, 10));
        assertThat(small.lower(small.smallest()).output().shape().elements()).isEqualTo(10);
        assertThat(small.decisions())
                .filteredOn(d -> d.name().endsWith("paddingOffset"))
                .extracting(Decision::size)
                .containsExactly(1, 1);
        FbnetV3Space least = new FbnetV3Space(new TaskShape(1, 49, 49, 10));
        assertThat(side(least.lower(least.smallest()), "stage5.block0.project")).isEqualTo(1);
        assertThatThrownBy(() -> new FbnetV3Space(new TaskShape(3, 8, 8, 10)))
                .isInstanceOf(InvalidInputException.class)
                .hasMessageContainingAll("8 x 8", "imageSize");
    }

    private static int side(Graph g, String name) {
        return node(g, name).output().shape().extent(1);
    }

    private static Node node(Graph g, String name) {
        return g.nodes().stream().filter(n -> n.name().equals(name)).findFirst().orElseThrow();
    }
}

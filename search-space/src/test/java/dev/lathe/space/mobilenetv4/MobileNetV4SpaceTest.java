package dev.lathe.space.mobilenetv4;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lathe.base.InvalidInputException;
import dev.lathe.graph.Activation;
import dev.lathe.graph.Graph;
import dev.lathe.graph.GraphBuilder;
import dev.lathe.graph.Node;
import dev.lathe.graph.Operator;
import dev.lathe.graph.ParameterUse;
import dev.lathe.graph.Range;
import dev.lathe.graph.Tensor;
import dev.lathe.space.Architecture;
import dev.lathe.space.SearchSpace;
import dev.lathe.space.SearchSpaceContract;
import dev.lathe.space.TaskShape;
import java.math.BigInteger;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class MobileNetV4SpaceTest extends SearchSpaceContract {
    private final MobileNetV4Space space = new MobileNetV4Space(MobileNetV4Size.MEDIUM, new TaskShape(3, 64, 64, 10));

    @Override
    protected SearchSpace space() {
        return space;
    }

    @Override
    protected int points() {
        return 200;
    }

    @Test
    void theSizeIsTheSumOverDepths() {
        BigInteger first = BigInteger.valueOf(3 * 2 * 4);
        BigInteger plain = BigInteger.valueOf(3 * 3 * 4);
        BigInteger hybrid = BigInteger.valueOf(3 * 3 * 4 * 2);
        BigInteger stage0 = first.add(first.multiply(plain));
        BigInteger stage1 = first.multiply(hybrid.pow(3).add(hybrid.pow(5)).add(hybrid.pow(7)));
        BigInteger stage2 = first.multiply(hybrid.pow(7).add(hybrid.pow(10)).add(hybrid.pow(11)));
        assertThat(space.size())
                .isEqualTo(
                        BigInteger.valueOf(4).multiply(stage0).multiply(stage1).multiply(stage2));
    }

    @ParameterizedTest
    @EnumSource
    void everyReleasedModelIsACanonicalPointOfTheSpaceOfItsSize(MobileNetV4Models model) {
        MobileNetV4Space own = new MobileNetV4Space(model.size(), new TaskShape(3, 64, 64, 10));
        Architecture a = model.architecture();
        assertThat(own.canonical(a)).isEqualTo(a);
        assertThat(model.lower(new TaskShape(3, 64, 64, 10))).isEqualTo(own.lower(a));
    }

    @Test
    void onlyTheHybridsHaveAttentionAndLayerScale() {
        for (MobileNetV4Models model : MobileNetV4Models.values()) {
            List<Node> nodes = model.lower(new TaskShape(3, 64, 64, 10)).nodes();
            boolean hybrid = model.modelName().startsWith("Hybrid");
            assertThat(nodes.stream().filter(n -> n.op() instanceof Operator.Softmax))
                    .hasSize(hybrid ? 8 : 0);
            assertThat(nodes.stream().anyMatch(n -> n.op() instanceof Operator.LayerScale))
                    .isEqualTo(hybrid);
            assertThat(nodes.stream().anyMatch(n -> n.op().equals(new Operator.Activate(Activation.GELU))))
                    .isEqualTo(model == MobileNetV4Models.HYBRID_L);
        }
    }

    @Test
    void aSmallKernelIsTheMiddleOfTheLargeAndTheMiddleConvolutionTakesTheStride() {
        Graph g = MobileNetV4Models.CONV_M.lower(new TaskShape(3, 64, 64, 10));
        Operator.Conv2d start = conv(g, "stage0.block0.start");
        Operator.Conv2d middle = conv(g, "stage0.block0.middle");
        assertThat(start.weight().ranges().subList(2, 4)).containsExactly(new Range(1, 4), new Range(1, 4));
        assertThat(start.strideY()).isEqualTo(1);
        assertThat(middle.weight().ranges().subList(2, 4)).containsExactly(new Range(0, 5), new Range(0, 5));
        assertThat(middle.strideY()).isEqualTo(2);
    }

    @Test
    void withoutAMiddleTheStartTakesTheStrideAndWithoutBothNoneDoes() {
        GraphBuilder g = new GraphBuilder("blocks");
        MobileNetV4Blocks blocks = new MobileNetV4Blocks(g, Activation.RELU, false);
        Tensor x = g.input("x", 8, 16, 16);
        assertThat(blocks.bottleneck("a", x, 3, 0, 2, 8, 2).shape().toArray()).containsExactly(8, 8, 8);
        assertThatThrownBy(() -> blocks.bottleneck("b", x, 0, 0, 2, 8, 2))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContainingAll("b", "stride 2");
    }

    @Test
    void attentionHasAQueryPerHeadAndOneReducedKeyAndValue() {
        GraphBuilder g = new GraphBuilder("attention");
        Tensor x = g.input("x", 24, 6, 4);
        Tensor y = new MobileNetV4Blocks(g, Activation.RELU, false).attention("mqa", x, 4, 8, 2);
        Graph graph = g.build(y);
        assertThat(y.shape()).isEqualTo(x.shape());
        assertThat(node(graph, "mqa.scores").output().shape().toArray()).containsExactly(4, 24, 6);
        assertThat(node(graph, "mqa.mix").output().shape().toArray()).containsExactly(4, 24, 8);
        assertThat(conv(graph, "mqa.query").weight().extents()).containsExactly(32, 24, 1, 1);
        assertThat(conv(graph, "mqa.key").weight().extents()).containsExactly(8, 24, 1, 1);
        assertThat(conv(graph, "mqa.value.reduce").groups()).isEqualTo(24);
        assertThat(graph.nodes().stream()
                        .flatMap(n -> n.op().parameters().stream())
                        .filter(p -> p.role() == ParameterUse.Role.LAYER_SCALE)
                        .map(p -> p.slice().elements()))
                .containsExactly(24L);
    }

    @Test
    void imagesOutsideTheLimitsAreRefused() {
        assertThatThrownBy(() -> new MobileNetV4Space(MobileNetV4Size.SMALL, new TaskShape(3, 4, 64, 10)))
                .isInstanceOf(InvalidInputException.class)
                .hasMessageContainingAll("mobilenetv4-small", "4 x 64", "imageSize");
    }

    private static Operator.Conv2d conv(Graph g, String name) {
        return (Operator.Conv2d) node(g, name).op();
    }

    private static Node node(Graph g, String name) {
        return g.nodes().stream().filter(n -> n.name().equals(name)).findFirst().orElseThrow();
    }
}

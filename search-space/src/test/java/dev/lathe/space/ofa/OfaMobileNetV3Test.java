package dev.lathe.space.ofa;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lathe.base.InvalidInputException;
import dev.lathe.graph.CostModel;
import dev.lathe.graph.Graph;
import dev.lathe.graph.Node;
import dev.lathe.graph.Operator;
import dev.lathe.graph.Range;
import dev.lathe.graph.Shape;
import dev.lathe.space.Architecture;
import dev.lathe.space.SearchSpace;
import dev.lathe.space.SearchSpaceContract;
import dev.lathe.space.SearchSpaces;
import dev.lathe.space.TaskShape;
import java.math.BigInteger;
import java.util.List;
import org.junit.jupiter.api.Test;

class OfaMobileNetV3Test extends SearchSpaceContract {
    static final TaskShape IMAGENET = new TaskShape(3, 224, 224, 1000);

    private final OfaMobileSpace space = OfaMobileSpace.mobileNetV3(IMAGENET);

    @Override
    protected SearchSpace space() {
        return space;
    }

    @Override
    protected int points() {
        return 800;
    }

    /** One code in 243 has all five units at full depth, so the standard error is 4.5 %. */
    @Override
    protected double sizeTolerance() {
        return 14;
    }

    /** Names of the nodes that have a certain operator. */
    static List<String> names(Graph g, Class<? extends Operator> type) {
        return g.nodes().stream()
                .filter(n -> type.isInstance(n.op()))
                .map(Node::name)
                .toList();
    }

    static Operator op(Graph g, String name) {
        return g.nodes().stream()
                .filter(n -> n.name().equals(name))
                .findFirst()
                .orElseThrow()
                .op();
    }

    @Test
    void thereAre7371ToTheFifthNetworksAtEachOf25Resolutions() {
        assertThat(space.sizePerResolution())
                .isEqualTo(BigInteger.valueOf(7371).pow(5))
                .isEqualTo(new BigInteger("21758655492572485851"));
        assertThat(space.size()).isEqualTo(space.sizePerResolution().multiply(BigInteger.valueOf(25)));
        assertThat(space.decisions().get(0).choices()).startsWith(128.0, 132.0).endsWith(220.0, 224.0);
    }

    @Test
    void theResolutionIsThatOfTheInput() {
        assertThat(space.lower(space.smallest()).inputs().get(0).shape()).isEqualTo(Shape.of(3, 128, 128));
        assertThat(space.lower(space.largest()).inputs().get(0).shape()).isEqualTo(Shape.of(3, 224, 224));
    }

    @Test
    void unitsTwoFourAndFiveSqueezeAndExcite() {
        assertThat(names(space.lower(space.smallest()), Operator.Gate.class))
                .containsExactly(
                        "stage1.block0.se",
                        "stage1.block1.se",
                        "stage3.block0.se",
                        "stage3.block1.se",
                        "stage4.block0.se",
                        "stage4.block1.se");
    }

    @Test
    void blocksOfOneShapeAddTheirInput() {
        assertThat(names(space.lower(space.smallest()), Operator.Add.class))
                .containsExactly(
                        "first.add",
                        "stage0.block1.add",
                        "stage1.block1.add",
                        "stage2.block1.add",
                        "stage3.block1.add",
                        "stage4.block1.add");
    }

    @Test
    void smallKernelsAreTheMiddleAndSmallExpansionsTheLeadingChannelsOfTheLarge() {
        Operator.Conv2d small = (Operator.Conv2d) op(space.lower(space.smallest()), "stage2.block1.depthwise");
        Operator.Conv2d large = (Operator.Conv2d) op(space.lower(space.largest()), "stage2.block1.depthwise");
        assertThat(small.weight().parameter()).isEqualTo(large.weight().parameter());
        assertThat(small.weight().ranges())
                .containsExactly(new Range(0, 240), new Range(0, 1), new Range(2, 5), new Range(2, 5));
        assertThat(large.weight().ranges())
                .containsExactly(new Range(0, 480), new Range(0, 1), new Range(0, 7), new Range(0, 7));
    }

    @Test
    void theWiderSpaceHasTheWidthsTimesOnePointTwo() {
        OfaMobileSpace wide = OfaMobileSpace.mobileNetV3W12(IMAGENET);
        Graph g = wide.lower(wide.largest());
        List<Integer> widths = g.nodes().stream()
                .filter(n -> n.name().endsWith("block0.project"))
                .map(n -> n.output().shape().extent(0))
                .toList();
        assertThat(widths).containsExactly(32, 48, 96, 136, 192);
        assertThat(((Operator.Conv2d) op(g, "stem")).weight().extent(0)).isEqualTo(24);
        assertThat(((Operator.Linear) op(g, "mix")).weight().extents()).containsExactly(1536, 1152);
        // The paper's networks of 389 and 595 million MACs are among these.
        assertThat(CostModel.of(wide.lower(wide.smallest())).macs()).isLessThan(389_000_000L);
        assertThat(CostModel.of(g).macs()).isGreaterThan(595_000_000L);
    }

    @Test
    void otherImageSizesHaveOneResolutionAndExtremeOnesAreRefused() {
        SearchSpace small = SearchSpaces.create(OfaMobileSpace.MOBILENET_V3, new TaskShape(1, 32, 32, 10));
        assertThat(small.decisions().get(0).choices()).containsExactly(32.0);
        Architecture a = small.largest();
        assertThat(small.lower(a).inputs().get(0).shape()).isEqualTo(Shape.of(1, 32, 32));
        assertThat(small.lower(a).output().shape()).isEqualTo(Shape.of(10));
        for (TaskShape task :
                List.of(new TaskShape(1, 8, 8, 10), new TaskShape(3, 64, 32, 10), new TaskShape(3, 1024, 1024, 10))) {
            assertThatThrownBy(() -> OfaMobileSpace.mobileNetV3(task))
                    .isInstanceOf(InvalidInputException.class)
                    .hasMessageContainingAll(
                            "ofa-mobilenetv3", task.height() + " x " + task.width(), "imageSize", "32 to 512");
        }
    }
}

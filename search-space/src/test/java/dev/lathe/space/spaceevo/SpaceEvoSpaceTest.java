package dev.lathe.space.spaceevo;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lathe.base.InvalidInputException;
import dev.lathe.graph.Activation;
import dev.lathe.graph.Graph;
import dev.lathe.graph.Node;
import dev.lathe.graph.Operator;
import dev.lathe.graph.Range;
import dev.lathe.space.Architecture;
import dev.lathe.space.SearchSpace;
import dev.lathe.space.SearchSpaces;
import dev.lathe.space.TaskShape;
import dev.lathe.space.TranslationTask;
import java.util.List;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SpaceEvoSpaceTest {
    private static final SpaceEvoSpace PIXEL4 = new SpaceEvoSpace(SpaceGenome.PIXEL4, SpaceEvoSpace.IMAGENET);

    @Test
    void releasedSpacesAreListedAndAnyOtherGoesByItsGenome() {
        assertThat(SearchSpaces.names())
                .contains(
                        "spaceevo-mobilew-122222-155400",
                        "spaceevo-mobilew-112220-154410",
                        "spaceevo-mobilew-332160-134200",
                        "spaceevo-onnxw-151122-023231",
                        "spaceevo-onnxw-121122-133333");
        String name = "spaceevo-onnxw-543210-012301";
        assertThat(SearchSpaces.usualTask(name)).isEqualTo(new TaskShape(3, 224, 224, 1000));
        SearchSpace space = SearchSpaces.create(name, new TaskShape(1, 32, 32, 10));
        SearchSpaces.requireKnown(name);
        assertThatThrownBy(() -> SearchSpaces.requireKnown("spaceevo")).isInstanceOf(InvalidInputException.class);
        assertThat(space.name()).isEqualTo(name);
        assertThat(space.task()).isEqualTo(new TaskShape(1, 32, 32, 10));
        assertThat(Architecture.parse(space.largest().toString())).isEqualTo(space.largest());
        assertThatThrownBy(() -> SearchSpaces.create("spaceevo-onnxw-963210-012301", space.task()))
                .isInstanceOf(InvalidInputException.class)
                .hasMessageContaining("block type 9 of stage 1");
        assertThatThrownBy(() -> SearchSpaces.create(name, new TranslationTask(10, 10, 5, 5)))
                .isInstanceOf(InvalidInputException.class)
                .hasMessageContaining(name);
    }

    @Test
    void resolutionsKeepTheirRatioToTheImage() {
        assertThat(PIXEL4.resolutions()).containsExactly(160, 176, 192, 208, 224);
        SpaceEvoSpace wide = new SpaceEvoSpace(SpaceGenome.PIXEL4, new TaskShape(3, 112, 448, 10));
        Graph smallest = wide.lower(wide.smallest());
        assertThat(smallest.inputs().get(0).shape().toArray()).containsExactly(3, 80, 320);
        assertThat(wide.lower(wide.largest()).inputs().get(0).shape().toArray()).containsExactly(3, 112, 448);
        SpaceEvoSpace small = new SpaceEvoSpace(SpaceGenome.PIXEL4, new TaskShape(1, 32, 48, 10));
        assertThat(small.decisions()).noneMatch(d -> d.name().equals("resolution"));
        assertThat(small.lower(small.smallest()).inputs().get(0).shape().toArray())
                .containsExactly(1, 32, 48);
    }

    @ParameterizedTest
    @CsvSource({"31, 64", "64, 31", "513, 64", "224, 1000"})
    void otherImageSizesAreRefused(int height, int width) {
        assertThatThrownBy(() -> new SpaceEvoSpace(SpaceGenome.VNNI, new TaskShape(3, height, width, 10)))
                .isInstanceOf(InvalidInputException.class)
                .hasMessageContainingAll("32 to 512", height + " x " + width, "imageSize");
    }

    /** The stages' strides: of 224 pixels 7 are left. */
    @Test
    void theHeadSeesAThirtySecondOfTheImage() {
        Graph g = PIXEL4.lower(PIXEL4.largest());
        assertThat(node(g, "finalExpand").output().shape().toArray()).containsExactly(1280, 7, 7);
        assertThat(node(g, "featureMix.act").output().shape().toArray()).containsExactly(1920);
        assertThat(((Operator.Activate) node(g, "featureMix.act").op()).function())
                .isEqualTo(Activation.SWISH);
        assertThat(g.output().shape().toArray()).containsExactly(1000);
    }

    /** The layers of one block of each type, 32 channels at 14 pixels to 48 at 7. */
    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "MOBILEW|0|7|0|dw7 RELU pw48 RELU dw7 RELU pw48 RELU pw48 +",
                "MOBILEW|1|5|3|pw96 RELU6 dw5 RELU6 pw48 pw48 +",
                "MOBILEW|2|3|6|pw192 SWISH dw3 SWISH fc48 RELU fc192 HARD_SIGMOID x pw48 pw48 +",
                "MOBILEW|3|5|1.5|pw72 RELU conv5:72 RELU pw48 pw48 + RELU",
                "MOBILEW|4|3|2|conv3:64 SWISH fc8 RELU fc64 HARD_SIGMOID x pw48 pw48 +",
                "MOBILEW|5|7|3|pw96 SWISH dw3 dw3 dw3 SWISH fc24 RELU fc96 HARD_SIGMOID x pw48 pw48 +",
                "MOBILEW|6|5|8|pw256 RELU6 dw3 dw3 RELU6 pw48 pw48 +",
                "ONNXW|2|3|4|pw128 HARD_SWISH dw3 HARD_SWISH fc32 RELU fc128 HARD_SIGMOID x pw48 pw48 +",
                "ONNXW|3|7|0.5|pw24 RELU conv7:24 RELU pw48 pw48 + RELU",
                "ONNXW|4|3|1|pw48 RELU conv3:48 RELU fc8 RELU fc48 HARD_SIGMOID x pw48 pw48 + RELU",
                "ONNXW|5|5|4|conv5:128 SWISH pw48 pw48 +"
            })
    void blocksAreMadeAsPublished(Hyperspace h, int type, int kernel, double expansion, String layers) {
        Graph g = new StageInstance(h, 3, type, 32, 14, List.of(new BlockChoice(kernel, 48, expansion))).lower();
        assertThat(g.nodes().stream().map(SpaceEvoSpaceTest::described).filter(s -> !s.isEmpty()))
                .containsExactly(layers.split(" "));
        assertThat(g.output().shape().toArray()).containsExactly(48, 7, 7);
    }

    private static String described(Node n) {
        if (n.op() instanceof Operator.Conv2d c) {
            int outputs = c.weight().extent(0);
            return c.kernelX() == 1
                    ? "pw" + outputs
                    : c.isDepthwise() ? "dw" + c.kernelX() : "conv" + c.kernelX() + ":" + outputs;
        } else if (n.op() instanceof Operator.Linear l) {
            return "fc" + l.weight().extent(0);
        } else if (n.op() instanceof Operator.Activate a) {
            return a.function().name();
        } else if (n.op() instanceof Operator.Gate) {
            return "x";
        }
        return n.op() instanceof Operator.Add ? "+" : "";
    }

    @Test
    void blocksOfOneShapeAddTheirInput() {
        Graph g = new StageInstance(
                        Hyperspace.ONNXW,
                        4,
                        1,
                        112,
                        14,
                        List.of(new BlockChoice(3, 112, 4), new BlockChoice(3, 128, 4)))
                .lower();
        assertThat(g.nodes().stream().map(Node::name).filter(n -> n.contains("shortcut")))
                .containsExactly("stage4.block1.shortcut", "stage4.block1.shortcut.norm");
    }

    /** In stage 0 of the Pixel 4 spaces a block that changes the width has no residual; in the others it has one. */
    @Test
    void onlySearchedBlocksAndBottlenecksHaveAResidualConvolution() {
        assertThat(stageZero(PIXEL4)).noneMatch(n -> n.contains("shortcut") || n.endsWith("add"));
        assertThat(stageZero(new SpaceEvoSpace(SpaceGenome.VNNI, SpaceEvoSpace.IMAGENET)))
                .contains("stage0.block0.shortcut");
    }

    /** Node names of stage 0 of the smallest network, its first block widened. */
    private static List<String> stageZero(SpaceEvoSpace space) {
        int[] c = space.smallest().choices();
        c[space.stages().get(0).widthAt(0)] = 1;
        return space.lower(Architecture.of(space.name(), c)).nodes().stream()
                .map(Node::name)
                .filter(n -> n.startsWith("stage0"))
                .collect(Collectors.toList());
    }

    @Test
    void aSmallKernelIsTheMiddleOfTheLargest() {
        SpaceEvoSpace vnni = new SpaceEvoSpace(SpaceGenome.VNNI, SpaceEvoSpace.IMAGENET);
        Graph g = vnni.lower(vnni.smallest());
        // MBv2 offers up to 5x5, Fused-MB up to 7x7.
        assertThat(((Operator.Conv2d) node(g, "stage1.block0.spatial").op())
                        .weight()
                        .ranges())
                .endsWith(new Range(1, 4), new Range(1, 4));
        assertThat(((Operator.Conv2d) node(g, "stage2.block0.spatial").op())
                        .weight()
                        .ranges())
                .endsWith(new Range(2, 5), new Range(2, 5));
    }

    @Test
    void costsOfTheStageTablesAreReadOffTheGraph() {
        StageCost c = StageCost.of(new StageInstance(
                Hyperspace.MOBILEW, 1, 0, 32, 112, List.of(new BlockChoice(3, 32, 0), new BlockChoice(3, 32, 0))));
        // Two 3x3 depthwise and two 1x1 convolutions a block, and the strided residual convolution, at 56 pixels.
        long area = 56 * 56;
        assertThat(c.macs()).isEqualTo(area * (4 * 32 * 9 + 5 * 32 * 32));
        assertThat(c.layers()).isEqualTo(9);
        assertThat(c.parameters()).isEqualTo(4 * 32 * 9 + 5 * 32 * 32 + 9 * 64);
    }

    private static Node node(Graph g, String name) {
        return g.nodes().stream().filter(n -> n.name().equals(name)).findFirst().orElseThrow();
    }
}

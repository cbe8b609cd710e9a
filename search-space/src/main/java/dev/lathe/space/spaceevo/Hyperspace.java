package dev.lathe.space.spaceevo;

import dev.lathe.base.InvalidInputException;
import dev.lathe.graph.Activation;
import java.math.BigInteger;
import java.util.Arrays;
import java.util.List;

/**
 * A set of search spaces for one kind of device: six elastic stages, for each of which a space picks a block type and a window
 * of widths. The stem (a 3x3 convolution and stage 0) and the head are the same in all spaces.
 *
 * @see <a href="https://arxiv.org/abs/2303.08308">Wang et al., SpaceEvo, ICCV 2023</a>
 */
public enum Hyperspace {
    /** For TensorFlow Lite in INT8 on the processor of a Pixel 4. */
    MOBILEW(
            "mobilew",
            List.of(16, 24, 32),
            new BlockType(
                    "MBv2",
                    BlockType.Family.INVERTED_BOTTLENECK,
                    List.of(3),
                    List.of(1.0),
                    Activation.RELU,
                    false,
                    false,
                    false),
            BlockType.mobile(),
            List.of(
                    ElasticStage.of(24, 40, 8, 2, 4, 2, 2),
                    ElasticStage.of(24, 72, 8, 2, 4, 2, 2),
                    ElasticStage.of(56, 112, 8, 2, 6, 2, 3),
                    ElasticStage.of(112, 176, 8, 2, 8, 1, 3),
                    new ElasticStage(List.of(192, 200, 208, 216, 224, 240, 256, 272, 288), 2, 8, 2, 5),
                    ElasticStage.of(216, 360, 16, 1, 2, 1, 7)),
            Activation.SWISH),

    /** For ONNX Runtime in INT8 on an Intel processor with VNNI. */
    ONNXW(
            "onnxw",
            List.of(16, 32),
            new BlockType(
                    "ResNet bottleneck",
                    BlockType.Family.RESNET_BOTTLENECK,
                    List.of(3),
                    List.of(0.5),
                    Activation.RELU,
                    false,
                    false,
                    true),
            BlockType.server(),
            List.of(
                    ElasticStage.of(32, 64, 16, 2, 4, 2, 2),
                    ElasticStage.of(32, 96, 16, 2, 4, 2, 2),
                    ElasticStage.of(64, 144, 16, 2, 6, 2, 3),
                    ElasticStage.of(112, 192, 16, 2, 6, 1, 3),
                    ElasticStage.of(192, 304, 16, 2, 6, 2, 5),
                    ElasticStage.of(304, 448, 16, 1, 2, 1, 7)),
            Activation.HARD_SWISH);

    /** Number of stages whose block type and widths are searched. */
    public static final int STAGES = 6;

    static final int FINAL_EXPAND_WIDTH = 1280;
    static final int FEATURE_MIX_WIDTH = 1920;

    private final String id;
    private final List<Integer> stemWidths;
    private final BlockType stemBlock;
    private final List<BlockType> blockTypes;
    private final List<ElasticStage> stages;
    private final Activation headActivation;

    Hyperspace(
            String id,
            List<Integer> stemWidths,
            BlockType stemBlock,
            List<BlockType> blockTypes,
            List<ElasticStage> stages,
            Activation headActivation) {
        this.id = id;
        this.stemWidths = stemWidths;
        this.stemBlock = stemBlock;
        this.blockTypes = blockTypes;
        this.stages = stages;
        this.headActivation = headActivation;
    }

    /** The published name, {@code mobilew} or {@code onnxw}. */
    public String id() {
        return id;
    }

    /** @throws InvalidInputException if no hyperspace has this name */
    public static Hyperspace of(String id) {
        for (Hyperspace h : values()) {
            if (h.id.equals(id)) {
                return h;
            }
        }
        throw InvalidInputException.unknown(
                "hyperspace", id, Arrays.stream(values()).map(Hyperspace::id).toList());
    }

    /** Widths of the first convolution and of stage 0, all of which every space keeps. */
    public List<Integer> stemWidths() {
        return stemWidths;
    }

    /** The block of stage 0. */
    public BlockType stemBlock() {
        return stemBlock;
    }

    /** Stage 0: one or two blocks that keep the size. */
    ElasticStage stemStage() {
        return new ElasticStage(stemWidths, 1, 2, 1, stemWidths.size());
    }

    /** Block types by the index that a genome has. */
    public List<BlockType> blockTypes() {
        return blockTypes;
    }

    /** Stage {@code i}, from 1 to {@link #STAGES}. */
    public ElasticStage stage(int i) {
        return stages.get(i - 1);
    }

    /** Non-linearity of the head's two layers before the classifier. */
    Activation headActivation() {
        return headActivation;
    }

    /** Number of search spaces. */
    public BigInteger size() {
        BigInteger n = BigInteger.ONE;
        for (ElasticStage s : stages) {
            n = n.multiply(BigInteger.valueOf((long) blockTypes.size() * s.windows()));
        }
        return n;
    }
}

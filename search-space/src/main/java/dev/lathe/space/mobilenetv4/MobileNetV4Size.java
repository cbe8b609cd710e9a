package dev.lathe.space.mobilenetv4;

import java.util.List;
import org.jspecify.annotations.Nullable;

/** The macro structures of MobileNetV4: what all networks of one size have in common. Each is a search space of its own. */
public enum MobileNetV4Size {
    /** Around Conv-S: a stem of plain convolutions, no attention. */
    SMALL(
            "mobilenetv4-small",
            224,
            List.of(
                    new StemLayer(3, 2, 32, 0),
                    new StemLayer(3, 2, 32, 0),
                    new StemLayer(1, 1, 32, 0),
                    new StemLayer(3, 2, 96, 0),
                    new StemLayer(1, 1, 64, 0)),
            List.of(new Stage(96, List.of(4, 5, 6), null), new Stage(128, List.of(4, 5, 6), null))),
    /** Around Conv-M and Hybrid-M. */
    MEDIUM(
            "mobilenetv4",
            256,
            List.of(new StemLayer(3, 2, 32, 0), new StemLayer(3, 2, 48, 4)),
            List.of(
                    new Stage(80, List.of(1, 2), null),
                    new Stage(160, List.of(4, 6, 8), new Attention(4, 64, 2)),
                    new Stage(256, List.of(8, 11, 12), new Attention(4, 64, 1)))),
    /** Around Conv-L and Hybrid-L. */
    LARGE(
            "mobilenetv4-large",
            384,
            List.of(new StemLayer(3, 2, 24, 0), new StemLayer(3, 2, 48, 4)),
            List.of(
                    new Stage(96, List.of(1, 2), null),
                    new Stage(192, List.of(5, 8, 11), new Attention(8, 48, 2)),
                    new Stage(512, List.of(10, 13, 14), new Attention(8, 64, 1))));

    /**
     * A layer of the stem.
     *
     * @param expansion of a fused inverted bottleneck; 0 for a plain convolution
     */
    record StemLayer(int kernel, int stride, int width, int expansion) {}

    /**
     * Blocks of one width, the first with stride 2.
     *
     * @param depths how many blocks there may be, smallest first
     * @param attention what may stand before each block but the first; null for a stage without
     */
    record Stage(int width, List<Integer> depths, @Nullable Attention attention) {
        int maxDepth() {
            return depths.get(depths.size() - 1);
        }
    }

    /**
     * Multi-query attention of a stage.
     *
     * @param keyWidth width of one head
     * @param stride of keys and values
     */
    record Attention(int heads, int keyWidth, int stride) {}

    private final String spaceName;
    private final int usualSide;
    private final List<StemLayer> stem;
    private final List<Stage> stages;

    MobileNetV4Size(String spaceName, int usualSide, List<StemLayer> stem, List<Stage> stages) {
        this.spaceName = spaceName;
        this.usualSide = usualSide;
        this.stem = stem;
        this.stages = stages;
    }

    /** Name of the search space of this size. */
    public String spaceName() {
        return spaceName;
    }

    /** Pixels a side of the images that the released convolutional model is published for. */
    public int usualSide() {
        return usualSide;
    }

    List<StemLayer> stem() {
        return stem;
    }

    List<Stage> stages() {
        return stages;
    }
}

package dev.lathe.space.mobilenetv4;

import dev.lathe.graph.Graph;
import dev.lathe.space.Architecture;
import dev.lathe.space.TaskShape;

/**
 * The released MobileNetV4 models, each a point of the space of its size.
 *
 * @see <a href="https://arxiv.org/abs/2404.10518">Qin et al., MobileNetV4, ECCV 2024</a>
 */
public enum MobileNetV4Models {
    CONV_S("Conv-S", MobileNetV4Size.SMALL, 224, "relu; 55e3 03e2 03e2 03e2 03e2 30e4; 33e6 55e4 05e4 05e3 03e4 03e4"),
    CONV_M(
            "Conv-M",
            MobileNetV4Size.MEDIUM,
            256,
            "relu; 35e4 33e2; 35e6 33e4 33e4 35e4 33e4 30e4 00e2 30e4;"
                    + " 55e6 55e4 35e4 35e4 00e4 30e4 35e2 55e4 00e4 00e4 50e2"),
    CONV_L(
            "Conv-L",
            MobileNetV4Size.LARGE,
            384,
            "relu; 35e4 33e4; 35e4 33e4 33e4 33e4 35e4 53e4 53e4 53e4 53e4 53e4 30e4;"
                    + " 55e4 55e4 55e4 55e4 50e4 53e4 50e4 50e4 53e4 55e4 50e4 50e4 50e4"),
    HYBRID_M(
            "Hybrid-M",
            MobileNetV4Size.MEDIUM,
            256,
            "relu scale; 35e4 33e2; 35e6 00e2 33e4 35e4 A33e4 A30e4 A33e4 A30e4;"
                    + " 55e6 55e4 35e4 35e4 00e2 35e2 00e2 00e4 A30e4 A55e4 A50e4 A50e4"),
    HYBRID_L(
            "Hybrid-L",
            MobileNetV4Size.LARGE,
            384,
            "gelu scale; 35e4 33e4; 35e4 33e4 33e4 33e4 35e4 53e4 53e4 A53e4 A53e4 A53e4 A30e4;"
                    + " 55e4 55e4 55e4 55e4 50e4 53e4 50e4 50e4 53e4 55e4 A50e4 A50e4 A50e4 A50e4");

    private final String modelName;
    private final MobileNetV4Size size;
    private final int side;
    private final String text;

    MobileNetV4Models(String modelName, MobileNetV4Size size, int side, String text) {
        this.modelName = modelName;
        this.size = size;
        this.side = side;
        this.text = text;
    }

    /** The paper's name, for example {@code Conv-M}. */
    public String modelName() {
        return modelName;
    }

    public MobileNetV4Size size() {
        return size;
    }

    /** Pixels a side of its usual input. */
    public int side() {
        return side;
    }

    /** Which point of the space of its size it is, whatever the task. */
    public Architecture architecture() {
        return new MobileNetV4Text(space(new TaskShape(3, side, side, 1000))).parse(text);
    }

    /** The model for a task. */
    public Graph lower(TaskShape task) {
        return space(task).lower(architecture());
    }

    private MobileNetV4Space space(TaskShape task) {
        return new MobileNetV4Space(size, task);
    }
}

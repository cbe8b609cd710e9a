package dev.lathe.space.fbnetv3;

import dev.lathe.graph.Graph;
import dev.lathe.space.Architecture;
import dev.lathe.space.Decision;
import dev.lathe.space.TaskShape;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;

/**
 * The released FBNetV3 models as points of {@link FbnetV3Space}; A and B are one network at two resolutions. How they were trained was not released as a recipe of the
 * space, so the recipe of these points is its first choices.
 *
 * @see <a href="https://arxiv.org/abs/2006.02049">Dai et al., FBNetV3, CVPR 2021</a>
 */
public enum FbnetV3Models {
    A(
            224,
            stem(16, 16, 2),
            stage(24, 4, 5, 4, 5, 2),
            stage(40, 5, 5, 5, 5, 3),
            padded(72, 5, 5, 5, 3, 3, -1),
            stage(120, 6, 3, 5, 5, 3),
            padded(184, 6, 3, 6, 5, 4, -1),
            last(224)),
    B(
            248,
            stem(16, 16, 2),
            stage(24, 4, 5, 4, 5, 2),
            stage(40, 5, 5, 5, 5, 3),
            padded(72, 5, 5, 5, 3, 3, -1),
            stage(120, 6, 3, 5, 5, 3),
            padded(184, 6, 3, 6, 5, 4, -1),
            last(224)),
    C(
            248,
            stem(16, 16, 2),
            stage(24, 5, 5, 5, 3, 3),
            stage(48, 5, 5, 5, 5, 2),
            padded(88, 5, 5, 4, 3, 3, -1),
            stage(120, 6, 3, 4, 5, 3),
            padded(216, 6, 5, 5, 5, 5, -1),
            last(216)),
    D(
            248,
            stem(24, 16, 2),
            stage(24, 6, 3, 5, 3, 2),
            stage(40, 5, 5, 4, 3, 3),
            padded(72, 5, 3, 5, 3, 3, 0),
            stage(128, 7, 3, 5, 5, 3),
            padded(208, 6, 3, 6, 5, 5, 0),
            last(240)),
    E(
            264,
            stem(24, 16, 3),
            stage(24, 5, 5, 4, 5, 2),
            stage(48, 5, 5, 4, 5, 3),
            padded(80, 5, 5, 5, 3, 3, -1),
            stage(128, 8, 3, 5, 5, 3),
            padded(216, 6, 3, 6, 5, 5, 0),
            last(240)),
    F(
            272,
            stem(24, 24, 3),
            stage(32, 5, 5, 4, 5, 2),
            stage(56, 5, 5, 4, 5, 3),
            padded(88, 5, 5, 5, 3, 3, 0),
            stage(144, 9, 3, 5, 5, 3),
            padded(248, 7, 3, 6, 5, 5, -1),
            last(272)),
    G(
            320,
            stem(32, 24, 3),
            stage(40, 5, 5, 4, 5, 2),
            stage(56, 5, 5, 4, 5, 3),
            padded(104, 5, 5, 5, 3, 3, 0),
            stage(160, 9, 3, 5, 5, 3),
            padded(264, 7, 3, 6, 5, 5, 0),
            stage(288, 2, 5, 6, 5, 6));

    private final int side;
    private final int[] network;

    FbnetV3Models(int side, int[]... parts) {
        this.side = side;
        this.network = Arrays.stream(parts).flatMapToInt(Arrays::stream).toArray();
    }

    private static int[] stem(int stemWidth, int width, int depth) {
        return new int[] {stemWidth, width, depth};
    }

    private static int[] stage(int width, int depth, int firstKernel, int firstExpand, int restKernel, int restExpand) {
        return new int[] {width, depth, firstKernel, firstExpand, restKernel, restExpand};
    }

    private static int[] padded(
            int width, int depth, int firstKernel, int firstExpand, int restKernel, int restExpand, int offset) {
        return new int[] {width, depth, firstKernel, firstExpand, restKernel, restExpand, offset};
    }

    /** Stage 6 of one block; the kernel and expansion of the rest are of no effect. */
    private static int[] last(int width) {
        return stage(width, 1, 5, 6, 3, 2);
    }

    /** Pixels a side of its input. */
    public int side() {
        return side;
    }

    /** The model for images of its own resolution. */
    public Graph lower(int classes) {
        FbnetV3Space space = new FbnetV3Space(new TaskShape(3, side, side, classes));
        return space.lower(architecture(space));
    }

    /** Which point it is of a space for images of at least 49 pixels a side. */
    public Architecture architecture(FbnetV3Space space) {
        List<Decision> decisions = space.decisions();
        int[] choices = new int[decisions.size()];
        IntStream.range(0, network.length).forEach(i -> {
            Decision d = decisions.get(i);
            choices[i] = d.choices().indexOf((double) network[i]);
            if (choices[i] < 0) {
                throw new IllegalArgumentException("FBNetV3-%s has %s %d, which space %s for %s does not offer"
                        .formatted(this, d.name(), network[i], space.name(), space.task()));
            }
        });
        return space.canonical(Architecture.of(space.name(), choices));
    }
}

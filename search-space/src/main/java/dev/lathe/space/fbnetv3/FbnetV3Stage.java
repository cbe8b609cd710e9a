package dev.lathe.space.fbnetv3;

import dev.lathe.space.Decision;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * What a stage of FBNetV3 offers. The first block and the rest have a kernel and an expansion each. Our ranges: the paper's
 * could not be checked, so they are the values of the released models and what lies between.
 *
 * @param stride of the first block
 * @param squeezeExcite whether all blocks have squeeze-and-excitation
 * @param elasticPadding whether the first block may pad by one less than half its kernel, and so lose a row and a column, as
 *     some released models do
 * @param widths output channels
 * @param depths numbers of blocks
 */
record FbnetV3Stage(int stride, boolean squeezeExcite, boolean elasticPadding, int[] widths, int[] depths) {
    /** Stage 0: no expansion, 3x3 kernels, only width and depth are open. */
    static final FbnetV3Stage FIRST = new FbnetV3Stage(1, false, false, new int[] {16, 24}, new int[] {1, 2, 3});

    /** Stages 1 to 6. */
    static final List<FbnetV3Stage> REST = List.of(
            new FbnetV3Stage(2, false, false, new int[] {24, 32, 40}, new int[] {3, 4, 5, 6}),
            new FbnetV3Stage(2, true, false, new int[] {40, 48, 56}, new int[] {3, 4, 5, 6}),
            new FbnetV3Stage(2, false, true, new int[] {72, 80, 88, 96, 104}, new int[] {3, 4, 5, 6}),
            new FbnetV3Stage(1, true, false, new int[] {120, 128, 136, 144, 152, 160}, new int[] {5, 6, 7, 8, 9}),
            new FbnetV3Stage(
                    2, true, true, new int[] {184, 192, 200, 208, 216, 224, 232, 240, 248, 256, 264}, new int[] {
                        5, 6, 7, 8
                    }),
            new FbnetV3Stage(
                    1, true, false, new int[] {216, 224, 232, 240, 248, 256, 264, 272, 280, 288}, new int[] {1, 2}));

    // Decisions of a stage in order; padding only where it is elastic.
    static final int WIDTH = 0;
    static final int DEPTH = 1;
    static final int FIRST_KERNEL = 2;
    static final int FIRST_EXPAND = 3;
    static final int REST_KERNEL = 4;
    static final int REST_EXPAND = 5;
    static final int PADDING = 6;

    /**
     * The stage's decisions, in the order of the constants above.
     *
     * @param name of the stage, before the decisions' own names
     * @param roomToPadLess whether the image is large enough for padding less
     */
    List<Decision> decisions(String name, boolean roomToPadLess) {
        List<Decision> list = new ArrayList<>();
        list.add(Decision.of(name + ".width", doubles(widths)));
        list.add(Decision.of(name + ".depth", doubles(depths)));
        list.add(Decision.of(name + ".first.kernel", 3, 5));
        list.add(Decision.of(name + ".first.expand", 4, 5, 6));
        list.add(Decision.of(name + ".rest.kernel", 3, 5));
        list.add(Decision.of(name + ".rest.expand", 2, 3, 4, 5, 6));
        if (elasticPadding) {
            list.add(
                    roomToPadLess
                            ? Decision.of(name + ".first.paddingOffset", -1, 0)
                            : Decision.of(name + ".first.paddingOffset", 0));
        }
        return list;
    }

    static double[] doubles(int[] values) {
        return Arrays.stream(values).asDoubleStream().toArray();
    }
}

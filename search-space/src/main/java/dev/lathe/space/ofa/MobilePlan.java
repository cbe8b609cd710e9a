package dev.lathe.space.ofa;

import dev.lathe.graph.Activation;
import dev.lathe.space.Layers;
import java.util.List;

/**
 * What once-for-all's two families of inverted-residual networks differ in. Widths are given before the multiplier.
 *
 * @param name of the search space
 * @param description in one line
 * @param multiplier factor of all widths, which are then multiples of 8
 * @param stem width after the first convolution (3x3, stride 2)
 * @param stemFunction its non-linearity
 * @param first width of the fixed first block (3x3, expansion 1)
 * @param firstFunction its non-linearity
 * @param firstResidual whether that block has a residual
 * @param stages in order
 * @param finalExpand width of a last 1x1 convolution before pooling, 0 for none
 * @param features width that the classifier sees: made after pooling without normalization where {@code finalExpand} is not 0,
 *     else by a normalized 1x1 convolution before it
 * @param headFunction non-linearity of the last layers
 * @param epsilon of all normalizations
 */
record MobilePlan(
        String name,
        String description,
        double multiplier,
        int stem,
        Activation stemFunction,
        int first,
        Activation firstFunction,
        boolean firstResidual,
        List<Stage> stages,
        int finalExpand,
        int features,
        Activation headFunction,
        float epsilon) {
    /**
     * A unit of blocks of one width.
     *
     * @param stride of its first block
     * @param maxDepth 4, of which 2, 3 or 4 are used, or 1
     */
    record Stage(int width, int stride, Activation function, boolean squeezeExcite, int maxDepth) {}

    private static final int MAX_DEPTH = 4;

    int scaled(int width) {
        return Layers.makeDivisible(width * multiplier, ElasticBlock.DIVISOR);
    }

    static MobilePlan mobileNetV3(String name, double multiplier) {
        Activation relu = Activation.RELU;
        Activation swish = Activation.HARD_SWISH;
        return new MobilePlan(
                name,
                "once-for-all on MobileNetV3, width %s: elastic resolution, depth, kernel and expansion"
                        .formatted(multiplier),
                multiplier,
                16,
                swish,
                16,
                relu,
                true,
                List.of(
                        new Stage(24, 2, relu, false, MAX_DEPTH),
                        new Stage(40, 2, relu, true, MAX_DEPTH),
                        new Stage(80, 2, swish, false, MAX_DEPTH),
                        new Stage(112, 1, swish, true, MAX_DEPTH),
                        new Stage(160, 2, swish, true, MAX_DEPTH)),
                960,
                1280,
                swish,
                1e-5f);
    }

    static MobilePlan proxylessNas(String name, double multiplier) {
        Activation relu6 = Activation.RELU6;
        return new MobilePlan(
                name,
                "once-for-all on ProxylessNAS's widths, width %s: elastic resolution, depth, kernel and expansion"
                        .formatted(multiplier),
                multiplier,
                32,
                relu6,
                16,
                relu6,
                false,
                List.of(
                        new Stage(24, 2, relu6, false, MAX_DEPTH),
                        new Stage(40, 2, relu6, false, MAX_DEPTH),
                        new Stage(80, 2, relu6, false, MAX_DEPTH),
                        new Stage(96, 1, relu6, false, MAX_DEPTH),
                        new Stage(192, 2, relu6, false, MAX_DEPTH),
                        new Stage(320, 1, relu6, false, 1)),
                0,
                1280,
                relu6,
                1e-3f);
    }
}

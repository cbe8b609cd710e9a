package dev.lathe.space.spaceevo;

import dev.lathe.graph.Activation;
import java.util.List;

/**
 * What the blocks of a stage are made of, and what each of them chooses from. Every convolution is followed by batch
 * normalization.
 *
 * @param name the field's name of the block
 * @param family the order of its layers
 * @param kernels side lengths offered, ascending
 * @param expansions hidden width over the reference width, ascending; empty where a block has no hidden width
 * @param activation non-linearity of all its layers that have one
 * @param squeezeExcite whether the hidden channels are gated by squeeze-and-excitation
 * @param stacked whether a depthwise k x k convolution is a chain of 3x3 ones that sees as far
 * @param projectedShortcut whether a 1x1 convolution makes the residual where shapes differ; else such a block has none
 */
public record BlockType(
        String name,
        Family family,
        List<Integer> kernels,
        List<Double> expansions,
        Activation activation,
        boolean squeezeExcite,
        boolean stacked,
        boolean projectedShortcut) {
    /** The order of layers; {@code s} marks the strided one, {@code h} is the hidden width. */
    public enum Family {
        /** Depthwise s, 1x1, depthwise, 1x1; each with the non-linearity. */
        MOBILE_NET_V1_DUAL,
        /** 1x1 to h, depthwise s, gate, linear 1x1; h from the input width. */
        INVERTED_BOTTLENECK,
        /** Dense k x k to h, s, gate, linear 1x1; h from the input width. */
        FUSED_INVERTED_BOTTLENECK,
        /** 1x1 to h, dense k x k s, gate, linear 1x1, non-linearity after the sum; h from the output width. */
        RESNET_BOTTLENECK
    }

    public BlockType {
        kernels = List.copyOf(kernels);
        expansions = List.copyOf(expansions);
    }

    int largestKernel() {
        return kernels.get(kernels.size() - 1);
    }

    /** Searched blocks always have a residual path. */
    private static BlockType searched(
            String name,
            Family family,
            List<Integer> kernels,
            List<Double> expansions,
            Activation activation,
            boolean squeezeExcite,
            boolean stacked) {
        return new BlockType(name, family, kernels, expansions, activation, squeezeExcite, stacked, true);
    }

    /** Block types of the Pixel 4 hyperspace by index. */
    static List<BlockType> mobile() {
        List<Integer> k = List.of(3, 5, 7);
        List<Double> e = List.of(3.0, 6.0, 8.0);
        return List.of(
                searched("MBv1 dual", Family.MOBILE_NET_V1_DUAL, k, List.of(), Activation.RELU, false, false),
                searched("MBv2", Family.INVERTED_BOTTLENECK, k, e, Activation.RELU6, false, false),
                searched("MBv3", Family.INVERTED_BOTTLENECK, k, e, Activation.SWISH, true, false),
                searched(
                        "ResNet bottleneck",
                        Family.RESNET_BOTTLENECK,
                        List.of(3, 5),
                        List.of(0.5, 1.0, 1.5),
                        Activation.RELU,
                        false,
                        false),
                searched(
                        "Fused-MB with SE",
                        Family.FUSED_INVERTED_BOTTLENECK,
                        k,
                        List.of(1.0, 2.0, 3.0, 4.0),
                        Activation.SWISH,
                        true,
                        false),
                searched("MBv3-K3", Family.INVERTED_BOTTLENECK, k, e, Activation.SWISH, true, true),
                searched("MBv2-K3", Family.INVERTED_BOTTLENECK, k, e, Activation.RELU6, false, true));
    }

    /** Block types of the Intel VNNI hyperspace by index. */
    static List<BlockType> server() {
        List<Integer> k = List.of(3, 5);
        List<Integer> dense = List.of(3, 5, 7);
        List<Double> e = List.of(4.0, 6.0, 8.0);
        List<Double> bottleneck = List.of(0.5, 1.0, 1.5);
        return List.of(
                searched("MBv1 dual", Family.MOBILE_NET_V1_DUAL, k, List.of(), Activation.RELU, false, false),
                searched("MBv2", Family.INVERTED_BOTTLENECK, k, e, Activation.RELU6, false, false),
                searched("MBv3", Family.INVERTED_BOTTLENECK, k, e, Activation.HARD_SWISH, true, false),
                searched(
                        "ResNet bottleneck",
                        Family.RESNET_BOTTLENECK,
                        dense,
                        bottleneck,
                        Activation.RELU,
                        false,
                        false),
                searched(
                        "ResNet bottleneck with SE",
                        Family.RESNET_BOTTLENECK,
                        dense,
                        bottleneck,
                        Activation.RELU,
                        true,
                        false),
                searched(
                        "Fused-MB",
                        Family.FUSED_INVERTED_BOTTLENECK,
                        dense,
                        List.of(1.0, 2.0, 3.0, 4.0),
                        Activation.SWISH,
                        false,
                        false));
    }
}

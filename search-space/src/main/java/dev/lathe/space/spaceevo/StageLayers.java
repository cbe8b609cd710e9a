package dev.lathe.space.spaceevo;

import dev.lathe.graph.Activation;
import dev.lathe.graph.GraphBuilder;
import dev.lathe.graph.Tensor;
import dev.lathe.space.Layers;
import java.util.List;

/**
 * Appends the blocks of a stage to a graph. Weights are shared among all networks of a space: leading channels, the middle of
 * the largest kernel, the first blocks, the first convolutions of a chain.
 */
final class StageLayers {
    private static final float EPSILON = 1e-5f;

    private final Layers layers;

    StageLayers(GraphBuilder graph) {
        this.layers = new Layers(graph, EPSILON);
    }

    Layers layers() {
        return layers;
    }

    /** The nearest multiple of 8. */
    private static int r8(double value) {
        return Layers.makeDivisible(value, 8);
    }

    /** @param x (C, H, W); the result is (width of the last block, H / stride, W / stride), rounded up */
    Tensor stage(int stage, BlockType type, int stride, List<BlockChoice> blocks, Tensor x) {
        Tensor y = x;
        for (int b = 0; b < blocks.size(); b++) {
            y = block(BlockNames.of(stage, b), type, blocks.get(b), b == 0 ? stride : 1, y);
        }
        return y;
    }

    private Tensor block(BlockNames names, BlockType type, BlockChoice c, int stride, Tensor x) {
        Tensor y = switch (type.family()) {
            case MOBILE_NET_V1_DUAL -> dual(names, type, c, stride, x);
            case INVERTED_BOTTLENECK -> inverted(names, type, c, stride, x);
            case FUSED_INVERTED_BOTTLENECK -> fused(names, type, c, stride, x);
            case RESNET_BOTTLENECK -> bottleneck(names, type, c, stride, x);
        };
        boolean same = stride == 1 && x.shape().extent(0) == c.width();
        if (!same && !type.projectedShortcut()) {
            return y;
        }
        Tensor shortcut = same ? x : layers.convNorm(names.shortcut, x, c.width(), 1, 1, stride, 1, null);
        y = layers.add(names.add, y, shortcut);
        return type.family() == BlockType.Family.RESNET_BOTTLENECK
                ? layers.activate(names.add, y, type.activation())
                : y;
    }

    private Tensor dual(BlockNames names, BlockType type, BlockChoice c, int stride, Tensor x) {
        Activation f = type.activation();
        Tensor y = layers.depthwise(names.spatial, x, c.kernel(), type.largestKernel(), stride, f);
        y = layers.pointwise(names.pointwise, y, c.width(), f);
        y = layers.depthwise(names.spatial2, y, c.kernel(), type.largestKernel(), 1, f);
        return layers.pointwise(names.project, y, c.width(), f);
    }

    private Tensor inverted(BlockNames names, BlockType type, BlockChoice c, int stride, Tensor x) {
        int inputs = x.shape().extent(0);
        int hidden = r8(inputs * c.expansion());
        Tensor y = hidden == inputs ? x : layers.pointwise(names.expand, x, hidden, type.activation());
        if (type.stacked()) {
            for (int i = 0; i < (c.kernel() - 1) / 2; i++) {
                y = layers.conv(names.chain[i], y, hidden, 3, 3, i == 0 ? stride : 1, hidden);
            }
            y = layers.activate(names.spatial, layers.batchNorm(names.spatial, y), type.activation());
        } else {
            y = layers.depthwise(names.spatial, y, c.kernel(), type.largestKernel(), stride, type.activation());
        }
        y = gate(names, type, r8(hidden / 4.0), y);
        return layers.pointwise(names.project, y, c.width(), null);
    }

    private Tensor fused(BlockNames names, BlockType type, BlockChoice c, int stride, Tensor x) {
        int inputs = x.shape().extent(0);
        Tensor y = dense(names, type, c, r8(inputs * c.expansion()), stride, x);
        y = gate(names, type, r8(inputs / 4.0), y);
        return layers.pointwise(names.project, y, c.width(), null);
    }

    private Tensor bottleneck(BlockNames names, BlockType type, BlockChoice c, int stride, Tensor x) {
        int hidden = r8(c.width() * c.expansion());
        Tensor y = layers.pointwise(names.expand, x, hidden, type.activation());
        y = dense(names, type, c, hidden, stride, y);
        y = gate(names, type, r8(x.shape().extent(0) / 4.0), y);
        return layers.pointwise(names.project, y, c.width(), null);
    }

    private Tensor dense(BlockNames names, BlockType type, BlockChoice c, int outputs, int stride, Tensor x) {
        return layers.convNorm(
                names.spatial, x, outputs, c.kernel(), type.largestKernel(), stride, 1, type.activation());
    }

    private Tensor gate(BlockNames names, BlockType type, int squeezed, Tensor x) {
        return type.squeezeExcite()
                ? layers.squeezeExcite(names.gate, x, squeezed, Activation.RELU, Activation.HARD_SIGMOID)
                : x;
    }
}

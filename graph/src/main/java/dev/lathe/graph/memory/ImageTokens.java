package dev.lathe.graph.memory;

import dev.lathe.graph.Operator;
import dev.lathe.graph.Shape;
import dev.lathe.graph.memory.DeploymentPlan.Role;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Finds the two ends of a vision transformer: the patch embedding, which writes each token where it will stay and takes the
 * image in bands of patch rows, and the mean over tokens, which norms one token at a time.
 */
final class ImageTokens {
    private static final int SUM_BYTES = 4;

    private final Network net;
    private final DeploymentOptions options;
    private final OperatorUnits operators;

    ImageTokens(Network net, DeploymentOptions options, OperatorUnits operators) {
        this.net = net;
        this.options = options;
        this.operators = operators;
    }

    /** The patch embedding whose convolution a node is, or null: kernel = stride, then a change of layout to tokens. */
    @Nullable
    Unit embedding(int node, boolean[] taken) {
        if (!(net.op(node) instanceof Operator.Conv2d conv)
                || !options.allows(Technique.FUSION)
                || conv.kernelY() != conv.strideY()
                || conv.kernelX() != conv.strideX()
                || !Sizes.isImage(net, net.in(node, 0))) {
            return null;
        }
        List<Integer> chain = new ArrayList<>();
        chain.add(node);
        boolean tokens = false;
        int reader = net.onlyReader(net.out(node));
        while (reader >= 0 && !taken[reader] && follows(net.op(reader), tokens)) {
            tokens |= net.op(reader) instanceof Operator.Transpose;
            chain.add(reader);
            reader = net.onlyReader(net.out(reader));
        }
        if (!tokens) {
            return null;
        }
        int image = net.in(node, 0);
        Shape shape = net.tensors[image].shape();
        boolean streamed = operators.isStreamed(image);
        List<Unit.Scratch> scratch = new ArrayList<>();
        if (streamed) {
            scratch.add(new Unit.Scratch(Role.IMAGE_BAND, image, operators.bandBytes(shape, conv.kernelY()), 0, 0));
        }
        long patch = (long) shape.extent(0) * conv.kernelY() * conv.kernelX() * options.bytesPerElement();
        scratch.add(new Unit.Scratch(Role.IMAGE_PATCH, image, patch, 0, 0));
        operators.stage(scratch, node, 0);
        return new Unit(
                DeploymentPlan.Kind.PATCH_EMBEDDING,
                chain.stream().mapToInt(i -> i).toArray(),
                streamed ? Unit.NONE : new int[] {image},
                net.root[net.out(chain.get(chain.size() - 1))],
                1,
                0,
                Unit.NONE,
                0,
                scratch,
                false,
                0,
                false,
                0);
    }

    private static boolean follows(Operator op, boolean tokens) {
        if (tokens) {
            return op instanceof Operator.PrependToken
                    || op instanceof Operator.AddTable
                    || op instanceof Operator.SinusoidalPositions;
        }
        return op instanceof Operator.BatchNorm
                || op instanceof Operator.Activate
                || (op instanceof Operator.Reshape r && r.target().rank() == 2)
                || (op instanceof Operator.Transpose t && t.order().equals(List.of(1, 0)));
    }

    /** The mean over tokens that a node computes, with the norm before it, or null. */
    @Nullable
    Unit pooled(int node, boolean[] taken) {
        if (!(net.op(node) instanceof Operator.MeanTokens)) {
            return null;
        }
        int from = net.in(node, 0);
        int norm = net.producer(from);
        boolean fused = options.allows(Technique.FUSION)
                && norm >= 0
                && !taken[norm]
                && net.op(norm) instanceof Operator.LayerNorm
                && net.onlyReader(from) == node;
        int width = net.tensors[from].shape().last();
        int x = net.root[fused ? net.in(norm, 0) : from];
        return new Unit(
                DeploymentPlan.Kind.POOLED_TOKENS,
                fused ? new int[] {norm, node} : new int[] {node},
                new int[] {x},
                net.root[net.out(node)],
                1,
                0,
                Unit.NONE,
                0,
                List.of(new Unit.Scratch(Role.SUM, -1, (long) SUM_BYTES * width, 0, 0)),
                false,
                1,
                false,
                0);
    }
}

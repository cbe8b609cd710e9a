package dev.lathe.graph.memory;

import dev.lathe.graph.MemoryPlanner;
import dev.lathe.graph.Node;
import dev.lathe.graph.Operator;
import dev.lathe.graph.ParameterUse;
import dev.lathe.graph.Shape;
import dev.lathe.graph.Tensor;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** Units of one operator with what is fused into it, on whole tensors or on those of a patch. */
final class OperatorUnits {
    private final Network net;
    private final DeploymentOptions options;

    OperatorUnits(Network net, DeploymentOptions options) {
        this.net = net;
        this.options = options;
    }

    /** The node and the nodes after it that are folded into it. */
    int[] fused(int head, boolean[] taken) {
        int[] nodes = {head};
        if (!options.allows(Technique.FUSION)) {
            return nodes;
        }
        int reader = net.onlyReader(net.out(head));
        while (reader >= 0 && !taken[reader] && isFolded(net.op(reader))) {
            nodes = Arrays.copyOf(nodes, nodes.length + 1);
            nodes[nodes.length - 1] = reader;
            reader = net.onlyReader(net.out(reader));
        }
        return nodes;
    }

    private static boolean isFolded(Operator op) {
        return op instanceof Operator.BatchNorm || op instanceof Operator.Activate || op instanceof Operator.LayerScale;
    }

    /**
     * The unit of these nodes.
     *
     * @param sizes of the tensors as they are then
     * @param patched whether it runs patch by patch
     */
    Unit make(int[] nodes, Sizes sizes, boolean patched) {
        int head = nodes[0];
        Operator op = net.op(head);
        int out = net.root[net.out(nodes[nodes.length - 1])];
        int[] inputs = roots(net.nodes[head]);
        List<Unit.Scratch> scratch = new ArrayList<>(1);
        stage(scratch, head, 0);
        int[] overlays = Unit.NONE;
        long overlayScratch = 0;
        if (op instanceof Operator.Conv2d || op instanceof Operator.Pool2d) {
            if (filtersChannels(op) && writesOver(Technique.DEPTHWISE_IN_PLACE, inputs[0], out, sizes)) {
                overlays = inputs;
                overlayScratch = sizes.channel[out];
            }
        } else if (op instanceof Operator.Linear) {
            Shape x = net.tensors[net.in(head, 0)].shape();
            if (x.rank() == 2
                    && x.extent(0) > options.tileTokens()
                    && writesOver(Technique.TOKEN_OVERWRITING, inputs[0], out, sizes)) {
                overlays = inputs;
                overlayScratch = options.tileTokens() * sizes.bytes[out] / x.extent(0);
            }
        } else if (MemoryPlanner.worksInPlace(op) && options.allows(Technique.IN_PLACE)) {
            overlays = equalInputs(net.nodes[head], out, sizes);
        }
        boolean accumulates =
                op instanceof Operator.Conv2d || op instanceof Operator.Linear || op instanceof Operator.MatMul;
        DeploymentPlan.Kind kind = DeploymentPlan.Kind.OPERATOR;
        Shape image = net.tensors[net.in(head, 0)].shape();
        if (!patched && op instanceof Operator.Conv2d conv && isStreamed(net.in(head, 0))) {
            kind = DeploymentPlan.Kind.IMAGE_BANDS;
            scratch.add(new Unit.Scratch(
                    DeploymentPlan.Role.IMAGE_BAND, inputs[0], bandBytes(image, conv.kernelY()), 0, 0));
            inputs = Unit.NONE;
        }
        return new Unit(kind, nodes, inputs, out, 1, 0, overlays, overlayScratch, scratch, accumulates, 0, false, 0);
    }

    private static boolean filtersChannels(Operator op) {
        return op instanceof Operator.Pool2d
                || (op instanceof Operator.Conv2d conv
                        && conv.isDepthwise()
                        && conv.weight().extent(0) == conv.groups());
    }

    /** Whether a result may be written over an operand, channel by channel or token by token, from its first byte on. */
    private boolean writesOver(Technique technique, int in, int out, Sizes sizes) {
        return options.allows(technique) && !net.isInput(in) && sizes.fits(out, in);
    }

    private int[] equalInputs(Node node, int out, Sizes sizes) {
        int[] found = new int[node.inputs().size()];
        int n = 0;
        for (Tensor t : node.inputs()) {
            int r = net.root[t.id()];
            int times = 0;
            for (Tensor other : node.inputs()) {
                times += net.root[other.id()] == r ? 1 : 0;
            }
            if (times == 1 && !net.isInput(r) && sizes.layout[r] == sizes.layout[out]) {
                found[n++] = r;
            }
        }
        return n == found.length ? found : Arrays.copyOf(found, n);
    }

    /** Roots of a node's inputs, each once. */
    int[] roots(Node node) {
        List<Tensor> in = node.inputs();
        int[] roots = new int[in.size()];
        int n = 0;
        for (int k = 0; k < in.size(); k++) {
            int r = net.root[in.get(k).id()];
            boolean seen = false;
            for (int j = 0; j < n; j++) {
                seen |= roots[j] == r;
            }
            if (!seen) {
                roots[n++] = r;
            }
        }
        return n == roots.length ? roots : Arrays.copyOf(roots, n);
    }

    /** Whether a tensor is an image that one convolution takes in bands. */
    boolean isStreamed(int tensor) {
        return options.image() == DeploymentOptions.Image.STREAMED
                && options.allows(Technique.IMAGE_BANDS)
                && Sizes.isImage(net, tensor)
                && !net.isOutput(tensor)
                && net.readers[tensor].length == 1
                && net.op(net.readers[tensor][0]) instanceof Operator.Conv2d;
    }

    long bandBytes(Shape image, int rows) {
        return (long) image.extent(0) * Math.min(rows, image.extent(1)) * image.extent(2) * options.bytesPerElement();
    }

    /** Adds the staging buffer of a node's weights, if weights are staged. */
    void stage(List<Unit.Scratch> scratch, int node, int phase) {
        if (options.staging() == DeploymentOptions.Staging.IN_PLACE) {
            return;
        }
        long weights = 0;
        for (ParameterUse use : net.op(node).parameters()) {
            weights += use.role() == ParameterUse.Role.WEIGHT ? use.slice().elements() : 0;
        }
        if (weights > 0) {
            scratch.add(new Unit.Scratch(DeploymentPlan.Role.WEIGHTS, -1, options.stagedBytes(weights), phase, phase));
        }
    }
}

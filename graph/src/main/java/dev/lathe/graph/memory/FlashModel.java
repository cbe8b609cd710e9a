package dev.lathe.graph.memory;

import dev.lathe.graph.Activation;
import dev.lathe.graph.Graph;
import dev.lathe.graph.Node;
import dev.lathe.graph.Operator;
import dev.lathe.graph.ParameterUse;
import dev.lathe.graph.WeightSlice;
import java.util.HashMap;
import java.util.Map;

/**
 * Flash bytes of a network with 8-bit weights. A parameter that several nodes use counts once.
 *
 * <ul>
 *   <li>weights, position tables, class tokens, embeddings, relative tables: 1 byte an element;
 *   <li>each output channel of a convolution or linear layer: 9 bytes, for a 32-bit bias, a 32-bit multiplier and a shift; batch
 *       norm and layer scale after it are folded into these;
 *   <li>batch norm and layer scale that follow neither: 9 bytes a channel;
 *   <li>layer norm: 6 bytes a channel, for a 16-bit gain and a 32-bit offset;
 *   <li>each activation other than ReLU and ReLU6: a table of 256 bytes;
 *   <li>sinusoidal positions: 1 byte an element of the part that is used, each table once;
 *   <li>softmax anywhere: one table of 512 bytes for the exponential;
 *   <li>code.
 * </ul>
 */
final class FlashModel {
    private static final int PER_OUTPUT = 9;
    private static final int PER_NORM_CHANNEL = 6;
    private static final int PER_ACTIVATION = 256;
    private static final int EXPONENTIAL = 512;

    private FlashModel() {}

    static long bytes(Graph graph, DeploymentOptions options) {
        Map<String, Long> tables = new HashMap<>();
        Node[] maker = new Node[graph.tensors()];
        int[] readers = new int[graph.tensors()];
        for (Node node : graph.nodes()) {
            maker[node.output().id()] = node;
            node.inputs().forEach(t -> readers[t.id()]++);
        }
        long bytes = options.codeBytes();
        boolean softmax = false;
        for (Node node : graph.nodes()) {
            Operator op = node.op();
            if (op instanceof Operator.Conv2d conv) {
                weights(tables, conv.weight(), options);
            } else if (op instanceof Operator.Linear linear) {
                weights(tables, linear.weight(), options);
            } else if (op instanceof Operator.LayerNorm norm) {
                once(
                        tables,
                        norm.scale().parameter(),
                        PER_NORM_CHANNEL * norm.scale().elements());
            } else if (op instanceof Operator.BatchNorm || op instanceof Operator.LayerScale) {
                if (!isFolded(maker, readers, node)) {
                    WeightSlice factors = op.parameters().get(0).slice();
                    once(tables, factors.parameter(), PER_OUTPUT * factors.elements());
                }
            } else if (op instanceof Operator.Activate a) {
                bytes += a.function() == Activation.RELU || a.function() == Activation.RELU6 ? 0 : PER_ACTIVATION;
            } else if (op instanceof Operator.SinusoidalPositions s) {
                long elements = node.output().shape().elements();
                once(tables, "sinusoidal/" + s.tableWidth(), elements * options.bytesPerElement());
            } else {
                softmax |= op instanceof Operator.Softmax;
                for (ParameterUse use : op.parameters()) {
                    once(tables, use.slice().parameter(), use.slice().elements() * options.bytesPerElement());
                }
            }
        }
        for (long n : tables.values()) {
            bytes += n;
        }
        return bytes + (softmax ? EXPONENTIAL : 0);
    }

    private static void weights(Map<String, Long> tables, WeightSlice weight, DeploymentOptions options) {
        once(tables, weight.parameter(), weight.elements() * options.bytesPerElement());
        once(tables, weight.parameter() + "/outputs", (long) PER_OUTPUT * weight.extent(0));
    }

    private static void once(Map<String, Long> tables, String name, long bytes) {
        tables.merge(name, bytes, Math::max);
    }

    /** Whether a chain of channel-wise factors goes back to a convolution or linear layer that nobody else reads. */
    private static boolean isFolded(Node[] maker, int[] readers, Node node) {
        int in = node.inputs().get(0).id();
        Node before = maker[in];
        if (before == null || readers[in] != 1) {
            return false;
        }
        Operator op = before.op();
        return op instanceof Operator.Conv2d
                || op instanceof Operator.Linear
                || ((op instanceof Operator.BatchNorm || op instanceof Operator.LayerScale)
                        && isFolded(maker, readers, before));
    }
}

package dev.lathe.graph.quant;

import dev.lathe.graph.Graph;
import dev.lathe.graph.Node;
import dev.lathe.graph.Operator;

/**
 * Which tensors of a network its 8-bit form has, and what is asked of their scales: what training must imitate so that the
 * integers are no surprise. Known from the graph alone.
 */
public final class IntegerTensors {
    private final ScaleGroups scales;
    private final boolean[] exists;
    private final boolean[] rounded;

    private IntegerTensors(Graph graph) {
        Folding folding = new Folding(graph);
        scales = new ScaleGroups(graph, folding);
        exists = new boolean[graph.tensors()];
        rounded = new boolean[graph.tensors()];
        exists[0] = true;
        rounded[0] = true;
        for (Folding.Group g : folding.groups()) {
            int out = folding.out(g.last());
            exists[out] = true;
            rounded[out] = out != graph.output().id() && !ScaleGroups.handsOn(folding.op(g.last()));
        }
    }

    public static IntegerTensors of(Graph graph) {
        return new IntegerTensors(graph);
    }

    /** Whether a tensor exists in integers; others are folded into what is made of them. */
    public boolean exists(int tensor) {
        return exists[tensor];
    }

    /** Whether making it rounds to 8 bits: neither handed on as it is, nor the 16-bit logits. */
    public boolean isRounded(int tensor) {
        return rounded[tensor];
    }

    /** Id of the tensor whose scale it has: its own, unless it hands on the values of another or adds constants to them. */
    public int owner(int tensor) {
        return scales.root(tensor);
    }

    /** Whether its zero point must be 0: padding, sums and attention read no other. */
    public boolean isSymmetric(int tensor) {
        return scales.isSymmetric(tensor);
    }

    /** Whether a node has weights whose products are summed: a convolution or a linear layer. */
    public static boolean hasWeights(Node node) {
        return node.op() instanceof Operator.Conv2d || node.op() instanceof Operator.Linear;
    }
}

package dev.lathe.graph.operator;

import dev.lathe.graph.Graph;
import dev.lathe.graph.GraphBuilder;
import dev.lathe.graph.Node;
import dev.lathe.graph.Operator;
import dev.lathe.graph.ParameterUse;
import dev.lathe.graph.Shape;
import dev.lathe.graph.Tensor;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/**
 * What a runtime runs as one step: an operator, with the batch normalization and the activation behind it where nothing else
 * reads what lies between. Runtimes fold the first into weights and apply the second in the kernel, so that three operators
 * timed alone would count what is never done.
 *
 * @param nodes in their order, each but the first the only reader of the one before
 */
public record FusedOperator(List<Node> nodes) {
    public FusedOperator {
        nodes = List.copyOf(nodes);
    }

    /** All steps of a network, in its order: every node is in one. */
    public static List<FusedOperator> of(Graph graph) {
        int[] readers = new int[graph.tensors()];
        Node[] reader = new Node[graph.tensors()];
        for (Node n : graph.nodes()) {
            for (Tensor t : n.inputs()) {
                readers[t.id()]++;
                reader[t.id()] = n;
            }
        }
        readers[graph.output().id()]++;
        boolean[] taken = new boolean[graph.tensors()];
        List<FusedOperator> all = new ArrayList<>();
        for (Node first : graph.nodes()) {
            if (taken[first.output().id()]) {
                continue;
            }
            List<Node> nodes = new ArrayList<>(List.of(first));
            Node last = first;
            while (readers[last.output().id()] == 1) {
                Node next = reader[last.output().id()];
                if (next == null || !follows(last.op(), next.op())) {
                    break;
                }
                taken[next.output().id()] = true;
                nodes.add(next);
                last = next;
            }
            all.add(new FusedOperator(nodes));
        }
        return all;
    }

    private static boolean follows(Operator before, Operator next) {
        boolean isProduct = before instanceof Operator.Conv2d || before instanceof Operator.Linear;
        return (before instanceof Operator.Conv2d && next instanceof Operator.BatchNorm)
                || ((isProduct || before instanceof Operator.BatchNorm || before instanceof Operator.Add)
                        && next instanceof Operator.Activate);
    }

    /**
     * Settings and shapes as one word without commas, for example {@code Conv2d.16.k3x3.s1x1.p1x1.g16+BatchNorm(16x8x8)}: equal
     * for steps that take the same time, whatever their weights and the networks they stand in.
     */
    public String signature() {
        return nodes.stream().map(OperatorSignature::of).collect(Collectors.joining("+")) + "("
                + OperatorSignature.word(inputShapes()) + (readsOneTwice() ? "=" : "") + ")";
    }

    /** Kind of step: runtimes have a kernel of its own for dense, pointwise and depthwise convolutions. */
    public String kind() {
        Operator op = nodes.get(0).op();
        if (op instanceof Operator.Conv2d c) {
            return c.isDepthwise()
                    ? "depthwise"
                    : c.kernelY() == 1 && c.kernelX() == 1 && c.groups() == 1 ? "pointwise" : "convolution";
        }
        return op.type();
    }

    public long macs() {
        return nodes.stream().mapToLong(Node::macs).sum();
    }

    /** Elements of inputs, output and parameters: what it reads and writes at least. */
    public long movedElements() {
        long moved = nodes.get(nodes.size() - 1).output().shape().elements();
        for (Shape s : inputShapes()) {
            moved += s.elements();
        }
        for (Node n : nodes) {
            for (ParameterUse p : n.op().parameters()) {
                moved += p.slice().elements();
            }
        }
        return moved;
    }

    /** The step as a network of its own, with the inputs that it has from others. */
    public Graph graph() {
        GraphBuilder b = new GraphBuilder("one operator");
        Map<Integer, Tensor> made = new LinkedHashMap<>();
        for (Tensor t : nodes.get(0).inputs()) {
            if (!made.containsKey(t.id())) {
                made.put(t.id(), b.input("input" + made.size(), t.shape().toArray()));
            }
        }
        Tensor last = null;
        for (Node n : nodes) {
            Tensor[] inputs = n.inputs().stream().map(t -> made.get(t.id())).toArray(Tensor[]::new);
            last = b.add(n.name(), n.op(), inputs);
            made.put(n.output().id(), last);
        }
        return b.build(java.util.Objects.requireNonNull(last));
    }

    private List<Shape> inputShapes() {
        return nodes.get(0).inputs().stream().map(Tensor::shape).toList();
    }

    private boolean readsOneTwice() {
        List<Tensor> inputs = nodes.get(0).inputs();
        return inputs.stream().map(Tensor::id).distinct().count() < inputs.size();
    }
}

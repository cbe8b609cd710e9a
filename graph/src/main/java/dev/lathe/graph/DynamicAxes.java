package dev.lathe.graph;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Which extents of a network's tensors depend on lengths that are known only when it runs: those that differ between its graph
 * for some lengths and its graph for greater ones. An extent is a multiple of one length, and a fixed number more.
 */
final class DynamicAxes {
    /** Name of the first dimension of every tensor in a file. */
    static final String BATCH = "batch";

    /**
     * A length that is not fixed.
     *
     * @param name in files
     * @param shorter its value in the first graph
     * @param longer its value in the second graph
     */
    record Length(String name, int shorter, int longer) {
        int step() {
            return longer - shorter;
        }
    }

    private final Graph graph;
    private final Graph longer;
    private final List<Length> lengths;

    private DynamicAxes(Graph graph, Graph longer, List<Length> lengths) {
        this.graph = graph;
        this.longer = longer;
        this.lengths = List.copyOf(lengths);
    }

    /** All extents fixed. */
    static DynamicAxes none(Graph graph) {
        return new DynamicAxes(graph, graph, List.of());
    }

    /**
     * Compares two graphs of one network.
     *
     * @param lengths the greatest step first, each step more than any extent has of the next one's
     * @throws IllegalArgumentException naming the first node that is another one, or uses other weights
     */
    static DynamicAxes of(Graph graph, Graph longer, List<Length> lengths) {
        if (graph.tensors() != longer.tensors()
                || graph.inputs().size() != longer.inputs().size()) {
            throw new IllegalArgumentException(
                    "Graphs %s and %s are not of one network".formatted(graph.name(), longer.name()));
        }
        DynamicAxes axes = new DynamicAxes(graph, longer, lengths);
        for (int i = 0; i < graph.nodes().size(); i++) {
            Node a = graph.nodes().get(i);
            Node b = longer.nodes().get(i);
            if (!a.name().equals(b.name())
                    || a.op().getClass() != b.op().getClass()
                    || !a.op().parameters().equals(b.op().parameters())
                    || !ids(a).equals(ids(b))
                    || a.output().shape().rank() != b.output().shape().rank()) {
                throw new IllegalArgumentException("Node %s is another one at other lengths".formatted(a.name()));
            }
            axes.dimensions(a.output());
        }
        return axes;
    }

    private static List<Integer> ids(Node node) {
        return node.inputs().stream().map(Tensor::id).toList();
    }

    /** The graph for the lesser lengths. */
    Graph graph() {
        return graph;
    }

    /** The name of an extent that is not fixed, which is the same for equal ones; null for a fixed one. */
    @Nullable
    String dimension(Tensor t, int axis) {
        int a = t.shape().extent(axis);
        int b = longer.tensor(t.id()).shape().extent(axis);
        if (a == b) {
            return null;
        }
        Length l = length(b - a);
        int times = (b - a) / l.step();
        int more = a - times * l.shorter();
        if (more < 0) {
            throw new IllegalArgumentException("Extent %d of %s is less than %s".formatted(axis, t, l));
        }
        return l.name() + (times == 1 ? "" : "_times_" + times) + (more == 0 ? "" : "_plus_" + more);
    }

    private Length length(int difference) {
        for (Length l : lengths) {
            if (difference % l.step() == 0) {
                return l;
            }
        }
        throw new IllegalArgumentException("A difference of %d is of none of %s".formatted(difference, lengths));
    }

    /** A number or a name for each dimension of a tensor in a file, the batch first. */
    List<String> dimensions(Tensor t) {
        List<String> all = new ArrayList<>(List.of(BATCH));
        for (int i = 0; i < t.shape().rank(); i++) {
            String name = dimension(t, i);
            all.add(name == null ? Integer.toString(t.shape().extent(i)) : name);
        }
        return all;
    }

    /** Where positions begin at a length that is not fixed, how many positions behind it; null for all other nodes. */
    @Nullable
    Integer firstPosition(Node node) {
        if (!(node.op() instanceof Operator.SinusoidalPositions a)) {
            return null;
        }
        Operator other =
                longer.nodes().get(node.output().id() - graph.inputs().size()).op();
        int difference = ((Operator.SinusoidalPositions) other).from() - a.from();
        return difference == 0 ? null : a.from() - length(difference).shorter();
    }
}

package dev.lathe.graph;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A decoder's graph cut for decoding token by token: a graph of what does not depend on the target, run once a sentence, and
 * for each position a graph of that position alone, which reads the keys and values of those before it. Both are ordinary
 * graphs for every reader, and give position by position what the whole graph gives at once.
 *
 * <p>Which axis of a tensor runs over target positions is followed from the target's input through the nodes. Positions may
 * meet only where a causal softmax lets each see those before it; a graph in which they meet otherwise is refused.
 */
public final class IncrementalGraph {
    /** Ends the names of a position's inputs of what the positions before left. */
    static final String EARLIER = ".earlier";
    /** Ends the names of what a position leaves to the next. */
    static final String ALL = ".all";

    /** The axis of positions of a tensor (G, M, N) that is the left operand or the product of attention. */
    private static final int ROWS = 1;

    /**
     * How a tensor depends on the target.
     *
     * @param axis that runs over positions
     * @param columns whether its last axis runs over positions too: scores of self-attention
     */
    private record Positions(int axis, boolean columns) {}

    /**
     * The graph of one position.
     *
     * @param graph its inputs are the token (1), then {@link IncrementalGraph#kept} of the first graph, then, behind position
     *     0, what the graph of the position before has in {@code caches}; its output is the scores (1, V)
     * @param caches tensors of this graph that the next position's graph takes as its last inputs, in this order
     */
    public record Step(Graph graph, List<Tensor> caches) {
        public Step {
            caches = List.copyOf(caches);
        }
    }

    private final Graph whole;
    private final Tensor target;
    private final @Nullable Positions[] positions;
    private final List<Tensor> kept = new ArrayList<>();
    private final List<Tensor> cached = new ArrayList<>();
    private final Graph prefix;

    /**
     * Cuts a graph.
     *
     * @param whole of a target of at least 2 positions; its output depends on the target
     * @param target the input of the target's tokens (T)
     * @throws IllegalArgumentException naming the first node that cannot be computed position by position
     */
    public IncrementalGraph(Graph whole, Tensor target) {
        this.whole = whole;
        this.target = target;
        this.positions = new Positions[whole.tensors()];
        positions[target.id()] = new Positions(0, false);
        if (target.shape().rank() != 1 || target.shape().last() < 2) {
            throw new IllegalArgumentException("Target %s has not at least 2 positions".formatted(target));
        }
        List<Node> before = new ArrayList<>();
        for (Node node : whole.nodes()) {
            if (node.inputs().stream().allMatch(t -> positions[t.id()] == null)) {
                before.add(node);
            } else {
                positions[node.output().id()] = follow(node);
                node.inputs().stream()
                        .filter(t -> positions[t.id()] == null && !kept.contains(t))
                        .forEach(kept::add);
            }
        }
        if (positions[whole.output().id()] == null || before.isEmpty()) {
            throw new IllegalArgumentException("Graph %s is no decoder of target %s".formatted(whole.name(), target));
        }
        this.prefix = prefix(before);
    }

    private Positions follow(Node node) {
        Operator op = node.op();
        Positions x = positions[node.inputs().get(0).id()];
        Shape in = node.inputs().get(0).shape();
        boolean rows = x != null && !x.columns() && x.axis() < in.rank() - 1;
        if (op instanceof Operator.Embedding && x != null) {
            return x;
        }
        if ((op instanceof Operator.Linear || op instanceof Operator.LayerNorm) && rows) {
            return positions(x);
        }
        if (op instanceof Operator.SinusoidalPositions && rows && positions(x).axis() == 0) {
            return positions(x);
        }
        if (op instanceof Operator.Activate && x != null) {
            return x;
        }
        if (op instanceof Operator.Add
                && x != null
                && x.equals(positions[node.inputs().get(1).id()])) {
            return x;
        }
        if (op instanceof Operator.Reshape r && rows) {
            int axis = sameAxis(in, positions(x).axis(), r.target());
            if (axis >= 0) {
                return new Positions(axis, false);
            }
        }
        if (op instanceof Operator.Transpose t && x != null && !x.columns()) {
            return new Positions(t.order().indexOf(x.axis()), false);
        }
        if (op instanceof Operator.Softmax s
                && x != null
                && s.causal() == x.columns()
                && x.axis() == in.rank() - 2
                && (node.inputs().size() == 1
                        || (!s.causal() && positions[node.inputs().get(1).id()] == null))) {
            return x;
        }
        if (op instanceof Operator.MatMul m && x != null && x.axis() == ROWS) {
            Positions right = positions[node.inputs().get(1).id()];
            if (right == null && !x.columns()) {
                return x;
            }
            if (right != null && right.axis() == ROWS && !right.columns() && m.transposeRight() != x.columns()) {
                if (!cached.contains(node.inputs().get(1))) {
                    cached.add(node.inputs().get(1));
                }
                return new Positions(ROWS, m.transposeRight());
            }
        }
        throw new IllegalArgumentException("Node %s of %s, a %s, cannot be computed position by position"
                .formatted(node.name(), whole.name(), op.type()));
    }

    private static Positions positions(@Nullable Positions p) {
        return java.util.Objects.requireNonNull(p);
    }

    /** The axis of another shape of the same elements that runs as this one's does, -1 if none. */
    private static int sameAxis(Shape from, int axis, Shape to) {
        long outer = 1;
        for (int i = 0; i < axis; i++) {
            outer *= from.extent(i);
        }
        long product = 1;
        for (int i = 0; i < to.rank(); i++) {
            if (product == outer && to.extent(i) == from.extent(axis)) {
                return i;
            }
            product *= to.extent(i);
        }
        return -1;
    }

    private Graph prefix(List<Node> before) {
        GraphBuilder g = new GraphBuilder(whole.name());
        Map<Tensor, Tensor> made = new HashMap<>();
        for (Tensor t : whole.inputs()) {
            if (t.id() != target.id()) {
                made.put(t, g.input(t.name(), t.shape().toArray()));
            }
        }
        Tensor last = target;
        for (Node node : before) {
            last = g.add(
                    node.name(),
                    node.op(),
                    node.inputs().stream().map(t -> of(made, t)).toArray(Tensor[]::new));
            made.put(node.output(), last);
        }
        kept.replaceAll(t -> of(made, t));
        return g.build(last);
    }

    private static Tensor of(Map<Tensor, Tensor> made, Tensor t) {
        Tensor m = made.get(t);
        if (m == null) {
            throw new IllegalStateException("Tensor %s is not made before it is used".formatted(t));
        }
        return m;
    }

    /** What does not depend on the target; its inputs are those of the whole graph but the target. */
    public Graph prefix() {
        return prefix;
    }

    /** Tensors of {@link #prefix} that every position's graph takes, in this order. */
    public List<Tensor> kept() {
        return List.copyOf(kept);
    }

    /**
     * The graph of a position, which need not lie within the whole graph's target.
     *
     * @param position from 0
     */
    public Step step(int position) {
        GraphBuilder g = new GraphBuilder(whole.name());
        Map<Tensor, Tensor> made = new HashMap<>();
        made.put(target, g.input(target.name(), 1));
        List<Tensor> fromPrefix = new ArrayList<>();
        for (Tensor t : kept) {
            fromPrefix.add(g.input(t.name(), t.shape().toArray()));
        }
        Map<Tensor, Tensor> earlier = new HashMap<>();
        for (Tensor t : position == 0 ? List.<Tensor>of() : cached) {
            earlier.put(t, g.input(t.name() + EARLIER, withPositions(t, position)));
        }
        Map<Tensor, Tensor> all = new HashMap<>();
        for (Node node : whole.nodes()) {
            if (positions[node.output().id()] == null) {
                continue;
            }
            Tensor[] in = new Tensor[node.inputs().size()];
            for (int i = 0; i < in.length; i++) {
                Tensor t = node.inputs().get(i);
                boolean grows = i == 1 && node.op() instanceof Operator.MatMul && positions[t.id()] != null;
                in[i] = positions[t.id()] == null ? kept(fromPrefix, t) : of(grows ? all : made, t);
            }
            Tensor out = g.add(node.name(), at(node, position), in);
            made.put(node.output(), out);
            if (cached.contains(node.output())) {
                Tensor before = earlier.get(node.output());
                Operator behind = new Operator.Concat(ROWS);
                all.put(node.output(), before == null ? out : g.add(node.name() + ALL, behind, before, out));
            }
        }
        Graph graph = g.build(of(made, whole.output()));
        return new Step(graph, cached.stream().map(t -> of(all, t)).toList());
    }

    private Tensor kept(List<Tensor> fromPrefix, Tensor t) {
        for (int i = 0; i < kept.size(); i++) {
            if (kept.get(i).name().equals(t.name())) {
                return fromPrefix.get(i);
            }
        }
        throw new IllegalStateException("Tensor %s is not kept".formatted(t));
    }

    /** What a node does at one position. */
    private Operator at(Node node, int position) {
        if (node.op() instanceof Operator.SinusoidalPositions p) {
            return new Operator.SinusoidalPositions(p.tableWidth(), p.from() + position);
        }
        if (node.op() instanceof Operator.Softmax) {
            return new Operator.Softmax();
        }
        if (node.op() instanceof Operator.Reshape) {
            return new Operator.Reshape(Shape.of(withPositions(node.output(), 1)));
        }
        return node.op();
    }

    private int[] withPositions(Tensor t, int count) {
        int[] extents = t.shape().toArray();
        extents[positions(positions[t.id()]).axis()] = count;
        return extents;
    }
}

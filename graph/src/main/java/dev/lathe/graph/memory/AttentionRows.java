package dev.lathe.graph.memory;

import dev.lathe.graph.Node;
import dev.lathe.graph.Operator;
import dev.lathe.graph.Shape;
import dev.lathe.graph.memory.DeploymentPlan.Role;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Finds self-attention that runs on one head's keys and values at a time and one query row at a time, so that neither a map
 * of T x T nor the queries, keys and values of all heads exist.
 *
 * <p>Phases: 0 the product of a low-rank factor that queries, keys and values share, token by token; then for each head, 1
 * its keys and values, and for each token, 2 its query and 3 its scores, softmax and weighted sum; 4 the projection, token by
 * token, summed into x. The norm of a token is computed whenever it is needed. Softmax and relative tables take 4 bytes an
 * element.
 */
final class AttentionRows {
    private static final int SHARED = 0;
    private static final int KEYS = 1;
    private static final int QUERY = 2;
    private static final int ROW = 3;
    private static final int PROJECT = 4;
    private static final int ACCUMULATOR_BYTES = 4;

    private final Network net;
    private final DeploymentOptions options;
    private final Sizes sizes;
    private final OperatorUnits operators;

    AttentionRows(Network net, DeploymentOptions options, Sizes sizes, OperatorUnits operators) {
        this.net = net;
        this.options = options;
        this.sizes = sizes;
        this.operators = operators;
    }

    /** What was recognized; node indices, -1 for what is not there. */
    private static final class Match {
        final List<Integer> nodes = new ArrayList<>();
        final List<Integer> shared = new ArrayList<>();
        final List<Integer> project = new ArrayList<>();
        final int[] heads = new int[3];
        int relativeKeys = -1;
        int relativeValues = -1;
        int norm = -1;
        int joined = -1;
        int source = -1;
        boolean residual;
    }

    /** The region of the scores that a node computes, or null. */
    @Nullable
    Unit around(int scores, boolean[] taken, boolean recompute) {
        Match m = match(scores);
        if (m == null) {
            return null;
        }
        for (int node : m.nodes) {
            if (taken[node]) {
                return null;
            }
        }
        return unit(m, recompute && !m.shared.isEmpty());
    }

    private @Nullable Match match(int scores) {
        if (!(net.op(scores) instanceof Operator.MatMul product) || !product.transposeRight()) {
            return null;
        }
        Match m = new Match();
        m.nodes.add(scores);
        int query = net.in(scores, 0);
        int key = net.in(scores, 1);
        int map = net.onlyReader(net.out(scores));
        if (map >= 0 && net.op(map) instanceof Operator.Add) {
            m.relativeKeys = other(map, net.out(scores));
            if (m.relativeKeys < 0
                    || !(net.op(m.relativeKeys) instanceof Operator.RelativeKeys)
                    || net.in(m.relativeKeys, 0) != query
                    || net.onlyReader(net.out(m.relativeKeys)) != map) {
                return null;
            }
            m.nodes.addAll(List.of(m.relativeKeys, map));
            map = net.onlyReader(net.out(map));
        }
        if (map < 0 || !(net.op(map) instanceof Operator.Softmax)) {
            return null;
        }
        m.nodes.add(map);
        int mix = -1;
        for (int reader : net.readers[net.out(map)]) {
            if (net.op(reader) instanceof Operator.RelativeValues && m.relativeValues < 0) {
                m.relativeValues = reader;
            } else if (net.op(reader) instanceof Operator.MatMul p && !p.transposeRight() && mix < 0) {
                mix = reader;
            } else {
                return null;
            }
        }
        if (mix < 0 || net.in(mix, 0) != net.out(map) || net.isOutput(net.out(map))) {
            return null;
        }
        m.nodes.add(mix);
        int value = net.in(mix, 1);
        int end = net.onlyReader(net.out(mix));
        if (m.relativeValues >= 0) {
            if (end < 0 || !(net.op(end) instanceof Operator.Add) || net.onlyReader(net.out(m.relativeValues)) != end) {
                return null;
            }
            m.nodes.addAll(List.of(m.relativeValues, end));
            end = net.onlyReader(net.out(end));
        }
        m.heads[0] = head(query, m.relativeKeys >= 0 ? 2 : 1, m);
        m.heads[1] = head(key, 1, m);
        m.heads[2] = head(value, 1, m);
        return m.heads[0] >= 0 && m.heads[1] >= 0 && m.heads[2] >= 0 && sources(m) && projection(end, m) ? m : null;
    }

    /** The node that makes the other operand of a sum, -1 for an input. */
    private int other(int add, int tensor) {
        return net.producer(net.in(add, net.in(add, 0) == tensor ? 1 : 0));
    }

    /** The linear layer behind (H, T, d) = transpose(reshape(linear)), -1 if there is none. */
    private int head(int tensor, int readers, Match m) {
        int transpose = net.producer(tensor);
        if (transpose < 0 || net.readers[tensor].length != readers || !swapsHeads(net.op(transpose))) {
            return -1;
        }
        int split = net.producer(net.in(transpose, 0));
        if (split < 0 || !(net.op(split) instanceof Operator.Reshape) || net.onlyReader(net.out(split)) != transpose) {
            return -1;
        }
        int linear = net.producer(net.in(split, 0));
        if (linear < 0
                || !(net.op(linear) instanceof Operator.Linear)
                || net.onlyReader(net.out(linear)) != split
                || net.tensors[net.in(linear, 0)].shape().rank() != 2) {
            return -1;
        }
        m.nodes.addAll(List.of(transpose, split, linear));
        return linear;
    }

    private static boolean swapsHeads(Operator op) {
        return op instanceof Operator.Transpose t && t.order().equals(List.of(1, 0, 2));
    }

    /** Follows the common input of queries, keys and values up through shared factors and a norm. */
    private boolean sources(Match m) {
        int source = net.in(m.heads[0], 0);
        if (net.in(m.heads[1], 0) != source || net.in(m.heads[2], 0) != source) {
            return false;
        }
        int readers = 3;
        int producer = net.producer(source);
        while (producer >= 0
                && net.readers[source].length == readers
                && source != net.graph.output().id()
                && net.op(producer) instanceof Operator.Linear) {
            m.shared.add(0, producer);
            readers = 1;
            source = net.in(producer, 0);
            producer = net.producer(source);
        }
        if (producer >= 0
                && net.readers[source].length == readers
                && source != net.graph.output().id()
                && net.op(producer) instanceof Operator.LayerNorm) {
            m.norm = producer;
            m.nodes.add(producer);
            source = net.in(producer, 0);
        }
        m.nodes.addAll(m.shared);
        m.source = net.root[source];
        return true;
    }

    /** Follows the heads' results through transpose, reshape, the projection's factors and the sum with x. */
    private boolean projection(int transpose, Match m) {
        if (transpose < 0 || !swapsHeads(net.op(transpose))) {
            return false;
        }
        int join = net.onlyReader(net.out(transpose));
        if (join < 0
                || !(net.op(join) instanceof Operator.Reshape)
                || net.tensors[net.out(join)].shape().rank() != 2) {
            return false;
        }
        m.nodes.addAll(List.of(transpose, join));
        m.joined = net.out(join);
        int reader = net.onlyReader(net.out(join));
        while (reader >= 0
                && (net.op(reader) instanceof Operator.Linear || net.op(reader) instanceof Operator.LayerScale)) {
            m.project.add(reader);
            reader = net.onlyReader(net.out(reader));
        }
        if (m.project.isEmpty()) {
            return false;
        }
        m.nodes.addAll(m.project);
        int last = net.out(m.project.get(m.project.size() - 1));
        if (reader >= 0 && net.op(reader) instanceof Operator.Add) {
            int x = net.in(reader, net.in(reader, 0) == last ? 1 : 0);
            if (net.root[x] == m.source) {
                m.residual = true;
                m.nodes.add(reader);
            }
        }
        return true;
    }

    private Unit unit(Match m, boolean recompute) {
        int e = options.bytesPerElement();
        Node scores = net.nodes[m.nodes.get(0)];
        Shape q = scores.inputs().get(0).shape();
        int tokens = q.extent(1);
        Shape k = scores.inputs().get(1).shape();
        long keyHeads = k.extent(0);
        long keys = k.elements() / keyHeads * e;
        long width = net.tensors[net.in(m.heads[0], 0)].shape().last();
        List<Unit.Scratch> s = new ArrayList<>();
        s.add(new Unit.Scratch(Role.MIXED, m.joined, sizes.bytes[net.root[m.joined]], KEYS, PROJECT));
        boolean keepsShared = !m.shared.isEmpty() && !recompute;
        long factors = 0;
        for (int node : m.shared) {
            factors += ((Operator.Linear) net.op(node)).macs(shapes(node), net.tensors[net.out(node)].shape());
        }
        if (keepsShared) {
            int u = net.out(m.shared.get(m.shared.size() - 1));
            s.add(new Unit.Scratch(Role.SHARED_FACTOR, u, tokens * width * e, SHARED, ROW));
            tokenScratch(s, m, SHARED, m.shared.size() - 1);
        } else {
            tokenScratch(s, m, KEYS, m.shared.size());
            tokenScratch(s, m, QUERY, m.shared.size());
        }
        s.add(new Unit.Scratch(Role.KEYS, net.in(m.nodes.get(0), 1), keys, KEYS, ROW));
        s.add(new Unit.Scratch(Role.VALUES, -1, keys, KEYS, ROW));
        s.add(new Unit.Scratch(Role.QUERY, net.in(m.nodes.get(0), 0), (long) q.extent(2) * e, QUERY, ROW));
        long sums = Math.max(ACCUMULATOR_BYTES, e);
        s.add(new Unit.Scratch(Role.SCORES, net.out(m.nodes.get(0)), tokens * sums, ROW, ROW));
        if (m.relativeKeys >= 0 && net.op(m.relativeKeys) instanceof Operator.RelativeKeys r) {
            s.add(new Unit.Scratch(
                    Role.RELATIVE, net.out(m.relativeKeys), 2L * r.vertical().extent(0) * sums, ROW, ROW));
        }
        if (m.relativeValues >= 0 && net.op(m.relativeValues) instanceof Operator.RelativeValues r) {
            s.add(new Unit.Scratch(
                    Role.RELATIVE, net.out(m.relativeValues), 2L * r.vertical().extent(0) * sums, ROW, ROW));
        }
        projectionScratch(s, m);
        for (int i = 0; i < m.shared.size(); i++) {
            operators.stage(s, m.shared.get(i), recompute ? KEYS : SHARED);
        }
        operators.stage(s, m.heads[0], QUERY);
        operators.stage(s, m.heads[1], KEYS);
        int[] nodes = m.nodes.stream().mapToInt(i -> i).toArray();
        Arrays.sort(nodes);
        int out = net.root[net.out(nodes[nodes.length - 1])];
        boolean over = options.allows(Technique.TOKEN_OVERWRITING)
                && !net.isInput(m.source)
                && sizes.layout[out] == sizes.layout[m.source];
        return new Unit(
                DeploymentPlan.Kind.ATTENTION_ROWS,
                nodes,
                new int[] {m.source},
                out,
                PROJECT + 1,
                PROJECT,
                over ? new int[] {m.source} : Unit.NONE,
                0,
                s,
                false,
                1,
                recompute,
                // Once for the keys and values of each of their heads, once for the queries of each head.
                recompute ? (q.extent(0) + keyHeads - 1) * factors : 0);
    }

    private List<Shape> shapes(int node) {
        return List.of(net.tensors[net.in(node, 0)].shape());
    }

    /** One token after the norm and after the first {@code factors} shared factors. */
    private void tokenScratch(List<Unit.Scratch> s, Match m, int phase, int factors) {
        if (m.norm >= 0) {
            s.add(token(net.out(m.norm), phase));
        }
        for (int i = 0; i < factors; i++) {
            s.add(token(net.out(m.shared.get(i)), phase));
        }
    }

    /** Results of the projection's factors, but of the last, which is written to its place. */
    private void projectionScratch(List<Unit.Scratch> s, Match m) {
        int last = -1;
        for (int node : m.project) {
            if (net.op(node) instanceof Operator.Linear) {
                operators.stage(s, node, PROJECT);
                if (last >= 0) {
                    s.add(token(net.out(last), PROJECT));
                }
                last = node;
            }
        }
    }

    private Unit.Scratch token(int tensor, int phase) {
        long bytes = (long) net.tensors[tensor].shape().last() * options.bytesPerElement();
        return new Unit.Scratch(Role.TOKEN, tensor, bytes, phase, phase);
    }
}

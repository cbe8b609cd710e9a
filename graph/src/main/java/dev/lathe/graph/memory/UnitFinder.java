package dev.lathe.graph.memory;

import dev.lathe.graph.Operator;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** Cuts a graph into units: regions that have a schedule of their own first, then single operators with what is fused. */
final class UnitFinder {
    private final Network net;
    private final DeploymentOptions options;
    private final Sizes sizes;
    private final boolean[] keeping;
    private final boolean[] declined;
    private final OperatorUnits operators;
    private final boolean[] taken;
    private final List<Unit> units = new ArrayList<>();

    private UnitFinder(Network net, DeploymentOptions options, Sizes sizes, boolean[] keeping, boolean[] declined) {
        this.net = net;
        this.options = options;
        this.sizes = sizes;
        this.keeping = keeping;
        this.declined = declined;
        operators = new OperatorUnits(net, options);
        taken = new boolean[net.nodes.length];
        for (int i = 0; i < taken.length; i++) {
            taken[i] = !net.needed[i];
        }
    }

    /**
     * Units in a valid order; every needed node that is no reshape is in exactly one, reshapes are in one or none.
     *
     * @param keeping by node: whether attention that has it as its {@link #key} keeps its shared factor
     * @param declined by node: whether no region may have it as its {@link #key}
     */
    static List<Unit> find(Network net, DeploymentOptions options, Sizes sizes, boolean[] keeping, boolean[] declined) {
        return new UnitFinder(net, options, sizes, keeping, declined).find();
    }

    /** Attention with this key that keeps its shared factor. */
    static Unit attention(Network net, DeploymentOptions options, Sizes sizes, int key) {
        AttentionRows rows = new AttentionRows(net, options, sizes, new OperatorUnits(net, options));
        return Objects.requireNonNull(rows.around(key, new boolean[net.nodes.length], false));
    }

    /** The node by which a region is known: the product of queries and keys, or else its last. */
    static int key(Network net, Unit region) {
        int[] nodes = region.nodes();
        if (region.kind() == DeploymentPlan.Kind.ATTENTION_ROWS) {
            for (int node : nodes) {
                if (net.op(node) instanceof Operator.MatMul) {
                    return node;
                }
            }
        }
        return nodes[nodes.length - 1];
    }

    private List<Unit> find() {
        int n = net.nodes.length;
        ImageTokens ends = new ImageTokens(net, options, operators);
        if (options.allows(Technique.ATTENTION_ROWS)) {
            AttentionRows attention = new AttentionRows(net, options, sizes, operators);
            for (int i = 0; i < n; i++) {
                if (net.op(i) instanceof Operator.MatMul) {
                    take(attention.around(i, taken, !keeping[i]));
                }
            }
        }
        for (int i = 0; i < n; i++) {
            if (!taken[i] && net.op(i) instanceof Operator.MeanTokens && !take(ends.pooled(i, taken))) {
                taken[i] = true;
                units.add(ends.mean(i));
            }
        }
        TokenTiles tiles = new TokenTiles(net, options, sizes, operators);
        for (int i = 0; i < n; i++) {
            if (taken[i] || net.op(i) instanceof Operator.Reshape) {
                continue;
            }
            boolean done = take(ends.embedding(i, taken))
                    || (options.allows(Technique.TOKEN_TILES) && take(tiles.at(i, taken)));
            if (!done) {
                take(operators.make(operators.fused(i, taken), sizes, false));
            }
        }
        // All that a unit reads from outside is there before its first node.
        units.sort(Comparator.comparingInt(u -> u.nodes()[0]));
        return units;
    }

    private boolean take(@Nullable Unit unit) {
        if (unit == null || (unit.kind() != DeploymentPlan.Kind.OPERATOR && declined[key(net, unit)])) {
            return false;
        }
        for (int node : unit.nodes()) {
            taken[node] = true;
        }
        units.add(unit);
        return true;
    }
}

package dev.lathe.graph.memory;

import dev.lathe.graph.Operator;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Cuts a graph into units: regions that have a schedule of their own first, then single operators with what is fused. */
final class UnitFinder {
    private final Network net;
    private final DeploymentOptions options;
    private final Sizes sizes;
    private final boolean recompute;
    private final OperatorUnits operators;
    private final boolean[] taken;
    private final List<Unit> units = new ArrayList<>();

    private UnitFinder(Network net, DeploymentOptions options, Sizes sizes, boolean recompute) {
        this.net = net;
        this.options = options;
        this.sizes = sizes;
        this.recompute = recompute;
        operators = new OperatorUnits(net, options);
        taken = new boolean[net.nodes.length];
    }

    /** Units in a valid order; every node that is no reshape is in exactly one, reshapes are in one or none. */
    static List<Unit> find(Network net, DeploymentOptions options, Sizes sizes, boolean recompute) {
        return new UnitFinder(net, options, sizes, recompute).find();
    }

    private List<Unit> find() {
        int n = net.nodes.length;
        ImageTokens ends = new ImageTokens(net, options, operators);
        if (options.allows(Technique.ATTENTION_ROWS)) {
            AttentionRows attention = new AttentionRows(net, options, sizes, operators);
            for (int i = 0; i < n; i++) {
                if (net.op(i) instanceof Operator.MatMul) {
                    take(attention.around(i, taken, recompute));
                }
            }
        }
        TokenTiles tiles = new TokenTiles(net, options, sizes, operators);
        for (int i = 0; i < n; i++) {
            if (taken[i] || net.op(i) instanceof Operator.Reshape) {
                continue;
            }
            boolean done = take(ends.embedding(i, taken))
                    || take(ends.pooled(i, taken))
                    || (options.allows(Technique.TOKEN_TILES) && take(tiles.at(i, taken)));
            if (!done && !isNormOfMean(i)) {
                take(operators.make(operators.fused(i, taken), sizes, false));
            }
        }
        // A unit's inputs are made by units whose last node comes earlier.
        units.sort(Comparator.comparingInt(u -> u.nodes()[u.nodes().length - 1]));
        return units;
    }

    /** Left for the mean over tokens that follows. */
    private boolean isNormOfMean(int node) {
        int reader = net.onlyReader(net.out(node));
        return options.allows(Technique.FUSION)
                && net.op(node) instanceof Operator.LayerNorm
                && reader >= 0
                && net.op(reader) instanceof Operator.MeanTokens;
    }

    private boolean take(@Nullable Unit unit) {
        if (unit == null) {
            return false;
        }
        for (int node : unit.nodes()) {
            taken[node] = true;
        }
        units.add(unit);
        return true;
    }
}

package dev.lathe.graph.memory;

import dev.lathe.graph.Operator;
import dev.lathe.graph.Shape;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Finds chains of per-token operators that run a few tokens at a time, so that the expanded tensor of an MLP never exists
 * whole: {@code [norm] linear act linear [+ x]}, with low-rank factors as further linears.
 *
 * <p>A chain without residual is taken only where running it in one go can never be worse than stopping in between: where no
 * tensor within it is smaller than both its input and its output.
 */
final class TokenTiles {
    private final Network net;
    private final DeploymentOptions options;
    private final Sizes sizes;
    private final OperatorUnits operators;

    TokenTiles(Network net, DeploymentOptions options, Sizes sizes, OperatorUnits operators) {
        this.net = net;
        this.options = options;
        this.sizes = sizes;
        this.operators = operators;
    }

    /** The region that starts at a node, or null. */
    @Nullable
    Unit at(int start, boolean[] taken) {
        if (!makesRows(net.op(start)) || net.tensors[net.in(start, 0)].shape().rank() != 2) {
            return null;
        }
        int x = net.root[net.in(start, 0)];
        List<Integer> chain = new ArrayList<>();
        chain.add(start);
        int rows = 1;
        boolean residual = false;
        int reader = net.onlyReader(net.out(start));
        while (reader >= 0 && !taken[reader] && !residual) {
            Operator op = net.op(reader);
            if (op instanceof Operator.Add) {
                int other = net.root[net.in(reader, 0)] == x ? 0 : 1;
                if (net.root[net.in(reader, other)] != x || net.root[net.in(reader, 1 - other)] == x) {
                    break;
                }
                residual = true;
            } else if (makesRows(op)) {
                rows++;
            } else if (!(op instanceof Operator.Activate || op instanceof Operator.LayerScale)) {
                break;
            }
            chain.add(reader);
            reader = net.onlyReader(net.out(reader));
        }
        int out = net.root[net.out(chain.get(chain.size() - 1))];
        boolean safe = residual && options.allows(Technique.TOKEN_OVERWRITING);
        return rows >= 2 && (safe || neverSmallerWithin(chain, x, out)) ? unit(chain, x, out, rows, residual) : null;
    }

    private static boolean makesRows(Operator op) {
        return op instanceof Operator.LayerNorm || op instanceof Operator.Linear;
    }

    private boolean neverSmallerWithin(List<Integer> chain, int x, int out) {
        long least = Math.min(sizes.bytes[x], sizes.bytes[out]);
        for (int i = 0; i + 1 < chain.size(); i++) {
            if (sizes.bytes[net.root[net.out(chain.get(i))]] < least) {
                return false;
            }
        }
        return true;
    }

    private Unit unit(List<Integer> chain, int x, int out, int rows, boolean residual) {
        Shape shape = net.tensors[net.in(chain.get(0), 0)].shape();
        int tile = Math.min(options.tileTokens(), shape.extent(0));
        List<Unit.Scratch> scratch = new ArrayList<>();
        int phase = -1;
        for (int node : chain) {
            if (makesRows(net.op(node))) {
                phase++;
                operators.stage(scratch, node, phase);
                if (phase + 1 < rows) {
                    int made = net.out(node);
                    long bytes = (long) tile * net.tensors[made].shape().last() * options.bytesPerElement();
                    scratch.add(new Unit.Scratch(DeploymentPlan.Role.TILE, made, bytes, phase, phase + 1));
                }
            }
        }
        boolean fits = residual ? sizes.layout[out] == sizes.layout[x] : sizes.bytes[out] <= sizes.bytes[x];
        boolean over =
                fits && sizes.layout[out] != -1 && !net.isInput(x) && options.allows(Technique.TOKEN_OVERWRITING);
        return new Unit(
                DeploymentPlan.Kind.TOKEN_TILES,
                chain.stream().mapToInt(i -> i).toArray(),
                new int[] {x},
                out,
                rows,
                0,
                over ? new int[] {x} : Unit.NONE,
                0,
                scratch,
                false,
                tile,
                false,
                0);
    }
}

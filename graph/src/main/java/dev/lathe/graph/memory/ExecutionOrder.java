package dev.lathe.graph.memory;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * The order of execution with the least peak of live bytes: the minimum over all orders, by a search over sets of executed
 * units that remembers what it has solved.
 *
 * <p>The units are cut where a single tensor crosses, and each part is ordered alone. A part whose search meets more than
 * {@value #MAX_STATES} sets, or has more than {@value #MAX_UNITS} units, keeps its order.
 *
 * @see <a href="https://arxiv.org/abs/2010.14246">Liberis, Dudziak and Lane, uNAS: Constrained Neural Architecture Search for
 *     Microcontrollers, 2020</a>
 */
final class ExecutionOrder {
    private static final int MAX_STATES = 20_000;
    private static final int MAX_UNITS = 62;
    private static final long NO_PAIR = -1;

    private final Network net;
    private final DeploymentOptions options;
    private final Sizes sizes;
    private final List<Unit> units;
    private final int n;
    /** By local tensor: its bytes, the unit that makes it (-1: made before), the units that read it, read later as well. */
    private final long[] bytes;

    private final int[] maker;
    private final long[] readers;
    private final boolean[] escapes;
    private final int locals;
    private final long[] needs;
    private final int[] outputOf;
    private final Map<Integer, Integer> local = new HashMap<>();
    private final Map<Long, Long> solved = new HashMap<>();

    private ExecutionOrder(
            Network net, DeploymentOptions options, Sizes sizes, List<Unit> part, List<Unit> all, int start) {
        this.net = net;
        this.options = options;
        this.sizes = sizes;
        this.units = part;
        n = part.size();
        for (Unit u : part) {
            for (int t : u.inputs()) {
                local.putIfAbsent(t, local.size());
            }
            local.putIfAbsent(u.output(), local.size());
        }
        locals = local.size();
        bytes = new long[locals];
        maker = new int[locals];
        readers = new long[locals];
        escapes = new boolean[locals];
        needs = new long[n];
        outputOf = new int[n];
        int[] last = Timeline.lastReaders(net, all);
        for (Map.Entry<Integer, Integer> e : local.entrySet()) {
            bytes[e.getValue()] = sizes.bytes[e.getKey()];
            maker[e.getValue()] = -1;
            escapes[e.getValue()] = last[e.getKey()] >= start + n;
        }
        for (int i = 0; i < n; i++) {
            outputOf[i] = at(part.get(i).output());
            maker[outputOf[i]] = i;
        }
        for (int i = 0; i < n; i++) {
            for (int t : part.get(i).inputs()) {
                readers[at(t)] |= 1L << i;
                if (maker[at(t)] >= 0) {
                    needs[i] |= 1L << maker[at(t)];
                }
            }
        }
    }

    private int at(int tensor) {
        return java.util.Objects.requireNonNull(local.get(tensor));
    }

    /** Whether after each position a single tensor crosses, made by the unit there. */
    static boolean[] cuts(Network net, List<Unit> units) {
        int[] last = Timeline.lastReaders(net, units);
        boolean[] cuts = new boolean[units.size()];
        int[] closing = new int[units.size() + 1];
        int open = 0;
        for (int t = 0; t < net.inputs(); t++) {
            if (last[t] >= 0) {
                open++;
                closing[last[t]]++;
            }
        }
        for (int i = 0; i < cuts.length; i++) {
            int to = last[units.get(i).output()];
            open -= closing[i];
            if (to > i) {
                open++;
                closing[to]++;
            }
            cuts[i] = open == 1 && to > i;
        }
        return cuts;
    }

    /** The units in the best order found; the given order wins where it is as good. */
    static List<Unit> best(Network net, DeploymentOptions options, Sizes sizes, List<Unit> units) {
        boolean[] cuts = cuts(net, units);
        List<Unit> order = new ArrayList<>(units.size());
        int start = 0;
        for (int i = 0; i < cuts.length; i++) {
            if (cuts[i] || i == cuts.length - 1) {
                List<Unit> part = units.subList(start, i + 1);
                if (isChain(part) || part.size() > MAX_UNITS) {
                    order.addAll(part);
                } else {
                    order.addAll(new ExecutionOrder(net, options, sizes, part, units, start).search());
                }
                start = i + 1;
            }
        }
        return order;
    }

    /** Whether each unit reads what the one before it made, so that there is one order only. */
    private static boolean isChain(List<Unit> part) {
        for (int i = 1; i < part.size(); i++) {
            if (!part.get(i).reads(part.get(i - 1).output())) {
                return false;
            }
        }
        return true;
    }

    private List<Unit> search() {
        if (least(0) < 0) {
            return units;
        }
        List<Unit> order = new ArrayList<>(n);
        long done = 0;
        while (order.size() < n) {
            long goal = least(done);
            if (goal < 0) {
                return units;
            }
            long next = -1;
            for (int i = 0; i < n && next < 0; i++) {
                if (!isReady(done, i)) {
                    continue;
                }
                long pair = pairWith(done, i);
                if (pair != NO_PAIR && pairCost(done, i) <= goal && Math.max(pairCost(done, i), least(pair)) == goal) {
                    order.add(units.get(i));
                    order.add(units.get(Long.numberOfTrailingZeros(pair & ~done & ~(1L << i))));
                    next = pair;
                } else if (cost(done, i) <= goal && Math.max(cost(done, i), least(done | 1L << i)) == goal) {
                    order.add(units.get(i));
                    next = done | 1L << i;
                }
            }
            if (next < 0) {
                return units;
            }
            done = next;
        }
        return order;
    }

    /** The least peak of the units that are not yet done; negative if the search was given up. */
    private long least(long done) {
        if (done == (1L << n) - 1) {
            return 0;
        }
        Long known = solved.get(done);
        if (known != null) {
            return known;
        }
        if (solved.size() > MAX_STATES) {
            return -1;
        }
        long best = Long.MAX_VALUE;
        for (int i = 0; i < n; i++) {
            if (!isReady(done, i)) {
                continue;
            }
            long cost = cost(done, i);
            if (cost < best) {
                long rest = least(done | 1L << i);
                if (rest < 0) {
                    return -1;
                }
                best = Math.min(best, Math.max(cost, rest));
            }
            long pair = pairWith(done, i);
            if (pair != NO_PAIR) {
                long rest = least(pair);
                if (rest < 0) {
                    return -1;
                }
                best = Math.min(best, Math.max(pairCost(done, i), rest));
            }
        }
        solved.put(done, best);
        return best;
    }

    private boolean isReady(long done, int unit) {
        return (done >> unit & 1) == 0 && (needs[unit] & ~done) == 0;
    }

    private long live(long done) {
        long sum = 0;
        for (int t = 0; t < locals; t++) {
            boolean made = maker[t] < 0 || (done >> maker[t] & 1) != 0;
            sum += made && (escapes[t] || (readers[t] & ~done) != 0) ? bytes[t] : 0;
        }
        return sum;
    }

    private boolean dies(int tensor, long done) {
        int t = at(tensor);
        return !escapes[t] && (readers[t] & ~done) == 0;
    }

    private long cost(long done, int unit) {
        Unit u = units.get(unit);
        boolean over = false;
        for (int t : u.overlays()) {
            over |= dies(t, done | 1L << unit);
        }
        return live(done) + u.need(over, false, bytes[outputOf[unit]]);
    }

    /** The set after a unit and the sum that takes its result in place, NO_PAIR where there is no such sum. */
    private long pairWith(long done, int unit) {
        int t = outputOf[unit];
        if (escapes[t] || Long.bitCount(readers[t]) != 1) {
            return NO_PAIR;
        }
        int add = Long.numberOfTrailingZeros(readers[t]);
        Unit u = units.get(unit);
        Unit v = units.get(add);
        long both = done | 1L << unit | 1L << add;
        boolean pairs = isReady(done | 1L << unit, add)
                && Timeline.canMerge(net, options, sizes, u, v, false)
                && dies(Timeline.addend(u, v), both);
        return pairs ? both : NO_PAIR;
    }

    private long pairCost(long done, int unit) {
        return live(done) + units.get(unit).need(true, true, 0);
    }
}

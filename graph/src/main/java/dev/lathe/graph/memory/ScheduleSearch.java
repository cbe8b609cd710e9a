package dev.lathe.graph.memory;

import dev.lathe.graph.Operator;
import dev.lathe.graph.Tensor;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Deque;
import java.util.EnumSet;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Finds the best schedule of a graph.
 *
 * <p>Three steps. Regions with a schedule of their own (attention by rows, token tiles, patch embedding, pooled tokens) are
 * taken, then given up one by one where ordinary operators need less at their steps: that happens where they are so small
 * that a region's scratch outweighs what it saves. Then patches and recomputation. Last, the schedules of smaller sets of
 * techniques are tried: where no packing reaches the largest live set, since writing over operands ties buffers together that
 * might fit better apart; and where there is a limit of SRAM, within which another schedule may compute nothing again.
 */
final class ScheduleSearch {
    /** Units up to which all orders are tried, if packing does not reach the largest live set. */
    private static final int EVERY_ORDER = 8;

    /** How many smaller sets of techniques are tried at most, for networks of up to so many units and for larger ones. */
    private static final int SMALL = 64;

    private static final int SEARCHES_WHERE_SMALL = 256;
    private static final int SEARCHES = 16;

    private static final Set<Technique> COMPUTES_AGAIN =
            EnumSet.of(Technique.FACTOR_RECOMPUTATION, Technique.PATCH_STAGES);

    private static final Set<Technique> MAKES_REGIONS =
            EnumSet.of(Technique.FUSION, Technique.ATTENTION_ROWS, Technique.TOKEN_TILES);

    private final Network net;
    private final DeploymentOptions options;
    private final Sizes sizes;
    /** By key of a region: whether it is given up, and whether it keeps its shared factor. */
    private final boolean[] declined;

    private final boolean[] keeping;
    /** Least live set of all candidates met: one whose packing was poor may be the best by rights. */
    private long leastLive = Long.MAX_VALUE;

    private ScheduleSearch(Network net, DeploymentOptions options) {
        this.net = net;
        this.options = options;
        sizes = Sizes.whole(net, options);
        declined = new boolean[net.nodes.length];
        keeping = new boolean[net.nodes.length];
        Arrays.fill(keeping, !options.allows(Technique.FACTOR_RECOMPUTATION));
    }

    static Candidate best(Network net, DeploymentOptions options) {
        ScheduleSearch search = new ScheduleSearch(net, options);
        Candidate best = search.search();
        if (best.peak() > Math.max(search.leastLive, options.sramLimitBytes())) {
            best = withFewer(net, options, best, Math.max(search.leastLive, options.sramLimitBytes()));
        }
        if (options.sramLimitBytes() > 0 && best.extraMacs() > 0) {
            for (Technique t : COMPUTES_AGAIN) {
                Candidate c = options.allows(t) ? best(net, options.without(t)) : best;
                best = c.isBetterThan(best, options) ? c : best;
            }
        }
        return best;
    }

    /** The best of the schedules of smaller sets of techniques, the largest sets first, until one needs {@code enough}. */
    private static Candidate withFewer(Network net, DeploymentOptions options, Candidate best, long enough) {
        int searches = best.units().size() <= SMALL ? SEARCHES_WHERE_SMALL : SEARCHES;
        Set<Set<Technique>> seen = new HashSet<>();
        Deque<Set<Technique>> queue = new ArrayDeque<>(List.of(options.techniques()));
        while (!queue.isEmpty()) {
            DeploymentOptions from = options.withTechniques(queue.remove());
            for (Technique t : EnumSet.allOf(Technique.class)) {
                Set<Technique> fewer = from.without(t).techniques();
                boolean kept = options.keepsRegions() && MAKES_REGIONS.contains(t);
                if (kept || !from.allows(t) || !seen.add(fewer)) {
                    continue;
                }
                Candidate c = new ScheduleSearch(net, from.without(t)).search();
                best = c.isBetterThan(best, options) ? c : best;
                if (best.peak() <= enough || seen.size() == searches) {
                    return best;
                }
                queue.add(fewer);
            }
        }
        return best;
    }

    private Candidate search() {
        Candidate best = inOrder();
        List<Unit> attention = doubtful(DeploymentPlan.Kind.ATTENTION_ROWS, best);
        if (!attention.isEmpty()) {
            // What is in attention's place without it must be at its best to be compared with.
            attention.forEach(u -> declined[UnitFinder.key(net, u)] = true);
            best = inOrder();
        }
        best = turn(declined, doubtful(DeploymentPlan.Kind.TOKEN_TILES, best), best);
        best = turn(declined, doubtful(DeploymentPlan.Kind.POOLED_TOKENS, best), best);
        best = turn(declined, doubtful(DeploymentPlan.Kind.PATCH_EMBEDDING, best), best);
        if (!attention.isEmpty()) {
            attention.forEach(u -> declined[UnitFinder.key(net, u)] = false);
            best = inOrder();
        }
        best = turn(keeping, best.units().stream().filter(Unit::recomputes).toList(), best);
        best = turn(declined, doubtful(DeploymentPlan.Kind.ATTENTION_ROWS, best), best);
        Candidate fewest = patched(best);
        Candidate more = takeBack(best);
        Candidate most = more == best ? fewest : patched(more);
        return keepFactors(fewest.isBetterThan(most, options) ? fewest : most);
    }

    /** Regions of a kind that need more at their steps than one of their operators must need if it runs whole. */
    private List<Unit> doubtful(DeploymentPlan.Kind kind, Candidate c) {
        List<Unit> found = new ArrayList<>();
        if (options.keepsRegions()) {
            return found;
        }
        long @Nullable [] live = null;
        for (int i = 0; i < c.units().size(); i++) {
            if (c.units().get(i).kind() == kind) {
                live = live == null ? c.liveAtSteps() : live;
                long need = 0;
                for (int s = c.timeline().firstStep[i]; s <= c.timeline().lastStep[i]; s++) {
                    need = Math.max(need, live[s]);
                }
                if (need > leastWhole(c.units().get(i))) {
                    found.add(c.units().get(i));
                }
            }
        }
        return found;
    }

    /** The most that a product of a region needs for operands and result; none is written over an operand it does not fit. */
    private long leastWhole(Unit region) {
        long least = 0;
        for (int node : region.nodes()) {
            long in = 0;
            for (Tensor t : net.nodes[node].inputs()) {
                in += sizes.bytes[net.root[t.id()]];
            }
            long out = sizes.bytes[net.root[net.out(node)]];
            boolean product =
                    net.op(node) instanceof Operator.MatMul || (net.op(node) instanceof Operator.Linear && out > in);
            least = product ? Math.max(least, in + out) : least;
        }
        return least;
    }

    /** Takes regions again whose steps are not those that need the most: they spare copies and passes over memory. */
    private Candidate takeBack(Candidate best) {
        for (int key = 0; key < declined.length; key++) {
            if (declined[key]) {
                declined[key] = false;
                Candidate c = inOrder();
                declined[key] = c.peak() > best.peak();
                best = declined[key] ? best : c;
            }
        }
        return best;
    }

    /** Tries patches with the units as they are, in the graph's order, and with the patch embedding given up. */
    private Candidate patched(Candidate whole) {
        if (!options.allows(Technique.PATCH_STAGES)) {
            return whole;
        }
        Candidate best = patchStages(whole);
        List<Unit> given = UnitFinder.find(net, options, sizes, keeping, declined);
        if (!whole.outputs().equals(given.stream().map(Unit::output).toList())) {
            // The first convolutions of the best order may belong to several branches.
            best = better(best, patchStages(candidate(given)));
        }
        for (Unit u : whole.units()) {
            if (u.kind() == DeploymentPlan.Kind.PATCH_EMBEDDING && !options.keepsRegions()) {
                // Its convolution can itself run patch by patch.
                declined[UnitFinder.key(net, u)] = true;
                best = better(best, patchStages(inOrder()));
                declined[UnitFinder.key(net, u)] = false;
            }
        }
        return best;
    }

    private Candidate patchStages(Candidate whole) {
        return PatchStages.best(net, options, sizes, whole, this::meet);
    }

    /** These units one after the other, without patches. */
    private Candidate candidate(List<Unit> units) {
        return meet(Candidate.of(net, options, sizes, units));
    }

    private Candidate meet(Candidate c) {
        leastLive = Math.min(leastLive, c.live());
        return c;
    }

    private Candidate better(Candidate best, Candidate other) {
        return other.isBetterThan(best, options) ? other : best;
    }

    /** The units in their best order, whole. */
    private Candidate inOrder() {
        List<Unit> units = UnitFinder.find(net, options, sizes, keeping, declined);
        if (!options.allows(Technique.REORDERING)) {
            return candidate(units);
        }
        Candidate best = candidate(ExecutionOrder.best(net, options, sizes, units));
        if (best.peak() > best.live() && units.size() <= EVERY_ORDER) {
            best = extend(units, new ArrayList<>(), new boolean[net.tensors.length], best);
        }
        return best;
    }

    /**
     * Turns the switches of regions that need more at their steps than what is there with the switch turned.
     *
     * @param regions those concerned
     * @param with the best candidate, with none of their switches turned
     */
    private Candidate turn(boolean[] switches, List<Unit> regions, Candidate with) {
        if (regions.isEmpty()) {
            return with;
        }
        boolean[] before = switches.clone();
        int[] regionOf = new int[net.nodes.length];
        Arrays.fill(regionOf, -1);
        for (int i = 0; i < with.units().size(); i++) {
            Unit u = with.units().get(i);
            if (regions.contains(u)) {
                flip(switches, u);
                for (int node : u.nodes()) {
                    regionOf[node] = i;
                }
            }
        }
        boolean[] all = switches.clone();
        Candidate without = inOrder();
        long[] now = needs(with, regionOf);
        long[] then = needs(without, regionOf);
        System.arraycopy(before, 0, switches, 0, before.length);
        for (int i = 0; i < now.length; i++) {
            if (then[i] < now[i]) {
                flip(switches, with.units().get(i));
            }
        }
        Candidate mixed = Arrays.equals(switches, before) ? with : inOrder();
        // Less at one region may show only once others have been improved, so an equal live set is a gain. How well the
        // buffers pack is no measure as long as others are to change.
        if (without.live() < Math.min(mixed.live(), with.live())) {
            System.arraycopy(all, 0, switches, 0, all.length);
            return without;
        }
        if (mixed.live() > with.live()) {
            System.arraycopy(before, 0, switches, 0, before.length);
            return with;
        }
        return mixed;
    }

    /** Of a chain in tiles, no part is to become a chain of its own. */
    private void flip(boolean[] switches, Unit region) {
        switches[UnitFinder.key(net, region)] = true;
        for (int node : region.nodes()) {
            switches[node] |= region.kind() == DeploymentPlan.Kind.TOKEN_TILES;
        }
    }

    /** By region: the most bytes needed at the steps of units with nodes of it. */
    private static long[] needs(Candidate c, int[] regionOf) {
        long[] live = c.liveAtSteps();
        long[] needs = new long[regionOf.length];
        for (int i = 0; i < c.units().size(); i++) {
            for (int node : c.units().get(i).nodes()) {
                for (int s = c.timeline().firstStep[i]; regionOf[node] >= 0 && s <= c.timeline().lastStep[i]; s++) {
                    needs[regionOf[node]] = Math.max(needs[regionOf[node]], live[s]);
                }
            }
        }
        return needs;
    }

    /** Keeps a shared factor where that needs no larger arena. */
    private Candidate keepFactors(Candidate best) {
        for (int i = 0; i < best.units().size(); i++) {
            if (best.units().get(i).recomputes()) {
                List<Unit> units = new ArrayList<>(best.units());
                units.set(i, UnitFinder.attention(net, options, sizes, UnitFinder.key(net, units.get(i))));
                best = better(best, best.with(net, options, units));
            }
        }
        return best;
    }

    private Candidate extend(List<Unit> units, List<Unit> order, boolean[] made, Candidate best) {
        if (order.size() == units.size()) {
            return better(best, Candidate.of(net, options, sizes, List.copyOf(order)));
        }
        for (Unit u : units) {
            boolean ready = !made[u.output()];
            for (int t : u.inputs()) {
                ready &= net.isInput(t) || made[t];
            }
            if (ready) {
                made[u.output()] = true;
                order.add(u);
                best = extend(units, order, made, best);
                order.remove(order.size() - 1);
                made[u.output()] = false;
            }
        }
        return best;
    }
}

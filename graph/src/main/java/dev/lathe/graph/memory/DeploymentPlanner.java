package dev.lathe.graph.memory;

import dev.lathe.graph.Graph;
import dev.lathe.graph.memory.PatchStages.Candidate;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Plans the memory of a network on a microcontroller, batch 1: chooses among the schedules that the options allow the one
 * with the smallest arena, then the one with the fewest multiply-accumulates done twice.
 *
 * <p>Techniques that save memory and cost nothing are used wherever the graph allows them. Searched are: the order of
 * execution, by its largest live set; split and number of patches of patch-based execution; and whether attention computes a
 * shared low-rank factor again, which it does only in layers where keeping it would need a larger arena. Up to {@value
 * #EVERY_ORDER} units whose packing lies above the largest live set are tried in every order.
 *
 * <p>Images are (C, H, W) and sequences (T, E) in memory, as in the graph. Inputs of the graph belong to the caller and are
 * never overwritten. Stack, code and static data of the firmware come on top of the arena.
 */
public final class DeploymentPlanner {
    private static final int EVERY_ORDER = 8;

    private DeploymentPlanner() {}

    /** The best schedule, with the offset of every buffer. */
    public static DeploymentPlan plan(Graph graph, DeploymentOptions options) {
        Network net = new Network(graph);
        Candidate best = search(net, options);
        return new DeploymentPlan(
                regions(net, best),
                best.geometry() == null
                        ? Optional.empty()
                        : Optional.of(new DeploymentPlan.PatchStage(
                                best.grid(), regionsOf(best.timeline(), best.patched()), best.geometry())),
                buffers(net, best),
                best.peak(),
                best.live(),
                FlashModel.bytes(graph, options),
                best.extraMacs());
    }

    /** The arena's size alone, as {@link #plan} would give it: for searches. */
    public static long peakSramBytes(Graph graph, DeploymentOptions options) {
        return search(new Network(graph), options).peak();
    }

    /** Flash bytes, which do not depend on the schedule; see {@link DeploymentPlan#flashBytes}. */
    public static long flashBytes(Graph graph, DeploymentOptions options) {
        return FlashModel.bytes(graph, options);
    }

    private static Candidate search(Network net, DeploymentOptions options) {
        Sizes sizes = Sizes.whole(net, options);
        boolean recompute = options.allows(Technique.FACTOR_RECOMPUTATION);
        List<Unit> units = UnitFinder.find(net, options, sizes, recompute);
        if (options.allows(Technique.REORDERING)) {
            units = ExecutionOrder.best(net, options, sizes, units);
        }
        Candidate best = Candidate.of(net, options, sizes, units, 0, 0, null);
        if (options.allows(Technique.REORDERING) && best.peak() > best.live() && units.size() <= EVERY_ORDER) {
            best = everyOrder(net, options, sizes, units, best);
        }
        if (options.allows(Technique.PATCH_STAGES) && !units.isEmpty()) {
            best = PatchStages.best(net, options, sizes, best);
        }
        return recompute ? keepFactors(net, options, sizes, best) : best;
    }

    /** Keeps a shared factor where that needs no larger arena. */
    private static Candidate keepFactors(Network net, DeploymentOptions options, Sizes sizes, Candidate best) {
        if (best.units().stream().noneMatch(Unit::recomputes)) {
            return best;
        }
        Unit[] keeping = new Unit[net.tensors.length];
        for (Unit u : UnitFinder.find(net, options, sizes, false)) {
            keeping[u.output()] = u;
        }
        for (int i = 0; i < best.units().size(); i++) {
            Unit u = best.units().get(i);
            if (u.recomputes()) {
                List<Unit> units = new ArrayList<>(best.units());
                units.set(i, keeping[u.output()]);
                Candidate c = best.with(net, options, units);
                best = c.isBetterThan(best) ? c : best;
            }
        }
        return best;
    }

    private static Candidate everyOrder(
            Network net, DeploymentOptions options, Sizes sizes, List<Unit> units, Candidate best) {
        return extend(net, options, sizes, units, new ArrayList<>(), new boolean[net.tensors.length], best);
    }

    private static Candidate extend(
            Network net,
            DeploymentOptions options,
            Sizes sizes,
            List<Unit> units,
            List<Unit> order,
            boolean[] made,
            Candidate best) {
        if (order.size() == units.size()) {
            Candidate c = Candidate.of(net, options, sizes, List.copyOf(order), 0, 0, null);
            return c.isBetterThan(best) ? c : best;
        }
        for (Unit u : units) {
            boolean ready = !made[u.output()];
            for (int t : u.inputs()) {
                ready &= net.isInput(t) || made[t];
            }
            if (ready) {
                made[u.output()] = true;
                order.add(u);
                best = extend(net, options, sizes, units, order, made, best);
                order.remove(order.size() - 1);
                made[u.output()] = false;
            }
        }
        return best;
    }

    /** How many regions the first units make: a merged pair makes one. */
    private static int regionsOf(Timeline timeline, int units) {
        int n = 0;
        for (int i = 0; i < units; i++) {
            n += timeline.merged[i] ? 0 : 1;
        }
        return n;
    }

    private static List<DeploymentPlan.Region> regions(Network net, Candidate c) {
        List<DeploymentPlan.Region> regions = new ArrayList<>();
        for (int i = 0; i < c.units().size(); i++) {
            Unit u = c.units().get(i);
            List<Integer> nodes = new ArrayList<>();
            for (int node : u.nodes()) {
                nodes.add(node);
            }
            int output = u.output();
            boolean pair = i + 1 < c.units().size() && c.timeline().merged[i + 1];
            if (pair) {
                for (int node : c.units().get(i + 1).nodes()) {
                    nodes.add(node);
                }
                output = c.units().get(i + 1).output();
            }
            regions.add(new DeploymentPlan.Region(
                    u.kind(),
                    nodes,
                    output,
                    c.timeline().firstStep[i],
                    c.timeline().lastStep[i],
                    u.tile(),
                    u.recomputes(),
                    Words.of(net, c, i, nodes, output)));
            i += pair ? 1 : 0;
        }
        return regions;
    }

    private static List<DeploymentPlan.Buffer> buffers(Network net, Candidate c) {
        var packing = c.timeline().packing;
        List<DeploymentPlan.Buffer> buffers = new ArrayList<>(packing.count());
        for (int b = 0; b < packing.count(); b++) {
            List<DeploymentPlan.Shrink> shrinks = new ArrayList<>(0);
            for (int s = packing.from(b) + 1; s <= packing.to(b); s++) {
                if (packing.bytesAt(b, s) < packing.bytesAt(b, s - 1)) {
                    shrinks.add(new DeploymentPlan.Shrink(s, packing.bytesAt(b, s)));
                }
            }
            buffers.add(new DeploymentPlan.Buffer(
                    c.timeline().roles.get(b),
                    c.timeline().tensors.get(b),
                    packing.bytes(b),
                    packing.from(b),
                    packing.to(b),
                    c.offsets()[b],
                    shrinks));
        }
        buffers.sort(java.util.Comparator.comparingInt(DeploymentPlan.Buffer::firstStep));
        return buffers;
    }
}

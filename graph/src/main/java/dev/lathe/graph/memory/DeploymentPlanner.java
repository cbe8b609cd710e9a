package dev.lathe.graph.memory;

import dev.lathe.graph.Graph;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Plans the memory of a network on a microcontroller, batch 1: chooses among the schedules that the options allow the one
 * with the smallest arena, then the one with the fewest multiply-accumulates done twice; under a limit of SRAM, the other way
 * round among those that fit.
 *
 * <p>Searched are: which regions run in tiles or rows, and which in ordinary operators after all; the order of execution; split
 * and number of patches of patch-based execution; and whether attention computes a shared low-rank factor again, which it
 * does only in layers where keeping it would need a larger arena. A technique is
 * used only where it helps: to allow one more does not enlarge the arena.
 *
 * <p>Images are (C, H, W) and sequences (T, E) in memory, as in the graph. Inputs of the graph belong to the caller and are
 * never overwritten. Nodes that the output does not depend on are left out. Stack, code and static data of the firmware come on
 * top of the arena.
 */
public final class DeploymentPlanner {
    private DeploymentPlanner() {}

    /** The best schedule, with the offset of every buffer. */
    public static DeploymentPlan plan(Graph graph, DeploymentOptions options) {
        Network net = new Network(graph);
        Candidate best = ScheduleSearch.best(net, options);
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
        return ScheduleSearch.best(new Network(graph), options).peak();
    }

    /** Flash bytes, which do not depend on the schedule; see {@link DeploymentPlan#flashBytes}. */
    public static long flashBytes(Graph graph, DeploymentOptions options) {
        return FlashModel.bytes(graph, options);
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

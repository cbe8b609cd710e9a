package dev.lathe.graph.c;

import dev.lathe.graph.Graph;
import dev.lathe.graph.memory.DeploymentPlan;

/**
 * What a network takes as firmware, known from its graph alone: before there are weights, and in about a millisecond, so that a
 * search can prune by it.
 *
 * @param ramBytes arena, reserved stack and static data: exactly what the linker says
 * @param flashBytes constants and code: never less than what the linker says, and at most 10 KiB more
 */
public record CFootprint(long ramBytes, long flashBytes) {
    /** Of RAM, reserved for the stack and guarded. */
    public static final int STACK_BYTES = 4096;

    /** Two words by which the port says how a program ended. */
    private static final long PORT_BYTES = 8;

    /** All kernels, start-up, and the program that runs the network. */
    private static final long CODE_BYTES = 14 * 1024;
    /** Calls of kernels in a region's schedule, and the descriptions of its layers. */
    private static final long REGION_BYTES = 160;

    /** The same for a region that runs patch by patch, with the bands that its patches need. */
    private static final long PATCHED_BYTES = 400;

    private static final long WORD = 4;
    /** By which an arena is aligned. */
    private static final long ARENA_ALIGNMENT = 8;

    /**
     * Of the schedule that {@link CWriter#plan} chooses for this RAM.
     *
     * @param ramLimitBytes RAM that the firmware may take; 0 where it is not scarce
     */
    public static CFootprint of(Graph graph, long ramLimitBytes) {
        return of(graph, CWriter.plan(graph, arenaLimit(graph, ramLimitBytes)));
    }

    /** Of a schedule. */
    static CFootprint of(Graph graph, DeploymentPlan plan) {
        long constants = plan.flashBytes() - CWriter.options().codeBytes();
        int patched = plan.patchStage().map(DeploymentPlan.PatchStage::regions).orElse(0);
        return new CFootprint(
                plan.peakSramBytes() + besides(graph),
                constants + CODE_BYTES + REGION_BYTES * (plan.regions().size() - patched) + PATCHED_BYTES * patched);
    }

    /** What is left of a RAM for the arena; 0 where the RAM is not scarce. */
    public static long arenaLimit(Graph graph, long ramLimitBytes) {
        return ramLimitBytes == 0 ? 0 : Math.max(1, ramLimitBytes - besides(graph));
    }

    /** RAM besides the arena: the stack, the port's words, 16-bit logits. */
    private static long besides(Graph graph) {
        long logits = up(2L * graph.output().shape().elements(), WORD);
        return up(STACK_BYTES + PORT_BYTES + logits, ARENA_ALIGNMENT);
    }

    private static long up(long bytes, long to) {
        return (bytes + to - 1) / to * to;
    }
}

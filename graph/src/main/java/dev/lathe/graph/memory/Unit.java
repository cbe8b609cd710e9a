package dev.lathe.graph.memory;

import java.util.List;

/**
 * What is executed as one: an operator with what is fused into it, or a region with a schedule of several phases.
 *
 * <p>Its inputs are needed in all phases, its output from {@code outputFrom} on, unless it is written over an input. All
 * tensors are roots (see {@link Network}).
 *
 * @param kind how it is executed
 * @param nodes indices of nodes
 * @param inputs tensors it reads whole, each once
 * @param output the tensor it makes
 * @param phases number of steps
 * @param outputFrom phase that writes the output first
 * @param overlays inputs that the output may be written over if nobody needs them afterwards, in order of preference
 * @param overlayScratch bytes that writing over an input needs besides
 * @param scratch further buffers
 * @param accumulates whether each output element is written once, so that it can be added to another tensor instead
 * @param tile tokens in a tile, 0 where there is none
 * @param recomputes whether it computes a shared factor again
 * @param extraMacs multiply-accumulates done again
 */
record Unit(
        DeploymentPlan.Kind kind,
        int[] nodes,
        int[] inputs,
        int output,
        int phases,
        int outputFrom,
        int[] overlays,
        long overlayScratch,
        List<Scratch> scratch,
        boolean accumulates,
        int tile,
        boolean recomputes,
        long extraMacs) {
    static final int[] NONE = {};

    /**
     * A buffer within the unit.
     *
     * @param tensor the tensor of which it holds a part, -1 for none
     * @param from first phase
     * @param to last phase
     */
    record Scratch(DeploymentPlan.Role role, int tensor, long bytes, int from, int to) {}

    /** Bytes besides the inputs at the worst phase. */
    long need(boolean overlays, boolean accumulated, long outputBytes) {
        long most = 0;
        for (int p = 0; p < phases; p++) {
            long sum = overlays && !accumulated ? overlayScratch : 0;
            if (!overlays && p >= outputFrom) {
                sum += outputBytes;
            }
            for (Scratch s : scratch) {
                sum += s.from() <= p && p <= s.to() ? s.bytes() : 0;
            }
            most = Math.max(most, sum);
        }
        return most;
    }

    boolean reads(int tensor) {
        for (int t : inputs) {
            if (t == tensor) {
                return true;
            }
        }
        return false;
    }
}

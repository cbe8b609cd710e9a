package dev.lathe.graph.memory;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A schedule with its buffers and offsets.
 *
 * @param units in the order of execution
 * @param patched how many of the first run patch by patch
 * @param grid patches per side, 0 where there are none
 * @param geometry of the patches
 * @param live largest sum of bytes needed at one step
 * @param peak size of the arena
 * @param extraMacs multiply-accumulates that are done again
 */
record Candidate(
        List<Unit> units,
        int patched,
        int grid,
        @Nullable PatchGeometry geometry,
        Sizes sizes,
        Timeline timeline,
        long[] offsets,
        long live,
        long peak,
        long extraMacs) {
    /** Packings that are tried where quick ones miss the largest live set: enough for nearly all networks. */
    private static final int PACKINGS = 300;

    /** A schedule without patches. */
    static Candidate of(Network net, DeploymentOptions options, Sizes sizes, List<Unit> units) {
        return of(net, options, sizes, units, 0, 0, null);
    }

    static Candidate of(
            Network net,
            DeploymentOptions options,
            Sizes sizes,
            List<Unit> units,
            int patched,
            int grid,
            @Nullable PatchGeometry geometry) {
        Timeline t = new Timeline(net, options, units, sizes, patched);
        long live = t.packing.largestLive();
        long[] offsets = t.packing.offsets(live);
        offsets = t.packing.improved(offsets, live, PACKINGS);
        long extra = geometry == null ? 0 : geometry.extraMacs();
        for (Unit u : units) {
            extra += u.extraMacs();
        }
        return new Candidate(units, patched, grid, geometry, sizes, t, offsets, live, t.packing.top(offsets), extra);
    }

    /** The same, but with other units, one for one. */
    Candidate with(Network net, DeploymentOptions options, List<Unit> others) {
        return of(net, options, sizes, others, patched, grid, geometry);
    }

    boolean isBetterThan(Candidate other, DeploymentOptions options) {
        return isBetter(peak, extraMacs, other, options);
    }

    /** Within the limit all arenas are as good, and work done again decides; then the smaller arena. */
    static boolean isBetter(long peak, long extraMacs, Candidate other, DeploymentOptions options) {
        long limit = options.sramLimitBytes();
        if (Math.max(peak, limit) != Math.max(other.peak, limit)) {
            return Math.max(peak, limit) < Math.max(other.peak, limit);
        }
        return extraMacs != other.extraMacs ? extraMacs < other.extraMacs : peak < other.peak;
    }

    /** What the units make, in order. */
    List<Integer> outputs() {
        return units.stream().map(Unit::output).toList();
    }

    /** By step: bytes that are needed. */
    long[] liveAtSteps() {
        long[] live = new long[units.isEmpty() ? 1 : timeline.lastStep[units.size() - 1] + 2];
        var packing = timeline.packing;
        for (int b = 0; b < packing.count(); b++) {
            for (int s = Math.max(0, packing.from(b)); s <= packing.to(b); s++) {
                live[s] += packing.bytesAt(b, s);
            }
        }
        return live;
    }
}

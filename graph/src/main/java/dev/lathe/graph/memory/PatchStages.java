package dev.lathe.graph.memory;

import dev.lathe.graph.Operator;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Tries every split of the first convolutions from the rest, and every number of patches, for patch-based execution. */
final class PatchStages {
    private PatchStages() {}

    /** A schedule whose first units may run patch by patch, with its buffers and offsets. */
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
            long extra = geometry == null ? 0 : geometry.extraMacs();
            for (Unit u : units) {
                extra += u.extraMacs();
            }
            return new Candidate(
                    units, patched, grid, geometry, sizes, t, offsets, live, t.packing.top(offsets), extra);
        }

        /** The same, but with other units, one for one. */
        Candidate with(Network net, DeploymentOptions options, List<Unit> others) {
            return of(net, options, sizes, others, patched, grid, geometry);
        }

        boolean isBetterThan(Candidate other) {
            return peak != other.peak ? peak < other.peak : extraMacs < other.extraMacs;
        }
    }

    /** The best of a schedule without patches and all with patches of its first units. */
    static Candidate best(Network net, DeploymentOptions options, Sizes sizes, Candidate whole) {
        List<Unit> units = whole.units();
        Candidate best = whole;
        boolean[] cuts = ExecutionOrder.cuts(net, units);
        long[] rest = liveAfter(whole);
        OperatorUnits operators = new OperatorUnits(net, options);
        long others = whole.extraMacs();
        for (int i = 0; i < units.size() && isLocal(net, units.get(i)); i++) {
            int out = units.get(i).output();
            if (!cuts[i] || net.tensors[out].shape().rank() != 3) {
                continue;
            }
            for (int grid : options.patchGrids()) {
                int rows = net.tensors[out].shape().extent(1);
                int columns = net.tensors[out].shape().extent(2);
                if (grid > rows || grid > columns || Math.max(rest[i], sizes.bytes[out]) > best.peak()) {
                    continue;
                }
                PatchGeometry g = new PatchGeometry(net, units, i + 1, out, grid);
                boolean images = options.image() == DeploymentOptions.Image.STREAMED;
                Sizes patch = g.sizes(sizes, out, images, options.bytesPerElement());
                List<Unit> patched = new ArrayList<>(units);
                for (int k = 0; k <= i; k++) {
                    patched.set(k, operators.make(units.get(k).nodes(), patch, true));
                }
                Timeline t = new Timeline(net, options, patched, patch, i + 1);
                long live = t.packing.largestLive();
                boolean promises =
                        live < best.peak() || (live == best.peak() && others + g.extraMacs() < best.extraMacs());
                if (promises) {
                    Candidate c = Candidate.of(net, options, patch, patched, i + 1, grid, g);
                    best = c.isBetterThan(best) ? c : best;
                }
            }
        }
        return best;
    }

    /** By position: the most bytes live after it. */
    private static long[] liveAfter(Candidate c) {
        int n = c.units().size();
        long[] atStep = new long[c.timeline().lastStep[n - 1] + 2];
        var packing = c.timeline().packing;
        for (int b = 0; b < packing.count(); b++) {
            for (int s = Math.max(0, packing.from(b)); s <= packing.to(b); s++) {
                atStep[s] += packing.bytesAt(b, s);
            }
        }
        long[] after = new long[n];
        long most = 0;
        int step = atStep.length - 1;
        for (int i = n - 1; i >= 0; i--) {
            while (step > c.timeline().lastStep[i]) {
                most = Math.max(most, atStep[step--]);
            }
            after[i] = most;
        }
        return after;
    }

    /** Whether a unit computes each pixel from pixels near it, on images. */
    private static boolean isLocal(Network net, Unit unit) {
        if (unit.kind() != DeploymentPlan.Kind.OPERATOR && unit.kind() != DeploymentPlan.Kind.IMAGE_BANDS) {
            return false;
        }
        for (int node : unit.nodes()) {
            Operator op = net.op(node);
            boolean local = op instanceof Operator.Conv2d
                    || op instanceof Operator.Pool2d
                    || op instanceof Operator.BatchNorm
                    || op instanceof Operator.Activate
                    || op instanceof Operator.LayerScale
                    || op instanceof Operator.Zero
                    || (op instanceof Operator.Concat c && c.axis() == 0)
                    || (op instanceof Operator.Slice s && s.axis() == 0)
                    || op instanceof Operator.Add;
            boolean image = net.tensors[net.out(node)].shape().rank() == 3;
            for (int k = 0; k < net.nodes[node].inputs().size(); k++) {
                // A reshaped view of an image is no image.
                image &= net.tensors[net.in(node, k)].shape().rank() == 3
                        && net.root[net.in(node, k)] == net.in(node, k);
            }
            if (!local || !image) {
                return false;
            }
        }
        return true;
    }
}

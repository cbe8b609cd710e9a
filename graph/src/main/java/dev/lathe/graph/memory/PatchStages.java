package dev.lathe.graph.memory;

import dev.lathe.graph.Operator;
import java.util.ArrayList;
import java.util.List;
import java.util.function.UnaryOperator;

/** Tries every split of the first convolutions from the rest, and every number of patches, for patch-based execution. */
final class PatchStages {
    private PatchStages() {}

    /**
     * The best of a schedule without patches and all with patches of its first units.
     *
     * @param met gets those that were packed
     */
    static Candidate best(
            Network net, DeploymentOptions options, Sizes sizes, Candidate whole, UnaryOperator<Candidate> met) {
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
                if (grid > rows
                        || grid > columns
                        || !Candidate.isBetter(Math.max(rest[i], sizes.bytes[out]), others, best, options)) {
                    continue;
                }
                PatchGeometry g = new PatchGeometry(net, units, i + 1, out, grid);
                boolean images = options.image() == DeploymentOptions.Image.STREAMED;
                Sizes patch = g.sizes(sizes, out, images, options.bytesPerElement());
                List<Unit> stage = new ArrayList<>(i + 1);
                for (int k = 0; k <= i; k++) {
                    stage.add(operators.make(units.get(k).nodes(), patch, true));
                }
                for (List<Unit> order : orders(net, options, patch, stage, out)) {
                    List<Unit> patched = new ArrayList<>(order);
                    patched.addAll(units.subList(i + 1, units.size()));
                    Timeline t = new Timeline(net, options, patched, patch, i + 1);
                    if (Candidate.isBetter(t.packing.largestLive(), others + g.extraMacs(), best, options)) {
                        Candidate c = met.apply(Candidate.of(net, options, patch, patched, i + 1, grid, g));
                        best = c.isBetterThan(best, options) ? c : best;
                    }
                }
            }
        }
        return best;
    }

    /** The stage as it is and, where its branches allow others, in its best order for the sizes of patches. */
    private static List<List<Unit>> orders(
            Network net, DeploymentOptions options, Sizes patch, List<Unit> stage, int out) {
        if (!options.allows(Technique.REORDERING) || ExecutionOrder.isChain(stage)) {
            return List.of(stage);
        }
        // Whole tensors are there all the time.
        boolean image = options.image() == DeploymentOptions.Image.RESIDENT;
        List<Unit> best =
                ExecutionOrder.best(net, options, patch.without(t -> t == out || (image && net.isInput(t))), stage);
        return best.equals(stage) ? List.of(stage) : List.of(stage, best);
    }

    /** By position: the most bytes live after it. */
    private static long[] liveAfter(Candidate c) {
        int n = c.units().size();
        long[] atStep = c.liveAtSteps();
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

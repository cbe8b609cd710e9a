package dev.lathe.graph.memory;

import dev.lathe.graph.Operator;
import dev.lathe.graph.Packing;
import dev.lathe.graph.memory.DeploymentPlan.Role;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * The buffers of units that are executed in a given order, with the steps that need them.
 *
 * <p>A sum whose last operand is made just before it is merged with the operator that makes it: that operator adds to the
 * other operand's bytes, if nobody needs them afterwards, and the last operand never has a buffer.
 */
final class Timeline {
    final Packing packing;
    /** By tensor: its buffer, -1 for none. */
    final int[] bufferOf;
    /** By buffer: what it holds, and the tensors that were in it. */
    final List<Role> roles = new ArrayList<>();

    final List<List<Integer>> tensors = new ArrayList<>();
    /** By position in the order: first and last step; the second of a merged pair has those of the first. */
    final int[] firstStep;

    final int[] lastStep;
    final boolean[] merged;

    private final Network net;
    private final DeploymentOptions options;
    private final List<Unit> units;
    private final Sizes sizes;
    private final int patched;
    private final int[] lastReader;

    /**
     * @param units in the order of execution
     * @param patched how many of the first run patch by patch; the last of these writes into a whole tensor
     */
    Timeline(Network net, DeploymentOptions options, List<Unit> units, Sizes sizes, int patched) {
        this.net = net;
        this.options = options;
        this.units = units;
        this.sizes = sizes;
        this.patched = patched;
        packing = new Packing(2 * units.size() + 4);
        bufferOf = new int[net.tensors.length];
        Arrays.fill(bufferOf, -1);
        firstStep = new int[units.size()];
        lastStep = new int[units.size()];
        merged = new boolean[units.size()];
        lastReader = lastReaders(net, units);
        build();
    }

    /** By tensor: the last position that reads it, as many as there are units for the graph's output, -1 for none. */
    static int[] lastReaders(Network net, List<Unit> units) {
        int[] last = new int[net.tensors.length];
        Arrays.fill(last, -1);
        for (int i = 0; i < units.size(); i++) {
            for (int t : units.get(i).inputs()) {
                last[t] = i;
            }
        }
        last[net.root[net.graph.output().id()]] = units.size();
        return last;
    }

    private void build() {
        for (int t = 0; t < net.inputs(); t++) {
            if (lastReader[t] >= 0) {
                boolean tile =
                        patched > 0 && options.image() == DeploymentOptions.Image.STREAMED && Sizes.isImage(net, t);
                bufferOf[t] = buffer(tile ? Role.TILE : Role.TENSOR, t, sizes.bytes[t], 0, 0);
            }
        }
        int step = 0;
        for (int i = 0; i < units.size(); i++) {
            Unit u = units.get(i);
            int last = step + u.phases() - 1;
            firstStep[i] = step;
            lastStep[i] = last;
            boolean pair = mergesWithNext(i);
            int at = pair ? i + 1 : i;
            int output = units.get(at).output();
            if (pair) {
                merged[at] = true;
                firstStep[at] = step;
                lastStep[at] = last;
                use(units.get(at), last, u.output());
            }
            use(u, last, -1);
            int over = at == patched - 1 ? -1 : pair ? addend(u, units.get(at)) : overlay(u, i);
            if (over >= 0) {
                int b = bufferOf[over];
                bufferOf[output] = b;
                tensors.get(b).add(output);
                packing.extend(b, last);
                packing.shrink(b, last + 1, sizes.bytes[output]);
                if (!pair && u.overlayScratch() > 0) {
                    buffer(Role.SCRATCH, output, u.overlayScratch(), step, last);
                }
            } else {
                boolean whole = at >= patched - 1;
                // Results of earlier patches wait there while the next patch is computed.
                int from = at == patched - 1 ? 0 : step + u.outputFrom();
                bufferOf[output] = buffer(whole ? Role.TENSOR : Role.TILE, output, sizes.bytes[output], from, last);
            }
            for (Unit.Scratch s : u.scratch()) {
                buffer(s.role(), s.tensor(), s.bytes(), step + s.from(), step + s.to());
            }
            step = last + 1;
            if (at == patched - 1 && options.image() == DeploymentOptions.Image.RESIDENT) {
                keepImage(last);
            }
            i = at;
        }
        int out = bufferOf[net.root[net.graph.output().id()]];
        if (out >= 0) {
            packing.extend(out, step);
        }
    }

    private int buffer(Role role, int tensor, long bytes, int from, int to) {
        roles.add(role);
        List<Integer> members = new ArrayList<>(2);
        if (tensor >= 0) {
            members.add(tensor);
        }
        tensors.add(members);
        return packing.add(bytes, from, to);
    }

    private void use(Unit u, int step, int except) {
        for (int t : u.inputs()) {
            if (t != except) {
                packing.extend(bufferOf[t], step);
            }
        }
    }

    /** The next patch needs the image again. */
    private void keepImage(int step) {
        for (int t = 0; t < net.inputs(); t++) {
            if (bufferOf[t] >= 0 && Sizes.isImage(net, t)) {
                packing.extend(bufferOf[t], step);
            }
        }
    }

    /** The input that the output is written over, -1 for none. */
    private int overlay(Unit u, int position) {
        for (int t : u.overlays()) {
            if (lastReader[t] <= position) {
                return t;
            }
        }
        return -1;
    }

    private boolean mergesWithNext(int i) {
        if (i + 1 >= units.size() || i == patched - 1) {
            return false;
        }
        Unit u = units.get(i);
        Unit v = units.get(i + 1);
        if (!canMerge(net, options, sizes, u, v, i + 1 == patched - 1)) {
            return false;
        }
        return lastReader[addend(u, v)] <= i + 1;
    }

    /**
     * Whether a unit can add its result to the other operand of a sum, provided nobody needs that afterwards.
     *
     * @param toWhole whether the sum of a patch goes into a whole tensor anyway
     */
    static boolean canMerge(Network net, DeploymentOptions options, Sizes sizes, Unit u, Unit v, boolean toWhole) {
        if (!u.accumulates()
                || v.kind() != DeploymentPlan.Kind.OPERATOR
                || v.inputs().length != 2
                || !(net.op(v.nodes()[0]) instanceof Operator.Add)
                || !v.reads(u.output())
                || net.rootReaders[u.output()] != 1
                || net.isOutput(u.output())
                || !options.allows(Technique.FUSION)
                || !options.allows(Technique.IN_PLACE)) {
            return false;
        }
        int a = addend(u, v);
        return toWhole || (!u.reads(a) && !net.isInput(a) && sizes.layout[a] == sizes.layout[v.output()]);
    }

    /** The operand of a sum that a unit does not make. */
    static int addend(Unit u, Unit v) {
        return v.inputs()[0] == u.output() ? v.inputs()[1] : v.inputs()[0];
    }
}

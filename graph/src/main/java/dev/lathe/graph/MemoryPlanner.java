package dev.lathe.graph;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Packs activations into one arena by their lifetimes, for execution of the nodes in graph order, batch 1.
 *
 * <p>A tensor lives from the node that makes it to the last that reads it; at a node its inputs and its output are alive
 * together, unless it works in place. In place are: reshape (a view), and element-wise operators, normalizations, softmax
 * and additions whose operand is not needed afterwards. Inputs of the graph belong to the caller: they take room, and are
 * never overwritten. {@link Packing} finds the offsets.
 *
 * <p>It plans activations only: weights, code and stack come on top. Schedules that cut operators into tiles are planned by
 * {@code dev.lathe.graph.memory}.
 */
public final class MemoryPlanner {
    private MemoryPlanner() {}

    /** @param bytesPerElement 4 for float32, 1 for int8 */
    public static MemoryPlan plan(Graph graph, int bytesPerElement) {
        Packing l = new Packing(graph.tensors());
        int[] bufferOf = lifetimes(graph, bytesPerElement, l);
        long bound = l.largestLive();
        long[] offsets = l.offsets(bound);
        List<MemoryPlan.Buffer> buffers = new ArrayList<>(l.count());
        List<List<Integer>> members = new ArrayList<>(l.count());
        for (int b = 0; b < l.count(); b++) {
            members.add(new ArrayList<>());
        }
        for (int t = 0; t < bufferOf.length; t++) {
            members.get(bufferOf[t]).add(t);
        }
        for (int b = 0; b < l.count(); b++) {
            buffers.add(new MemoryPlan.Buffer(members.get(b), l.bytes(b), l.from(b), l.to(b), offsets[b]));
        }
        return new MemoryPlan(buffers, l.top(offsets), bound);
    }

    /** The arena's size alone, as {@link #plan} would give it, without making the plan's objects: for searches. */
    public static long peakBytes(Graph graph, int bytesPerElement) {
        Packing l = new Packing(graph.tensors());
        lifetimes(graph, bytesPerElement, l);
        return l.top(l.offsets(l.largestLive()));
    }

    /** Fills in the buffers; the buffer of each tensor. */
    private static int[] lifetimes(Graph graph, int bytesPerElement, Packing l) {
        List<Node> list = graph.nodes();
        int nodes = list.size();
        int[] bufferOf = new int[graph.tensors()];
        int[] lastUse = new int[graph.tensors()];
        Arrays.fill(lastUse, -1);
        for (int i = 0; i < nodes; i++) {
            List<Tensor> in = list.get(i).inputs();
            for (int k = 0; k < in.size(); k++) {
                lastUse[in.get(k).id()] = i;
            }
        }
        lastUse[graph.output().id()] = nodes;
        for (Tensor t : graph.inputs()) {
            bufferOf[t.id()] = l.add(t.shape().elements() * bytesPerElement, -1, lastUse[t.id()]);
        }
        for (int i = 0; i < nodes; i++) {
            Node node = list.get(i);
            Tensor out = node.output();
            int shared = -1;
            if (node.op() instanceof Operator.Reshape) {
                shared = bufferOf[node.inputs().get(0).id()];
            } else if (worksInPlace(node.op())) {
                for (Tensor t : node.inputs()) {
                    int b = bufferOf[t.id()];
                    boolean dies = l.to(b) <= i && l.from(b) >= 0 && countsOnce(node, t);
                    if (dies && t.shape().elements() == out.shape().elements()) {
                        shared = b;
                        break;
                    }
                }
            }
            if (shared >= 0) {
                bufferOf[out.id()] = shared;
                l.extend(shared, Math.max(i, lastUse[out.id()]));
            } else {
                bufferOf[out.id()] = l.add(out.shape().elements() * bytesPerElement, i, Math.max(i, lastUse[out.id()]));
            }
        }
        return bufferOf;
    }

    /** x + x reads its operand twice; overwriting it is still right element by element, but stay on the safe side. */
    private static boolean countsOnce(Node node, Tensor t) {
        int n = 0;
        for (Tensor other : node.inputs()) {
            n += other.id() == t.id() ? 1 : 0;
        }
        return n == 1;
    }

    /** Whether output element i depends on input i alone, or on a row that is read before it is written. */
    public static boolean worksInPlace(Operator op) {
        return op instanceof Operator.Activate
                || op instanceof Operator.BatchNorm
                || op instanceof Operator.LayerNorm
                || op instanceof Operator.Softmax
                || op instanceof Operator.AddTable
                || op instanceof Operator.SinusoidalPositions
                || op instanceof Operator.Gate
                || op instanceof Operator.LayerScale
                || op instanceof Operator.Zero
                || op instanceof Operator.Add;
    }
}

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
 * never overwritten. Offsets are found by first-fit over several orders, largest first; where the result is above the
 * largest live set, buffers that reach the top are moved forward, and up to {@value #EXHAUSTIVE} buffers are tried in every order
 * (first-fit over all orders contains an optimal packing, since a packing can be pressed down in the order of its offsets).
 *
 * <p>It plans activations only: weights, code and stack come on top. See Pisarchyk and Lee, Efficient Memory Management for
 * Deep Neural Net Inference, 2020 (arXiv 2001.03288), for greedy packing by size.
 */
public final class MemoryPlanner {
    private static final int EXHAUSTIVE = 6;

    private MemoryPlanner() {}

    /** @param bytesPerElement 4 for float32, 1 for int8 */
    public static MemoryPlan plan(Graph graph, int bytesPerElement) {
        Lifetimes l = lifetimes(graph, bytesPerElement);
        long bound = l.largestLive();
        long[] offsets = pack(l, bound);
        List<MemoryPlan.Buffer> buffers = new ArrayList<>(l.count);
        List<List<Integer>> members = new ArrayList<>(l.count);
        for (int b = 0; b < l.count; b++) {
            members.add(new ArrayList<>());
        }
        for (int t = 0; t < l.bufferOf.length; t++) {
            members.get(l.bufferOf[t]).add(t);
        }
        for (int b = 0; b < l.count; b++) {
            buffers.add(new MemoryPlan.Buffer(members.get(b), l.bytes[b], l.from[b], l.to[b], offsets[b]));
        }
        return new MemoryPlan(buffers, l.top(offsets), bound);
    }

    /** The arena's size alone, as {@link #plan} would give it, without making the plan's objects: for searches. */
    public static long peakBytes(Graph graph, int bytesPerElement) {
        Lifetimes l = lifetimes(graph, bytesPerElement);
        return l.top(pack(l, l.largestLive()));
    }

    /** Buffers as arrays: this runs once per candidate of a search. */
    private static final class Lifetimes {
        final int[] bufferOf;
        final long[] bytes;
        final int[] from;
        final int[] to;
        final int moments;
        int count;

        Lifetimes(int tensors, int nodes) {
            bufferOf = new int[tensors];
            bytes = new long[tensors];
            from = new int[tensors];
            to = new int[tensors];
            moments = nodes + 2;
        }

        /** The largest sum of sizes alive at one node: no packing can be smaller. */
        long largestLive() {
            long[] change = new long[moments + 1];
            for (int b = 0; b < count; b++) {
                change[from[b] + 1] += bytes[b];
                change[to[b] + 2] -= bytes[b];
            }
            long live = 0;
            long most = 0;
            for (long c : change) {
                live += c;
                most = Math.max(most, live);
            }
            return most;
        }

        long top(long[] offsets) {
            long top = 0;
            for (int b = 0; b < count; b++) {
                top = Math.max(top, offsets[b] + bytes[b]);
            }
            return top;
        }
    }

    private static Lifetimes lifetimes(Graph graph, int bytesPerElement) {
        int nodes = graph.nodes().size();
        int[] lastUse = new int[graph.tensors()];
        Arrays.fill(lastUse, -1);
        for (int i = 0; i < nodes; i++) {
            for (Tensor t : graph.nodes().get(i).inputs()) {
                lastUse[t.id()] = i;
            }
        }
        lastUse[graph.output().id()] = nodes;
        Lifetimes l = new Lifetimes(graph.tensors(), nodes);
        for (Tensor t : graph.inputs()) {
            newBuffer(l, t, -1, lastUse[t.id()], bytesPerElement);
        }
        for (int i = 0; i < nodes; i++) {
            Node node = graph.nodes().get(i);
            Tensor out = node.output();
            int shared = -1;
            if (node.op() instanceof Operator.Reshape) {
                shared = l.bufferOf[node.inputs().get(0).id()];
            } else if (worksInPlace(node.op())) {
                for (Tensor t : node.inputs()) {
                    int b = l.bufferOf[t.id()];
                    boolean dies = l.to[b] <= i && l.from[b] >= 0 && countsOnce(node, t);
                    if (dies && t.shape().elements() == out.shape().elements()) {
                        shared = b;
                        break;
                    }
                }
            }
            if (shared >= 0) {
                l.bufferOf[out.id()] = shared;
                l.to[shared] = Math.max(l.to[shared], Math.max(i, lastUse[out.id()]));
            } else {
                newBuffer(l, out, i, Math.max(i, lastUse[out.id()]), bytesPerElement);
            }
        }
        return l;
    }

    /** x + x reads its operand twice; overwriting it is still right element by element, but stay on the safe side. */
    private static boolean countsOnce(Node node, Tensor t) {
        int n = 0;
        for (Tensor other : node.inputs()) {
            n += other.id() == t.id() ? 1 : 0;
        }
        return n == 1;
    }

    private static boolean worksInPlace(Operator op) {
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

    private static void newBuffer(Lifetimes l, Tensor t, int from, int to, int bytesPerElement) {
        int b = l.count++;
        l.bufferOf[t.id()] = b;
        l.bytes[b] = t.shape().elements() * bytesPerElement;
        l.from[b] = from;
        l.to[b] = to;
    }

    private static long[] pack(Lifetimes l, long bound) {
        int n = l.count;
        Integer[] bySize = new Integer[n];
        for (int i = 0; i < n; i++) {
            bySize[i] = i;
        }
        Arrays.sort(bySize, (a, b) -> {
            int c = Long.compare(l.bytes[b], l.bytes[a]);
            return c != 0 ? c : Integer.compare(l.from[a], l.from[b]);
        });
        int[] order = new int[n];
        for (int i = 0; i < n; i++) {
            order[i] = bySize[i];
        }
        long[] bySizeFit = firstFit(l, order);
        long[] best = bySizeFit;
        long bestTop = l.top(best);
        if (bestTop > bound) {
            int[] byTime = new int[n];
            for (int i = 0; i < n; i++) {
                byTime[i] = i;
            }
            long[] other = firstFit(l, byTime);
            if (l.top(other) < bestTop) {
                best = other;
                bestTop = l.top(other);
            }
        }
        long[] candidate = bySizeFit;
        for (int round = 0; round < n && bestTop > bound; round++) {
            if (!moveTopmostForward(l, order, candidate)) {
                break;
            }
            candidate = firstFit(l, order);
            if (l.top(candidate) < bestTop) {
                best = candidate;
                bestTop = l.top(candidate);
            }
        }
        if (bestTop > bound && n <= EXHAUSTIVE) {
            best = everyOrder(l, order, 0, best);
        }
        return best;
    }

    /** Moves a buffer that reaches the top to the front of the order; false if it is there already. */
    private static boolean moveTopmostForward(Lifetimes l, int[] order, long[] offsets) {
        long top = l.top(offsets);
        for (int i = 1; i < order.length; i++) {
            int b = order[i];
            if (offsets[b] + l.bytes[b] == top) {
                System.arraycopy(order, 0, order, 1, i);
                order[0] = b;
                return true;
            }
        }
        return false;
    }

    private static long[] everyOrder(Lifetimes l, int[] order, int fixed, long[] best) {
        if (fixed == order.length) {
            long[] candidate = firstFit(l, order);
            return l.top(candidate) < l.top(best) ? candidate : best;
        }
        for (int i = fixed; i < order.length; i++) {
            swap(order, fixed, i);
            best = everyOrder(l, order, fixed + 1, best);
            swap(order, fixed, i);
        }
        return best;
    }

    private static void swap(int[] a, int i, int j) {
        int t = a[i];
        a[i] = a[j];
        a[j] = t;
    }

    /** Places the buffers in this order, each at the lowest offset free over its whole life. */
    private static long[] firstFit(Lifetimes l, int[] order) {
        int n = order.length;
        long[] offsets = new long[n];
        int[] neighbours = new int[n];
        for (int k = 0; k < n; k++) {
            int b = order[k];
            int count = 0;
            for (int j = 0; j < k; j++) {
                int p = order[j];
                if (l.from[p] <= l.to[b] && l.from[b] <= l.to[p]) {
                    // Kept sorted by offset: there are few of them.
                    int at = count++;
                    while (at > 0 && offsets[neighbours[at - 1]] > offsets[p]) {
                        neighbours[at] = neighbours[at - 1];
                        at--;
                    }
                    neighbours[at] = p;
                }
            }
            long free = 0;
            for (int j = 0; j < count; j++) {
                int p = neighbours[j];
                if (offsets[p] - free >= l.bytes[b]) {
                    break;
                }
                free = Math.max(free, offsets[p] + l.bytes[p]);
            }
            offsets[b] = free;
        }
        return offsets;
    }
}

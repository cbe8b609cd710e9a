package dev.lathe.graph;

import java.util.Arrays;

/**
 * Places buffers with known lifetimes in one arena, so that two that are needed at one moment never share a byte.
 *
 * <p>Offsets are found by first-fit over several orders, largest first; where the result is above the largest live set,
 * buffers that reach the top are moved forward, and up to {@value #EXHAUSTIVE} buffers are tried in every order (first-fit over all
 * orders contains an optimal packing, since a packing can be pressed down in the order of its offsets). A buffer may shrink
 * during its life, where an operator writes a smaller result over its operand.
 *
 * <p>Not safe for use by several threads. It is arrays throughout: packing runs once per candidate of a search.
 *
 * @see <a href="https://arxiv.org/abs/2001.03288">Pisarchyk and Lee, Efficient Memory Management for Deep Neural Net
 *     Inference, 2020</a>
 */
public final class Packing {
    private static final int EXHAUSTIVE = 7;

    private long[] bytes;
    private int[] from;
    private int[] to;
    /** Moments from which a buffer is smaller, and its sizes from there; null where it keeps its size. */
    private int[][] shrinkFrom;

    private long[][] shrinkTo;
    private boolean shrinks;
    private int count;
    private long bestTop;

    /** @param capacity expected number of buffers */
    public Packing(int capacity) {
        int n = Math.max(4, capacity);
        bytes = new long[n];
        from = new int[n];
        to = new int[n];
        shrinkFrom = new int[n][];
        shrinkTo = new long[n][];
    }

    /**
     * Adds a buffer.
     *
     * @param size bytes
     * @param first moment at which it is first needed, -1 for before all
     * @param last moment at which it is last needed
     * @return its number
     */
    public int add(long size, int first, int last) {
        if (count == bytes.length) {
            int n = 2 * count;
            bytes = Arrays.copyOf(bytes, n);
            from = Arrays.copyOf(from, n);
            to = Arrays.copyOf(to, n);
            shrinkFrom = Arrays.copyOf(shrinkFrom, n);
            shrinkTo = Arrays.copyOf(shrinkTo, n);
        }
        bytes[count] = size;
        from[count] = first;
        to[count] = last;
        return count++;
    }

    public int count() {
        return count;
    }

    public long bytes(int buffer) {
        return bytes[buffer];
    }

    public int from(int buffer) {
        return from[buffer];
    }

    public int to(int buffer) {
        return to[buffer];
    }

    /** Makes a buffer live until {@code last} at least. */
    public void extend(int buffer, int last) {
        to[buffer] = Math.max(to[buffer], last);
    }

    /** From {@code moment} on, only the first {@code size} bytes of a buffer are needed. */
    public void shrink(int buffer, int moment, long size) {
        if (size >= bytesAt(buffer, moment)) {
            return;
        }
        shrinks = true;
        int[] moments = shrinkFrom[buffer];
        int n = moments == null ? 0 : moments.length;
        shrinkFrom[buffer] = moments == null ? new int[1] : Arrays.copyOf(moments, n + 1);
        shrinkTo[buffer] = n == 0 ? new long[1] : Arrays.copyOf(shrinkTo[buffer], n + 1);
        shrinkFrom[buffer][n] = moment;
        shrinkTo[buffer][n] = size;
    }

    /** Bytes of a buffer that are needed at a moment of its life. */
    public long bytesAt(int buffer, int moment) {
        long size = bytes[buffer];
        int[] moments = shrinkFrom[buffer];
        if (moments != null) {
            for (int i = 0; i < moments.length && moments[i] <= moment; i++) {
                size = shrinkTo[buffer][i];
            }
        }
        return size;
    }

    /** The largest sum of sizes needed at one moment: no packing can be smaller. */
    public long largestLive() {
        int last = 0;
        for (int b = 0; b < count; b++) {
            last = Math.max(last, to[b]);
        }
        long[] change = new long[last + 3];
        for (int b = 0; b < count; b++) {
            change[from[b] + 1] += bytes[b];
            change[to[b] + 2] -= bytesAt(b, to[b]);
            int[] moments = shrinkFrom[b];
            if (moments != null) {
                long size = bytes[b];
                for (int i = 0; i < moments.length && moments[i] <= to[b]; i++) {
                    change[moments[i] + 1] -= size - shrinkTo[b][i];
                    size = shrinkTo[b][i];
                }
            }
        }
        long live = 0;
        long most = 0;
        for (long c : change) {
            live += c;
            most = Math.max(most, live);
        }
        return most;
    }

    /** The arena's size under these offsets: the highest end of a buffer. */
    public long top(long[] offsets) {
        long top = 0;
        for (int b = 0; b < count; b++) {
            top = Math.max(top, offsets[b] + bytes[b]);
        }
        return top;
    }

    /**
     * The first byte of each buffer.
     *
     * @param bound {@link #largestLive()}, or any other size below which no packing is worth looking for
     */
    public long[] offsets(long bound) {
        int n = count;
        int[] order = largestFirst();
        long[] current = firstFit(order);
        long[] best = current;
        bestTop = top(best);
        if (bestTop > bound) {
            int[] byTime = new int[n];
            for (int i = 0; i < n; i++) {
                byTime[i] = i;
            }
            long[] other = firstFit(byTime);
            long top = top(other);
            if (top < bestTop) {
                best = other;
                bestTop = top;
            }
        }
        for (int round = 0; round < n && bestTop > bound; round++) {
            if (!moveTopmostForward(order, current)) {
                break;
            }
            current = firstFit(order);
            long top = top(current);
            if (top < bestTop) {
                best = current;
                bestTop = top;
            }
        }
        if (bestTop > bound && n <= EXHAUSTIVE) {
            best = everyOrder(order, 0, 0, new long[n], bound, best);
        }
        return best;
    }

    /** Buffer numbers by size, then by first moment, then by number. */
    private int[] largestFirst() {
        int[] order = new int[count];
        for (int b = 0; b < count; b++) {
            int at = b;
            while (at > 0 && isBefore(b, order[at - 1])) {
                order[at] = order[at - 1];
                at--;
            }
            order[at] = b;
        }
        return order;
    }

    private boolean isBefore(int a, int b) {
        return bytes[a] != bytes[b] ? bytes[a] > bytes[b] : from[a] < from[b];
    }

    /** Moves a buffer that reaches the top to the front of the order; false if it is there already. */
    private boolean moveTopmostForward(int[] order, long[] offsets) {
        long top = top(offsets);
        for (int i = 1; i < order.length; i++) {
            int b = order[i];
            if (offsets[b] + bytes[b] == top) {
                System.arraycopy(order, 0, order, 1, i);
                order[0] = b;
                return true;
            }
        }
        return false;
    }

    /** Branch and bound over all orders from position {@code fixed} on. */
    private long[] everyOrder(int[] order, int fixed, long topSoFar, long[] offsets, long bound, long[] best) {
        if (topSoFar >= bestTop || bestTop <= bound) {
            return best;
        }
        if (fixed == order.length) {
            bestTop = topSoFar;
            return offsets.clone();
        }
        int[] neighbours = new int[fixed];
        for (int i = fixed; i < order.length; i++) {
            swap(order, fixed, i);
            int b = order[fixed];
            place(order, fixed, offsets, neighbours);
            best = everyOrder(order, fixed + 1, Math.max(topSoFar, offsets[b] + bytes[b]), offsets, bound, best);
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
    private long[] firstFit(int[] order) {
        long[] offsets = new long[order.length];
        int[] neighbours = new int[order.length];
        for (int k = 0; k < order.length; k++) {
            place(order, k, offsets, neighbours);
        }
        return offsets;
    }

    /** Places the k-th buffer of the order among those before it. */
    private void place(int[] order, int k, long[] offsets, int[] neighbours) {
        int b = order[k];
        int first = from[b];
        int last = to[b];
        int near = 0;
        for (int j = 0; j < k; j++) {
            int p = order[j];
            if (from[p] <= last && first <= to[p]) {
                // Kept sorted by offset: there are few of them.
                int at = near++;
                while (at > 0 && offsets[neighbours[at - 1]] > offsets[p]) {
                    neighbours[at] = neighbours[at - 1];
                    at--;
                }
                neighbours[at] = p;
            }
        }
        offsets[b] =
                shrinks ? lowestAmongShrinking(b, neighbours, near, offsets) : lowest(b, neighbours, near, offsets);
    }

    private long lowest(int b, int[] neighbours, int near, long[] offsets) {
        long free = 0;
        for (int j = 0; j < near; j++) {
            int p = neighbours[j];
            if (offsets[p] - free >= bytes[b]) {
                break;
            }
            free = Math.max(free, offsets[p] + bytes[p]);
        }
        return free;
    }

    /** Two buffers are in each other's way only with the sizes of their common time, which are those at its start. */
    private long lowestAmongShrinking(int b, int[] neighbours, int near, long[] offsets) {
        long free = 0;
        boolean moved = true;
        while (moved) {
            moved = false;
            for (int j = 0; j < near; j++) {
                int p = neighbours[j];
                int common = Math.max(from[b], from[p]);
                long end = offsets[p] + bytesAt(p, common);
                if (free < end && offsets[p] < free + bytesAt(b, common)) {
                    free = end;
                    moved = true;
                }
            }
        }
        return free;
    }
}

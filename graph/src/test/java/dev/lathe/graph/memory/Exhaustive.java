package dev.lathe.graph.memory;

import dev.lathe.graph.Graph;
import dev.lathe.graph.Node;
import dev.lathe.graph.Operator;
import dev.lathe.graph.Tensor;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * The smallest arena of a small graph of convolutions, activations and sums, by trying everything: every order of execution,
 * every choice of writing over a dying operand or not, every sum taken into the convolution before it or not, every packing.
 * It shares no code with the planner. Elements are bytes, the image is in the arena.
 */
final class Exhaustive {
    private final Graph graph;
    private final boolean fusion;
    private final boolean inPlace;
    private final boolean reordering;
    private final List<List<Node>> steps = new ArrayList<>();
    private final long[] bytes;
    /** By tensor: how many steps read it; a reader more for the graph's output. */
    private final int[] readers;

    private long best = Long.MAX_VALUE;

    private Exhaustive(Graph graph, boolean fusion, boolean inPlace, boolean reordering) {
        this.graph = graph;
        this.fusion = fusion;
        this.inPlace = inPlace;
        this.reordering = reordering;
        bytes = new long[graph.tensors()];
        readers = new int[graph.tensors()];
        graph.inputs().forEach(t -> bytes[t.id()] = t.shape().elements());
        Set<Integer> needed = new HashSet<>(Set.of(graph.output().id()));
        for (int i = graph.nodes().size() - 1; i >= 0; i--) {
            if (needed.contains(graph.nodes().get(i).output().id())) {
                graph.nodes().get(i).inputs().forEach(t -> needed.add(t.id()));
            }
        }
        for (Node n : graph.nodes()) {
            bytes[n.output().id()] = n.output().shape().elements();
            if (needed.contains(n.output().id())) {
                n.inputs().stream().map(Tensor::id).distinct().forEach(t -> readers[t]++);
            }
        }
        readers[graph.output().id()]++;
        boolean[] folded = new boolean[graph.nodes().size()];
        for (Node n : graph.nodes()) {
            if (folded[graph.nodes().indexOf(n)] || !needed.contains(n.output().id())) {
                continue;
            }
            List<Node> step = new ArrayList<>(List.of(n));
            for (int i = 0; fusion && i < graph.nodes().size(); i++) {
                Node next = graph.nodes().get(i);
                Tensor last = step.get(step.size() - 1).output();
                if (needed.contains(next.output().id())
                        && next.op() instanceof Operator.Activate
                        && next.inputs().get(0).id() == last.id()
                        && readers[last.id()] == 1) {
                    step.add(next);
                    folded[i] = true;
                }
            }
            steps.add(step);
        }
    }

    static long peak(Graph graph, boolean fusion, boolean inPlace, boolean reordering) {
        Exhaustive e = new Exhaustive(graph, fusion, inPlace, reordering);
        int[] holder = new int[graph.tensors()];
        Arrays.fill(holder, -1);
        int[] left = e.readers.clone();
        List<long[]> buffers = new ArrayList<>();
        for (Tensor t : graph.inputs()) {
            holder[t.id()] = buffers.size();
            buffers.add(new long[] {bytes(t), 0, 0});
        }
        e.extend(0, 0, left, holder, buffers);
        return e.best;
    }

    private static long bytes(Tensor t) {
        return t.shape().elements();
    }

    private static Tensor output(List<Node> step) {
        return step.get(step.size() - 1).output();
    }

    /** @param buffers (bytes, first moment, last moment) */
    private void extend(int done, int moment, int[] left, int[] holder, List<long[]> buffers) {
        if (done == (1 << steps.size()) - 1) {
            long[] last = buffers.get(holder[graph.output().id()]);
            last[2] = moment;
            if (live(buffers, moment) < best) {
                pack(buffers, new ArrayList<>(), new ArrayList<>(), 0);
            }
            return;
        }
        for (int s = 0; s < steps.size(); s++) {
            List<Node> step = steps.get(s);
            if ((done >> s & 1) != 0 || !isReady(step.get(0), holder, -1)) {
                continue;
            }
            int[] after = left.clone();
            read(step.get(0), after, -1);
            // A buffer of its own.
            take(done | 1 << s, moment, after, holder, buffers, List.of(step.get(0)), -1, output(step), -1);
            boolean elementWise =
                    step.get(0).op() instanceof Operator.Activate || step.get(0).op() instanceof Operator.Add;
            if (inPlace && elementWise) {
                for (Tensor t : step.get(0).inputs()) {
                    if (after[t.id()] == 0
                            && t.id() >= graph.inputs().size()
                            && bytes[t.id()] == bytes[output(step).id()]) {
                        take(
                                done | 1 << s,
                                moment,
                                after,
                                holder,
                                buffers,
                                List.of(step.get(0)),
                                -1,
                                output(step),
                                t.id());
                    }
                }
            }
            if (inPlace
                    && fusion
                    && step.get(0).op() instanceof Operator.Conv2d
                    && readers[output(step).id()] == 1) {
                sum(done | 1 << s, moment, after, holder, buffers, step);
            }
            if (!reordering) {
                return;
            }
        }
    }

    /** The convolution adds its result to the other operand of a sum. */
    private void sum(int done, int moment, int[] left, int[] holder, List<long[]> buffers, List<Node> conv) {
        int made = output(conv).id();
        for (int s = 0; s < steps.size(); s++) {
            Node add = steps.get(s).get(0);
            if ((done >> s & 1) != 0
                    || !(add.op() instanceof Operator.Add)
                    || add.inputs().stream().noneMatch(t -> t.id() == made)
                    || !isReady(add, holder, made)
                    || (!reordering && s != steps.indexOf(conv) + 1)) {
                continue;
            }
            int other =
                    add.inputs().get(add.inputs().get(0).id() == made ? 1 : 0).id();
            int[] after = left.clone();
            read(add, after, made);
            boolean reads = conv.get(0).inputs().stream().anyMatch(t -> t.id() == other);
            if (after[other] == 0 && other >= graph.inputs().size() && !reads) {
                take(
                        done | 1 << s,
                        moment,
                        after,
                        holder,
                        buffers,
                        List.of(conv.get(0), add),
                        made,
                        output(steps.get(s)),
                        other);
            }
        }
    }

    private static boolean isReady(Node n, int[] holder, int except) {
        return n.inputs().stream().allMatch(t -> t.id() == except || holder[t.id()] >= 0);
    }

    private static void read(Node n, int[] left, int except) {
        n.inputs().stream().map(Tensor::id).distinct().filter(t -> t != except).forEach(t -> left[t]--);
    }

    private void take(
            int done,
            int moment,
            int[] left,
            int[] holder,
            List<long[]> buffers,
            List<Node> reads,
            int except,
            Tensor out,
            int over) {
        int[] held = holder.clone();
        List<long[]> more = new ArrayList<>();
        buffers.forEach(b -> more.add(b.clone()));
        for (Node n : reads) {
            for (Tensor t : n.inputs()) {
                if (t.id() != except) {
                    more.get(held[t.id()])[2] = moment;
                }
            }
        }
        if (over >= 0) {
            held[out.id()] = held[over];
            more.get(held[over])[2] = moment;
        } else {
            held[out.id()] = more.size();
            more.add(new long[] {bytes[out.id()], moment, moment});
        }
        extend(done, moment + 1, left, held, more);
    }

    private static long live(List<long[]> buffers, int last) {
        long most = 0;
        for (int m = 0; m <= last; m++) {
            long sum = 0;
            for (long[] b : buffers) {
                sum += b[1] <= m && m <= b[2] ? b[0] : 0;
            }
            most = Math.max(most, sum);
        }
        return most;
    }

    /** Every order of placing, each as low as it goes: the optimal packing, sorted by offset, is among these. */
    private void pack(List<long[]> rest, List<long[]> placed, List<Long> offsets, long top) {
        if (top >= best) {
            return;
        }
        if (rest.isEmpty()) {
            best = top;
            return;
        }
        for (long[] b : rest) {
            long at = 0;
            boolean moved = true;
            while (moved) {
                moved = false;
                for (int i = 0; i < placed.size(); i++) {
                    long[] p = placed.get(i);
                    boolean together = p[1] <= b[2] && b[1] <= p[2];
                    if (together && offsets.get(i) < at + b[0] && at < offsets.get(i) + p[0]) {
                        at = offsets.get(i) + p[0];
                        moved = true;
                    }
                }
            }
            placed.add(b);
            offsets.add(at);
            pack(rest.stream().filter(r -> r != b).toList(), placed, offsets, Math.max(top, at + b[0]));
            placed.remove(placed.size() - 1);
            offsets.remove(offsets.size() - 1);
        }
    }
}

package dev.lathe.graph.memory;

import dev.lathe.graph.Graph;
import dev.lathe.graph.Node;
import dev.lathe.graph.Operator;
import dev.lathe.graph.Shape;
import java.util.ArrayList;
import java.util.List;

/**
 * Operators on 64-bit fingerprints: each element of a result is a fold over all elements that it depends on, so that a wrong
 * or missing operand shows in every result after it. Layout changes copy.
 */
final class Semantics {
    private final Graph graph;

    Semantics(Graph graph) {
        this.graph = graph;
    }

    /** Element {@code index} of input {@code operand} of the node at hand. */
    interface Source {
        long get(int operand, int index);
    }

    static long imageValue(int tensor, int index) {
        return fold(0x5DEECE66DL + tensor, index);
    }

    static long fold(long h, long v) {
        h = (h ^ v) * 0x9E3779B97F4A7C15L;
        return h ^ (h >>> 31);
    }

    long start(int node, int index) {
        return fold(fold(17, node), index);
    }

    /** All tensors, whole, one after the other. */
    List<long[]> reference() {
        List<long[]> values = new ArrayList<>();
        for (int t = 0; t < graph.inputs().size(); t++) {
            long[] v = new long[(int) graph.inputs().get(t).shape().elements()];
            for (int i = 0; i < v.length; i++) {
                v[i] = imageValue(t, i);
            }
            values.add(v);
        }
        for (int n = 0; n < graph.nodes().size(); n++) {
            Node node = graph.nodes().get(n);
            long[] v = new long[(int) node.output().shape().elements()];
            for (int i = 0; i < v.length; i++) {
                v[i] = element(n, i, (k, j) -> values.get(node.inputs().get(k).id())[j]);
            }
            values.add(v);
        }
        return values;
    }

    /** One element of a node's result. */
    long element(int n, int e, Source in) {
        Node node = graph.nodes().get(n);
        Operator op = node.op();
        Shape out = node.output().shape();
        Shape x = node.inputs().get(0).shape();
        long h = start(n, e);
        if (op instanceof Operator.Conv2d c) {
            int perGroup = x.extent(0) / c.groups();
            int group = e / (out.extent(1) * out.extent(2)) / (out.extent(0) / c.groups());
            for (int i = group * perGroup; i < (group + 1) * perGroup; i++) {
                h = window(
                        h,
                        e,
                        i,
                        out,
                        x,
                        c.kernelY(),
                        c.kernelX(),
                        new int[] {c.strideY(), c.strideX()},
                        new int[] {c.paddingY(), c.paddingX()},
                        in);
            }
            return h;
        }
        if (op instanceof Operator.Pool2d p) {
            return window(
                    h,
                    e,
                    e / (out.extent(1) * out.extent(2)),
                    out,
                    x,
                    p.kernelY(),
                    p.kernelX(),
                    new int[] {p.strideY(), p.strideX()},
                    new int[] {p.paddingY(), p.paddingX()},
                    in);
        }
        if (op instanceof Operator.Linear) {
            return row(h, e / out.last(), x.last(), in);
        }
        if (op instanceof Operator.LayerNorm || op instanceof Operator.Softmax) {
            return row(h, e / x.last(), x.last(), in);
        }
        if (op instanceof Operator.Reshape) {
            return in.get(0, e);
        }
        if (op instanceof Operator.Transpose t) {
            return in.get(0, transposed(t, x, out, e));
        }
        if (op instanceof Operator.PrependToken) {
            return e < out.last() ? h : in.get(0, e - out.last());
        }
        if (op instanceof Operator.MatMul m) {
            return product(m, h, e, node, in);
        }
        if (op instanceof Operator.RelativeKeys) {
            return row(h, e / out.last(), x.last(), in);
        }
        if (op instanceof Operator.RelativeValues) {
            return row(h, e / out.last(), x.last(), in);
        }
        if (op instanceof Operator.MeanTokens) {
            for (int t = 0; t < x.extent(0); t++) {
                h = fold(h, in.get(0, t * x.last() + e));
            }
            return h;
        }
        if (op instanceof Operator.GlobalAveragePool) {
            return row(h, e, x.extent(1) * x.extent(2), in);
        }
        if (op instanceof Operator.Gate) {
            return fold(fold(h, in.get(0, e)), in.get(1, e / (out.extent(1) * out.extent(2))));
        }
        if (op instanceof Operator.Concat c) {
            return concat(c, e, node, in);
        }
        if (op instanceof Operator.Slice s) {
            int inner = inner(out, s.axis());
            int outer = e / inner / out.extent(s.axis());
            int at = e / inner % out.extent(s.axis()) + s.range().from();
            return in.get(0, (outer * x.extent(s.axis()) + at) * inner + e % inner);
        }
        if (op instanceof Operator.Embedding) {
            return fold(h, in.get(0, e / out.last()));
        }
        for (int k = 0; k < node.inputs().size(); k++) {
            h = fold(h, in.get(k, e));
        }
        return h;
    }

    private static long row(long h, int row, int width, Source in) {
        for (int i = 0; i < width; i++) {
            h = fold(h, in.get(0, row * width + i));
        }
        return h;
    }

    private static long window(
            long h, int e, int channel, Shape out, Shape x, int ky, int kx, int[] stride, int[] pad, Source in) {
        int y0 = e / out.extent(2) % out.extent(1) * stride[0] - pad[0];
        int x0 = e % out.extent(2) * stride[1] - pad[1];
        for (int y = Math.max(0, y0); y < Math.min(x.extent(1), y0 + ky); y++) {
            for (int c = Math.max(0, x0); c < Math.min(x.extent(2), x0 + kx); c++) {
                h = fold(h, in.get(0, (channel * x.extent(1) + y) * x.extent(2) + c));
            }
        }
        return h;
    }

    private static long product(Operator.MatMul m, long h, int e, Node node, Source in) {
        Shape a = node.inputs().get(0).shape();
        Shape b = node.inputs().get(1).shape();
        int columns = node.output().shape().last();
        int g = e / columns / a.extent(1);
        int right = b.extent(0) == 1 ? 0 : g;
        for (int k = 0; k < a.last(); k++) {
            h = fold(h, in.get(0, e / columns * a.last() + k));
            int at = m.transposeRight() ? e % columns * b.last() + k : k * b.last() + e % columns;
            h = fold(h, in.get(1, right * b.extent(1) * b.extent(2) + at));
        }
        return h;
    }

    private static long concat(Operator.Concat c, int e, Node node, Source in) {
        Shape out = node.output().shape();
        int inner = inner(out, c.axis());
        int outer = e / inner / out.extent(c.axis());
        int at = e / inner % out.extent(c.axis());
        int k = 0;
        while (at >= node.inputs().get(k).shape().extent(c.axis())) {
            at -= node.inputs().get(k++).shape().extent(c.axis());
        }
        return in.get(k, (outer * node.inputs().get(k).shape().extent(c.axis()) + at) * inner + e % inner);
    }

    private static int inner(Shape s, int axis) {
        int n = 1;
        for (int i = axis + 1; i < s.rank(); i++) {
            n *= s.extent(i);
        }
        return n;
    }

    static int transposed(Operator.Transpose t, Shape x, Shape out, int e) {
        int[] at = new int[out.rank()];
        for (int i = out.rank() - 1; i >= 0; i--) {
            at[t.order().get(i)] = e % out.extent(i);
            e /= out.extent(i);
        }
        int index = 0;
        for (int i = 0; i < x.rank(); i++) {
            index = index * x.extent(i) + at[i];
        }
        return index;
    }
}

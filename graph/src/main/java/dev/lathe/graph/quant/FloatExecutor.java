package dev.lathe.graph.quant;

import dev.lathe.base.InvalidInputException;
import dev.lathe.graph.Graph;
import dev.lathe.graph.Node;
import dev.lathe.graph.Operator;
import dev.lathe.graph.ParameterUse;
import dev.lathe.graph.Shape;
import dev.lathe.graph.WeightProvider;
import java.util.ArrayList;
import java.util.List;

/**
 * Runs a network of one input in float32, sample by sample: what calibration listens to. Slow next to a runtime's kernels, and
 * the same to the last bit on every machine. Safe for use by several threads.
 */
public final class FloatExecutor {
    private static final float[] NOTHING = {};

    private final Graph graph;
    /** By node: the values of its parameters, in their order. */
    private final List<List<float[]>> parameters = new ArrayList<>();

    /** Hears of every tensor that is made. */
    @FunctionalInterface
    public interface Observer {
        /** @param values in the graph's layout, not to be changed */
        void made(int tensor, float[] values);
    }

    /** @throws InvalidInputException if the network has several inputs, an operator that is not known, or weights that are not finite */
    public FloatExecutor(Graph graph, WeightProvider weights) {
        this.graph = graph;
        if (graph.inputs().size() != 1) {
            throw new InvalidInputException("Only networks of one input can be run in integers; %s has %d"
                    .formatted(graph.name(), graph.inputs().size()));
        }
        for (Node n : graph.nodes()) {
            List<float[]> values = new ArrayList<>();
            for (ParameterUse use : n.op().parameters()) {
                float[] v = weights.values(use);
                for (float f : v) {
                    if (!Float.isFinite(f)) {
                        throw new InvalidInputException(
                                "Parameter %s of node %s holds %s; a network that was not trained to an end cannot be quantized"
                                        .formatted(use.slice().parameter(), n.name(), f));
                    }
                }
                values.add(v);
            }
            parameters.add(values);
        }
    }

    /** Values of a node's parameters, in their order; not to be changed. */
    List<float[]> parameters(int node) {
        return parameters.get(node);
    }

    public float[] run(float[] input) {
        return run(input, (t, v) -> {});
    }

    /**
     * @param input of the input's shape, row-major
     * @return the output, row-major
     */
    public float[] run(float[] input, Observer observer) {
        return run(input, (t, values) -> {
            observer.made(t, values);
            return values;
        });
    }

    /** Puts other values in the place of those that a tensor has. */
    @FunctionalInterface
    interface Rewrite {
        /** @param values in the graph's layout, not to be changed */
        float[] of(int tensor, float[] values);
    }

    /** As {@link #run(float[], Observer)}, where later nodes read what {@code rewrite} makes of each tensor. */
    float[] run(float[] input, Rewrite rewrite) {
        if (input.length != graph.inputs().get(0).shape().elements()) {
            throw new IllegalArgumentException("%s takes %s, but got %d values"
                    .formatted(graph.name(), graph.inputs().get(0).shape(), input.length));
        }
        float[][] values = new float[graph.tensors()][];
        values[0] = rewrite.of(0, input);
        for (int i = 0; i < graph.nodes().size(); i++) {
            Node n = graph.nodes().get(i);
            int out = n.output().id();
            values[out] = rewrite.of(out, compute(i, n, values));
        }
        return values[graph.output().id()];
    }

    private float[] compute(int index, Node n, float[][] values) {
        float[] x = values[n.inputs().get(0).id()];
        Shape in = n.inputs().get(0).shape();
        Shape out = n.output().shape();
        List<float[]> p = parameters.get(index);
        Operator op = n.op();
        if (op instanceof Operator.Conv2d c) {
            return FloatKernels.convolve(c, in, out, x, p.get(0), p.size() > 1 ? p.get(1) : NOTHING);
        } else if (op instanceof Operator.Linear l) {
            return FloatKernels.linear(
                    x,
                    p.get(0),
                    p.size() > 1 ? p.get(1) : NOTHING,
                    l.weight().extent(1),
                    l.weight().extent(0));
        } else if (op instanceof Operator.BatchNorm b) {
            int plane = x.length / p.get(0).length;
            return each(x, i -> {
                int c = i / plane;
                double by = p.get(0)[c] / Math.sqrt(p.get(3)[c] + (double) b.epsilon());
                return (x[i] - p.get(2)[c]) * by + p.get(1)[c];
            });
        } else if (op instanceof Operator.LayerScale) {
            int n0 = p.get(0).length;
            int plane = in.rank() == 3 ? x.length / n0 : 1;
            return each(x, i -> x[i] * p.get(0)[i / plane % n0]);
        } else if (op instanceof Operator.LayerNorm l) {
            return FloatKernels.layerNorm(x, p.get(0), p.get(1), l.epsilon());
        } else if (op instanceof Operator.Activate a) {
            return each(x, i -> FloatKernels.activate(a.function(), x[i]));
        } else if (op instanceof Operator.Add) {
            float[] y = values[n.inputs().get(1).id()];
            return each(x, i -> x[i] + y[i]);
        } else if (op instanceof Operator.AddTable) {
            return each(x, i -> x[i] + p.get(0)[i]);
        } else if (op instanceof Operator.SinusoidalPositions s) {
            float[] table = s.table(in.extent(0), in.extent(1));
            return each(x, i -> x[i] + table[i]);
        } else if (op instanceof Operator.MatMul m) {
            return FloatKernels.product(
                    m,
                    in,
                    n.inputs().get(1).shape(),
                    x,
                    values[n.inputs().get(1).id()]);
        } else if (op instanceof Operator.Softmax s && n.inputs().size() == 1) {
            return FloatKernels.softmax(x, in.last(), s.causal());
        } else if (op instanceof Operator.Reshape) {
            return x;
        } else if (op instanceof Operator.Transpose t) {
            int[] from = transposed(in, t.order());
            return each(x, i -> x[from[i]]);
        } else if (op instanceof Operator.GlobalAveragePool) {
            int plane = in.extent(1) * in.extent(2);
            return means(x, out.extent(0), plane, 1, plane);
        } else if (op instanceof Operator.MeanTokens) {
            return means(x, out.extent(0), 1, out.extent(0), in.extent(0));
        } else if (op instanceof Operator.Pool2d pool) {
            return FloatKernels.pool(pool, in, out, x);
        } else if (op instanceof Operator.Gate) {
            float[] g = values[n.inputs().get(1).id()];
            int plane = in.extent(1) * in.extent(2);
            return each(x, i -> x[i] * g[i / plane]);
        } else if (op instanceof Operator.Zero) {
            return new float[x.length];
        } else if (op instanceof Operator.RelativeKeys r) {
            return FloatKernels.relativeKeys(r, in, x, p.get(0), p.get(1));
        } else if (op instanceof Operator.RelativeValues r) {
            return FloatKernels.relativeValues(r, in, x, p.get(0), p.get(1));
        } else if (op instanceof Operator.Slice s && s.axis() == 0) {
            int step = x.length / in.extent(0);
            return java.util.Arrays.copyOfRange(
                    x, s.range().from() * step, s.range().to() * step);
        } else if (op instanceof Operator.PrependToken) {
            float[] y = java.util.Arrays.copyOf(p.get(0), p.get(0).length + x.length);
            System.arraycopy(x, 0, y, p.get(0).length, x.length);
            return y;
        }
        throw unsupported(graph, n);
    }

    static InvalidInputException unsupported(Graph graph, Node n) {
        return new InvalidInputException("The integer form of %s has no %s (node %s); export it as ONNX"
                .formatted(graph.name(), n.op().type(), n.name()));
    }

    @FunctionalInterface
    private interface Element {
        double at(int i);
    }

    private static float[] each(float[] like, Element element) {
        float[] y = new float[like.length];
        for (int i = 0; i < y.length; i++) {
            y[i] = (float) element.at(i);
        }
        return y;
    }

    /** Means of {@code count} values that lie {@code step} apart, the c-th from {@code c · first} on. */
    private static float[] means(float[] x, int channels, int first, int step, int count) {
        float[] y = new float[channels];
        for (int c = 0; c < channels; c++) {
            double sum = 0;
            for (int i = 0; i < count; i++) {
                sum += x[c * first + i * step];
            }
            y[c] = (float) (sum / count);
        }
        return y;
    }

    /** For each element of the result, the element of the input that it is. */
    static int[] transposed(Shape in, List<Integer> order) {
        int rank = in.rank();
        int[] stride = new int[rank];
        int s = 1;
        for (int a = rank - 1; a >= 0; a--) {
            stride[a] = s;
            s *= in.extent(a);
        }
        int[] from = new int[(int) in.elements()];
        int[] index = new int[rank];
        for (int i = 0; i < from.length; i++) {
            int at = 0;
            for (int a = 0; a < rank; a++) {
                at += index[a] * stride[order.get(a)];
            }
            from[i] = at;
            for (int a = rank - 1; a >= 0 && ++index[a] == in.extent(order.get(a)); a--) {
                index[a] = 0;
            }
        }
        return from;
    }
}

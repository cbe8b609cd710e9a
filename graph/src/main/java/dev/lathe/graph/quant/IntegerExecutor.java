package dev.lathe.graph.quant;

import static dev.lathe.graph.quant.FixedPoint.clamp;
import static dev.lathe.graph.quant.FixedPoint.clamp8;
import static dev.lathe.graph.quant.FixedPoint.requantize;

import dev.lathe.graph.Node;
import dev.lathe.graph.Operator;
import dev.lathe.graph.Shape;
import dev.lathe.graph.quant.FixedPoint.Multiplier;
import java.util.List;

/**
 * The reference of a quantized network's arithmetic: whole tensors in the graph's own layout, node by node, with none of the
 * schedules that exported code uses. Whatever executes the network must give the same logits to the last bit. Safe for use by
 * several threads.
 */
public final class IntegerExecutor {
    private static final int[] EXPONENTIALS = FixedPoint.exponentials();

    private final QuantizedGraph network;

    public IntegerExecutor(QuantizedGraph network) {
        this.network = network;
    }

    /** 16-bit logits of a sample of reals. */
    public int[] run(float[] input) {
        return run(network.input().quantize(input));
    }

    /** 16-bit logits of an 8-bit sample, row-major as the graph's input. */
    public int[] run(byte[] input) {
        int[][] values = new int[network.graph().tensors()][];
        values[0] = new int[input.length];
        for (int i = 0; i < input.length; i++) {
            values[0][i] = input[i];
        }
        for (QuantizedGraph.Step s : network.steps()) {
            values[s.output()] = step(s, values);
        }
        return values[network.graph().output().id()];
    }

    /**
     * One step by itself.
     *
     * @param values by tensor id, those that the step reads
     * @return values of its output, row-major
     */
    public int[] step(QuantizedGraph.Step s, int[][] values) {
        Node head = network.graph().nodes().get(s.head());
        int[] x = values[s.inputs().get(0)];
        Shape in = head.inputs().get(0).shape();
        Shape out = head.output().shape();
        IntegerOperator op = s.operator();
        if (op instanceof IntegerOperator.Weighted w) {
            if (head.op() instanceof Operator.Conv2d c) {
                return convolve(c, w, in, out, x);
            }
            int plane = x.length / w.bias().length;
            return head.op() instanceof Operator.Linear
                    ? linear(w, x)
                    : each(x.length, i -> result(w, i / plane, w.bias()[i / plane] + x[i] * w.weights()[i / plane]));
        } else if (op instanceof IntegerOperator.Norm n) {
            return norm(n, x);
        } else if (op instanceof IntegerOperator.Sum a) {
            int[] b = values[s.inputs().get(1)];
            return each(
                    x.length,
                    i -> clamp8(((x[i] * a.left() + b[i] * a.right() + (1 << (a.shift() - 1))) >> a.shift())
                            + a.zeroPoint()));
        } else if (op instanceof IntegerOperator.Table t) {
            return each(x.length, i -> clamp8(x[i] + t.values()[i]));
        } else if (op instanceof IntegerOperator.Prepend p) {
            int n = p.values().length;
            return each(n + x.length, i -> i < n ? p.values()[i] : x[i - n]);
        } else if (op instanceof IntegerOperator.Lookup l) {
            return each(x.length, i -> l.values()[x[i] + 128]);
        } else if (op instanceof IntegerOperator.Attention a) {
            return attention(a, head, s, values);
        } else if (op instanceof IntegerOperator.Mean m) {
            boolean tokens = head.op() instanceof Operator.MeanTokens;
            int channels = out.extent(0);
            int count = x.length / channels;
            return each(channels, c -> {
                int sum = -count * m.inputZeroPoint();
                for (int i = 0; i < count; i++) {
                    sum += tokens ? x[i * channels + c] : x[c * count + i];
                }
                return clamp(m.factor().times(sum) + m.zeroPoint(), m.low(), m.high());
            });
        } else if (op instanceof IntegerOperator.Gating g) {
            int[] gate = values[s.inputs().get(1)];
            int plane = x.length / gate.length;
            return each(
                    x.length,
                    i -> clamp8(g.factor().times((x[i] - g.inputZeroPoint()) * (gate[i / plane] - g.gateZeroPoint()))
                            + g.zeroPoint()));
        } else if (head.op() instanceof Operator.Pool2d p) {
            return pool(p, op, in, out, x);
        } else if (head.op() instanceof Operator.Slice c) {
            int step = x.length / in.extent(0);
            return java.util.Arrays.copyOfRange(
                    x, c.range().from() * step, c.range().to() * step);
        } else if (head.op() instanceof Operator.Transpose t) {
            int[] from = FloatExecutor.transposed(in, t.order());
            return each(x.length, i -> x[from[i]]);
        }
        return x;
    }

    private static int[] each(int n, java.util.function.IntUnaryOperator value) {
        int[] y = new int[n];
        for (int i = 0; i < n; i++) {
            y[i] = value.applyAsInt(i);
        }
        return y;
    }

    private static int result(IntegerOperator.Weighted w, int channel, int acc) {
        return clamp(requantize(acc, w.multiplier()[channel], w.shift()[channel]) + w.zeroPoint(), w.low(), w.high());
    }

    private static int[] linear(IntegerOperator.Weighted w, int[] x) {
        int outputs = w.bias().length;
        int inputs = w.weights().length / outputs;
        int[] y = new int[x.length / inputs * outputs];
        for (int i = 0; i < y.length; i++) {
            int o = i % outputs;
            int acc = w.bias()[o];
            for (int k = 0; k < inputs; k++) {
                acc += x[i / outputs * inputs + k] * w.weights()[o * inputs + k];
            }
            y[i] = result(w, o, acc);
        }
        return y;
    }

    private static int[] convolve(Operator.Conv2d c, IntegerOperator.Weighted w, Shape in, Shape out, int[] x) {
        int channels = c.weight().extent(1);
        int perGroup = out.extent(0) / c.groups();
        int[] y = new int[(int) out.elements()];
        int at = 0;
        for (int o = 0; o < out.extent(0); o++) {
            for (int oy = 0; oy < out.extent(1); oy++) {
                for (int ox = 0; ox < out.extent(2); ox++) {
                    int acc = w.bias()[o];
                    for (int ky = 0; ky < c.kernelY(); ky++) {
                        int iy = oy * c.strideY() + ky - c.paddingY();
                        for (int kx = 0; kx < c.kernelX(); kx++) {
                            int ix = ox * c.strideX() + kx - c.paddingX();
                            if (iy < 0 || iy >= in.extent(1) || ix < 0 || ix >= in.extent(2)) {
                                continue;
                            }
                            int taps = ((o * c.kernelY() + ky) * c.kernelX() + kx) * channels;
                            for (int i = 0; i < channels; i++) {
                                int channel = o / perGroup * channels + i;
                                acc += x[(channel * in.extent(1) + iy) * in.extent(2) + ix] * w.weights()[taps + i];
                            }
                        }
                    }
                    y[at++] = result(w, o, acc);
                }
            }
        }
        return y;
    }

    private static int[] norm(IntegerOperator.Norm p, int[] x) {
        int n = p.gains().length;
        int[] y = new int[x.length];
        for (int r = 0; r < x.length; r += n) {
            int sum = 0;
            int squares = 0;
            for (int i = r; i < r + n; i++) {
                sum += x[i];
                squares += x[i] * x[i];
            }
            long v = (long) n * squares - (long) sum * sum + p.epsilon();
            int e = (Long.numberOfLeadingZeros(v) - 2) >> 1;
            int inverse = (int) Math.min(Integer.MAX_VALUE, (1L << 61) / FixedPoint.squareRoot(v << (2 * e)));
            int shift = 10 + p.fraction();
            for (int i = 0; i < n; i++) {
                int t = requantize(n * x[r + i] - sum, inverse, 51 - e);
                y[r + i] = clamp8(((t * p.gains()[i] + p.offsets()[i] + (1 << (shift - 1))) >> shift) + p.zeroPoint());
            }
        }
        return y;
    }

    /** Queries (G, T, d) with keys and values (G, S, d), or (1, S, d) for all groups. */
    private static int[] attention(IntegerOperator.Attention a, Node scores, QuantizedGraph.Step s, int[][] values) {
        int[] q = values[s.inputs().get(0)];
        int[] k = values[s.inputs().get(1)];
        int[] v = values[s.inputs().get(2)];
        Shape queries = scores.inputs().get(0).shape();
        Shape keys = scores.inputs().get(1).shape();
        int d = queries.extent(2);
        int tokens = keys.extent(1);
        int width = v.length / (keys.extent(0) * tokens);
        int rows = queries.extent(0) * queries.extent(1);
        Near near = a.keys() == null ? null : new Near(a.keys(), tokens, d);
        Near nearValues = a.values() == null ? null : new Near(a.values(), tokens, width);
        int[] o = new int[rows * width];
        for (int row = 0; row < rows; row++) {
            int i = row % queries.extent(1);
            int first = keys.extent(0) == 1 ? 0 : row / queries.extent(1) * tokens;
            int[] weights = new int[tokens];
            for (int j = 0; j < tokens; j++) {
                for (int c = 0; c < d; c++) {
                    weights[j] += q[row * d + c] * k[(first + j) * d + c];
                }
            }
            if (near != null) {
                near.addScores(q, row * d, i, weights);
            }
            int sum = exponentials(a, weights);
            int lz = Integer.numberOfLeadingZeros(sum) - 1;
            int inverse = (int) Math.min(Integer.MAX_VALUE, (1L << 61) / ((long) sum << lz));
            for (int c = 0; c < width; c++) {
                int acc = 0;
                for (int j = 0; j < tokens; j++) {
                    acc += weights[j] * v[(first + j) * width + c];
                }
                int mean = requantize(acc, inverse, 45 - lz);
                if (nearValues != null) {
                    mean += nearValues
                            .tables
                            .factor()
                            .times(requantize(nearValues.mixed(weights, i, c), inverse, 45 - lz));
                }
                o[row * width + c] = clamp8(a.output().times(mean));
            }
        }
        return o;
    }

    /** Turns scores into weights; their sum. */
    private static int exponentials(IntegerOperator.Attention a, int[] row) {
        int most = Integer.MIN_VALUE;
        for (int s : row) {
            most = Math.max(most, s);
        }
        int sum = 0;
        for (int j = 0; j < row.length; j++) {
            int u = a.score().times(most - row[j]);
            int n = u >> 8;
            row[j] = n > 14 ? 0 : (EXPONENTIALS[u & 255] + ((1 << n) >> 1)) >> n;
            sum += row[j];
        }
        return sum;
    }

    /** Relative positions of tokens. */
    private static final class Near {
        final IntegerOperator.Relative tables;
        private final int[] down;
        private final int[] across;
        private final int tokens;
        private final int width;

        Near(IntegerOperator.Relative tables, int tokens, int width) {
            this.tables = tables;
            this.tokens = tokens;
            this.width = width;
            down = Operator.relativeRows(tokens, tables.columns(), tables.clip(), true);
            across = Operator.relativeRows(tokens, tables.columns(), tables.clip(), false);
        }

        void addScores(int[] q, int query, int i, int[] row) {
            for (int j = 0; j < tokens; j++) {
                row[j] += term(q, query, tables.vertical(), down[i * tokens + j])
                        + term(q, query, tables.horizontal(), across[i * tokens + j]);
            }
        }

        private int term(int[] q, int query, byte[] table, int row) {
            int acc = 0;
            for (int c = 0; c < width; c++) {
                acc += q[query + c] * table[row * width + c];
            }
            return tables.factor().times(acc);
        }

        int mixed(int[] weights, int i, int c) {
            int acc = 0;
            for (int j = 0; j < tokens; j++) {
                acc += weights[j]
                        * (tables.vertical()[down[i * tokens + j] * width + c]
                                + tables.horizontal()[across[i * tokens + j] * width + c]);
            }
            return acc;
        }
    }

    private static int[] pool(Operator.Pool2d p, IntegerOperator op, Shape in, Shape out, int[] x) {
        int[] y = new int[(int) out.elements()];
        int at = 0;
        for (int c = 0; c < out.extent(0); c++) {
            for (int oy = 0; oy < out.extent(1); oy++) {
                for (int ox = 0; ox < out.extent(2); ox++) {
                    int most = Integer.MIN_VALUE;
                    int sum = 0;
                    int count = 0;
                    for (int ky = 0; ky < p.kernelY(); ky++) {
                        int iy = oy * p.strideY() + ky - p.paddingY();
                        for (int kx = 0; kx < p.kernelX(); kx++) {
                            int ix = ox * p.strideX() + kx - p.paddingX();
                            if (iy >= 0 && iy < in.extent(1) && ix >= 0 && ix < in.extent(2)) {
                                int v = x[(c * in.extent(1) + iy) * in.extent(2) + ix];
                                most = Math.max(most, v);
                                sum += v;
                                count++;
                            }
                        }
                    }
                    y[at++] = op instanceof IntegerOperator.AveragePool a ? mean(a, sum, count) : most;
                }
            }
        }
        return y;
    }

    private static int mean(IntegerOperator.AveragePool a, int sum, int count) {
        List<Multiplier> f = a.factors();
        return clamp8(f.get(count - 1).times(sum - count * a.inputZeroPoint()) + a.zeroPoint());
    }
}

package dev.lathe.graph.quant;

import dev.lathe.graph.Activation;
import dev.lathe.graph.Operator;
import dev.lathe.graph.Shape;

/** What operators compute, in float32 with sums in double precision; plain loops, the same bits on every machine. */
final class FloatKernels {
    private static final double ROOT_TWO = Math.sqrt(2);
    private static final double TWO_BY_ROOT_PI = 1.1283791670955126;
    /** Beyond this the error function is 1 to the last bit of a float. */
    private static final double ERF_ONE = 6;

    private FloatKernels() {}

    static double activate(Activation function, double x) {
        return switch (function) {
            case RELU -> Math.max(0, x);
            case RELU6 -> Math.max(0, Math.min(6, x));
            case GELU -> 0.5 * x * (1 + erf(x / ROOT_TWO));
            case HARD_SWISH -> x * Math.max(0, Math.min(6, x + 3)) / 6;
            case SWISH -> x * logistic(x);
            case HARD_SIGMOID -> Math.max(0, Math.min(6, x + 3)) / 6;
            case SIGMOID -> logistic(x);
        };
    }

    private static double logistic(double x) {
        return 1 / (1 + StrictMath.exp(-x));
    }

    /** By the series with positive terms only, which loses no digits. */
    static double erf(double x) {
        double z = Math.abs(x);
        if (z >= ERF_ONE) {
            return x < 0 ? -1 : 1;
        }
        double sum = z;
        double term = z;
        for (int n = 1; term > 1e-17 * sum; n++) {
            term *= 2 * z * z / (2 * n + 1);
            sum += term;
        }
        double y = TWO_BY_ROOT_PI * StrictMath.exp(-z * z) * sum;
        return x < 0 ? -y : y;
    }

    static float[] convolve(Operator.Conv2d c, Shape in, Shape out, float[] x, float[] w, float[] bias) {
        int channels = c.weight().extent(1);
        int h = in.extent(1);
        int width = in.extent(2);
        int oh = out.extent(1);
        int ow = out.extent(2);
        int perGroup = out.extent(0) / c.groups();
        float[] y = new float[(int) out.elements()];
        double[] acc = new double[oh * ow];
        for (int o = 0; o < out.extent(0); o++) {
            java.util.Arrays.fill(acc, bias.length == 0 ? 0 : bias[o]);
            int first = o / perGroup * channels;
            for (int i = 0; i < channels; i++) {
                for (int ky = 0; ky < c.kernelY(); ky++) {
                    for (int kx = 0; kx < c.kernelX(); kx++) {
                        double weight = w[((o * channels + i) * c.kernelY() + ky) * c.kernelX() + kx];
                        for (int oy = 0; oy < oh; oy++) {
                            int iy = oy * c.strideY() + ky - c.paddingY();
                            if (iy < 0 || iy >= h) {
                                continue;
                            }
                            int row = ((first + i) * h + iy) * width;
                            for (int ox = 0; ox < ow; ox++) {
                                int ix = ox * c.strideX() + kx - c.paddingX();
                                if (ix >= 0 && ix < width) {
                                    acc[oy * ow + ox] += weight * x[row + ix];
                                }
                            }
                        }
                    }
                }
            }
            for (int p = 0; p < acc.length; p++) {
                y[o * acc.length + p] = (float) acc[p];
            }
        }
        return y;
    }

    static float[] linear(float[] x, float[] w, float[] bias, int inputs, int outputs) {
        int rows = x.length / inputs;
        float[] y = new float[rows * outputs];
        for (int r = 0; r < rows; r++) {
            for (int o = 0; o < outputs; o++) {
                double acc = bias.length == 0 ? 0 : bias[o];
                for (int i = 0; i < inputs; i++) {
                    acc += (double) w[o * inputs + i] * x[r * inputs + i];
                }
                y[r * outputs + o] = (float) acc;
            }
        }
        return y;
    }

    static float[] layerNorm(float[] x, float[] scale, float[] shift, double epsilon) {
        int n = scale.length;
        float[] y = new float[x.length];
        for (int r = 0; r < x.length; r += n) {
            double mean = 0;
            for (int i = 0; i < n; i++) {
                mean += x[r + i] / (double) n;
            }
            double variance = 0;
            for (int i = 0; i < n; i++) {
                variance += (x[r + i] - mean) * (x[r + i] - mean) / n;
            }
            double by = 1 / Math.sqrt(variance + epsilon);
            for (int i = 0; i < n; i++) {
                y[r + i] = (float) ((x[r + i] - mean) * by * scale[i] + shift[i]);
            }
        }
        return y;
    }

    static float[] product(Operator.MatMul op, Shape left, Shape right, float[] a, float[] b) {
        int rows = left.extent(1);
        int inner = left.extent(2);
        int columns = right.extent(op.transposeRight() ? 1 : 2);
        float[] y = new float[left.extent(0) * rows * columns];
        for (int g = 0; g < left.extent(0); g++) {
            int at = right.extent(0) == 1 ? 0 : g * inner * columns;
            for (int r = 0; r < rows; r++) {
                for (int c = 0; c < columns; c++) {
                    double acc = 0;
                    for (int k = 0; k < inner; k++) {
                        acc += (double) a[(g * rows + r) * inner + k]
                                * b[at + (op.transposeRight() ? c * inner + k : k * columns + c)];
                    }
                    y[(g * rows + r) * columns + c] = (float) (acc * op.scale());
                }
            }
        }
        return y;
    }

    static float[] softmax(float[] x, int n, boolean causal) {
        float[] y = new float[x.length];
        for (int r = 0; r < x.length / n; r++) {
            int seen = causal ? r % n + 1 : n;
            double most = Double.NEGATIVE_INFINITY;
            for (int i = 0; i < seen; i++) {
                most = Math.max(most, x[r * n + i]);
            }
            double sum = 0;
            for (int i = 0; i < seen; i++) {
                sum += StrictMath.exp(x[r * n + i] - most);
            }
            for (int i = 0; i < seen; i++) {
                y[r * n + i] = (float) (StrictMath.exp(x[r * n + i] - most) / sum);
            }
        }
        return y;
    }

    static float[] pool(Operator.Pool2d p, Shape in, Shape out, float[] x) {
        float[] y = new float[(int) out.elements()];
        int at = 0;
        for (int c = 0; c < out.extent(0); c++) {
            for (int oy = 0; oy < out.extent(1); oy++) {
                for (int ox = 0; ox < out.extent(2); ox++) {
                    double most = Double.NEGATIVE_INFINITY;
                    double sum = 0;
                    int count = 0;
                    for (int ky = 0; ky < p.kernelY(); ky++) {
                        int iy = oy * p.strideY() + ky - p.paddingY();
                        for (int kx = 0; kx < p.kernelX(); kx++) {
                            int ix = ox * p.strideX() + kx - p.paddingX();
                            if (iy >= 0 && iy < in.extent(1) && ix >= 0 && ix < in.extent(2)) {
                                double v = x[(c * in.extent(1) + iy) * in.extent(2) + ix];
                                most = Math.max(most, v);
                                sum += v;
                                count++;
                            }
                        }
                    }
                    int by = p.countPadding() ? p.kernelY() * p.kernelX() : count;
                    y[at++] = (float) (p.kind() == Operator.PoolKind.MAX ? most : sum / by);
                }
            }
        }
        return y;
    }

    /** Terms of scores from queries (G, T, d): see {@link Operator.RelativeKeys}. */
    static float[] relativeKeys(Operator.RelativeKeys op, Shape in, float[] q, float[] vertical, float[] horizontal) {
        int tokens = in.extent(1);
        int d = in.extent(2);
        int[] down = Operator.relativeRows(tokens, op.columns(), op.clip(), true);
        int[] across = Operator.relativeRows(tokens, op.columns(), op.clip(), false);
        float[] y = new float[in.extent(0) * tokens * tokens];
        for (int i = 0; i < y.length; i++) {
            int query = i / tokens * d;
            int pair = i % (tokens * tokens);
            double acc = 0;
            for (int c = 0; c < d; c++) {
                acc += (double) q[query + c] * (vertical[down[pair] * d + c] + horizontal[across[pair] * d + c]);
            }
            y[i] = (float) (acc * op.scale());
        }
        return y;
    }

    /** Terms of results from weights (G, T, T): see {@link Operator.RelativeValues}. */
    static float[] relativeValues(
            Operator.RelativeValues op, Shape in, float[] p, float[] vertical, float[] horizontal) {
        int tokens = in.extent(1);
        int d = op.vertical().extent(1);
        int[] down = Operator.relativeRows(tokens, op.columns(), op.clip(), true);
        int[] across = Operator.relativeRows(tokens, op.columns(), op.clip(), false);
        float[] y = new float[in.extent(0) * tokens * d];
        for (int i = 0; i < y.length; i++) {
            int row = i / d;
            int c = i % d;
            double acc = 0;
            for (int j = 0; j < tokens; j++) {
                int pair = row % tokens * tokens + j;
                acc += (double) p[row * tokens + j] * (vertical[down[pair] * d + c] + horizontal[across[pair] * d + c]);
            }
            y[i] = (float) acc;
        }
        return y;
    }
}

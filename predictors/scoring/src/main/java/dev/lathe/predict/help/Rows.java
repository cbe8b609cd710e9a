package dev.lathe.predict.help;

/**
 * Products of row-major matrices, written as sums of scaled rows, which the compiler vectorizes; zeros, which ReLU makes
 * of half the entries, are skipped.
 */
final class Rows {
    private Rows() {}

    /**
     * y += x W.
     *
     * @param x shape (n, in)
     * @param w holds W, shape (in, out), from {@code at}
     * @param y shape (n, out)
     */
    static void multiply(double[] x, int n, int in, double[] w, int at, int out, double[] y) {
        int[] live = new int[in];
        for (int i = 0; i < n; i++) {
            int count = 0;
            for (int k = 0; k < in; k++) {
                if (x[i * in + k] != 0) {
                    live[count++] = k;
                }
            }
            int c = 0;
            for (; c + 3 < count; c += 4) {
                int k0 = live[c];
                int k1 = live[c + 1];
                int k2 = live[c + 2];
                int k3 = live[c + 3];
                addFour(
                        y,
                        i * out,
                        out,
                        w,
                        x[i * in + k0],
                        at + k0 * out,
                        x[i * in + k1],
                        at + k1 * out,
                        x[i * in + k2],
                        at + k2 * out,
                        x[i * in + k3],
                        at + k3 * out);
            }
            for (; c < count; c++) {
                addOne(y, i * out, out, w, x[i * in + live[c]], at + live[c] * out);
            }
        }
    }

    /** W += xᵀ g, with x of shape (n, in) and g of shape (n, out). */
    static void outer(double[] x, double[] g, int n, int in, int out, double[] w, int at) {
        int[] live = new int[n];
        for (int k = 0; k < in; k++) {
            int count = 0;
            for (int i = 0; i < n; i++) {
                if (x[i * in + k] != 0) {
                    live[count++] = i;
                }
            }
            int c = 0;
            for (; c + 3 < count; c += 4) {
                int i0 = live[c];
                int i1 = live[c + 1];
                int i2 = live[c + 2];
                int i3 = live[c + 3];
                addFour(
                        w,
                        at + k * out,
                        out,
                        g,
                        x[i0 * in + k],
                        i0 * out,
                        x[i1 * in + k],
                        i1 * out,
                        x[i2 * in + k],
                        i2 * out,
                        x[i3 * in + k],
                        i3 * out);
            }
            for (; c < count; c++) {
                addOne(w, at + k * out, out, g, x[live[c] * in + k], live[c] * out);
            }
        }
    }

    /** Wᵀ of W, shape (in, out), that stands in {@code w} from {@code at}. */
    static double[] transposed(double[] w, int at, int in, int out) {
        double[] t = new double[in * out];
        for (int k = 0; k < in; k++) {
            for (int j = 0; j < out; j++) {
                t[j * in + k] = w[at + k * out + j];
            }
        }
        return t;
    }

    static void addOne(double[] y, int yAt, int n, double[] x, double a, int xAt) {
        for (int j = 0; j < n; j++) {
            y[yAt + j] += a * x[xAt + j];
        }
    }

    private static void addFour(
            double[] y,
            int yAt,
            int n,
            double[] x,
            double a,
            int aAt,
            double b,
            int bAt,
            double c,
            int cAt,
            double d,
            int dAt) {
        for (int j = 0; j < n; j++) {
            y[yAt + j] += a * x[aAt + j] + b * x[bAt + j] + c * x[cAt + j] + d * x[dAt + j];
        }
    }
}

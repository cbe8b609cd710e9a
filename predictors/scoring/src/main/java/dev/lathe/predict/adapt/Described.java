package dev.lathe.predict.adapt;

/**
 * Architectures as {@link TransferAdapter} sees them: kept by callers that predict the same ones for many devices.
 * Immutable by convention; the arrays are shared.
 */
public final class Described {
    final int[][] choices;
    final int[][] counts;
    /** Standardized counts, shape (n, values). */
    final double[][] linear;
    /** Standardized latency on each known device, as its surrogate says, shape (n, devices). */
    final double[][] sources;
    /** Mean over the known devices, shape (n). */
    final double[] mean;

    Described(int[][] choices, int[][] counts, double[][] linear, double[][] sources) {
        this.choices = choices;
        this.counts = counts;
        this.linear = linear;
        this.sources = sources;
        this.mean = new double[choices.length];
        for (int i = 0; i < mean.length; i++) {
            for (double v : sources[i]) {
                mean[i] += v / sources[i].length;
            }
        }
    }

    /** Number of architectures. */
    public int size() {
        return mean.length;
    }

    /** Some of them, in the order given. */
    public Described part(int[] rows) {
        int n = rows.length;
        int[][] c = new int[n][];
        int[][] k = new int[n][];
        double[][] l = new double[n][];
        double[][] s = new double[n][];
        for (int i = 0; i < n; i++) {
            c[i] = choices[rows[i]];
            k[i] = counts[rows[i]];
            l[i] = linear[rows[i]];
            s[i] = sources[rows[i]];
        }
        return new Described(c, k, l, s);
    }

    /**
     * The same architectures of which the known devices say something else.
     *
     * @param bySource standardized latencies, shape (devices, n)
     */
    public Described withSources(double[][] bySource) {
        double[][] s = new double[size()][bySource.length];
        for (int i = 0; i < s.length; i++) {
            for (int d = 0; d < bySource.length; d++) {
                s[i][d] = bySource[d][i];
            }
        }
        return new Described(choices, counts, linear, s);
    }

    /** The same architectures where one of the known devices is not known: for judging by leaving devices out. */
    public Described without(int source) {
        double[][] rest = new double[size()][];
        for (int i = 0; i < rest.length; i++) {
            rest[i] = new double[sources[i].length - 1];
            System.arraycopy(sources[i], 0, rest[i], 0, source);
            System.arraycopy(sources[i], source + 1, rest[i], source, rest[i].length - source);
        }
        return new Described(choices, counts, linear, rest);
    }
}

package dev.lathe.predict.network;

/**
 * A dense network of two hidden layers with hyperbolic tangents and linear outputs.
 *
 * <p>Shapes, with I inputs, H hidden units, O outputs: first layer (H, I) and (H), second (H, H) and (H), outputs (O, H) and (O),
 * one after the other in {@code weights}, row-major.
 *
 * @param inputs I
 * @param hidden H
 * @param outputs O
 * @param weights all of them; whoever trains may change them in place
 */
@SuppressWarnings("ArrayRecordComponent") // a part of a model's file, never compared
public record DenseNetwork(int inputs, int hidden, int outputs, double[] weights) {
    private static final int MOST_UNITS = 4096;

    public DenseNetwork {
        if (inputs < 1 || hidden < 1 || outputs < 1 || Math.max(inputs, Math.max(hidden, outputs)) > MOST_UNITS) {
            throw new IllegalArgumentException(
                    "a network of %d inputs, %d hidden units and %d outputs".formatted(inputs, hidden, outputs));
        }
        if (weights.length != head(inputs, hidden) + outputs * (hidden + 1)) {
            throw new IllegalArgumentException("%d weights for %d inputs, %d hidden units and %d outputs"
                    .formatted(weights.length, inputs, hidden, outputs));
        }
        for (double w : weights) {
            if (!Double.isFinite(w)) {
                throw new IllegalArgumentException("a weight is " + w);
            }
        }
    }

    /** Where the weights of the second layer begin. */
    public int second() {
        return hidden * (inputs + 1);
    }

    /** Where the weights of the outputs begin: what is before them is the encoder. */
    public int head() {
        return head(inputs, hidden);
    }

    private static int head(int inputs, int hidden) {
        return hidden * (inputs + 1) + hidden * (hidden + 1);
    }

    /** What a row of inputs gives. */
    public double[] outputs(double[] x) {
        double[] first = new double[hidden];
        double[] last = new double[hidden];
        hidden(x, first, last);
        double[] y = new double[outputs];
        layer(last, head(), y);
        return y;
    }

    /** Fills in both hidden layers. */
    public void hidden(double[] x, double[] first, double[] last) {
        layer(x, 0, first);
        bend(first);
        layer(first, second(), last);
        bend(last);
    }

    /** A linear layer whose weights begin at a place, without what bends it. */
    public void layer(double[] x, int at, double[] y) {
        int bias = at + y.length * x.length;
        for (int i = 0; i < y.length; i++) {
            double sum = weights[bias + i];
            int row = at + i * x.length;
            for (int j = 0; j < x.length; j++) {
                sum += weights[row + j] * x[j];
            }
            y[i] = sum;
        }
    }

    private static void bend(double[] v) {
        for (int i = 0; i < v.length; i++) {
            // Not Math.tanh: StrictMath gives the same bits everywhere.
            v[i] = StrictMath.tanh(v[i]);
        }
    }
}

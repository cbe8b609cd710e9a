package dev.lathe.predict.train.network;

import dev.lathe.predict.network.DenseNetwork;

/** Adam on the Huber loss of a network, from a place in its weights on: what is before stays as it is. */
final class Descent {
    private static final double FIRST = 0.9;
    private static final double SECOND = 0.999;
    private static final double EPSILON = 1e-8;
    /** In standard deviations of the target: beyond it a residual pulls no harder. */
    private static final double HUBER = 1;

    private final DenseNetwork network;
    private final int from;
    private final double[] gradient;
    private final double[] mean;
    private final double[] square;
    private final double[] first;
    private final double[] last;
    private final double[] output;
    private final double[] dFirst;
    private final double[] dLast;
    private int steps;

    Descent(DenseNetwork network, int from) {
        this.network = network;
        this.from = from;
        this.gradient = new double[network.weights().length];
        this.mean = new double[gradient.length];
        this.square = new double[gradient.length];
        this.first = new double[network.hidden()];
        this.last = new double[network.hidden()];
        this.output = new double[network.outputs()];
        this.dFirst = new double[network.hidden()];
        this.dLast = new double[network.hidden()];
    }

    /**
     * Mean Huber loss of some rows; afterwards {@link #gradient} holds its derivative.
     *
     * @param x inputs
     * @param y targets of each row, one an output
     * @param rows which of them
     */
    double loss(double[][] x, double[][] y, int[] rows) {
        java.util.Arrays.fill(gradient, 0);
        double sum = 0;
        for (int r : rows) {
            sum += add(x[r], y[r], 1.0 / rows.length);
        }
        return sum;
    }

    double[] gradient() {
        return gradient;
    }

    private double add(double[] x, double[] y, double share) {
        network.hidden(x, first, last);
        network.layer(last, network.head(), output);
        double loss = 0;
        java.util.Arrays.fill(dLast, 0);
        for (int o = 0; o < output.length; o++) {
            double residual = output[o] - y[o];
            double bounded = Math.max(-HUBER, Math.min(HUBER, residual));
            loss += share * bounded * (residual - bounded / 2);
            back(network.head(), output.length, o, share * bounded, last, dLast);
        }
        if (from >= network.head()) {
            return loss;
        }
        java.util.Arrays.fill(dFirst, 0);
        for (int h = 0; h < last.length; h++) {
            back(network.second(), last.length, h, dLast[h] * (1 - last[h] * last[h]), first, dFirst);
        }
        for (int h = 0; h < first.length; h++) {
            double d = dFirst[h] * (1 - first[h] * first[h]);
            int row = h * x.length;
            for (int j = 0; j < x.length; j++) {
                gradient[row + j] += d * x[j];
            }
            gradient[first.length * x.length + h] += d;
        }
        return loss;
    }

    /** Through one unit of a layer that begins at a place. */
    private void back(int at, int units, int unit, double d, double[] input, double[] dInput) {
        int row = at + unit * input.length;
        double[] w = network.weights();
        for (int j = 0; j < input.length; j++) {
            gradient[row + j] += d * input[j];
            dInput[j] += d * w[row + j];
        }
        gradient[at + units * input.length + unit] += d;
    }

    /** One step along the gradient, then a pull towards an anchor. */
    void step(double rate, double[] anchor, double decay) {
        steps++;
        double meanBias = 1 - Math.pow(FIRST, steps);
        double squareBias = 1 - Math.pow(SECOND, steps);
        double[] w = network.weights();
        for (int i = from; i < w.length; i++) {
            mean[i] = FIRST * mean[i] + (1 - FIRST) * gradient[i];
            square[i] = SECOND * square[i] + (1 - SECOND) * gradient[i] * gradient[i];
            w[i] -= rate * (mean[i] / meanBias) / (Math.sqrt(square[i] / squareBias) + EPSILON);
            w[i] -= rate * decay * (w[i] - anchor[i]);
        }
    }
}

package dev.lathe.predict.help;

import java.util.random.RandomGenerator;

/**
 * HELP's inference network: from a hardware embedding to a Gaussian over a vector z, which scales the head's weights by
 * input and shifts its biases. k -> k (ReLU) -> 2 |z|, the second half through softplus; |z| = 6 L + 3 for width L.
 */
public final class HardwareModulation {
    private static final double STEP = 0.01;

    private final HelpNetwork network;
    private final int k;
    private final int z;
    private final int hiddenBias;
    private final int output;
    private final int outputBias;
    private final int size;

    public HardwareModulation(HelpNetwork network, int embedding) {
        this.network = network;
        this.k = embedding;
        this.z = 6 * network.width() + 3;
        this.hiddenBias = k * k;
        this.output = hiddenBias + k;
        this.outputBias = output + k * 2 * z;
        this.size = outputBias + 2 * z;
    }

    /** Number of parameters. */
    public int size() {
        return size;
    }

    int latents() {
        return z;
    }

    public double[] initial(RandomGenerator random) {
        double[] phi = new double[size];
        double bound = 1 / Math.sqrt(k);
        for (int i = 0; i < size; i++) {
            phi[i] = bound * (2 * random.nextDouble() - 1);
        }
        return phi;
    }

    /** What the network says of a device, kept for the way back. */
    @SuppressWarnings("ArrayRecordComponent") // within the package, never compared
    record Posterior(double[] embedding, double[] hidden, double[] mean, double[] raw) {
        double deviation(int i) {
            return raw[i] > 30 ? raw[i] : Math.log1p(Math.exp(raw[i]));
        }

        /** Kullback-Leibler divergence from the standard normal, summed over z. */
        double divergence() {
            double sum = 0;
            for (int i = 0; i < mean.length; i++) {
                double s = deviation(i);
                sum += 0.5 * (mean[i] * mean[i] + s * s - 1) - Math.log(s);
            }
            return sum;
        }

        /** z for standard normal draws. */
        double[] sample(double[] epsilon) {
            double[] out = new double[mean.length];
            for (int i = 0; i < out.length; i++) {
                out[i] = mean[i] + deviation(i) * epsilon[i];
            }
            return out;
        }
    }

    Posterior infer(double[] phi, double[] embedding) {
        double[] hidden = new double[k];
        Rows.addOne(hidden, 0, k, phi, 1, hiddenBias);
        Rows.multiply(embedding, 1, k, phi, 0, k, hidden);
        for (int i = 0; i < k; i++) {
            hidden[i] = Math.max(hidden[i], 0);
        }
        double[] out = new double[2 * z];
        Rows.addOne(out, 0, 2 * z, phi, 1, outputBias);
        Rows.multiply(hidden, 1, k, phi, output, 2 * z, out);
        return new Posterior(
                embedding, hidden, java.util.Arrays.copyOf(out, z), java.util.Arrays.copyOfRange(out, z, 2 * z));
    }

    /** Parameters with the head modulated; all others as they are. */
    double[] modulate(double[] theta, double[] latents) {
        double[] m = theta.clone();
        int at = 0;
        for (int i = 0; i < network.head().size(); i++) {
            HelpNetwork.Layer l = network.head().get(i);
            for (int in = 0; in < l.in(); in++, at++) {
                double factor = 1 + STEP * latents[at];
                for (int o = 0; o < l.out(); o++) {
                    m[l.weights() + in * l.out() + o] *= factor;
                }
            }
            for (int o = 0; o < l.out(); o++) {
                m[l.bias() + o] += STEP * latents[z - 3 + i];
            }
        }
        return m;
    }

    /**
     * Back through {@link #modulate}.
     *
     * @param gradient with respect to the modulated parameters; becomes that with respect to {@code theta}
     * @return the gradient with respect to the latents
     */
    double[] back(double[] theta, double[] latents, double[] gradient) {
        double[] ofLatents = new double[z];
        int at = 0;
        for (int i = 0; i < network.head().size(); i++) {
            HelpNetwork.Layer l = network.head().get(i);
            for (int in = 0; in < l.in(); in++, at++) {
                double factor = 1 + STEP * latents[at];
                for (int o = 0; o < l.out(); o++) {
                    int w = l.weights() + in * l.out() + o;
                    ofLatents[at] += STEP * gradient[w] * theta[w];
                    gradient[w] *= factor;
                }
            }
            for (int o = 0; o < l.out(); o++) {
                ofLatents[z - 3 + i] += STEP * gradient[l.bias() + o];
            }
        }
        return ofLatents;
    }

    /**
     * Back through {@link #infer} and the draw, with the divergence added.
     *
     * @param ofLatents gradient with respect to z
     * @param divergenceWeight of the divergence in the loss
     * @param gradient of phi, added to
     */
    void back(
            double[] phi,
            Posterior p,
            double[] epsilon,
            double[] ofLatents,
            double divergenceWeight,
            double[] gradient) {
        double[] g = new double[2 * z];
        for (int i = 0; i < z; i++) {
            double s = p.deviation(i);
            g[i] = ofLatents[i] + divergenceWeight * p.mean()[i];
            double ofDeviation = ofLatents[i] * epsilon[i] + divergenceWeight * (s - 1 / s);
            g[z + i] = ofDeviation / (1 + Math.exp(-p.raw()[i]));
        }
        Rows.outer(p.hidden(), g, 1, k, 2 * z, gradient, output);
        Rows.addOne(gradient, outputBias, 2 * z, g, 1, 0);
        double[] hidden = new double[k];
        Rows.multiply(g, 1, 2 * z, Rows.transposed(phi, output, k, 2 * z), 0, k, hidden);
        for (int i = 0; i < k; i++) {
            hidden[i] = p.hidden()[i] > 0 ? hidden[i] : 0;
        }
        Rows.outer(p.embedding(), hidden, 1, k, k, gradient, 0);
        Rows.addOne(gradient, hiddenBias, k, hidden, 1, 0);
    }
}

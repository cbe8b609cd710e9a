package dev.lathe.predict.help;

/**
 * Adaptation to one device and its derivatives: from a shared start, a few gradient steps on the support, each parameter with
 * a step size of its own (Meta-SGD); then the gradient of the error on the queries with respect to start, step sizes and
 * modulation.
 *
 * <p>With theta' = theta - alpha * g(theta), the query gradient v goes back through a step as v - H(theta) (alpha * v), with H
 * the Hessian of the support error; that is the second-order part. First order leaves the Hessian out.
 *
 * @see <a href="https://arxiv.org/abs/1703.03400">Finn et al., MAML, ICML 2017</a>
 * @see <a href="https://arxiv.org/abs/1707.09835">Li et al., Meta-SGD</a>
 */
public final class MetaStep {
    /** Gradient steps on the support in training; on a new device there may be more. */
    static final int STEPS = 2;

    private final HelpNetwork network;
    private final HardwareModulation modulation;

    public MetaStep(HelpNetwork network, HardwareModulation modulation) {
        this.network = network;
        this.modulation = modulation;
    }

    /**
     * What is learned, and gradients of it.
     *
     * @param theta start of the predictor
     * @param alpha step size of each of its parameters
     * @param phi parameters of the modulation
     */
    @SuppressWarnings("ArrayRecordComponent") // updated in place by the trainer, never compared
    public record Learned(double[] theta, double[] alpha, double[] phi) {
        public Learned zeros() {
            return new Learned(new double[theta.length], new double[alpha.length], new double[phi.length]);
        }
    }

    /**
     * One device of an episode.
     *
     * @param embedding its hardware embedding
     * @param support what it is adapted on
     * @param supportTargets normalized latencies of the support
     * @param query what the adapted predictor is judged on
     * @param queryTargets normalized latencies of the queries
     * @param epsilon standard normal draws, one a latent of the modulation
     */
    @SuppressWarnings("ArrayRecordComponent")
    record DeviceTask(
            double[] embedding,
            GraphBatch support,
            double[] supportTargets,
            GraphBatch query,
            double[] queryTargets,
            double[] epsilon) {}

    /** Parameters after {@code steps} steps on the support. */
    double[] adapt(Learned l, int steps, double[] embedding, double[] epsilon, GraphBatch support, double[] targets) {
        double[] latents = modulation.infer(l.phi, embedding).sample(epsilon);
        double[] theta = modulation.modulate(l.theta, latents);
        for (int s = 0; s < steps; s++) {
            theta = step(l, theta, embedding, support, targets, new double[theta.length]);
        }
        return theta;
    }

    private double[] step(
            Learned l, double[] theta, double[] embedding, GraphBatch support, double[] targets, double[] gradient) {
        network.gradient(theta, support, embedding, targets, gradient);
        double[] next = new double[theta.length];
        for (int i = 0; i < next.length; i++) {
            next[i] = theta[i] - l.alpha[i] * gradient[i];
        }
        return next;
    }

    /**
     * Loss of one device, query error plus weighted divergence, with its gradient added.
     *
     * @param secondOrder whether the gradient goes through the support's gradients
     * @param total gradients of what is learned
     * @return the loss
     */
    double gradient(Learned l, DeviceTask t, double divergenceWeight, boolean secondOrder, Learned total) {
        HardwareModulation.Posterior p = modulation.infer(l.phi, t.embedding);
        double[] latents = p.sample(t.epsilon);
        double[][] thetas = new double[STEPS + 1][];
        double[][] gradients = new double[STEPS][network.size()];
        thetas[0] = modulation.modulate(l.theta, latents);
        for (int s = 0; s < STEPS; s++) {
            thetas[s + 1] = step(l, thetas[s], t.embedding, t.support, t.supportTargets, gradients[s]);
        }
        double[] v = new double[network.size()];
        double loss = network.gradient(thetas[STEPS], t.query, t.embedding, t.queryTargets, v);
        for (int s = STEPS - 1; s >= 0; s--) {
            double[] direction = new double[v.length];
            for (int i = 0; i < v.length; i++) {
                total.alpha[i] -= v[i] * gradients[s][i];
                direction[i] = -l.alpha[i] * v[i];
            }
            if (secondOrder) {
                network.hessianTimes(thetas[s], direction, t.support, t.embedding, t.supportTargets, v);
            }
        }
        double[] ofLatents = modulation.back(l.theta, latents, v);
        for (int i = 0; i < v.length; i++) {
            total.theta[i] += v[i];
        }
        modulation.back(l.phi, p, t.epsilon, ofLatents, divergenceWeight, total.phi);
        return loss + divergenceWeight * p.divergence();
    }
}

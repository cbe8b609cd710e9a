package dev.lathe.supernet;

/**
 * What a student learns from a teacher's logits. Every loss here is a weighted sum of the student's log-probabilities, whose
 * weights are worked out here and held constant: one product and one sum for the engine.
 */
enum Distillation {
    /** All networks learn from the labels. */
    NONE,
    /** Cross-entropy against the teacher's probabilities, whose gradient is that of the Kullback-Leibler divergence. */
    KL,
    /**
     * Per sample the larger of the alpha-divergences for alpha = -1 (which punishes over-estimating), its ratio clipped, and
     * for alpha = 1 (which punishes under-estimating).
     *
     * @see <a href="https://arxiv.org/abs/2102.07954">Wang et al., AlphaNet, ICML 2021</a>
     */
    ALPHA;

    /** Largest ratio q/p that counts for alpha = -1. */
    private static final double CLIP = 5;

    /**
     * Weights w of the loss sum w · log q.
     *
     * @param teacher logits (samples, classes)
     * @param student logits (samples, classes); only {@link #ALPHA} reads them
     * @return (samples, classes), with the factor 1 / samples of the mean
     */
    float[] weights(float[] teacher, float[] student, int classes) {
        int samples = teacher.length / classes;
        float[] w = new float[teacher.length];
        for (int i = 0; i < samples; i++) {
            double[] logP = logSoftmax(teacher, i * classes, classes);
            double[] logQ = this == ALPHA ? logSoftmax(student, i * classes, classes) : logP;
            boolean under = true;
            if (this == ALPHA) {
                double over = 0;
                double kl = 0;
                for (int c = 0; c < classes; c++) {
                    double q = Math.exp(logQ[c]);
                    over += 0.5 * q * (Math.min(CLIP, Math.exp(logQ[c] - logP[c])) - 1);
                    kl += Math.exp(logP[c]) * (logP[c] - logQ[c]);
                }
                under = over <= kl;
            }
            for (int c = 0; c < classes; c++) {
                double weight =
                        under ? -Math.exp(logP[c]) : Math.exp(logQ[c]) * Math.min(CLIP, Math.exp(logQ[c] - logP[c]));
                w[i * classes + c] = (float) (weight / samples);
            }
        }
        return w;
    }

    private static double[] logSoftmax(float[] logits, int from, int classes) {
        double most = Double.NEGATIVE_INFINITY;
        for (int c = 0; c < classes; c++) {
            most = Math.max(most, logits[from + c]);
        }
        double sum = 0;
        for (int c = 0; c < classes; c++) {
            sum += Math.exp(logits[from + c] - most);
        }
        double[] l = new double[classes];
        for (int c = 0; c < classes; c++) {
            l[c] = logits[from + c] - most - Math.log(sum);
        }
        return l;
    }
}

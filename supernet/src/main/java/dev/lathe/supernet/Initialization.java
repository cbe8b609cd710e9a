package dev.lathe.supernet;

import java.util.random.RandomGenerator;

/** How fresh matrices and filters are drawn. */
enum Initialization {
    /** Normal by the number of inputs: twice the variance for filters, which a ReLU follows (He et al. 2015). */
    FAN_IN {
        @Override
        void fill(float[] v, int[] extents, RandomGenerator random) {
            int fanIn = Math.max(1, v.length / extents[0]);
            // He et al. for filters, which a ReLU follows; 1/fanIn for matrices of pre-norm transformers.
            double deviation = Math.sqrt((extents.length == 4 ? 2.0 : 1.0) / fanIn);
            for (int i = 0; i < v.length; i++) {
                v[i] = (float) (deviation * truncatedNormal(random));
            }
        }
    },
    /**
     * Uniform by the numbers of inputs and outputs together (Glorot and Bengio 2010): smaller than the above where a matrix
     * widens, so that blocks normalized behind their sum begin nearer to handing on their input.
     */
    XAVIER_UNIFORM {
        @Override
        void fill(float[] v, int[] extents, RandomGenerator random) {
            double bound = Math.sqrt(6.0 / (extents[0] + v.length / extents[0]));
            for (int i = 0; i < v.length; i++) {
                v[i] = (float) (bound * (2 * random.nextDouble() - 1));
            }
        }
    };

    /** @param extents of the whole parameter, outputs first */
    abstract void fill(float[] v, int[] extents, RandomGenerator random);

    /** Normal, within three deviations. */
    static double truncatedNormal(RandomGenerator random) {
        double z = random.nextGaussian();
        while (Math.abs(z) > 3) {
            z = random.nextGaussian();
        }
        return z;
    }
}

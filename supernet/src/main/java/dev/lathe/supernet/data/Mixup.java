package dev.lathe.supernet.data;

import dev.lathe.base.Seeds;
import java.util.random.RandomGenerator;

/**
 * Mixes the images of a batch in pairs: each becomes a share of itself and the rest of a partner, and so does its label. Shares
 * are drawn from Beta(alpha, alpha).
 *
 * @param alpha above 0; the smaller, the nearer shares are to 0 or 1
 * @see <a href="https://arxiv.org/abs/1710.09412">Zhang et al., mixup, ICLR 2018</a>
 */
public record Mixup(double alpha) {
    public Mixup {
        if (!(alpha > 0 && Double.isFinite(alpha))) {
            throw new IllegalArgumentException("Mixup needs a positive parameter, not " + alpha);
        }
    }

    /** Who is mixed with whom in one batch, and how much of each stays. */
    public static final class Pairs {
        private final int[] partner;
        private final float[] share;

        Pairs(int[] partner, float[] share) {
            this.partner = partner;
            this.share = share;
        }

        public int partner(int row) {
            return partner[row];
        }

        /** How much of the row itself is in the mixture, 0 to 1. */
        public float share(int row) {
            return share[row];
        }

        /** Each row's mixture with its partner: share times itself and the rest times the partner. */
        public float[] mix(float[] rows) {
            int length = rows.length / partner.length;
            float[] mixed = new float[rows.length];
            for (int i = 0; i < partner.length; i++) {
                float s = share[i];
                for (int k = 0; k < length; k++) {
                    mixed[i * length + k] = s * rows[i * length + k] + (1 - s) * rows[partner[i] * length + k];
                }
            }
            return mixed;
        }
    }

    /** A random permutation of partners, and a share for each. */
    public Pairs draw(int images, RandomGenerator random) {
        int[] partner = Seeds.permutation(images, random);
        float[] share = new float[images];
        for (int i = 0; i < images; i++) {
            share[i] = (float) beta(random);
        }
        return new Pairs(partner, share);
    }

    /** By Jöhnk's rejection, in logarithms: for small parameters both powers fall below the least number. */
    private double beta(RandomGenerator random) {
        while (true) {
            double a = StrictMath.log(1 - random.nextDouble()) / alpha;
            double b = StrictMath.log(1 - random.nextDouble()) / alpha;
            double most = Math.max(a, b);
            double sum = most + StrictMath.log(StrictMath.exp(a - most) + StrictMath.exp(b - most));
            if (sum <= 0) {
                return StrictMath.exp(a - sum);
            }
        }
    }
}

package dev.lathe.predict.memory;

/**
 * What makes planned bytes into bytes as seen: {@code constant + step * steps + factor * planned}, with neither {@code step} nor
 * {@code factor} below 0. Fitted by <b>least absolute deviations</b> of relative errors: a network or two of which something odd
 * was seen do not move it.
 *
 * <p>Some fit of least deviation goes through as many points as it has coefficients that are not 0 (a vertex of the linear
 * programme), so all such fits are tried: exact, without iteration, and the same on every platform. With n networks that is of
 * the order of n^4, for up to {@value #MOST_NETWORKS} of them.
 *
 * @see <a href="https://doi.org/10.1214/aos/1176344552">Bassett and Koenker, Asymptotic Theory of Least Absolute Error
 *     Regression, 1978</a>, for the estimator
 */
record MemoryCorrection(double constantBytes, double stepBytes, double factor) {
    static final int LEAST_NETWORKS = 4;
    static final int MOST_NETWORKS = 50;

    /** Of the largest product of a determinant: below it three points lie on a line. */
    private static final double SINGULAR = 1e-9;

    MemoryCorrection {
        if (!(Double.isFinite(constantBytes) && stepBytes >= 0 && factor >= 0)
                || !Double.isFinite(stepBytes + factor)) {
            throw new IllegalArgumentException("a correction of %s bytes, %s bytes a step and a factor of %s"
                    .formatted(constantBytes, stepBytes, factor));
        }
    }

    /** Never below one byte. */
    double predict(double planned, double steps) {
        return Math.max(1, constantBytes + stepBytes * steps + factor * planned);
    }

    /**
     * @param planned bytes of each network
     * @param steps of each
     * @param seen bytes of each, above 0
     * @throws IllegalArgumentException if there are fewer than {@value #LEAST_NETWORKS} or more than {@value #MOST_NETWORKS}
     */
    static MemoryCorrection fit(double[] planned, double[] steps, double[] seen) {
        int n = seen.length;
        if (n < LEAST_NETWORKS || n > MOST_NETWORKS || planned.length != n || steps.length != n) {
            throw new IllegalArgumentException("A correction is fitted to %d to %d networks, not to %d"
                    .formatted(LEAST_NETWORKS, MOST_NETWORKS, n));
        }
        Best best = new Best(planned, steps, seen);
        for (int i = 0; i < n; i++) {
            best.offer(seen[i], 0, 0);
            for (int j = 0; j < i; j++) {
                best.offerLine(i, j);
                for (int k = 0; k < j; k++) {
                    best.offerPlane(i, j, k);
                }
            }
        }
        return new MemoryCorrection(best.constant, best.step, best.factor);
    }

    /** The fit of least deviation so far. */
    private static final class Best {
        private final double[] planned;
        private final double[] steps;
        private final double[] seen;
        private double error = Double.POSITIVE_INFINITY;
        private double constant;
        private double step;
        private double factor;

        Best(double[] planned, double[] steps, double[] seen) {
            this.planned = planned;
            this.steps = steps;
            this.seen = seen;
        }

        /** Through two points, by one of the two slopes alone. */
        void offerLine(int i, int j) {
            double dy = seen[i] - seen[j];
            if (planned[i] != planned[j]) {
                double f = dy / (planned[i] - planned[j]);
                offer(seen[i] - f * planned[i], 0, f);
            }
            if (steps[i] != steps[j]) {
                double s = dy / (steps[i] - steps[j]);
                offer(seen[i] - s * steps[i], s, 0);
            }
        }

        /** Through three points. */
        void offerPlane(int i, int j, int k) {
            double s1 = steps[j] - steps[i];
            double s2 = steps[k] - steps[i];
            double p1 = planned[j] - planned[i];
            double p2 = planned[k] - planned[i];
            double det = s1 * p2 - s2 * p1;
            if (Math.abs(det) <= SINGULAR * (Math.abs(s1 * p2) + Math.abs(s2 * p1))) {
                return;
            }
            double y1 = seen[j] - seen[i];
            double y2 = seen[k] - seen[i];
            double s = (y1 * p2 - y2 * p1) / det;
            double f = (s1 * y2 - s2 * y1) / det;
            offer(seen[i] - s * steps[i] - f * planned[i], s, f);
        }

        void offer(double c, double s, double f) {
            if (!(s >= 0 && f >= 0 && Double.isFinite(c + s + f))) {
                return;
            }
            double e = 0;
            for (int i = 0; i < seen.length && e < error; i++) {
                e += Math.abs(c + s * steps[i] + f * planned[i] - seen[i]) / seen[i];
            }
            if (e < error) {
                error = e;
                constant = c;
                step = s;
                factor = f;
            }
        }
    }
}

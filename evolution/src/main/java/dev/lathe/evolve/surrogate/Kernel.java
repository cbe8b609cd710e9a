package dev.lathe.evolve.surrogate;

/**
 * How alike two architectures are: a sum of four terms, each with a weight of its own. Two are for what adds up, as most costs
 * do: the share of equal decisions and the product of features; two are for what does not: an exponential of the share of
 * different decisions, and Matérn 5/2 of the distance of features.
 *
 * @param weights of the terms and of the noise, in units of the variance of what is modelled
 * @param decisionLength share of different decisions over which the third term falls to 1/e
 * @param featureLength distance of features over which the fourth falls
 */
// The array is the package's own and never changed; kernels are not compared.
@SuppressWarnings("ArrayRecordComponent")
record Kernel(double[] w, double l1, double l2, double l3) {
    static final int PARAMETERS = 10;
    static final int NOISE = 6;
    private static final double ROOT5 = Math.sqrt(5);

    static Kernel of(double[] logs) {
        double[] w = new double[7];
        for (int i = 0; i < w.length; i++) {
            w[i] = Math.exp(logs[i]);
        }
        return new Kernel(w, Math.exp(logs[7]), Math.exp(logs[8]), Math.exp(logs[9]));
    }

    double value(double agreement, double p1, double d1, double p2, double d2) {
        return w[0] * agreement + w[1] * p1 + w[2] * p2
                + w[3] * Math.exp((agreement - 1) / l1)
                + w[4] * matern(d1, l2) + w[5] * matern(d2, l3);
    }

    private static double matern(double squared, double length) {
        double r = ROOT5 * Math.sqrt(squared) / length;
        return (1 + r + r * r / 3) * Math.exp(-r);
    }

    double noise() {
        return w[6];
    }
}

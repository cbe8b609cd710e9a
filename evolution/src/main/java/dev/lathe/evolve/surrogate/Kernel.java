package dev.lathe.evolve.surrogate;

/**
 * How alike two architectures are: a sum of six terms, each with a weight of its own. Three are for what adds up, as most costs do:
 * the share of equal decisions, the product of totals, the product of counts of subtrees. Three are for what does not: an
 * exponential of the share of different decisions, and Matérn 5/2 of the distances of totals and of counts.
 *
 * @param weights of the terms in that order and of the noise, in units of the variance of what is modelled
 * @param lengths over which the last three terms fall
 */
// The arrays are the package's own and never changed; kernels are not compared.
@SuppressWarnings("ArrayRecordComponent")
record Kernel(double[] weights, double[] lengths) {
    private static final int TERMS = 6;
    private static final int LENGTHS = 3;
    /** Of a kernel: weights, noise, lengths. */
    static final int PARAMETERS = TERMS + 1 + LENGTHS;

    private static final double ROOT5 = Math.sqrt(5);

    /** @param logs natural logarithms of weights, noise and lengths */
    static Kernel of(double[] logs) {
        double[] weights = new double[TERMS + 1];
        double[] lengths = new double[LENGTHS];
        for (int i = 0; i < PARAMETERS; i++) {
            if (i <= TERMS) {
                weights[i] = Math.exp(logs[i]);
            } else {
                lengths[i - TERMS - 1] = Math.exp(logs[i]);
            }
        }
        return new Kernel(weights, lengths);
    }

    /** Without the noise. */
    double value(Encoding.Point a, Encoding.Point b) {
        double total = a.totalProduct(b);
        double subtree = a.subtreeProduct(b);
        return value(a.agreement(b), total, a.totalSquared(b, total), subtree, a.subtreeSquared(b, subtree));
    }

    /** The same, of an agreement, and of a product and a squared distance for totals and for subtrees. */
    double value(double agreement, double total, double totalSquared, double subtree, double subtreeSquared) {
        return weights[0] * agreement
                + weights[1] * total
                + weights[2] * subtree
                + weights[3] * Math.exp((agreement - 1) / lengths[0])
                + weights[4] * matern(totalSquared, lengths[1])
                + weights[5] * matern(subtreeSquared, lengths[2]);
    }

    private static double matern(double squared, double length) {
        double r = ROOT5 * Math.sqrt(Math.max(0, squared)) / length;
        return (1 + r + r * r / 3) * Math.exp(-r);
    }

    double noise() {
        return weights[TERMS];
    }
}

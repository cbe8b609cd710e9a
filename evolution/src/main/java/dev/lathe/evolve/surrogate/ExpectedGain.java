package dev.lathe.evolve.surrogate;

import java.util.Arrays;
import java.util.Comparator;
import org.hipparchus.special.Erf;

/**
 * <b>Expected hypervolume improvement</b>: by how much the volume that a front dominates is expected to grow by one more point,
 * whose objectives are independent normal variables (Emmerich, Giannakoglou and Naujoks, <i>Single- and multiobjective
 * evolutionary optimization assisted by Gaussian random field metamodels</i>, IEEE Transactions on Evolutionary Computation 10(4),
 * 2006). Exact: what the front leaves free is cut into boxes, and in each the expectation is a product over the objectives.
 *
 * @implNote Boxes are found by slicing one objective after the other, O(n) of them for two objectives, O(n²) for three.
 */
public final class ExpectedGain {
    private static final double ROOT2 = Math.sqrt(2);
    private static final double ROOT_2PI = Math.sqrt(2 * Math.PI);

    private final double[] reference;
    private double[][] front;

    /**
     * @param front vectors of which every component is to be minimized; dominated ones are harmless
     * @param reference the worst corner; points beyond it gain nothing
     */
    public ExpectedGain(double[][] front, double[] reference) {
        this.reference = reference.clone();
        this.front = nonDominated(front);
    }

    private double[][] nonDominated(double[][] points) {
        double[][] inside = Arrays.stream(points)
                .filter(p -> below(p, reference))
                .distinct()
                .toArray(double[][]::new);
        double[][] kept = new double[inside.length][];
        int n = 0;
        for (int i = 0; i < inside.length; i++) {
            boolean covered = false;
            for (int j = 0; j < inside.length && !covered; j++) {
                covered = j != i && covers(inside[j], inside[i]) && (j < i || !Arrays.equals(inside[j], inside[i]));
            }
            if (!covered) {
                kept[n++] = inside[i];
            }
        }
        double[][] sorted = Arrays.copyOf(kept, n);
        int last = reference.length - 1;
        Arrays.sort(sorted, Comparator.comparingDouble((double[] p) -> p[last]).thenComparing(Arrays::compare));
        return sorted;
    }

    private static boolean below(double[] p, double[] reference) {
        for (int i = 0; i < p.length; i++) {
            if (!(p[i] < reference[i])) {
                return false;
            }
        }
        return true;
    }

    private static boolean covers(double[] a, double[] b) {
        for (int i = 0; i < a.length; i++) {
            if (a[i] > b[i]) {
                return false;
            }
        }
        return true;
    }

    /** The front as if this point were found. */
    public void add(double[] point) {
        double[][] more = Arrays.copyOf(front, front.length + 1);
        more[front.length] = point.clone();
        front = nonDominated(more);
    }

    /**
     * The expected growth, in the product of the objectives' units.
     *
     * @param means of the objectives
     * @param deviations their standard deviations; with all 0 the growth itself
     */
    public double of(double[] means, double[] deviations) {
        return gain(front, front.length, reference.length - 1, means, deviations);
    }

    /** @param points the first {@code n}, in ascending order of component {@code d} */
    private double gain(double[][] points, int n, int d, double[] means, double[] deviations) {
        if (d == 0) {
            double height = reference[0];
            for (int i = 0; i < n; i++) {
                height = Math.min(height, points[i][0]);
            }
            return below(height, means[0], deviations[0]);
        }
        double sum = 0;
        double before = 0;
        double height = reference[0];
        for (int i = 0; i <= n; i++) {
            double to = below(i < n ? points[i][d] : reference[d], means[d], deviations[d]);
            if (to > before) {
                sum += (to - before)
                        * (d == 1
                                ? below(height, means[0], deviations[0])
                                : gain(sorted(points, i, d - 1), i, d - 1, means, deviations));
            }
            before = to;
            height = i < n ? Math.min(height, points[i][0]) : height;
        }
        return sum;
    }

    private static double[][] sorted(double[][] points, int n, int d) {
        double[][] first = Arrays.copyOf(points, n);
        Arrays.sort(first, Comparator.comparingDouble(p -> p[d]));
        return first;
    }

    /** The expected distance by which a normal variable stays below a bound; 0 where it does not. */
    private static double below(double bound, double mean, double deviation) {
        if (deviation <= 0) {
            return Math.max(0, bound - mean);
        }
        double z = (bound - mean) / deviation;
        if (z < -8) {
            return 0;
        }
        return z > 8 ? bound - mean : deviation * (z * Erf.erfc(-z / ROOT2) / 2 + Math.exp(-z * z / 2) / ROOT_2PI);
    }
}

package dev.lathe.evolve.surrogate;

import dev.lathe.base.Seeds;
import dev.lathe.space.Architecture;
import dev.lathe.space.Decision;
import dev.lathe.space.NetworkFeatures;
import dev.lathe.space.SearchSpace;
import java.util.Arrays;
import java.util.List;
import java.util.random.RandomGenerator;

/**
 * How models see the architectures of a space: the choice of each decision, where a decision that changes nothing (of a block
 * beyond the depth) counts as a choice of its own, and the {@link NetworkFeatures} of the network. Totals are standardized one by one;
 * counts of subtrees keep their proportions, so that frequent ones matter more. Immutable.
 */
public final class Encoding {
    private static final int SAMPLE = 400;
    /** Far outside the sample a total says no more than that it is far. */
    private static final double FARTHEST = 5;

    private final SearchSpace space;
    /** Features that differ within the space, totals first. */
    private final int[] used;
    /** Number of totals among them. */
    private final int totals;

    private final double[] means;
    private final double[] scales;

    /** One encoded architecture. Immutable. */
    public static final class Point {
        private final int[] choices;
        private final double[] totals;
        private final double[] subtrees;
        private final double totalNorm;
        private final double subtreeNorm;

        private Point(int[] choices, double[] totals, double[] subtrees) {
            this.choices = choices;
            this.totals = totals;
            this.subtrees = subtrees;
            this.totalNorm = product(totals, totals);
            this.subtreeNorm = product(subtrees, subtrees);
        }

        /** The share of decisions in which two architectures agree. */
        double agreement(Point o) {
            int equal = 0;
            for (int i = 0; i < choices.length; i++) {
                equal += choices[i] == o.choices[i] ? 1 : 0;
            }
            return equal / (double) Math.max(1, choices.length);
        }

        /** The product of totals: about 1 for a random architecture and itself. */
        double totalProduct(Point o) {
            return product(totals, o.totals);
        }

        /** The product of counts of subtrees: about 1 for a random architecture and itself. */
        double subtreeProduct(Point o) {
            return product(subtrees, o.subtrees);
        }

        /** The squared distance of totals of this product. */
        double totalSquared(Point o, double product) {
            return totalNorm + o.totalNorm - 2 * product;
        }

        /** The squared distance of counts of subtrees of this product. */
        double subtreeSquared(Point o, double product) {
            return subtreeNorm + o.subtreeNorm - 2 * product;
        }

        /** How different two architectures are, in decisions and in totals. */
        public double distance(Point o) {
            return 1 - agreement(o) + Math.sqrt(Math.max(0, totalSquared(o, totalProduct(o))));
        }

        private static double product(double[] a, double[] b) {
            double sum = 0;
            for (int i = 0; i < a.length; i++) {
                sum += a[i] * b[i];
            }
            return sum;
        }
    }

    private Encoding(SearchSpace space, int[] used, int totals, double[] means, double[] scales) {
        this.space = space;
        this.used = used;
        this.totals = totals;
        this.means = means;
        this.scales = scales;
    }

    /** Means and scales are those of a random sample of the space: no evaluation is needed. */
    public static Encoding of(SearchSpace space, long seed) {
        RandomGenerator random = Seeds.generator(seed, "encoding", 0);
        double[][] sample = new double[SAMPLE][];
        for (int i = 0; i < SAMPLE; i++) {
            sample[i] = NetworkFeatures.of(space, space.random(random));
        }
        int[] used = new int[NetworkFeatures.LENGTH];
        double[] means = new double[used.length];
        double[] deviations = new double[used.length];
        int count = 0;
        int totals = 0;
        double subtreeVariance = 0;
        for (int f = 0; f < used.length; f++) {
            int feature = f;
            double mean = Arrays.stream(sample).mapToDouble(s -> s[feature]).sum() / SAMPLE;
            double variance = Arrays.stream(sample)
                            .mapToDouble(s -> (s[feature] - mean) * (s[feature] - mean))
                            .sum()
                    / SAMPLE;
            if (Math.sqrt(variance) <= 1e-9 * Math.max(1, Math.abs(mean))) {
                continue;
            }
            used[count] = f;
            means[count] = mean;
            deviations[count++] = Math.sqrt(variance);
            if (f < NetworkFeatures.TOTALS) {
                totals = count;
            } else {
                subtreeVariance += variance;
            }
        }
        double[] scales = new double[count];
        for (int i = 0; i < count; i++) {
            scales[i] = i < totals ? deviations[i] * Math.sqrt(totals) : Math.sqrt(subtreeVariance);
        }
        return new Encoding(space, Arrays.copyOf(used, count), totals, Arrays.copyOf(means, count), scales);
    }

    /** @param canonical a canonical architecture of the space */
    public Point encode(Architecture canonical) {
        double[] all = NetworkFeatures.of(space, canonical);
        double[] first = new double[totals];
        double[] second = new double[used.length - totals];
        double farthest = FARTHEST / Math.sqrt(Math.max(1, totals));
        for (int i = 0; i < used.length; i++) {
            double z = (all[used[i]] - means[i]) / scales[i];
            if (i < totals) {
                first[i] = Math.max(-farthest, Math.min(farthest, z));
            } else {
                second[i - totals] = z;
            }
        }
        return new Point(activeChoices(canonical), first, second);
    }

    /** The choices, -1 for those whose change gives the same network. */
    private int[] activeChoices(Architecture canonical) {
        List<Decision> decisions = space.decisions();
        int[] choices = canonical.choices();
        int[] active = canonical.choices();
        for (int i = 0; i < choices.length; i++) {
            int size = decisions.get(i).size();
            int kept = choices[i];
            choices[i] = (kept + 1) % size;
            if (size > 1
                    && space.canonical(Architecture.of(space.name(), choices)).equals(canonical)) {
                active[i] = -1;
            }
            choices[i] = kept;
        }
        return active;
    }
}

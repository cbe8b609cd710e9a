package dev.lathe.evolve.surrogate;

import dev.lathe.base.Seeds;
import dev.lathe.space.Architecture;
import dev.lathe.space.Decision;
import dev.lathe.space.GraphFeatures;
import dev.lathe.space.SearchSpace;
import java.util.Arrays;
import java.util.List;
import java.util.random.RandomGenerator;

/**
 * How models see the architectures of a space: the choice of each decision, where a decision that changes nothing (of a block
 * beyond the depth) counts as a choice of its own, and the standardized {@link GraphFeatures} of the network. Immutable.
 */
public final class Encoding {
    private static final int SAMPLE = 400;

    private final SearchSpace space;
    private final int[] used;
    private final double[] means;
    private final double[] deviations;

    /**
     * One encoded architecture.
     *
     * @param choices of each decision, -1 for one that changes nothing
     * @param features standardized, each divided by the root of their number, so that a squared distance is a mean
     */
    // The arrays are the package's own and never changed; points are compared by identity only.
    @SuppressWarnings("ArrayRecordComponent")
    public record Point(int[] choices, double[] features, double[] subtrees) {
        /** The share of decisions in which two architectures agree. */
        double agreement(Point o) {
            int equal = 0;
            for (int i = 0; i < choices.length; i++) {
                equal += choices[i] == o.choices[i] ? 1 : 0;
            }
            return equal / (double) Math.max(1, choices.length);
        }

        double product(Point o) {
            return dot(features, o.features);
        }

        double subtreeProduct(Point o) {
            return dot(subtrees, o.subtrees);
        }

        /** How different two architectures are, in decisions and in features. */
        public double distance(Point o) {
            return 1 - agreement(o) + Math.sqrt(Math.max(0, product(this) + o.product(o) - 2 * product(o)));
        }

        private static double dot(double[] a, double[] b) {
            double sum = 0;
            for (int i = 0; i < a.length; i++) {
                sum += a[i] * b[i];
            }
            return sum;
        }
    }

    private Encoding(SearchSpace space, int[] used, double[] means, double[] deviations) {
        this.space = space;
        this.used = used;
        this.means = means;
        this.deviations = deviations;
    }

    /** Standardized over a random sample of the space: no evaluation is needed. */
    public static Encoding of(SearchSpace space, long seed) {
        RandomGenerator random = Seeds.generator(seed, "encoding", 0);
        double[][] sample = new double[SAMPLE][];
        for (int i = 0; i < SAMPLE; i++) {
            sample[i] = GraphFeatures.of(space.lower(space.random(random)));
        }
        double[] means = new double[GraphFeatures.LENGTH];
        double[] deviations = new double[GraphFeatures.LENGTH];
        int[] used = new int[GraphFeatures.LENGTH];
        int count = 0;
        for (int f = 0; f < GraphFeatures.LENGTH; f++) {
            double sum = 0;
            double squares = 0;
            for (double[] s : sample) {
                sum += s[f];
            }
            double mean = sum / SAMPLE;
            for (double[] s : sample) {
                squares += (s[f] - mean) * (s[f] - mean);
            }
            double deviation = Math.sqrt(squares / SAMPLE);
            if (deviation > 1e-9 * Math.max(1, Math.abs(mean))) {
                means[count] = mean;
                deviations[count] = deviation;
                used[count++] = f;
            }
        }
        return new Encoding(
                space, Arrays.copyOf(used, count), Arrays.copyOf(means, count), Arrays.copyOf(deviations, count));
    }

    /** @param canonical a canonical architecture of the space */
    public Point encode(Architecture canonical) {
        List<Decision> decisions = space.decisions();
        int[] choices = canonical.choices();
        int[] encoded = choices.clone();
        for (int i = 0; i < choices.length; i++) {
            int size = decisions.get(i).size();
            if (size > 1) {
                int kept = choices[i];
                choices[i] = (kept + 1) % size;
                if (space.canonical(Architecture.of(space.name(), choices)).equals(canonical)) {
                    encoded[i] = -1;
                }
                choices[i] = kept;
            }
        }
        double[] all = GraphFeatures.of(space.lower(canonical));
        int split = 0;
        int bound = Integer.getInteger("split", 58);
        while (split < used.length && used[split] < bound) {
            split++;
        }
        double[] features = new double[split];
        double[] subtrees = new double[used.length - split];
        for (int i = 0; i < split; i++) {
            // Far outside the sample a feature says no more than that it is far.
            double z = (all[used[i]] - means[i]) / deviations[i];
            features[i] = Math.max(-5, Math.min(5, z)) / Math.sqrt(Math.max(1, split));
        }
        double total = 0;
        for (int i = split; i < used.length; i++) total += deviations[i] * deviations[i];
        boolean std = Boolean.getBoolean("std");
        for (int i = split; i < used.length; i++) {
            double z = (all[used[i]] - means[i]);
            subtrees[i - split] = std ? z / deviations[i] / Math.sqrt(used.length - split) : z / Math.sqrt(total);
        }
        return new Point(encoded, features, subtrees);
    }
}

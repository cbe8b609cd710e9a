package dev.lathe.space;

import dev.lathe.base.ProgressListener;
import dev.lathe.base.Seeds;
import dev.lathe.graph.CostModel;
import dev.lathe.graph.Graph;
import dev.lathe.graph.MemoryPlanner;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.random.RandomGenerator;

/**
 * What the networks of a space cost, read off a seeded sample of random ones, and how many of them meet a budget.
 *
 * <p>Of several spaces for one device, that whose networks within the memory have the most MACs on average is likely to hold the
 * most accurate one: TinyNAS of MCUNet chooses its space so.
 *
 * @see <a href="https://arxiv.org/abs/2007.10319">Lin et al., MCUNet, NeurIPS 2020, section 3.1</a>
 */
public final class SpaceStatistics {
    public static final String PARAMETERS = "parameters";
    public static final String MACS = "macs";
    /** Bytes of float32 activations, as the memory planner packs them. */
    public static final String PEAK_ACTIVATION_BYTES = "peakActivationBytes";

    /** Names of what is counted. */
    public static final List<String> METRICS = List.of(PARAMETERS, MACS, PEAK_ACTIVATION_BYTES);

    private static final int MACS_INDEX = METRICS.indexOf(MACS);

    private final long[][] costs;
    private final long[][] sorted;

    private SpaceStatistics(long[][] costs) {
        this.costs = costs;
        this.sorted = new long[METRICS.size()][costs.length];
        for (int m = 0; m < sorted.length; m++) {
            for (int i = 0; i < costs.length; i++) {
                sorted[m][i] = costs[i][m];
            }
            Arrays.sort(sorted[m]);
        }
    }

    /**
     * @param samples number of random architectures, at least 1
     * @param seed the same seed gives the same sample
     * @param progress hears of every architecture
     */
    public static SpaceStatistics sample(SearchSpace space, int samples, long seed, ProgressListener progress) {
        if (samples < 1) {
            throw new IllegalArgumentException("A sample has at least one architecture, not " + samples);
        }
        RandomGenerator random = Seeds.generator(seed, "statistics", 0);
        long[][] costs = new long[samples][];
        for (int i = 0; i < samples; i++) {
            costs[i] = costs(space.lower(space.random(random)));
            progress.report(space.name(), i + 1L, samples, "");
        }
        return new SpaceStatistics(costs);
    }

    /** Parameters, MACs, peak activation bytes of one network, in the order of {@link #METRICS}. */
    public static long[] costs(Graph graph) {
        CostModel.Cost c = CostModel.of(graph);
        return new long[] {c.parameters(), c.macs(), MemoryPlanner.peakBytes(graph, Float.BYTES)};
    }

    public int samples() {
        return costs.length;
    }

    /**
     * The smallest value of the sample that at least a share {@code q} of it does not exceed.
     *
     * @param metric one of {@link #METRICS}
     * @param q from 0, the smallest, over 0.5, the median, to 1, the largest
     */
    public long quantile(String metric, double q) {
        long[] v = sorted[index(metric)];
        return v[(int) Math.min(v.length - 1L, Math.max(0, (long) Math.ceil(q * v.length) - 1))];
    }

    /**
     * How much of the sample meets a budget.
     *
     * @param networks number that meet it
     * @param samples number of all
     * @param meanMacs mean MACs of those that meet it; NaN where none does
     */
    public record Fit(int networks, int samples, double meanMacs) {
        public double share() {
            return networks / (double) samples;
        }
    }

    /** @param limits the most of each metric that a network may need; metrics without one are free */
    public Fit fitting(Map<String, Double> limits) {
        int networks = 0;
        double macs = 0;
        for (long[] c : costs) {
            boolean fits = true;
            for (Map.Entry<String, Double> limit : limits.entrySet()) {
                fits &= c[index(limit.getKey())] <= limit.getValue();
            }
            if (fits) {
                networks++;
                macs += c[MACS_INDEX];
            }
        }
        return new Fit(networks, costs.length, networks == 0 ? Double.NaN : macs / networks);
    }

    private static int index(String metric) {
        int i = METRICS.indexOf(metric);
        if (i < 0) {
            throw new IllegalArgumentException("There is no metric '%s', only %s".formatted(metric, METRICS));
        }
        return i;
    }
}

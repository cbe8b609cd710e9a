package dev.lathe.space;

import dev.lathe.base.InvalidInputException;
import dev.lathe.base.ProgressListener;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;

/**
 * <b>TinyNAS' choice of a search space</b>: of several spaces, for example one at several resolutions and widths, that whose random
 * networks within the limits have the most MACs on average. Within one family more computation that fits means more accuracy, and
 * nothing needs to be trained to know it.
 *
 * @param space which
 * @param fit how many random networks are within the limits, and their mean MACs
 * @see <a href="https://arxiv.org/abs/2007.10319">Lin et al., MCUNet, NeurIPS 2020, section 3.1</a>
 */
public record SpaceChoice(SearchSpace space, SpaceStatistics.Fit fit) {
    /**
     * The spaces, the best first; those of which nothing fits come last, in their order.
     *
     * @param limits the most of each of {@link SpaceStatistics#METRICS} that a network may need; at least one
     * @param samples random networks of each space
     * @param seed the same seed gives the same samples
     */
    public static List<SpaceChoice> ranked(
            List<SearchSpace> spaces, Map<String, Double> limits, int samples, long seed, ProgressListener progress) {
        if (limits.isEmpty()) {
            throw new InvalidInputException(
                    "without a limit the largest space always wins; give one, for example peakActivation='256 KiB'");
        }
        List<SpaceChoice> all = new ArrayList<>();
        for (SearchSpace s : spaces) {
            all.add(new SpaceChoice(
                    s, SpaceStatistics.sample(s, samples, seed, progress).fitting(limits)));
        }
        all.sort(Comparator.comparingDouble(
                (SpaceChoice c) -> c.fit.networks() == 0 ? Double.POSITIVE_INFINITY : -c.fit.meanMacs()));
        return List.copyOf(all);
    }
}

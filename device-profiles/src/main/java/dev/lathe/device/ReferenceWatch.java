package dev.lathe.device;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * What one network that is timed again and again says of its device: it throttles, or somebody else uses it, where that network
 * takes longer than it mostly does.
 */
final class ReferenceWatch {
    /** Of a round that the reference does not judge. */
    static final int NEVER = -1;

    private final double share;
    private final List<Double> timesMs = new ArrayList<>();

    /** @param share of its median by which the reference must be slower to be called slow; 0 calls nothing slow */
    ReferenceWatch(double share) {
        this.share = share;
    }

    void timed(double ms) {
        timesMs.add(ms);
    }

    /** How often the reference was timed so far. */
    int timings() {
        return timesMs.size();
    }

    /**
     * Whether the reference was slow before or after something was measured.
     *
     * @param after {@link #timings} then, or {@link #NEVER}
     */
    boolean isSlow(int after) {
        if (share == 0 || after == NEVER) {
            return false;
        }
        double limit = limit();
        return (after > 0 && timesMs.get(after - 1) > limit) || (after < timesMs.size() && timesMs.get(after) > limit);
    }

    /** Share of its timings in which the reference was slow. */
    double slowShare() {
        if (share == 0 || timesMs.isEmpty()) {
            return 0;
        }
        double limit = limit();
        return timesMs.stream().filter(t -> t > limit).count() / (double) timesMs.size();
    }

    private double limit() {
        double[] sorted = timesMs.stream().mapToDouble(t -> t).toArray();
        Arrays.sort(sorted);
        return InterleavedTimer.quantile(sorted, 0.5) * (1 + share);
    }
}

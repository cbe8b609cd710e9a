package dev.lathe.supernet.data;

import dev.lathe.base.InvalidInputException;
import java.util.random.RandomGenerator;

/**
 * Random small changes of time series that keep their class: what differs from wearer to wearer and from sensor to sensor.
 *
 * @param jitter standard deviation of the noise added to each sample, in standard deviations of its sensor; 0 for none
 * @param scaling standard deviation of the factor near 1 by which each sensor of a series swings about its mean; 0 for none
 * @param shift largest shift in time, as a share of the window, filled by the one at the edge; 0 for none
 * @see <a href="https://arxiv.org/abs/1706.00527">Um et al., Data Augmentation of Wearable Sensor Data, ICMI 2017</a>
 */
public record SeriesAugmentation(double jitter, double scaling, double shift) {
    /** Leaves series as they are. */
    public static final SeriesAugmentation NONE = new SeriesAugmentation(0, 0, 0);

    public SeriesAugmentation {
        require(jitter >= 0 && jitter <= 1, "jitter", jitter, "0 (off) to 1 standard deviation");
        require(scaling >= 0 && scaling <= 1, "scaling", scaling, "0 (off) to 1");
        require(shift >= 0 && shift <= 0.5, "shift", shift, "0 (off) to 0.5 of the window");
    }

    private static void require(boolean condition, String name, double value, String wanted) {
        if (!condition) {
            throw new InvalidInputException("training.%s is %s; it must be %s".formatted(name, value, wanted));
        }
    }

    /** Whether nothing is changed. */
    public boolean isNone() {
        return equals(NONE);
    }

    /**
     * Changes one series in place.
     *
     * @param values (T, S) from {@code offset}, as {@link TimeSeries} maps them: the mean of a sensor at 0.5, a standard
     *     deviation a tenth wide
     */
    public void apply(float[] values, int offset, int steps, int sensors, RandomGenerator random) {
        int most = (int) Math.round(shift * steps);
        move(values, offset, steps, sensors, random.nextInt(2 * most + 1) - most);
        for (int s = 0; s < sensors; s++) {
            float factor = (float) (1 + scaling * random.nextGaussian());
            for (int t = 0; t < steps; t++) {
                int at = offset + t * sensors + s;
                double noise = jitter == 0 ? 0 : jitter * TimeSeries.DEVIATION * random.nextGaussian();
                values[at] = (float) (TimeSeries.MEAN + factor * (values[at] - TimeSeries.MEAN) + noise);
            }
        }
    }

    /** Moves whole steps later, or earlier, and repeats the one at the edge. */
    private static void move(float[] values, int offset, int steps, int sensors, int by) {
        int kept = (steps - Math.abs(by)) * sensors;
        if (by > 0) {
            System.arraycopy(values, offset, values, offset + by * sensors, kept);
        } else if (by < 0) {
            System.arraycopy(values, offset - by * sensors, values, offset, kept);
        }
        int edge = by > 0 ? offset : offset + (steps - 1) * sensors;
        for (int i = 0; i < Math.abs(by); i++) {
            int step = by > 0 ? i : steps - 1 - i;
            System.arraycopy(values, edge, values, offset + step * sensors, sensors);
        }
    }
}

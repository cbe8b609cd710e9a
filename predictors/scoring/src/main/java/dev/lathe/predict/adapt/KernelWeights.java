package dev.lathe.predict.adapt;

import java.util.stream.DoubleStream;

/**
 * What a new device is believed to be before it is measured: the variances of the parts of its latency function, a Gaussian
 * process. All are relative; only their ratios matter.
 *
 * @param mean along the mean of the known devices
 * @param sources along each known device
 * @param counts linear in the counts of choices
 * @param smooth a smooth function of the counts
 * @param coarse a function of which decision chose what, with interactions
 * @param fine the same, rougher
 * @param noise of one measurement, above 0
 */
public record KernelWeights(
        double mean, double sources, double counts, double smooth, double coarse, double fine, double noise) {
    public KernelWeights {
        if (!(noise > 0)
                || !DoubleStream.of(mean, sources, counts, smooth, coarse, fine, noise)
                        .allMatch(v -> v >= 0 && Double.isFinite(v))) {
            throw new IllegalArgumentException("Variances are finite and at least 0, that of the noise above 0");
        }
    }
}

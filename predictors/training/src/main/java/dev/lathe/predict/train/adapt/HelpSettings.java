package dev.lathe.predict.train.adapt;

import dev.lathe.base.InvalidInputException;

/**
 * Settings of HELP's meta-training that change its result.
 *
 * @param episodes meta-steps
 * @param devicesPerEpisode devices of one meta-step
 * @param support architectures measured on a device besides the references
 * @param queries architectures the adapted predictor is judged on, a device and episode
 * @param width hidden width
 * @param draws predictors averaged on a new device
 * @param learningRate of Adam, at the start; it falls to 0 along a cosine
 * @param secondOrder whether meta-gradients go through the gradients of the adaptation
 */
public record HelpSettings(
        int episodes,
        int devicesPerEpisode,
        int support,
        int queries,
        int width,
        int draws,
        double learningRate,
        boolean secondOrder) {
    public HelpSettings {
        if (episodes < 1
                || devicesPerEpisode < 1
                || support < 0
                || queries < 2
                || width < 1
                || draws < 1
                || !(learningRate > 0 && learningRate < 1)) {
            throw new InvalidInputException(
                    "HELP trains in at least 1 episode of 1 device with 2 queries, width 1 and a learning rate from 0 to 1,"
                            + " not %d, %d, %d, %d and %s"
                                    .formatted(episodes, devicesPerEpisode, queries, width, learningRate));
        }
    }

    /** The paper's network; fewer devices, queries and episodes than the paper's, at a higher rate, take a tenth of its time. */
    public static HelpSettings defaults() {
        return new HelpSettings(360, 6, 10, 40, 100, 2, 1e-3, true);
    }

    /** Leaves the second derivatives out: cheaper, and a comparison. */
    public HelpSettings firstOrder() {
        return new HelpSettings(episodes, devicesPerEpisode, support, queries, width, draws, learningRate, false);
    }
}

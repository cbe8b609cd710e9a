package dev.lathe.supernet;

import dev.lathe.supernet.data.ImageDataset;
import dev.lathe.supernet.data.Normalization;

/**
 * How well a network does on labelled images.
 *
 * @param top1 share of images whose class is the largest logit, 0 to 1
 * @param crossEntropy mean of -log p(class), in nats
 * @param images how many were looked at
 */
public record SubnetScore(double top1, double crossEntropy, int images) {
    private static final int BATCH = 256;

    /** How far top-1 on as many images of the same kind typically lies from this: the deviation of a binomial share. */
    public double standardError() {
        return standardError(top1, images);
    }

    /** The same of any share of right answers, 0 to 1. */
    public static double standardError(double top1, int images) {
        return Math.sqrt(top1 * (1 - top1) / images);
    }

    /** Whatever runs a network: the executor, or an exported file in a runtime. */
    @FunctionalInterface
    public interface Network {
        /**
         * @param input {@code batch} standardized images, NCHW
         * @return (batch, classes), row-major
         */
        float[] logits(float[] input, int batch);
    }

    /** Runs a network on all images; of equal logits the first class counts. */
    public static SubnetScore of(Network network, ImageDataset images, Normalization normalization) {
        int classes = images.shape().classes();
        int right = 0;
        double loss = 0;
        for (int from = 0; from < images.size(); from += BATCH) {
            int to = Math.min(images.size(), from + BATCH);
            float[] logits = network.logits(normalization.standardized(images, from, to), to - from);
            for (int i = from; i < to; i++) {
                int at = (i - from) * classes;
                int best = 0;
                for (int c = 1; c < classes; c++) {
                    if (logits[at + c] > logits[at + best]) {
                        best = c;
                    }
                }
                double sum = 0;
                for (int c = 0; c < classes; c++) {
                    sum += Math.exp(logits[at + c] - logits[at + best]);
                }
                loss += Math.log(sum) + logits[at + best] - logits[at + images.label(i)];
                right += best == images.label(i) ? 1 : 0;
            }
        }
        return new SubnetScore(right / (double) images.size(), loss / images.size(), images.size());
    }
}

package dev.lathe.supernet;

/**
 * How well a subnet does with the weights it inherits.
 *
 * @param top1 share of images whose class is the largest logit, 0 to 1
 * @param crossEntropy mean of -log p(class), in nats
 * @param images how many were looked at
 */
public record SubnetScore(double top1, double crossEntropy, int images) {}

package dev.lathe.space.spaceevo;

/**
 * What one block chose.
 *
 * @param kernel side length of its k x k convolutions
 * @param width output channels
 * @param expansion hidden width over the reference width; 0 where the block type has none
 */
public record BlockChoice(int kernel, int width, double expansion) {}

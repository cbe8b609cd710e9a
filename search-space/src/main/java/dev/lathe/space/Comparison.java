package dev.lathe.space;

/**
 * One published figure beside ours.
 *
 * @param what what it is of
 * @param theirs the published figure, as text
 * @param ours what Lathe computes, as text
 * @param bar what counts as agreement, as text, for example {@code equal} or {@code to 3 digits}
 * @param agrees whether ours reaches the bar
 */
public record Comparison(String what, String theirs, String ours, String bar, boolean agrees) {}

package dev.lathe.space.custom;

/**
 * An architecture's decisions by value.
 *
 * @param values the chosen values; the first choice where a decision is not there
 * @param active whether each decision is there
 */
@SuppressWarnings("ArrayRecordComponent") // never compared, lives for one lowering
record Point(double[] values, boolean[] active) {}

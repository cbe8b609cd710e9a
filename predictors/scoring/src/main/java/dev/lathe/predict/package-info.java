/**
 * Prediction of metrics, and everything a worker needs to do it: features of graphs and architectures, models read from
 * MOJO bytes, the scorer that a cluster broadcasts, and how well a prediction ranks. Nothing here trains.
 */
@NullMarked
package dev.lathe.predict;

import org.jspecify.annotations.NullMarked;

/** Latency of a network from the times of its operators, by a look-up table that a few whole networks calibrate. */
@NullMarked
package dev.lathe.predict.lookup;

import org.jspecify.annotations.NullMarked;

/**
 * Latency on a device nobody has a model of: a {@link dev.lathe.predict.adapt.DeviceAdapter} knows how other devices
 * behave and becomes, by a handful of measurements, an {@link dev.lathe.predict.adapt.AdaptedPredictor} of the new one.
 * Adapters know tables of choices and latencies ({@link dev.lathe.predict.adapt.LatencyTable}), no search space.
 */
@NullMarked
package dev.lathe.predict.adapt;

import org.jspecify.annotations.NullMarked;

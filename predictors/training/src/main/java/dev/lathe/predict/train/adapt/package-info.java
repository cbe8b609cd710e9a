/** Learns from devices with many measurements what a device with few needs: makes the adapters of {@code predict.adapt}. */
@NullMarked
package dev.lathe.predict.train.adapt;

import org.jspecify.annotations.NullMarked;

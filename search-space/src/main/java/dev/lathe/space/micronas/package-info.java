/**
 * MicroNAS: small convolutional networks for windows of sensor readings, and the memory they need on a microcontroller. Start
 * with {@link dev.lathe.space.micronas.MicroNasSpace}.
 */
@NullMarked
package dev.lathe.space.micronas;

import org.jspecify.annotations.NullMarked;

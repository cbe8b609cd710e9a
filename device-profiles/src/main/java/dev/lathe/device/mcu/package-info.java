/**
 * Exported C on microcontrollers that are not there: {@link dev.lathe.device.mcu.Microcontroller} is a core with its budgets,
 * {@link dev.lathe.device.mcu.Firmware} builds programs for the host and for a core and runs them, under QEMU for a core, and
 * {@link dev.lathe.device.mcu.BenchReport} is what they printed.
 */
@NullMarked
package dev.lathe.device.mcu;

import org.jspecify.annotations.NullMarked;

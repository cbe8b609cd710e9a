/**
 * Quantized networks as C99 for microcontrollers: {@link dev.lathe.graph.c.CWriter} gives a network's constants and its schedule
 * on the planner's arena, {@link dev.lathe.graph.c.CFiles} the kernels, the bare-metal port and the linker script with a
 * device's budgets, {@link dev.lathe.graph.c.CBench} a program that runs networks on samples and reports what it saw.
 */
@NullMarked
package dev.lathe.graph.c;

import org.jspecify.annotations.NullMarked;

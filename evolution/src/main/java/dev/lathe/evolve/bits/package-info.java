/** Bit widths of a network's layers, chosen by integer linear programming. */
@NullMarked
package dev.lathe.evolve.bits;

import org.jspecify.annotations.NullMarked;

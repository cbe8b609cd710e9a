/**
 * Models that predict the metrics of architectures from those evaluated, with how sure they are: what a search that must spare
 * evaluations decides by. Start with {@link Surrogate}.
 */
@NullMarked
package dev.lathe.evolve.surrogate;

import org.jspecify.annotations.NullMarked;

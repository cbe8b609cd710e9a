/**
 * Search spaces and the architectures in them.
 *
 * <p>A {@link SearchSpace} is a list of {@link Decision}s; one choice for each is an {@link Architecture}. A space does one
 * thing that matters: it lowers an architecture to a {@link dev.lathe.graph.Graph}. Everything here is immutable and free
 * of I/O. Start with {@link SearchSpaces}.
 */
@NullMarked
package dev.lathe.space;

import org.jspecify.annotations.NullMarked;

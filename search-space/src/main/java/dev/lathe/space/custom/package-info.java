/**
 * Search spaces that users describe in a YAML file: decisions, and layers whose parameters are expressions over them.
 *
 * <p>{@link dev.lathe.space.custom.SpaceFile} reads and checks a file, line by line; {@link
 * dev.lathe.space.custom.CustomSpace} is the space that it describes for one task. A file is data: nothing in it names a class,
 * and its size, depth and numbers are bounded. The language is described in {@code docs/custom-spaces.md}.
 */
@NullMarked
package dev.lathe.space.custom;

import org.jspecify.annotations.NullMarked;

/**
 * How scores of tokens become a translation, whatever runtime computes them. Start with {@link
 * dev.lathe.space.decode.BeamSearch}; a runtime implements {@link dev.lathe.space.decode.TokenScorer}.
 */
@NullMarked
package dev.lathe.space.decode;

import org.jspecify.annotations.NullMarked;

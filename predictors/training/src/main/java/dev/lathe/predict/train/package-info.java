/**
 * Fitting predictors with H2O in this process: tables of features and targets in, a MOJO with its held-out quality out.
 * The only package that sees H2O's training code.
 */
@NullMarked
package dev.lathe.predict.train;

import org.jspecify.annotations.NullMarked;

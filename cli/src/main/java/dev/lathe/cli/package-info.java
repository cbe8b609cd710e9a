/**
 * The {@code lathe} command: wires the modules, and talks to people.
 *
 * <p>{@link Main} is the entry. {@link Experiment} is what a user asks for, {@link Pipeline} how it is done, step by step, in a run
 * directory; each command is a class of its own.
 */
@NullMarked
package dev.lathe.cli;

import org.jspecify.annotations.NullMarked;

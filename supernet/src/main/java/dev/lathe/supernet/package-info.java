/**
 * One weight-shared network for a whole search space: parameters, executor, training, evaluation of its subnets.
 *
 * <p>The shared parameters are not declared: they are the union of the slices that the space's covering architectures use
 * ({@link dev.lathe.supernet.ParameterLayout}). {@link dev.lathe.supernet.GraphExecutor} runs any graph on slices of them,
 * {@link dev.lathe.supernet.SupernetTrainer} trains them, and {@link dev.lathe.supernet.Supernet} evaluates and extracts
 * subnets. This is the only package that sees the tensor library; its arrays live outside the Java heap, so what owns
 * some is {@link java.lang.AutoCloseable}. Start with {@link dev.lathe.supernet.SupernetTrainer}.
 */
@NullMarked
package dev.lathe.supernet;

import org.jspecify.annotations.NullMarked;

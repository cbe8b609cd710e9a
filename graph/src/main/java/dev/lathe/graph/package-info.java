/**
 * Typed operator graphs, the one form in which every part of the platform meets a network, and their readers.
 *
 * <p>A {@link Graph} is a list of {@link Node}s in a valid schedule. Each node has one {@link Operator} and one output
 * {@link Tensor}; weights are {@link WeightSlice}s of named shared parameters. Shapes leave out the batch: it is the
 * leading axis of every tensor at run time. Images are CHW, token sequences (T, E). Readers here: {@link CostModel}, {@link
 * MemoryPlanner}, {@link OnnxWriter}; schedules for microcontrollers are in {@code dev.lathe.graph.memory}, the DJL executor is in {@code dev.lathe.supernet}. All types are immutable.
 */
@NullMarked
package dev.lathe.graph;

import org.jspecify.annotations.NullMarked;

/**
 * Memory plans for microcontrollers: which operators run whole, which in tiles, rows or patches, in which order, and where
 * every buffer lies in one static arena.
 *
 * <p>{@link dev.lathe.graph.memory.DeploymentPlanner} is the entry: a graph and {@link
 * dev.lathe.graph.memory.DeploymentOptions} give a {@link dev.lathe.graph.memory.DeploymentPlan}. Inside, {@code UnitFinder} cuts
 * the graph into units (an operator with what is fused into it, or a region that has a schedule of its own), {@code
 * ExecutionOrder} orders them, {@code Timeline} gives every buffer its lifetime, {@code PatchStages} tries patch-based
 * execution of the first units, and {@link dev.lathe.graph.Packing} finds the offsets.
 */
@NullMarked
package dev.lathe.graph.memory;

import org.jspecify.annotations.NullMarked;

/**
 * Memory plans for microcontrollers: which operators run whole, which in tiles, rows or patches, in which order, and where
 * every buffer lies in one static arena.
 *
 * <pre>{@code
 * DeploymentOptions options = DeploymentOptions.int8()        // 8 bits, every technique, weights read in flash
 *         .without(Technique.REORDERING)                      // unless the firmware cannot
 *         .withSramLimit(256 * 1024);                         // no work done twice where that fits
 * DeploymentPlan plan = DeploymentPlanner.plan(graph, options);
 * plan.peakSramBytes();                                       // size of the static arena
 * plan.flashBytes();                                          // weights, tables, code
 * plan.regions();                                             // what is executed together, how, in words
 * plan.buffers();                                             // offset, size, lifetime and contents of each
 * System.out.print(DeploymentReport.of(graph, plan));         // all of that as text
 * }</pre>
 *
 * <p>A limit that no schedule keeps is not an error: the plan is then the smallest there is, and the caller compares. Searches
 * ask {@link dev.lathe.graph.memory.DeploymentPlanner#peakSramBytes}, which makes no plan.
 *
 * <p>Inside, {@code UnitFinder} cuts the graph into units (an operator with what is fused into it, or a region that has a
 * schedule of its own), {@code ExecutionOrder} orders them, {@code Timeline} gives every buffer its lifetime, {@code
 * PatchStages} tries patch-based execution of the first units, {@link dev.lathe.graph.Packing} finds the offsets, and {@code
 * ScheduleSearch} chooses.
 */
@NullMarked
package dev.lathe.graph.memory;

import org.jspecify.annotations.NullMarked;

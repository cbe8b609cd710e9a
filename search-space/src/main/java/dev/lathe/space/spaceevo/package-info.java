/**
 * SpaceEvo: hyperspaces whose points are search spaces, chosen per device so that their networks are accurate and fast after
 * INT8 quantization.
 *
 * <p>A {@link Hyperspace} offers block types and windows of channel widths for six stages; a {@link SpaceGenome} chooses one of
 * each per stage and so is a whole search space, {@link SpaceEvoSpace}. {@link NetworkText} reads and writes its networks in
 * the published form, and {@link SpaceEvoTables} compares what Lathe counts with the published tables.
 *
 * @see <a href="https://arxiv.org/abs/2303.08308">Wang et al., SpaceEvo, ICCV 2023</a>
 */
@NullMarked
package dev.lathe.space.spaceevo;

import org.jspecify.annotations.NullMarked;

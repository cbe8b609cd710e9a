/**
 * Vision transformers for microcontrollers: the search spaces of MCUFormer and of AutoFormer, which it grew from, and the
 * memory models that MCUFormer's search relies on.
 *
 * <p>Start with {@link dev.lathe.space.mcuformer.McuFormerSpace}. What networks of the spaces and their relatives (DeiT)
 * consist of is a {@link dev.lathe.space.mcuformer.TransformerSettings}; {@link
 * dev.lathe.space.mcuformer.McuFormerMemory} compares all of it with the published figures.
 *
 * @see <a href="https://arxiv.org/abs/2310.16898">Liang et al., MCUFormer, NeurIPS 2023</a>
 * @see <a href="https://arxiv.org/abs/2107.00651">Chen et al., AutoFormer, ICCV 2021</a>
 */
@NullMarked
package dev.lathe.space.mcuformer;

import org.jspecify.annotations.NullMarked;

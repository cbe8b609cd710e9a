/**
 * Networks in 8-bit integers: {@link dev.lathe.graph.quant.FloatExecutor} runs a graph in float32 on given samples, {@link
 * dev.lathe.graph.quant.Calibration} keeps the range of each tensor, {@link dev.lathe.graph.quant.Quantizer} turns graph, weights
 * and ranges into a {@link dev.lathe.graph.quant.QuantizedGraph}, and {@link dev.lathe.graph.quant.IntegerExecutor} is the
 * reference of its arithmetic, which every exported file is compared with bit by bit.
 */
@NullMarked
package dev.lathe.graph.quant;

import org.jspecify.annotations.NullMarked;

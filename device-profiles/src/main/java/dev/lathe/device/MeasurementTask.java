package dev.lathe.device;

import dev.lathe.graph.Shape;
import java.util.function.Supplier;

/**
 * One network to be timed.
 *
 * @param id what the measurement is kept under, unique in its list, for example the architecture's text
 * @param model gives the model file's bytes when its turn comes, so that not all are in memory at once
 * @param inputShape the input without the batch axis, NCHW: (C, H, W)
 */
public record MeasurementTask(String id, Supplier<byte[]> model, Shape inputShape) {}

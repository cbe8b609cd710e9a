package dev.lathe.device;

import dev.lathe.graph.Graph;
import dev.lathe.graph.Shape;
import dev.lathe.graph.c.CModel;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * One network to be timed.
 *
 * @param id what the measurement is kept under, unique in its list, for example the architecture's text
 * @param model gives the ONNX file's bytes when its turn comes, so that not all are in memory at once
 * @param inputShape the input without the batch axis, NCHW: (C, H, W)
 * @param code gives the network as C, for microcontrollers; null where there is none
 * @param graph gives the network itself, for engines that run it operator by operator; null where there is none
 */
public record MeasurementTask(
        String id,
        Supplier<byte[]> model,
        Shape inputShape,
        @Nullable Supplier<CModel> code,
        @Nullable Supplier<Graph> graph) {
    /** A network that is measured by running its ONNX file. */
    public MeasurementTask(String id, Supplier<byte[]> model, Shape inputShape) {
        this(id, model, inputShape, null, null);
    }
}

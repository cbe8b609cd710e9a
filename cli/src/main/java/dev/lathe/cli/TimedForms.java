package dev.lathe.cli;

import dev.lathe.base.Seeds;
import dev.lathe.device.DeviceProfile;
import dev.lathe.device.MeasurementTask;
import dev.lathe.device.Precision;
import dev.lathe.device.mcu.Microcontroller;
import dev.lathe.graph.Graph;
import dev.lathe.graph.OnnxWriter;
import dev.lathe.graph.Shape;
import dev.lathe.graph.WeightProvider;
import dev.lathe.graph.c.CFootprint;
import dev.lathe.graph.c.CModel;
import dev.lathe.graph.c.CWriter;
import dev.lathe.graph.quant.Calibration;
import dev.lathe.graph.quant.QdqNetwork;
import dev.lathe.graph.quant.Quantizer;
import dev.lathe.graph.quant.RandomTrial;
import dev.lathe.space.Architecture;
import dev.lathe.space.SearchSpace;
import dev.lathe.space.TaskShape;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;

/** The form in which a network is timed on a device: float32 or 8-bit ONNX, C, or its graph. */
final class TimedForms {
    /** Of random biases in 8-bit C, whose ranges must be like those of a trained network for it to exist. */
    private static final double SPREAD = 0.2;

    private static final int SAMPLES = 4;

    private TimedForms() {}

    /** With random weights, for time does not depend on them; measured under the architecture's text. */
    static List<MeasurementTask> ofRandomWeights(
            DeviceProfile device, SearchSpace space, Collection<Architecture> architectures) {
        List<MeasurementTask> tasks = new ArrayList<>();
        for (Architecture a : architectures) {
            tasks.add(ofRandomWeights(device, space, a, a.toString(), tasks.size()));
        }
        return tasks;
    }

    /** @param number told apart by it where several networks stand in one program */
    static MeasurementTask ofRandomWeights(
            DeviceProfile device, SearchSpace space, Architecture a, String id, int number) {
        return new MeasurementTask(
                id,
                () -> onnx(device, space, a),
                input(space),
                device.microcontroller()
                        .<Supplier<CModel>>map(m -> () -> code(space.lower(a), number, m))
                        .orElse(null),
                device.runsGraphs() ? () -> space.lower(a) : null);
    }

    /** Whether an exported network is timed by its own file; else by its architecture, with random weights. */
    static boolean isFile(DeviceProfile device) {
        return device.precision() == Precision.FP32 && !device.runsGraphs();
    }

    /** What of an exported network was timed. */
    static String text(DeviceProfile device) {
        if (isFile(device)) {
            return "this file";
        }
        return "the same architecture and random weights, %s"
                .formatted(
                        device.runsGraphs()
                                ? "run by the executor of supernets"
                                : device.runsCode() ? "as 8-bit C" : "as 8-bit ONNX");
    }

    /** A file that is there already. */
    static MeasurementTask ofFile(String id, byte[] onnx, SearchSpace space) {
        return new MeasurementTask(id, () -> onnx, input(space));
    }

    private static Shape input(SearchSpace space) {
        TaskShape t = TaskShape.of(space);
        return Shape.of(t.channels(), t.height(), t.width());
    }

    private static byte[] onnx(DeviceProfile device, SearchSpace space, Architecture a) {
        Graph graph = space.lower(a);
        WeightProvider weights = new RandomWeights(Seeds.derive(1, "random weights", 0));
        Map<String, String> metadata = Map.of("architecture", a.toString());
        return device.precision() == Precision.INT8
                ? QdqNetwork.uncalibrated(graph, weights).onnx(metadata)
                : OnnxWriter.write(graph, weights, metadata);
    }

    private static CModel code(Graph graph, int number, Microcontroller device) {
        WeightProvider weights = RandomTrial.weights(1, SPREAD);
        List<float[]> samples = RandomTrial.inputs(graph, SAMPLES, Seeds.generator(1, "samples", 0));
        Calibration ranges = Calibration.of(graph, weights, samples, 100);
        return CWriter.write(
                Quantizer.quantize(graph, weights, ranges),
                "net%d".formatted(number),
                Map.of(),
                CFootprint.arenaLimit(graph, device.sramBytes()));
    }
}

package dev.lathe.device;

import dev.lathe.base.InvalidInputException;
import dev.lathe.base.ProgressListener;
import dev.lathe.graph.Graph;
import dev.lathe.graph.GraphBuilder;
import dev.lathe.graph.OnnxWriter;
import dev.lathe.graph.Operator;
import dev.lathe.graph.Shape;
import dev.lathe.graph.WeightProvider;
import dev.lathe.graph.operator.FusedOperator;
import dev.lathe.graph.quant.QdqNetwork;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Times of single operators on one device, keyed by their signature: each is a network of its own, written and run as whole
 * networks are. The file is a {@link MeasurementTable} with a signature in the place of the architecture, so it grows, goes on
 * after a stop, and is of one device and protocol.
 */
public final class OperatorTable {
    /** The row of a network that does nothing: what a call costs, which is in every other row once. */
    public static final String CALL = "call";

    private static final int CALL_ELEMENTS = 16;

    private OperatorTable() {}

    /** Steps with different signatures, in the order in which networks have them. */
    public static Map<String, FusedOperator> distinct(Iterable<Graph> networks) {
        Map<String, FusedOperator> all = new LinkedHashMap<>();
        for (Graph g : networks) {
            for (FusedOperator f : FusedOperator.of(g)) {
                all.putIfAbsent(f.signature(), f);
            }
        }
        return all;
    }

    /**
     * Measures the operators that have no row yet, and the empty call.
     *
     * @return time of every row of the file in milliseconds, by signature
     * @throws InvalidInputException if the device runs networks as C, or refuses one
     */
    public static Map<String, Double> measureMissing(
            Path file,
            LatencyMeter meter,
            Map<String, FusedOperator> operators,
            WeightProvider weights,
            ProgressListener progress)
            throws IOException {
        DeviceProfile device = meter.device();
        if (device.runsCode()) {
            throw new InvalidInputException(
                    "device %s runs networks as C, and single operators are not timed as C; leave out --per-operator and profile.predictor=lut"
                            .formatted(device.id()));
        }
        List<MeasurementTask> tasks = new ArrayList<>();
        tasks.add(task(device, CALL, nothing(), weights));
        operators.forEach((signature, f) -> tasks.add(task(device, signature, f.graph(), weights)));
        try (MeasurementTable table = MeasurementTable.open(file, device)) {
            table.measureMissing(meter, tasks, progress);
            return times(table.rows());
        }
    }

    /** Time of every row of a file in milliseconds, by signature. */
    public static Map<String, Double> read(Path file, DeviceProfile device) throws IOException {
        try (MeasurementTable table = MeasurementTable.open(file, device)) {
            return times(table.rows());
        }
    }

    /**
     * Takes over the rows of another table that this one does not have; where both have one, this table's stays.
     *
     * @return how many were taken
     * @throws InvalidInputException if the other is damaged, or of another device or protocol
     */
    public static int merge(Path into, Path from, DeviceProfile device) throws IOException {
        List<LatencyMeasurement> theirs = MeasurementTable.read(from);
        for (LatencyMeasurement m : theirs) {
            if (!m.device().equals(device.id())
                    || !m.protocol().equals(device.protocol().id())) {
                throw new InvalidInputException(
                        "%s was measured on %s by %s, not on %s by %s; give a table of this device"
                                .formatted(
                                        from,
                                        dev.lathe.base.Names.shown(m.device()),
                                        dev.lathe.base.Names.shown(m.protocol()),
                                        device.id(),
                                        device.protocol().id()));
            }
        }
        try (MeasurementTable table = MeasurementTable.open(into, device)) {
            List<LatencyMeasurement> missing =
                    theirs.stream().filter(m -> table.get(m.id()) == null).toList();
            table.append(missing);
            return missing.size();
        }
    }

    private static Map<String, Double> times(Collection<LatencyMeasurement> rows) {
        Map<String, Double> ms = new LinkedHashMap<>();
        rows.forEach(m -> ms.put(m.id(), m.medianMs()));
        return ms;
    }

    private static MeasurementTask task(DeviceProfile device, String id, Graph graph, WeightProvider weights) {
        return new MeasurementTask(
                id,
                () -> device.precision() == Precision.INT8
                        ? QdqNetwork.uncalibrated(graph, weights).onnx(Map.of())
                        : OnnxWriter.write(graph, weights, Map.of()),
                graph.inputs().get(0).shape(),
                null,
                () -> graph);
    }

    /** The model file of a network that does nothing. */
    static byte[] emptyCall() {
        return OnnxWriter.write(nothing(), parameter -> new float[0], Map.of());
    }

    /** A network that gives its input back. */
    private static Graph nothing() {
        GraphBuilder b = new GraphBuilder("nothing");
        return b.build(b.add("same", new Operator.Reshape(Shape.of(CALL_ELEMENTS)), b.input("input", CALL_ELEMENTS)));
    }
}

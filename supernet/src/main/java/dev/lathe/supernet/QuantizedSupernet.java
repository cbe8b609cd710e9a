package dev.lathe.supernet;

import dev.lathe.base.InvalidInputException;
import dev.lathe.graph.Graph;
import dev.lathe.graph.WeightSlice;
import dev.lathe.graph.quant.LearnedScales;
import dev.lathe.graph.quant.Quantization;
import dev.lathe.graph.quant.QuantizedGraph;
import dev.lathe.graph.quant.Quantizer;
import dev.lathe.space.Architecture;
import dev.lathe.space.SearchSpace;
import dev.lathe.supernet.data.DataSplit;
import java.io.IOException;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * A supernet whose subnets are used in few bits as they are, without retraining: its weights, and the quantisers that all subnets share.
 * Both views of it share the parameters, which closing this closes. Deterministic, as {@link Supernet} is.
 *
 * @see <a href="https://arxiv.org/abs/2303.08308">Wang et al., SpaceEvo, ICCV 2023</a>, quantized-for-all
 * @see <a href="https://arxiv.org/abs/2010.04354">Shen et al., Once Quantization-Aware Training, ICCV 2021</a>
 */
public final class QuantizedSupernet implements AutoCloseable {
    private final Supernet float32;
    private final Supernet quantized;
    private final SharedParameters parameters;
    private final BitWidth width;

    /** Takes ownership of the parameters, which are of {@link Quantizers#layout}. */
    QuantizedSupernet(SearchSpace space, SharedParameters parameters, DataSplit data, BitWidth width) {
        this.parameters = parameters;
        this.width = width;
        this.float32 = new Supernet(space, parameters, data);
        this.quantized = new Supernet(space, parameters, data, width);
    }

    /**
     * What a {@link QuantizedTrainer} left.
     *
     * @throws InvalidInputException if the file is missing, damaged, or of another space, data set or bit width
     */
    public static QuantizedSupernet load(Path checkpoint, SearchSpace space, DataSplit data, BitWidth width)
            throws IOException {
        ParameterLayout layout = Quantizers.layout(space, width);
        SupernetCheckpoint c = SupernetCheckpoint.read(checkpoint, space, layout, data.fingerprint());
        return new QuantizedSupernet(space, SharedParameters.of(c.layout(), c.parameters()), data, width);
    }

    /** Quantisation after training: a float32 supernet with quantisers chosen for one of its subnets. */
    public static QuantizedSupernet afterTraining(Supernet floats, BitWidth width, Architecture a) {
        return initial(floats, width, List.of(a));
    }

    /** Float32 weights, with quantisers as the networks have their activations. */
    static QuantizedSupernet initial(Supernet floats, BitWidth width, List<Architecture> networks) {
        Map<String, float[]> values = new LinkedHashMap<>(floats.parameters().values());
        values.putAll(Quantizers.initial(floats, width, networks));
        return new QuantizedSupernet(
                floats.space(),
                SharedParameters.of(Quantizers.layout(floats.space(), width), values),
                floats.data(),
                width);
    }

    /** A copy whose activations have ranges estimated anew for one subnet; to be closed by itself. */
    public QuantizedSupernet reestimated(Architecture a) {
        Map<String, float[]> values = new LinkedHashMap<>(parameters.values());
        values.putAll(Quantizers.activations(float32, float32.space().lower(a), width));
        return new QuantizedSupernet(
                float32.space(), SharedParameters.of(parameters.layout(), values), float32.data(), width);
    }

    /** The same weights without any rounding. */
    public Supernet float32() {
        return float32;
    }

    /** Subnets with imitated rounding, batch-norm statistics re-estimated under it. */
    public Supernet fakeQuantized() {
        return quantized;
    }

    /**
     * A subnet in integers, by the learnt steps: what {@code dev.lathe.graph.quant} executes and {@code lathe export --format c} writes.
     *
     * @throws InvalidInputException if the bit width or an operator has no integer form
     */
    public QuantizedGraph integers(Architecture a) {
        if (width != BitWidth.INT8) {
            throw new InvalidInputException(
                    "there is no integer form of %s; train with training.quantization=%s, or evaluate with imitated rounding"
                            .formatted(width.text(), BitWidth.INT8.text()));
        }
        Graph graph = float32.space().lower(a);
        QuantizationPoints points = QuantizationPoints.of(graph, width);
        Map<Integer, Quantization> activations = new HashMap<>();
        points.activations()
                .forEach((tensor, point) ->
                        activations.put(points.tensors().owner(tensor), Quantizers.scale(parameters, point)));
        Map<WeightSlice, float[]> steps = new HashMap<>();
        points.weights().forEach((slice, bits) -> steps.put(slice, Quantizers.weightSteps(parameters, slice, bits)));
        float[] largest = new float[1];
        quantized.observe(graph, (array, tensor) -> {
            if (tensor == graph.output().id()) {
                for (float v : array.toFloatArray()) {
                    largest[0] = Math.max(largest[0], Math.abs(v));
                }
            }
        });
        return Quantizer.quantize(graph, quantized.extract(a), new LearnedScales(activations, largest[0], steps));
    }

    @Override
    public void close() {
        parameters.close();
    }
}

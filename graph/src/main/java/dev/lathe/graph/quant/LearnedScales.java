package dev.lathe.graph.quant;

import dev.lathe.graph.WeightSlice;
import java.util.Map;

/**
 * Scales that training has chosen for one network, in place of those that calibration would.
 *
 * @param activations by the id of the tensor that owns the scale, see {@link IntegerTensors#owner}
 * @param largestLogit by magnitude, as seen on samples: 16-bit logits have headroom above it
 * @param weightSteps by slice, the step of each output's weights before anything is folded into them
 */
public record LearnedScales(
        Map<Integer, Quantization> activations, double largestLogit, Map<WeightSlice, float[]> weightSteps) {
    public LearnedScales {
        activations = Map.copyOf(activations);
        weightSteps = Map.copyOf(weightSteps);
    }
}

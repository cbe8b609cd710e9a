package dev.lathe.supernet;

import dev.lathe.graph.ParameterUse;
import dev.lathe.graph.WeightProvider;
import dev.lathe.graph.WeightSlice;
import java.util.Map;

/** The concrete weights of one subnet, in Java arrays: slices cut out, batch-norm statistics re-estimated for it. */
public final class ExtractedWeights implements WeightProvider {
    private final Map<WeightSlice, float[]> values;

    ExtractedWeights(Map<WeightSlice, float[]> values) {
        this.values = Map.copyOf(values);
    }

    /** @throws IllegalArgumentException if the subnet that was extracted has no such slice */
    @Override
    public float[] values(ParameterUse use) {
        float[] v = values.get(use.slice());
        if (v == null) {
            throw new IllegalArgumentException("These weights are of another subnet: they have no " + use.slice());
        }
        return v;
    }
}

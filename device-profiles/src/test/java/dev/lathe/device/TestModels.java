package dev.lathe.device;

import dev.lathe.base.Seeds;
import dev.lathe.graph.OnnxWriter;
import dev.lathe.graph.WeightProvider;
import dev.lathe.space.Architecture;
import dev.lathe.space.SearchSpace;
import java.util.Map;
import java.util.random.RandomGenerator;

/** Model files with random weights. */
final class TestModels {
    private TestModels() {}

    static byte[] export(SearchSpace space, Architecture a, long seed) {
        return OnnxWriter.write(space.lower(a), weights(seed), Map.of());
    }

    /** Values that keep activations near one: a variance must be positive, a gain near 1. */
    private static WeightProvider weights(long seed) {
        return use -> {
            RandomGenerator random = Seeds.generator(seed, use.slice().parameter(), 0);
            float[] v = new float[(int) use.slice().elements()];
            for (int i = 0; i < v.length; i++) {
                double g = random.nextGaussian();
                v[i] = (float)
                        switch (use.role()) {
                            case WEIGHT -> 0.1 * g;
                            case BIAS, SHIFT, POSITION, RUNNING_MEAN, EMBEDDING, LAYER_SCALE -> 0.02 * g;
                            case SCALE, RUNNING_VARIANCE -> 1 + 0.1 * Math.tanh(g);
                        };
            }
            return v;
        };
    }
}

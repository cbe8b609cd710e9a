package dev.lathe.cli;

import dev.lathe.base.Seeds;
import dev.lathe.graph.ParameterUse;
import dev.lathe.graph.WeightProvider;
import java.util.random.RandomGenerator;

/**
 * Weights for measuring latency before anything is trained: a runtime's time depends on shapes, not on values, as long as
 * these are ordinary (no zeros to skip, no denormal numbers).
 */
final class RandomWeights implements WeightProvider {
    private final long seed;

    RandomWeights(long seed) {
        this.seed = seed;
    }

    @Override
    public float[] values(ParameterUse use) {
        float[] v = new float[(int) use.slice().elements()];
        RandomGenerator random = Seeds.generator(seed, use.slice().parameter(), 0);
        for (int i = 0; i < v.length; i++) {
            v[i] = switch (use.role()) {
                case SCALE, RUNNING_VARIANCE -> 1f;
                default -> (float) (0.1 * random.nextGaussian());
            };
        }
        return v;
    }
}

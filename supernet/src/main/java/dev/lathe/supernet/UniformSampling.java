package dev.lathe.supernet;

import dev.lathe.base.Seeds;
import dev.lathe.space.Architecture;
import dev.lathe.space.SearchSpace;
import java.util.List;

/**
 * One network a step, each choice uniform: single-path one-shot training.
 *
 * @see <a href="https://arxiv.org/abs/1904.00420">Guo et al., Single Path One-Shot NAS with Uniform Sampling, ECCV 2020</a>
 */
record UniformSampling() implements TrainingStrategy {
    @Override
    public List<Architecture> plan(SearchSpace space, long seed, int step) {
        return List.of(space.random(Seeds.generator(seed, "uniform", step)));
    }

    @Override
    public Distillation distillation() {
        return Distillation.NONE;
    }
}

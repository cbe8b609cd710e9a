package dev.lathe.supernet;

import dev.lathe.space.Architecture;
import dev.lathe.space.SearchSpace;
import java.util.List;

/**
 * Which networks a training step consists of, and what they learn from. The gradients of all of them add up to one update,
 * so methods are to be compared at equal forward and backward passes, not at equal steps.
 */
interface TrainingStrategy {
    /**
     * The networks of a step; where there is distillation, the first one learns from the labels and teaches the others.
     *
     * @param seed of the training
     * @param step from 0
     * @return the same for the same seed and step, whatever came before
     */
    List<Architecture> plan(SearchSpace space, long seed, int step);

    /** What networks behind the first learn from. */
    Distillation distillation();

    /** The strategy that settings ask for. */
    static TrainingStrategy of(TrainingConfig config) {
        return switch (config.strategy()) {
            case SANDWICH -> new SandwichRule(config.randomSubnets(), Distillation.KL);
            case ALPHA_DIVERGENCE -> new SandwichRule(config.randomSubnets(), Distillation.ALPHA);
            case UNIFORM -> new UniformSampling();
            case STRICT_FAIRNESS -> new StrictFairness();
            case PROGRESSIVE_SHRINKING -> new ProgressiveShrinking(config.steps(), config.randomSubnets());
        };
    }
}

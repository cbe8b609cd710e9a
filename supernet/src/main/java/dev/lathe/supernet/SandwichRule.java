package dev.lathe.supernet;

import dev.lathe.base.Seeds;
import dev.lathe.space.Architecture;
import dev.lathe.space.SearchSpace;
import java.util.ArrayList;
import java.util.List;

/**
 * Chooses the networks of one training step by the <b>sandwich rule</b>: the largest first (it teaches the others), the
 * smallest, and {@code randomSubnets} drawn uniformly.
 *
 * <p>Departure: where one largest network does not cover all parameters (patch sizes that share no weights), every second
 * step replaces the first random network by the next of the other covering ones, in turn, and the smallest network is that
 * of each such choice in turn.
 *
 * @param randomSubnets random networks a step
 * @param distillation what the others learn from the largest
 * @see <a href="https://arxiv.org/abs/1903.05134">Yu and Huang, Universally Slimmable Networks, ICCV 2019</a>
 */
record SandwichRule(int randomSubnets, Distillation distillation) implements TrainingStrategy {
    SandwichRule(int randomSubnets) {
        this(randomSubnets, Distillation.KL);
    }

    @Override
    public List<Architecture> plan(SearchSpace space, long seed, int step) {
        Architecture largest = space.largest();
        List<Architecture> plan = new ArrayList<>(randomSubnets + 2);
        plan.add(largest);
        // Where choices share no weights, each has its turn at the lower bread too. Without it the random networks of
        // the
        // finer patch size of vit-tiny stayed 16 points of accuracy behind those of the coarser one, whose smallest was
        // in
        // every step.
        List<Architecture> floors = space.floors();
        plan.add(floors.get(step % floors.size()));
        for (int i = 0; i < randomSubnets; i++) {
            plan.add(space.random(Seeds.generator(Seeds.derive(seed, "subnets", step), "subnet", i)));
        }
        List<Architecture> others = new ArrayList<>(space.covering());
        others.remove(largest);
        if (!others.isEmpty() && step % 2 == 0) {
            Architecture other = others.get(step / 2 % others.size());
            if (randomSubnets == 0) {
                plan.add(other);
            } else {
                plan.set(2, other);
            }
        }
        return plan;
    }
}

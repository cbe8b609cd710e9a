package dev.lathe.supernet;

import dev.lathe.base.Seeds;
import dev.lathe.space.Architecture;
import dev.lathe.space.Decision;
import dev.lathe.space.SearchSpace;
import java.util.ArrayList;
import java.util.List;
import java.util.random.RandomGenerator;

/**
 * Every choice of every decision as often as the others in each step: as many networks as the largest decision has choices,
 * whose k-th takes the k-th entry of a random permutation of each decision's choices. A decision with fewer choices repeats
 * fresh permutations, so that its counts in a step differ by at most one.
 *
 * @see <a href="https://arxiv.org/abs/1907.01845">Chu et al., FairNAS, ICCV 2021</a>
 */
record StrictFairness() implements TrainingStrategy {
    @Override
    public List<Architecture> plan(SearchSpace space, long seed, int step) {
        List<Decision> decisions = space.decisions();
        int networks = 1;
        for (Decision d : decisions) {
            networks = Math.max(networks, d.size());
        }
        RandomGenerator random = Seeds.generator(seed, "fair", step);
        int[][] choices = new int[networks][decisions.size()];
        for (int d = 0; d < decisions.size(); d++) {
            int size = decisions.get(d).size();
            for (int from = 0; from < networks; from += size) {
                int[] order = Seeds.permutation(size, random);
                for (int i = 0; i < size && from + i < networks; i++) {
                    choices[from + i][d] = order[i];
                }
            }
        }
        List<Architecture> plan = new ArrayList<>(networks);
        for (int[] c : choices) {
            plan.add(space.canonical(Architecture.of(space.name(), c)));
        }
        return plan;
    }

    @Override
    public Distillation distillation() {
        return Distillation.NONE;
    }
}

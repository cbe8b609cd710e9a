package dev.lathe.evolve;

import java.util.List;
import java.util.random.RandomGenerator;

/** Who of a population survives, the rule in which NSGA-II and NSGA-III differ. */
interface Survival {
    /** Indices of a population, best first; at least {@code count} of them are in their place. */
    int[] order(List<Fitness> population, int count, RandomGenerator random);

    /** Whether, of two survivors within budget, the better placed one becomes the parent; otherwise either does. */
    boolean prefersFirst();
}

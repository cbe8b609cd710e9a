package dev.lathe.evolve;

import dev.lathe.space.Architecture;
import dev.lathe.space.Decision;
import dev.lathe.space.SearchSpace;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Predicate;
import java.util.random.RandomGenerator;

/**
 * Makes children that nobody has seen: uniform crossover of pairs, mutation of about one decision, canonical form; a child
 * that may not be is mutated again, and in the end drawn anew, a bounded number of times each. Small integer genes repeat
 * themselves, and a repeat would be a generation's place wasted.
 */
final class Variation {
    private static final double CROSSOVER_PROBABILITY = 0.9;
    private static final int MUTATIONS = 20;
    private static final int DRAWS = 20;

    private final SearchSpace space;
    private final String name;
    private final int[] sizes;
    private final Predicate<Architecture> excluded;
    private final int patience;

    /**
     * @param excluded what no child may be, as what was evaluated before
     * @param patience mutants of a child that are tried before the last of them is mutated in its place: 1 where few are excluded
     */
    Variation(SearchSpace space, Predicate<Architecture> excluded, int patience) {
        this.space = space;
        this.name = space.name();
        this.sizes = space.decisions().stream().mapToInt(Decision::size).toArray();
        this.excluded = excluded;
        this.patience = patience;
    }

    /** A child for each parent, in pairs; in a space that is nearly exhausted some of them are excluded or alike. */
    List<Architecture> children(List<Architecture> parents, RandomGenerator random) {
        Set<Architecture> brood = new HashSet<>(2 * parents.size());
        List<Architecture> children = new ArrayList<>(parents.size());
        for (int i = 0; i < parents.size(); i += 2) {
            int[] a = parents.get(i).choices();
            int[] b = parents.get((i + 1) % parents.size()).choices();
            if (random.nextDouble() < CROSSOVER_PROBABILITY) {
                for (int k = 0; k < a.length; k++) {
                    if (random.nextBoolean()) {
                        int swapped = a[k];
                        a[k] = b[k];
                        b[k] = swapped;
                    }
                }
            }
            children.add(newcomer(a, brood, random));
            if (i + 1 < parents.size()) {
                children.add(newcomer(b, brood, random));
            }
        }
        return children;
    }

    private Architecture newcomer(int[] choices, Set<Architecture> brood, RandomGenerator random) {
        Architecture base = space.canonical(Architecture.of(name, choices));
        Architecture child = base;
        for (int t = 1; t <= MUTATIONS * patience; t++) {
            child = mutate(base, random);
            if (!excluded.test(child) && brood.add(child)) {
                return child;
            }
            base = t % patience == 0 ? child : base;
        }
        for (int t = 0; t < DRAWS * patience; t++) {
            child = space.random(random);
            if (!excluded.test(child) && brood.add(child)) {
                return child;
            }
        }
        return child;
    }

    /** Each decision takes another of its choices with probability 1/n. */
    private Architecture mutate(Architecture a, RandomGenerator random) {
        int[] choices = a.choices();
        for (int i = 0; i < choices.length; i++) {
            if (sizes[i] > 1 && random.nextInt(choices.length) == 0) {
                choices[i] = (choices[i] + 1 + random.nextInt(sizes[i] - 1)) % sizes[i];
            }
        }
        return space.canonical(Architecture.of(name, choices));
    }
}

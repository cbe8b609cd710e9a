package dev.lathe.evolve;

import dev.lathe.space.Architecture;
import dev.lathe.space.Decision;
import dev.lathe.space.SearchSpace;
import io.jenetics.Alterer;
import io.jenetics.AltererResult;
import io.jenetics.AnyGene;
import io.jenetics.Phenotype;
import io.jenetics.util.ISeq;
import io.jenetics.util.RandomRegistry;
import io.jenetics.util.Seq;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Predicate;
import java.util.random.RandomGenerator;

/**
 * Makes children that nobody has seen: uniform crossover of pairs, mutation of about one decision, canonical form; a child
 * that was evaluated before, or is in this generation already, is mutated again, and in the end drawn anew, a bounded number
 * of times each. Small integer genes repeat themselves, and a repeat would be a generation's place wasted.
 */
final class NewcomerAlterer implements Alterer<AnyGene<Architecture>, Fitness> {
    private static final double CROSSOVER_PROBABILITY = 0.9;
    private static final int MUTATIONS = 20;
    private static final int DRAWS = 20;

    private final SearchSpace space;
    private final String name;
    private final int[] sizes;
    private final Predicate<Architecture> known;

    NewcomerAlterer(SearchSpace space, Predicate<Architecture> known) {
        this.space = space;
        this.name = space.name();
        this.sizes = space.decisions().stream().mapToInt(Decision::size).toArray();
        this.known = known;
    }

    @Override
    public AltererResult<AnyGene<Architecture>, Fitness> alter(
            Seq<Phenotype<AnyGene<Architecture>, Fitness>> parents, long generation) {
        RandomGenerator random = RandomRegistry.random();
        Set<Architecture> brood = new HashSet<>(2 * parents.size());
        List<Phenotype<AnyGene<Architecture>, Fitness>> children = new ArrayList<>(parents.size());
        for (int i = 0; i < parents.size(); i += 2) {
            int[] a = Genes.decode(parents.get(i)).choices();
            int[] b = Genes.decode(parents.get((i + 1) % parents.size())).choices();
            if (random.nextDouble() < CROSSOVER_PROBABILITY) {
                for (int k = 0; k < a.length; k++) {
                    if (random.nextBoolean()) {
                        int swapped = a[k];
                        a[k] = b[k];
                        b[k] = swapped;
                    }
                }
            }
            children.add(Genes.individual(newcomer(a, brood, random), generation));
            if (i + 1 < parents.size()) {
                children.add(Genes.individual(newcomer(b, brood, random), generation));
            }
        }
        return new AltererResult<>(ISeq.of(children), children.size());
    }

    private Architecture newcomer(int[] choices, Set<Architecture> brood, RandomGenerator random) {
        Architecture child = space.canonical(Architecture.of(name, choices));
        for (int t = 0; t < MUTATIONS; t++) {
            child = mutate(child, random);
            if (!known.test(child) && brood.add(child)) {
                return child;
            }
        }
        for (int t = 0; t < DRAWS; t++) {
            child = space.random(random);
            if (!known.test(child) && brood.add(child)) {
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

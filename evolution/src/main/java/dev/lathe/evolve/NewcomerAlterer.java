package dev.lathe.evolve;

import dev.lathe.space.Architecture;
import dev.lathe.space.Decision;
import dev.lathe.space.SearchSpace;
import io.jenetics.Alterer;
import io.jenetics.AltererResult;
import io.jenetics.IntegerGene;
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
final class NewcomerAlterer implements Alterer<IntegerGene, Fitness> {
    private static final double CROSSOVER_PROBABILITY = 0.9;
    private static final int MUTATIONS = 20;
    private static final int DRAWS = 20;

    private final SearchSpace space;
    private final Genes genes;
    private final Predicate<Architecture> known;

    NewcomerAlterer(SearchSpace space, Genes genes, Predicate<Architecture> known) {
        this.space = space;
        this.genes = genes;
        this.known = known;
    }

    @Override
    public AltererResult<IntegerGene, Fitness> alter(Seq<Phenotype<IntegerGene, Fitness>> parents, long generation) {
        RandomGenerator random = RandomRegistry.random();
        Set<Architecture> brood = new HashSet<>();
        List<Phenotype<IntegerGene, Fitness>> children = new ArrayList<>(parents.size());
        for (int i = 0; i < parents.size(); i += 2) {
            int[] a = genes.decode(parents.get(i).genotype()).choices();
            int[] b = genes.decode(parents.get((i + 1) % parents.size()).genotype())
                    .choices();
            if (random.nextDouble() < CROSSOVER_PROBABILITY) {
                for (int k = 0; k < a.length; k++) {
                    if (random.nextBoolean()) {
                        int swapped = a[k];
                        a[k] = b[k];
                        b[k] = swapped;
                    }
                }
            }
            children.add(Phenotype.of(genes.encode(newcomer(a, brood, random)), generation));
            if (i + 1 < parents.size()) {
                children.add(Phenotype.of(genes.encode(newcomer(b, brood, random)), generation));
            }
        }
        return new AltererResult<>(ISeq.of(children), children.size());
    }

    private Architecture newcomer(int[] choices, Set<Architecture> brood, RandomGenerator random) {
        Architecture child = space.canonical(Architecture.of(space.name(), choices));
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
        List<Decision> decisions = space.decisions();
        int[] choices = a.choices();
        for (int i = 0; i < choices.length; i++) {
            int size = decisions.get(i).size();
            if (size > 1 && random.nextInt(choices.length) == 0) {
                choices[i] = (choices[i] + 1 + random.nextInt(size - 1)) % size;
            }
        }
        return space.canonical(Architecture.of(space.name(), choices));
    }
}

package dev.lathe.evolve;

import dev.lathe.space.Architecture;
import dev.lathe.space.Decision;
import dev.lathe.space.SearchSpace;
import io.jenetics.Genotype;
import io.jenetics.IntegerChromosome;
import io.jenetics.IntegerGene;
import java.util.ArrayList;
import java.util.List;

/** Encoding and decoding in one place: one chromosome of one gene for each decision, since each has a range of its own. */
final class Genes {
    private final SearchSpace space;
    private final List<List<IntegerChromosome>> chromosomes = new ArrayList<>();

    Genes(SearchSpace space) {
        this.space = space;
        // Chromosomes are immutable, so each choice of each decision needs only one.
        for (Decision d : space.decisions()) {
            List<IntegerChromosome> ofDecision = new ArrayList<>();
            for (int i = 0; i < d.size(); i++) {
                ofDecision.add(IntegerChromosome.of(IntegerGene.of(i, 0, d.size())));
            }
            chromosomes.add(List.copyOf(ofDecision));
        }
    }

    /** @param canonical a canonical architecture */
    Genotype<IntegerGene> encode(Architecture canonical) {
        List<IntegerChromosome> chosen = new ArrayList<>(canonical.length());
        for (int i = 0; i < canonical.length(); i++) {
            chosen.add(chromosomes.get(i).get(canonical.choice(i)));
        }
        return Genotype.of(chosen);
    }

    Architecture decode(Genotype<IntegerGene> genotype) {
        int[] choices = new int[genotype.length()];
        for (int i = 0; i < choices.length; i++) {
            choices[i] = genotype.get(i).gene().intValue();
        }
        return Architecture.of(space.name(), choices);
    }
}

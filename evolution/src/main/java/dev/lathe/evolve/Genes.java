package dev.lathe.evolve;

import dev.lathe.space.Architecture;
import io.jenetics.AnyChromosome;
import io.jenetics.AnyGene;
import io.jenetics.Genotype;
import io.jenetics.Phenotype;

/**
 * What the engine takes for genes, in one place: one gene whose allele is the whole canonical architecture. A chromosome of integer
 * genes would have one range for all, and one chromosome a decision is thirty objects a child.
 */
final class Genes {
    private Genes() {}

    /** An unevaluated individual. */
    static Phenotype<AnyGene<Architecture>, Fitness> individual(Architecture canonical, long generation) {
        return Phenotype.of(encode(canonical), generation);
    }

    static Genotype<AnyGene<Architecture>> encode(Architecture canonical) {
        return Genotype.of(AnyChromosome.of(() -> canonical));
    }

    static Architecture decode(Phenotype<AnyGene<Architecture>, Fitness> individual) {
        return individual.genotype().gene().allele();
    }
}

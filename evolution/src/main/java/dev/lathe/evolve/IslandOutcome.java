package dev.lathe.evolve;

import java.io.Serializable;
import java.util.List;

/**
 * What an island did in an epoch.
 *
 * @param genes of the architectures it evaluated, in order
 * @param values of these, metric by metric
 * @param populationGenes of the population it has now, best first
 * @param populationValues of these
 */
// The arrays are the package's own and never changed; records compare them by identity, which nothing here relies on.
@SuppressWarnings("ArrayRecordComponent")
public record IslandOutcome(int[][] genes, double[][] values, int[][] populationGenes, double[][] populationValues)
        implements Serializable {
    static IslandOutcome of(List<Evaluation> made, List<Evaluation> population) {
        return new IslandOutcome(genes(made), values(made), genes(population), values(population));
    }

    static int[][] genes(List<Evaluation> evaluations) {
        return evaluations.stream().map(e -> e.architecture().choices()).toArray(int[][]::new);
    }

    static double[][] values(List<Evaluation> evaluations) {
        return evaluations.stream().map(Evaluation::values).toArray(double[][]::new);
    }
}

package dev.lathe.bench;

import dev.lathe.base.ProgressListener;
import dev.lathe.evolve.BatchEvaluator;
import dev.lathe.evolve.Evaluation;
import dev.lathe.evolve.Nsga2Strategy;
import dev.lathe.evolve.Objective;
import dev.lathe.evolve.ReferencePoint;
import dev.lathe.evolve.SearchProblem;
import dev.lathe.evolve.SearchSettings;
import dev.lathe.space.Architecture;
import io.jenetics.Genotype;
import io.jenetics.IntegerChromosome;
import io.jenetics.IntegerGene;
import io.jenetics.Mutator;
import io.jenetics.Optimize;
import io.jenetics.SinglePointCrossover;
import io.jenetics.TournamentSelector;
import io.jenetics.engine.Engine;
import io.jenetics.engine.Limits;
import io.jenetics.ext.moea.NSGA2Selector;
import io.jenetics.ext.moea.Vec;
import io.jenetics.ext.moea.VecFactory;
import java.util.Arrays;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.IntUnaryOperator;
import org.moeaframework.algorithm.NSGAII;
import org.moeaframework.core.Solution;
import org.moeaframework.core.variable.BinaryIntegerVariable;
import org.moeaframework.problem.AbstractProblem;
import org.uma.jmetal.algorithm.multiobjective.nsgaii.NSGAIIBuilder;
import org.uma.jmetal.operator.crossover.impl.IntegerSBXCrossover;
import org.uma.jmetal.operator.mutation.impl.IntegerPolynomialMutation;
import org.uma.jmetal.problem.integerproblem.impl.AbstractIntegerProblem;
import org.uma.jmetal.solution.integersolution.IntegerSolution;

/**
 * Generations a second of NSGA-II's machinery alone, in one process and one thread: population 500, 30 integer genes of 8 values, two
 * trivial objectives; Lathe's whole search (each child new, an archive of the front) beside Jenetics', MOEA Framework's and jMetal's
 * own NSGA-II with their usual operators. Rounds go round the libraries; the median of each counts. The argument is the number of rounds.
 */
public final class EngineBenchmark {
    private static final int POPULATION = 500;
    private static final int GENES = 30;
    private static final int CHOICES = 8;
    private static final List<String> METRICS = List.of("sum", "squares");

    private EngineBenchmark() {}

    /** Runs so many generations, and returns the seconds they took. */
    private interface Contender {
        double seconds(int generations, int round);
    }

    /** The two objectives, both to be minimized; they conflict. */
    private static double[] score(IntUnaryOperator gene) {
        double sum = 0;
        double squares = 0;
        for (int i = 0; i < GENES; i++) {
            int g = gene.applyAsInt(i);
            sum += g;
            squares += (CHOICES - 1 - g) * (CHOICES - 1 - g);
        }
        return new double[] {sum, squares};
    }

    public static void main(String[] args) {
        int rounds = args.length == 0 ? 5 : Integer.parseInt(args[0]);
        Map<String, Contender> contenders = new LinkedHashMap<>();
        contenders.put("Lathe", EngineBenchmark::lathe);
        contenders.put("Jenetics", EngineBenchmark::jenetics);
        contenders.put("MOEA Framework", EngineBenchmark::moeaFramework);
        contenders.put("jMetal", EngineBenchmark::jMetal);
        Map<String, Integer> generations = Map.of("Lathe", 2000, "Jenetics", 500, "MOEA Framework", 400, "jMetal", 60);
        Map<String, double[]> rates = new LinkedHashMap<>();
        for (int round = -1; round < rounds; round++) { // the first is to warm up
            for (Map.Entry<String, Contender> c : contenders.entrySet()) {
                int n = generations.get(c.getKey());
                double rate = n / c.getValue().seconds(n, round);
                if (round >= 0) {
                    rates.computeIfAbsent(c.getKey(), k -> new double[rounds])[round] = rate;
                }
            }
        }
        rates.forEach((name, r) -> {
            Arrays.sort(r);
            System.out.printf(
                    "%-15s %7.0f generations/s (median of %d; %.0f to %.0f)%n",
                    name, r[rounds / 2], rounds, r[0], r[rounds - 1]);
        });
    }

    private static double lathe(int generations, int round) {
        GridSpace space = new GridSpace(GENES, CHOICES);
        SearchProblem problem = new SearchProblem(
                space, METRICS, List.of(Objective.minimize("sum"), Objective.minimize("squares")), List.of());
        ReferencePoint box = new ReferencePoint(
                problem, List.of((double) GENES * CHOICES, (double) GENES * CHOICES * CHOICES), List.of(-1.0, -1.0));
        BatchEvaluator evaluator = new BatchEvaluator() {
            @Override
            public List<String> metrics() {
                return METRICS;
            }

            @Override
            public List<Evaluation> evaluate(List<Architecture> batch) {
                return batch.stream()
                        .map(a -> Evaluation.of(a, score(a::choice)))
                        .toList();
            }
        };
        long start = System.nanoTime();
        new Nsga2Strategy(POPULATION)
                .search(
                        problem,
                        evaluator,
                        new SearchSettings(POPULATION * (generations + 1), box, round),
                        ProgressListener.SILENT);
        return (System.nanoTime() - start) / 1e9;
    }

    private static double jenetics(int generations, int round) {
        VecFactory<double[]> vectors = VecFactory.ofDoubleVec(Optimize.MINIMUM, Optimize.MINIMUM);
        Engine<IntegerGene, Vec<double[]>> engine = Engine.builder(
                        (Genotype<IntegerGene> g) ->
                                vectors.newVec(score(i -> g.chromosome().get(i).intValue())),
                        Genotype.of(IntegerChromosome.of(0, CHOICES, GENES)))
                .populationSize(POPULATION)
                .alterers(new SinglePointCrossover<>(0.9), new Mutator<>(1.0 / GENES))
                .offspringSelector(new TournamentSelector<>(2))
                .survivorsSelector(NSGA2Selector.ofVec())
                .minimizing()
                .executor(Runnable::run)
                .build();
        long start = System.nanoTime();
        long done = engine.stream().limit(Limits.byFixedGeneration(generations)).count();
        if (done != generations) {
            throw new IllegalStateException(done + " generations");
        }
        return (System.nanoTime() - start) / 1e9;
    }

    private static double moeaFramework(int generations, int round) {
        NSGAII algorithm = new NSGAII(new AbstractProblem(GENES, 2) {
            @Override
            public void evaluate(Solution solution) {
                solution.setObjectiveValues(score(i -> BinaryIntegerVariable.getInt(solution.getVariable(i))));
            }

            @Override
            public Solution newSolution() {
                Solution solution = new Solution(GENES, 2);
                for (int i = 0; i < GENES; i++) {
                    solution.setVariable(i, new BinaryIntegerVariable(0, CHOICES - 1));
                }
                return solution;
            }
        });
        algorithm.setInitialPopulationSize(POPULATION);
        long start = System.nanoTime();
        algorithm.run(POPULATION * generations);
        return (System.nanoTime() - start) / 1e9;
    }

    private static double jMetal(int generations, int round) {
        AbstractIntegerProblem problem = new AbstractIntegerProblem() {
            @Override
            public IntegerSolution evaluate(IntegerSolution solution) {
                double[] values = score(i -> solution.variables().get(i));
                solution.objectives()[0] = values[0];
                solution.objectives()[1] = values[1];
                return solution;
            }
        };
        problem.numberOfObjectives(2);
        problem.variableBounds(Collections.nCopies(GENES, 0), Collections.nCopies(GENES, CHOICES - 1));
        var algorithm = new NSGAIIBuilder<>(
                        problem,
                        new IntegerSBXCrossover(0.9, 20),
                        new IntegerPolynomialMutation(1.0 / GENES, 20),
                        POPULATION)
                .setMaxEvaluations(POPULATION * generations)
                .build();
        long start = System.nanoTime();
        algorithm.run();
        return (System.nanoTime() - start) / 1e9;
    }
}

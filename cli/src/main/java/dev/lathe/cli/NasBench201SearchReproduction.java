package dev.lathe.cli;

import dev.lathe.base.ProgressListener;
import dev.lathe.evolve.AnytimeCurve;
import dev.lathe.evolve.BatchEvaluator;
import dev.lathe.evolve.Evaluation;
import dev.lathe.evolve.ExpectedGainStrategy;
import dev.lathe.evolve.LinasStrategy;
import dev.lathe.evolve.Nsga2Strategy;
import dev.lathe.evolve.Objective;
import dev.lathe.evolve.RandomStrategy;
import dev.lathe.evolve.ReferencePoint;
import dev.lathe.evolve.RegularizedEvolutionStrategy;
import dev.lathe.evolve.SearchProblem;
import dev.lathe.evolve.SearchSettings;
import dev.lathe.evolve.SearchStrategy;
import dev.lathe.space.Architecture;
import dev.lathe.space.TaskShape;
import dev.lathe.space.nasbench.NasBench201Space;
import dev.lathe.space.nasbench.NasBench201Table;
import dev.lathe.space.nasbench.PublishedCells;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.function.Supplier;

/**
 * How many evaluations a search needs to 99 % of the true hypervolume on NAS-Bench-201: accuracy against latency, every look-up
 * counted, all strategies in one harness with the same settings on all problems. Searched are the cells as they are written, for the
 * true front picks among cells that are one network; no cell is looked up twice.
 */
final class NasBench201SearchReproduction {
    static final int SEEDS = 20;
    private static final double SHARE = 0.99;
    private static final String ACCURACY = "accuracy";
    private static final String COST = "cost";
    private static final List<String> METRICS = List.of(ACCURACY, COST);

    private static final List<Case> CASES = List.of(
            new Case("cifar100", "edgegpu_latency", 235, 70),
            new Case("cifar10", "raspi4_latency", 90, 50),
            new Case("cifar100", "fpga_latency", 250, 70),
            new Case("ImageNet16-120", "pixel3_latency", 455, 160));

    private static final List<Contender> PEERS = List.of(
            new Contender("random", RandomStrategy::new, 2000),
            new Contender("NSGA-II", () -> new Nsga2Strategy(20), 1000),
            new Contender("regularised evolution", RegularizedEvolutionStrategy::new, 1000),
            new Contender("LINAS", LinasStrategy::new, 600));
    private static final Contender OURS = new Contender("Lathe", ExpectedGainStrategy::new, 250);

    private NasBench201SearchReproduction() {}

    /**
     * A problem with its bar.
     *
     * @param peer median evaluations of the best peer
     * @param bar median evaluations that ours may need
     */
    private record Case(String dataSet, String cost, int peer, int bar) {
        @Override
        public String toString() {
            return dataSet + ", " + cost.replace('_', ' ');
        }
    }

    /** @param cap evaluations after which a run counts as not having got there */
    private record Contender(String name, Supplier<SearchStrategy> strategy, int cap) {}

    static List<ReproduceCommand.Row> run(ReproduceCommand o) {
        Path data = PublishedFigures.data(o);
        List<ReproduceCommand.Row> rows = new ArrayList<>();
        int done = 0;
        for (Case c : CASES) {
            Bench bench = new Bench(data, c.dataSet, c.cost);
            for (Contender peer : PEERS) {
                EvaluationCounts n = bench.counts(peer.strategy, peer.cap, SEEDS, ProgressListener.SILENT);
                rows.add(new ReproduceCommand.Row(c + ": " + peer.name, "", n.toString(), "", true));
            }
            EvaluationCounts ours = bench.counts(OURS.strategy, OURS.cap, SEEDS, o.execution.progress());
            rows.add(new ReproduceCommand.Row(
                    c + ": " + OURS.name,
                    "best peer, median " + c.peer,
                    ours.toString(),
                    "median at most " + c.bar,
                    ours.median() <= c.bar));
            o.execution.progress().report("problems", ++done, CASES.size(), c.toString());
        }
        return rows;
    }

    /** One problem: its table, and what all of the table dominates. */
    static final class Bench {
        private final SearchProblem problem;
        private final BatchEvaluator evaluator;
        private final ReferencePoint reference;
        private final double trueHypervolume;

        Bench(Path data, String dataSet, String cost) {
            NasBench201Table table = NasBench201Table.read(data, dataSet, cost);
            this.problem = new SearchProblem(
                    new PublishedCells(shape(dataSet)),
                    METRICS,
                    List.of(Objective.maximize(ACCURACY), Objective.minimize(COST)),
                    List.of());
            this.evaluator = new BatchEvaluator() {
                @Override
                public List<String> metrics() {
                    return METRICS;
                }

                @Override
                public List<Evaluation> evaluate(List<Architecture> batch) {
                    return batch.stream()
                            .map(a -> Evaluation.of(a, table.accuracy(a), table.cost(a)))
                            .toList();
                }
            };
            List<Architecture> cells = new ArrayList<>();
            table.cells().forEach(cells::add);
            List<Evaluation> all = evaluator.evaluate(cells);
            this.reference = ReferencePoint.of(problem, all);
            this.trueHypervolume = reference.hypervolume(all);
        }

        private static TaskShape shape(String dataSet) {
            return switch (dataSet) {
                case "cifar10" -> NasBench201Space.CIFAR10;
                case "cifar100" -> NasBench201Space.CIFAR100;
                default -> NasBench201Space.IMAGENET16_120;
            };
        }

        double trueHypervolume() {
            return trueHypervolume;
        }

        /** Evaluations to 99 % of the true hypervolume for seeds 1, 2, ... */
        EvaluationCounts counts(Supplier<SearchStrategy> strategy, int cap, int seeds, ProgressListener progress) {
            int[] needed = new int[seeds];
            for (int s = 0; s < seeds; s++) {
                AnytimeCurve curve = curve(strategy.get(), cap, s + 1, SHARE * trueHypervolume);
                needed[s] = curve.evaluationsTo(SHARE * trueHypervolume).orElse(EvaluationCounts.NEVER);
                progress.report("searches", s + 1L, seeds, "");
            }
            return new EvaluationCounts(needed, cap);
        }

        AnytimeCurve curve(SearchStrategy strategy, int cap, long seed, double target) {
            AnytimeCurve curve = new AnytimeCurve(evaluator, problem, reference, target);
            try {
                strategy.search(problem, curve, new SearchSettings(cap, reference, seed), ProgressListener.SILENT);
            } catch (AnytimeCurve.TargetReached reached) {
                // The curve has what is asked for.
            }
            return curve;
        }
    }

    /** Evaluations that the runs of one strategy needed. */
    static final class EvaluationCounts {
        static final int NEVER = Integer.MAX_VALUE;
        private final int[] sorted;
        private final int cap;

        /** @param cap evaluations after which a run was given up */
        EvaluationCounts(int[] needed, int cap) {
            this.sorted = needed.clone();
            Arrays.sort(this.sorted);
            this.cap = cap;
        }

        /** The middle one, or between the two middle ones; infinite where half of the runs never got there. */
        double median() {
            int n = sorted.length;
            int low = sorted[(n - 1) / 2];
            int high = sorted[n / 2];
            return high == NEVER ? Double.POSITIVE_INFINITY : (low + high) / 2.0;
        }

        /** With the cap for runs that never got there: a lower bound then. */
        double mean() {
            double sum = 0;
            for (int n : sorted) {
                sum += Math.min(n, cap);
            }
            return sum / sorted.length;
        }

        /**
         * Rank, from 0, of the run at the lower end of the median's 95 % interval: as many runs lie below it with probability of
         * at most 2.5 % if each lies below the median with probability 1/2. The upper end is as far from the other side.
         */
        private int lowerRank() {
            int n = sorted.length;
            double p = Math.pow(0.5, n);
            double cumulative = p;
            int k = 0;
            while (cumulative <= 0.025 && k < n / 2) {
                k++;
                p *= (n - k + 1.0) / k;
                cumulative += p;
            }
            return Math.max(0, k - 1);
        }

        private String shown(int n) {
            return n == NEVER ? "> " + cap : Integer.toString(n);
        }

        @Override
        public String toString() {
            boolean isBound = sorted[sorted.length - 1] == NEVER;
            int k = lowerRank();
            return String.format(
                    Locale.ROOT,
                    "median %s [95 %%: %s to %s], mean %s%.1f",
                    Double.isInfinite(median()) ? "> " + cap : String.format(Locale.ROOT, "%.1f", median()),
                    shown(sorted[k]),
                    shown(sorted[sorted.length - 1 - k]),
                    isBound ? "at least " : "",
                    mean());
        }
    }
}

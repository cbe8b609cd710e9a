package dev.lathe.cli;

import dev.lathe.base.InvalidInputException;
import dev.lathe.base.ProgressListener;
import dev.lathe.evolve.AnytimeCurve;
import dev.lathe.evolve.BatchEvaluator;
import dev.lathe.evolve.Evaluation;
import dev.lathe.evolve.ExpectedGainStrategy;
import dev.lathe.evolve.Hypervolume;
import dev.lathe.evolve.Objective;
import dev.lathe.evolve.ReferencePoint;
import dev.lathe.evolve.SearchProblem;
import dev.lathe.evolve.SearchSettings;
import dev.lathe.evolve.surrogate.KernelRidge;
import dev.lathe.graph.CostModel;
import dev.lathe.space.Architecture;
import dev.lathe.space.FixedDecision;
import dev.lathe.space.SearchSpace;
import dev.lathe.space.TaskShape;
import dev.lathe.space.ofa.OfaMobileSpace;
import dev.lathe.space.ofa.OfaReplay;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * Evaluations to the hypervolume of logged searches on once-for-all's MobileNetV3 space: NSGA-II after 540, LINAS after 554. A
 * measured subnet has its measured accuracy; any other one is predicted by kernel ridge regression on the 2,223 measured ones, and no
 * prediction exceeds the best accuracy measured with at most as many MACs, plus a margin: a surrogate is not to be exploited where
 * nothing was measured.
 */
final class OfaSearchReproduction {
    private static final int SEEDS = 10;
    private static final int CAP = 300;
    private static final double WORST_MACS = 560e6;
    private static final double WORST_TOP1 = 0.72;
    private static final String TOP1 = "top1";
    private static final String MACS = "macs";
    private static final List<String> METRICS = List.of(TOP1, MACS);
    /** Of the kernel ridge regression, by cross-validation on the measured subnets. */
    private static final double WIDTH = 0.02;

    private static final double PENALTY = 0.01;
    /** Predictions may exceed what was measured at as many MACs by so much: about the predictor's mean error. */
    private static final double MARGIN = 0.0005;

    private static final int FOLDS = 5;

    private OfaSearchReproduction() {}

    private record Bar(String what, String run, double hypervolume, int theirs, int bar) {}

    private static final List<Bar> BARS = List.of(
            new Bar("NSGA-II", "evonsga2_acc_macs", 1847.4, 540, 120),
            new Bar("LINAS", "linasnsga2_acc_macs", 1905.4, 554, 250));

    static List<ReproduceCommand.Row> run(ReproduceCommand o) {
        Path data = PublishedFigures.data(o);
        Bench bench = new Bench(data);
        List<ReproduceCommand.Row> rows = new ArrayList<>();
        for (Bar b : BARS) {
            double logged = bench.logged(data, b.run);
            rows.add(new ReproduceCommand.Row(
                    "%s as logged, hypervolume after %d evaluations".formatted(b.what, b.theirs),
                    number(b.hypervolume),
                    number(logged),
                    "within 0.5",
                    Math.abs(logged - b.hypervolume) < 0.5));
        }
        rows.add(new ReproduceCommand.Row(
                "surrogate, mean absolute error of top-1 in %d-fold cross-validation".formatted(FOLDS),
                ".05 points (support vectors)",
                "%.3f points; capped at measured top-1 of no more MACs + %.2f points"
                        .formatted(100 * bench.crossValidated(), 100 * MARGIN),
                "",
                true));
        int[][] needed = new int[BARS.size()][SEEDS];
        double beyond = 0;
        for (int s = 0; s < SEEDS; s++) {
            AnytimeCurve curve = bench.search(s + 1);
            for (int b = 0; b < BARS.size(); b++) {
                needed[b][s] = curve.evaluationsTo(BARS.get(b).hypervolume / bench.box())
                        .orElse(NasBench201SearchReproduction.EvaluationCounts.NEVER);
            }
            beyond += bench.predictedShare() / SEEDS;
            o.execution.progress().report("searches", s + 1L, SEEDS, "");
        }
        for (int b = 0; b < BARS.size(); b++) {
            Bar bar = BARS.get(b);
            NasBench201SearchReproduction.EvaluationCounts counts =
                    new NasBench201SearchReproduction.EvaluationCounts(needed[b], CAP);
            rows.add(new ReproduceCommand.Row(
                    "evaluations to %.1f, %d seeds".formatted(bar.hypervolume, SEEDS),
                    "%d (%s)".formatted(bar.theirs, bar.what),
                    counts + ", %.0f %% of evaluations predicted".formatted(100 * beyond),
                    "median at most " + bar.bar,
                    counts.median() <= bar.bar));
        }
        return rows;
    }

    private static String number(double v) {
        return String.format(Locale.ROOT, "%.1f", v);
    }

    /** The replay: measured subnets, and the surrogate for all others. */
    private static final class Bench {
        private final OfaMobileSpace whole = OfaMobileSpace.mobileNetV3(new TaskShape(3, 224, 224, 1000));
        private final SearchSpace space =
                new FixedDecision(whole, 0, whole.decisions().get(0).size() - 1);
        private final SearchProblem problem = new SearchProblem(
                space, METRICS, List.of(Objective.maximize(TOP1), Objective.minimize(MACS)), List.of());
        private final List<OfaReplay.Row> rows;
        private final Map<Architecture, OfaReplay.Row> measured = new HashMap<>();
        private final KernelRidge surrogate;
        /** Measured ones that are best for their MACs, by MACs. */
        private final double[] stepMacs;

        private final double[] stepTop1;
        private final ReferencePoint reference;
        private int predicted;
        private int asked;

        Bench(Path data) {
            rows = OfaReplay.read(data.resolve("ofa-replay").resolve("ofa_mbv3_w10_imagenet.csv.gz"), whole);
            rows.forEach(r -> measured.put(r.architecture(), r));
            surrogate = fitted(rows);
            List<OfaReplay.Row> sorted = new ArrayList<>(rows);
            sorted.sort((a, b) -> Long.compare(a.macs(), b.macs()));
            stepMacs = sorted.stream().mapToDouble(OfaReplay.Row::macs).toArray();
            stepTop1 = sorted.stream().mapToDouble(OfaReplay.Row::top1).toArray();
            for (int i = 1; i < stepTop1.length; i++) {
                stepTop1[i] = Math.max(stepTop1[i], stepTop1[i - 1]);
            }
            // A share of this box times the box is the published hypervolume; its best corner scales, and no more.
            reference = new ReferencePoint(problem, List.of(WORST_TOP1, WORST_MACS), List.of(1.0, 0.0));
        }

        /** In percent points times millions of MACs. */
        double box() {
            return 100 * (1 - WORST_TOP1) * WORST_MACS / 1e6;
        }

        private KernelRidge fitted(List<OfaReplay.Row> of) {
            return KernelRidge.fit(
                    of.stream().map(r -> code(r.architecture())).toArray(int[][]::new),
                    of.stream().mapToDouble(OfaReplay.Row::top1).toArray(),
                    WIDTH,
                    PENALTY);
        }

        /** The choices, -1 for those of blocks beyond the depth. */
        private int[] code(Architecture a) {
            int[] code = a.choices();
            for (int i = 0; i < code.length; i++) {
                int[] changed = a.choices();
                changed[i] = (changed[i] + 1) % space.decisions().get(i).size();
                if (space.canonical(Architecture.of(space.name(), changed)).equals(a)) {
                    code[i] = -1;
                }
            }
            return code;
        }

        double crossValidated() {
            double error = 0;
            for (int f = 0; f < FOLDS; f++) {
                List<OfaReplay.Row> in = new ArrayList<>();
                List<OfaReplay.Row> out = new ArrayList<>();
                for (int i = 0; i < rows.size(); i++) {
                    (i % FOLDS == f ? out : in).add(rows.get(i));
                }
                KernelRidge model = fitted(in);
                for (OfaReplay.Row r : out) {
                    error += Math.abs(model.predict(code(r.architecture())) - r.top1()) / rows.size();
                }
            }
            return error;
        }

        double logged(Path data, String run) {
            List<Integer> ids = OfaReplay.log(data.resolve("ofa-replay").resolve("search_logs.csv.gz"), run);
            Map<Integer, OfaReplay.Row> byId = new HashMap<>();
            rows.forEach(r -> byId.put(r.id(), r));
            double[][] points = ids.stream()
                    .map(id -> {
                        OfaReplay.Row r = byId.get(id);
                        if (r == null) {
                            throw new InvalidInputException(
                                    "the log of %s has subnet %d, which the table lacks; fetch both again"
                                            .formatted(run, id));
                        }
                        return new double[] {r.macs() / 1e6, -100 * r.top1()};
                    })
                    .toArray(double[][]::new);
            return Hypervolume.of(points, new double[] {WORST_MACS / 1e6, -100 * WORST_TOP1});
        }

        AnytimeCurve search(long seed) {
            predicted = 0;
            asked = 0;
            AnytimeCurve curve =
                    new AnytimeCurve(new Replay(), problem, reference, BARS.get(BARS.size() - 1).hypervolume / box());
            ExpectedGainStrategy strategy = new ExpectedGainStrategy(
                    ExpectedGainStrategy.DEFAULT_INITIAL, ExpectedGainStrategy.DEFAULT_BATCH, Map.of(MACS, this::macs));
            try {
                strategy.search(problem, curve, new SearchSettings(CAP, reference, seed), ProgressListener.SILENT);
            } catch (AnytimeCurve.TargetReached reached) {
                // The curve has what is asked for.
            }
            return curve;
        }

        double predictedShare() {
            return predicted / (double) Math.max(1, asked);
        }

        private double macs(Architecture a) {
            return CostModel.of(space.lower(a)).macs();
        }

        private double top1(Architecture a, double macs) {
            asked++;
            OfaReplay.Row row = measured.get(a);
            if (row != null) {
                return row.top1();
            }
            predicted++;
            int at = Arrays.binarySearch(stepMacs, macs);
            int i = at >= 0 ? at : -at - 2;
            double cap = i < 0 ? stepTop1[0] : stepTop1[i];
            return Math.min(surrogate.predict(code(a)), cap + MARGIN);
        }

        private final class Replay implements BatchEvaluator {
            @Override
            public List<String> metrics() {
                return METRICS;
            }

            @Override
            public List<Evaluation> evaluate(List<Architecture> batch) {
                return batch.stream()
                        .map(a -> {
                            double macs = macs(a);
                            return Evaluation.of(a, top1(a, macs), macs);
                        })
                        .toList();
            }
        }
    }
}

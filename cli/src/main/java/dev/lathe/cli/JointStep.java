package dev.lathe.cli;

import dev.lathe.base.Folders;
import dev.lathe.base.InvalidInputException;
import dev.lathe.base.ProgressListener;
import dev.lathe.evolve.BatchEvaluator;
import dev.lathe.evolve.DecisionLog;
import dev.lathe.evolve.Evaluation;
import dev.lathe.evolve.EvaluationLog;
import dev.lathe.evolve.ExpectedGainStrategy;
import dev.lathe.evolve.LoggedEvaluator;
import dev.lathe.evolve.ReferencePoint;
import dev.lathe.evolve.SearchDecision;
import dev.lathe.evolve.SearchProblem;
import dev.lathe.evolve.SearchResult;
import dev.lathe.evolve.SearchSettings;
import dev.lathe.predict.ArchitectureScorer;
import dev.lathe.results.FrontFile;
import dev.lathe.space.Architecture;
import dev.lathe.space.JointSpace;
import dev.lathe.space.TaskShape;
import dev.lathe.supernet.SingleNetworkSpace;
import dev.lathe.supernet.Strategy;
import dev.lathe.supernet.SupernetTrainer;
import dev.lathe.supernet.TrainingConfig;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.ToDoubleFunction;

/**
 * The experiment's problem without a supernet: a point is a network and a training recipe, and its accuracy on the validation part is
 * found by training that network alone by that recipe. What else is asked of a network is predicted or exact as in any search, and
 * known before it is trained; which points are worth a training is decided by expected hypervolume gain.
 */
final class JointStep {
    static final String LOG = "evaluations.csv";
    static final String FRONT = "front.csv";
    private static final int BOX_SAMPLE = 200;

    private final Workbench w;
    private final int steps;
    private final JointSpace space;
    private final SearchProblem problem;
    private final Exact exact;

    /** What a joint search found; top-1 is of the validation part. */
    record Outcome(JointSpace space, SearchProblem problem, SearchResult result, Path folder) {}

    private JointStep(Workbench w, int steps, JointSpace space, SearchProblem problem, Exact exact) {
        this.w = w;
        this.steps = steps;
        this.space = space;
        this.problem = problem;
        this.exact = exact;
    }

    /**
     * Searches, or goes on with a search of as many steps a training, in a folder of its own inside the run's.
     *
     * @param trainings networks to train, those trained before included
     * @param steps of each
     */
    static Outcome run(Workbench w, int trainings, int steps, RecipeGrid grid) throws IOException {
        if (!w.experiment().objectives().contains(ArchitectureScorer.TOP1)) {
            throw new InvalidInputException("objectives are %s; a joint search trains for top1, add it"
                    .formatted(w.experiment().objectives()));
        }
        SearchStep.Prepared p = SearchStep.prepareUntrained(w);
        Exact exact = new Exact(new ArchitectureScorer(p.bundle()));
        JointSpace space = new JointSpace(w.space(), grid.decisions(w));
        SearchProblem problem = new SearchProblem(
                space,
                p.problem().metrics(),
                p.problem().objectives(),
                p.problem().budgets());
        return new JointStep(w, steps, space, problem, exact)
                .search(trainings, w.folder().resolve("%s-%d-steps".formatted(grid.text(), steps)));
    }

    private Outcome search(int trainings, Path folder) throws IOException {
        Files.createDirectories(folder);
        SearchResult found;
        try (EvaluationLog log = EvaluationLog.open(folder.resolve(LOG), space, problem.metrics());
                DecisionLog decisions = DecisionLog.open(folder.resolve("decisions.csv"), space)) {
            Map<String, ToDoubleFunction<Architecture>> known = new HashMap<>();
            for (String metric : exact.metrics()) {
                known.put(metric, a -> exact.of(space.network(a), metric));
            }
            found = new ExpectedGainStrategy(
                            ExpectedGainStrategy.DEFAULT_INITIAL, ExpectedGainStrategy.DEFAULT_BATCH, known)
                    .search(
                            problem,
                            new OneByOne(new LoggedEvaluator(log, decisions, new Trainings())),
                            new SearchSettings(trainings, box(), w.experiment().seed()),
                            w.progress());
        }
        FrontFile.write(folder.resolve(FRONT), problem.metrics(), found.front());
        return new Outcome(space, problem, found, folder);
    }

    /** From guessing to no error in top-1; in the others as wide as random networks are. */
    private ReferencePoint box() {
        BatchEvaluator untrained = new BatchEvaluator() {
            @Override
            public List<String> metrics() {
                return problem.metrics();
            }

            @Override
            public List<Evaluation> evaluate(List<Architecture> batch) {
                return batch.stream().map(a -> evaluation(a, 0)).toList();
            }
        };
        ReferencePoint sampled = ReferencePoint.sampled(
                problem, untrained, BOX_SAMPLE, w.experiment().seed());
        List<Double> worst = new ArrayList<>(sampled.worst());
        List<Double> best = new ArrayList<>(sampled.best());
        for (int i = 0; i < worst.size(); i++) {
            if (problem.objectives().get(i).metric().equals(ArchitectureScorer.TOP1)) {
                worst.set(i, 1.0 / TaskShape.of(space).classes());
                best.set(i, 1.0);
            }
        }
        return new ReferencePoint(problem, worst, best);
    }

    private Evaluation evaluation(Architecture a, double top1) {
        double[] others = exact.all(space.network(a));
        double[] values = new double[1 + others.length];
        values[0] = top1;
        System.arraycopy(others, 0, values, 1, others.length);
        return Evaluation.of(a, values);
    }

    private double trained(Architecture a) throws IOException {
        Architecture network = space.network(a);
        TrainingConfig config = w.trainingConfig()
                .withSteps(steps)
                .withStrategy(Strategy.UNIFORM)
                .withCheckpointEverySteps(Integer.MAX_VALUE)
                .withRecipe(space.recipe(a));
        Path folder = Files.createTempDirectory("lathe-joint");
        try (SupernetTrainer trainer =
                SupernetTrainer.start(new SingleNetworkSpace(w.space(), network), w.data(), config, folder)) {
            trainer.run(ProgressListener.SILENT);
            return trainer.supernet().evaluate(network, w.data().validation()).top1();
        } finally {
            Folders.delete(folder);
        }
    }

    /** Trains for each evaluation. */
    private final class Trainings implements BatchEvaluator {
        @Override
        public List<String> metrics() {
            return problem.metrics();
        }

        @Override
        public List<Evaluation> evaluate(List<Architecture> batch) {
            List<Evaluation> all = new ArrayList<>();
            for (Architecture a : batch) {
                try {
                    all.add(evaluation(a, trained(a)));
                } catch (IOException e) {
                    throw new UncheckedIOException(e);
                }
            }
            return all;
        }
    }

    /** Has each training written down before the next one begins. */
    private record OneByOne(BatchEvaluator logged) implements BatchEvaluator {
        @Override
        public List<String> metrics() {
            return logged.metrics();
        }

        @Override
        public List<Evaluation> evaluate(List<Architecture> batch) {
            List<Evaluation> all = new ArrayList<>();
            batch.forEach(a -> all.addAll(logged.evaluate(List.of(a))));
            return all;
        }

        @Override
        public Optional<SearchDecision> recall(int evaluations, int size) {
            return logged.recall(evaluations, size);
        }

        @Override
        public void remember(int evaluations, SearchDecision decision) {
            logged.remember(evaluations, decision);
        }
    }

    /** What needs no training. Asked for one metric after the other, it keeps the last network's. */
    private static final class Exact {
        private final ArchitectureScorer scorer;
        private Architecture last = Architecture.of("none");
        private double[] values = {};

        Exact(ArchitectureScorer scorer) {
            this.scorer = scorer;
        }

        List<String> metrics() {
            return scorer.metrics();
        }

        double[] all(Architecture network) {
            if (!network.equals(last)) {
                values = scorer.score(network);
                last = network;
            }
            return values;
        }

        double of(Architecture network, String metric) {
            return all(network)[metrics().indexOf(metric)];
        }
    }
}

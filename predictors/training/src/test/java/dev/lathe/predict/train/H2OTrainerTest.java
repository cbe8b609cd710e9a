package dev.lathe.predict.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.lathe.base.InvalidInputException;
import dev.lathe.base.ProgressListener;
import dev.lathe.base.Seeds;
import dev.lathe.predict.ArchitectureFeatures;
import dev.lathe.predict.ArchitectureScorer;
import dev.lathe.predict.ChoiceFeatures;
import dev.lathe.predict.ChoicePredictor;
import dev.lathe.predict.FeatureSet;
import dev.lathe.predict.MojoPredictor;
import dev.lathe.predict.Predictor;
import dev.lathe.predict.PredictorFile;
import dev.lathe.predict.RankMetrics;
import dev.lathe.predict.ScorerBundle;
import dev.lathe.predict.StackedPredictor;
import dev.lathe.space.Architecture;
import dev.lathe.space.SearchSpace;
import dev.lathe.space.SearchSpaces;
import dev.lathe.space.TaskShape;
import hex.genmodel.MojoModel;
import hex.genmodel.MojoReaderBackendFactory;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.random.RandomGenerator;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;
import water.DKV;
import water.H2O;

class H2OTrainerTest {
    private static final TaskShape DIGITS = new TaskShape(1, 8, 8, 10);
    private static final TrainerSettings SETTINGS = TrainerSettings.defaults();
    private static final TrainerSettings QUICK = new TrainerSettings(40, 4, 0.15, 3, 0.8, 0.6, 0.2, 3, true);

    /** A smooth function with an interaction and a threshold, which neither a line nor a tree has for free. */
    private static TrainingTable synthetic(int rows, long seed) {
        RandomGenerator random = Seeds.generator(seed, "synthetic", 0);
        double[][] x = new double[rows][6];
        double[] y = new double[rows];
        for (int i = 0; i < rows; i++) {
            for (int j = 0; j < 6; j++) {
                x[i][j] = random.nextInt(5);
            }
            y[i] = 1 + 2 * x[i][0] + x[i][1] * x[i][2] + (x[i][3] > 2 ? 3 : 0) + 0.1 * random.nextGaussian();
        }
        return new TrainingTable(List.of("a", "b", "c", "d", "e", "f"), x, "latencyMs", y);
    }

    /** Made-up latencies of random networks: a start-up cost per operator, a cost per MAC and per element, 3 % noise. */
    private static TrainingTable networks(String spaceName, int rows, long seed) {
        SearchSpace space = SearchSpaces.create(spaceName, DIGITS);
        ArchitectureFeatures features = new ArchitectureFeatures(space);
        RandomGenerator random = Seeds.generator(seed, "networks", 0);
        double[][] x = new double[rows][];
        double[] y = new double[rows];
        for (int i = 0; i < rows; i++) {
            Architecture a = space.random(random);
            x[i] = features.of(a);
            y[i] = space.lower(a).nodes().stream()
                            .mapToDouble(n -> 2e-3
                                    + 1e-7
                                            * n.macs()
                                            / Math.sqrt(n.output().shape().extent(0))
                                    + 5e-7 * n.output().shape().elements())
                            .sum()
                    * (1 + 0.03 * random.nextGaussian());
        }
        return new TrainingTable(features.names(), x, "latencyMs", y);
    }

    private static double[] predictAll(byte[] mojo, TrainingTable table) {
        MojoPredictor p = MojoPredictor.of(mojo, "test");
        int[] columns = p.featureNames().stream()
                .mapToInt(table.featureNames()::indexOf)
                .toArray();
        return IntStream.range(0, table.size())
                .mapToDouble(i -> {
                    double[] row = table.row(i);
                    return p.predict(
                            Arrays.stream(columns).mapToDouble(c -> row[c]).toArray());
                })
                .toArray();
    }

    /** Keys with a value: H2O keeps an empty entry for what was deleted. */
    private static long liveKeys() {
        return H2O.STORE.keySet().stream().filter(key -> DKV.get(key) != null).count();
    }

    @Test
    void ranksHeldOutRowsOfASyntheticFunction() {
        List<String> notes = new ArrayList<>();
        TrainingTable table = synthetic(250, 1);
        TrainedPredictor p = new H2OTrainer((phase, done, total, note) -> {
                    assertThat(done).isEqualTo(notes.size() + 1L).isLessThanOrEqualTo(total);
                    notes.add(phase + " " + done + "/" + total);
                })
                .train(table, SETTINGS, 1);

        assertThat(p.heldOut().rows()).isEqualTo(50);
        assertThat(p.heldOut().spearman()).isGreaterThanOrEqualTo(0.95);
        assertThat(p.trainer()).startsWith("h2o-gbm");
        assertThat(p.candidates()).containsKeys("h2o-gbm", "h2o-gbm-gamma", "h2o-glm-ridge-0.01");
        assertThat(p.candidates().get("h2o-glm-ridge-0.01").spearman())
                .isLessThan(p.candidates().get(p.trainer()).spearman());
        assertThat(p.trainingRows()).isEqualTo(250);
        assertThat(notes).last().isEqualTo("fitting latencyMs 27/27");

        assertThat(p.scatter()).hasSize(50);
        assertThat(p.scatter().stream().map(TrainedPredictor.Point::row).distinct())
                .hasSize(50);
        assertThat(p.scatter())
                .allSatisfy(point -> assertThat(point.measured()).isEqualTo(table.targetOf(point.row())));
        assertThat(RankMetrics.of(
                        p.scatter().stream()
                                .mapToDouble(TrainedPredictor.Point::predicted)
                                .toArray(),
                        p.scatter().stream()
                                .mapToDouble(TrainedPredictor.Point::measured)
                                .toArray()))
                .isEqualTo(p.heldOut());
    }

    @ParameterizedTest
    @ValueSource(strings = {"mbconv-tiny", "vit-tiny"})
    void ranksHeldOutNetworksAndScoresThemFromABundle(String name, @TempDir Path folder) throws Exception {
        TrainingTable table = networks(name, 250, 3);
        TrainedPredictor p = new H2OTrainer().train(table, QUICK, 7);
        assertThat(p.heldOut().spearman()).isGreaterThanOrEqualTo(0.95);
        assertThat(p.heldOut().medianAbsolutePercentageError()).isLessThan(6);

        p.file(name, DIGITS).save(folder, p.mojo());
        PredictorFile.Stored stored = PredictorFile.load(folder, "latencyMs");
        assertThat(stored.file().heldOut()).isEqualTo(p.heldOut());
        assertThat(stored.file().trainer()).isEqualTo(p.trainer());
        assertThat(stored.file().dataSha256()).isEqualTo(table.sha256());
        assertThat(stored.file().versions()).containsKeys("java", "h2o");

        SearchSpace space = SearchSpaces.create(name, DIGITS);
        ArchitectureScorer scorer = new ArchitectureScorer(new ScorerBundle(name, DIGITS, stored.mojo(), null));
        double[] predicted = predictAll(p.mojo(), table);
        RandomGenerator random = Seeds.generator(3, "networks", 0);
        for (int i = 0; i < 20; i++) {
            double[] values = scorer.score(space.random(random));
            // The table draws one number of noise after each architecture.
            random.nextGaussian();
            assertThat(values[scorer.metrics().indexOf("latencyMs")]).isEqualTo(predicted[i]);
        }
    }

    @Test
    void theHeldOutRowsHaveNoPartInTheJudgedModel() {
        TrainingTable table = synthetic(100, 4);
        TrainerSettings kept = new TrainerSettings(40, 4, 0.15, 3, 0.8, 0.6, 0.2, 3, false);
        TrainedPredictor p = new H2OTrainer().train(table, kept, 5);
        assertThat(p.trainingRows()).isEqualTo(80);
        // The targets of the held-out rows are changed beyond recognition: what is predicted stays the same.
        double[] targets = IntStream.range(0, 100).mapToDouble(table::targetOf).toArray();
        p.scatter().forEach(point -> targets[point.row()] = 1000 - 7 * targets[point.row()]);
        double[][] rows = IntStream.range(0, 100).mapToObj(table::row).toArray(double[][]::new);
        TrainedPredictor q =
                new H2OTrainer().train(new TrainingTable(table.featureNames(), rows, "latencyMs", targets), kept, 5);
        assertThat(predictAll(q.mojo(), table)).isEqualTo(predictAll(p.mojo(), table));
        assertThat(q.heldOut().spearman()).isNegative();
        assertThat(q.dataSha256()).isNotEqualTo(p.dataSha256());
    }

    @Test
    void oneSeedGivesOnePredictorAndLeavesNothingBehind() {
        TrainingTable table = synthetic(120, 2);
        TrainedPredictor first = new H2OTrainer().train(table, QUICK, 11);
        long before = liveKeys();
        TrainedPredictor second = new H2OTrainer().train(table, QUICK, 11);
        long fits = 5 * 3 + 2;
        assertThat(liveKeys() - before)
                .as("the record of its job is left of each fit; a frame or a model would be many keys more")
                .isLessThanOrEqualTo(fits);
        assertThat(second.heldOut()).isEqualTo(first.heldOut());
        assertThat(second.candidates()).isEqualTo(first.candidates());
        assertThat(predictAll(second.mojo(), table)).isEqualTo(predictAll(first.mojo(), table));
        assertThat(new H2OTrainer().train(table, QUICK, 12).scatter()).isNotEqualTo(first.scatter());
    }

    @Test
    void theArchivePredictsWhatTheModelPredictedInsideH2O() {
        TrainingTable table = synthetic(80, 3);
        double[][] rows = IntStream.range(0, 80).mapToObj(table::row).toArray(double[][]::new);
        double[] targets = IntStream.range(0, 80).mapToDouble(table::targetOf).toArray();
        H2ONode.start(2);
        for (Candidate c : Candidate.all(true)) {
            Candidate.Fit fit = c.fit(table.featureNames(), rows, targets, QUICK, 1, true);
            double[] predicted = predictAll(fit.mojo(), table);
            for (int i = 0; i < predicted.length; i++) {
                assertThat(predicted[i]).as(c.name()).isCloseTo(fit.fitted()[i], within(1e-9 * Math.abs(predicted[i])));
            }
            assertThat(RankMetrics.spearman(predicted, targets)).as(c.name()).isGreaterThan(0.8);
        }
    }

    /** The flat forms of trees and sums, in batches that end within a group of rows, against the archive's own code. */
    @Test
    void batchesAreScoredToTheBitAsTheArchiveScoresRows() throws Exception {
        TrainingTable table = networks("mbconv-tiny", 150, 5);
        double[][] rows = IntStream.range(0, 150).mapToObj(table::row).toArray(double[][]::new);
        double[] targets = IntStream.range(0, 150).mapToDouble(table::targetOf).toArray();
        H2ONode.start(2);
        RandomGenerator random = Seeds.generator(1, "between", 0);
        List<Candidate> candidates = new ArrayList<>(Candidate.all(true));
        candidates.add(Candidate.FOREST);
        for (Candidate c : candidates) {
            byte[] mojo = c.fit(table.featureNames(), rows, targets, SETTINGS, 1, false)
                    .mojo();
            MojoPredictor p = MojoPredictor.of(mojo, c.name());
            MojoModel model = MojoModel.load(MojoReaderBackendFactory.createReaderBackend(
                    new ByteArrayInputStream(mojo), MojoReaderBackendFactory.CachingStrategy.MEMORY));
            for (int n : new int[] {1, 3, 4, 63, 64, 65, 1000, 5003}) {
                double[][] batch = new double[n][];
                for (int i = 0; i < n; i++) {
                    // Values of the table, where thresholds lie, values between them, and missing ones.
                    double[] row = new double[p.featureNames().size()];
                    for (int j = 0; j < row.length; j++) {
                        int column =
                                table.featureNames().indexOf(p.featureNames().get(j));
                        double v = rows[random.nextInt(rows.length)][column];
                        row[j] = random.nextInt(4) == 0 ? v * (1 + 1e-8 * random.nextGaussian()) : v;
                    }
                    if (n == 63 && i % 9 == 0) {
                        row[random.nextInt(row.length)] = Double.NaN;
                    }
                    batch[i] = row;
                }
                double[] predicted = p.predict(batch);
                for (int i = 0; i < n; i++) {
                    double expected = model.score0(batch[i].clone(), new double[model.getPredsSize()])[0];
                    assertThat(predicted[i])
                            .as(c.name() + ", row " + i + " of " + n)
                            .isEqualTo(expected);
                    if (i < 1000) {
                        assertThat(p.predict(batch[i])).isEqualTo(expected);
                    }
                }
            }
            assertThat(p.isFlat()).as(c.name()).isTrue();
        }
    }

    @ParameterizedTest
    @EnumSource(
            value = PredictorKind.class,
            names = {"AUTO", "STACKED"},
            mode = EnumSource.Mode.EXCLUDE)
    void everySingleKindRanksHeldOutRowsAndIsReadFromItsFile(PredictorKind kind, @TempDir Path folder)
            throws Exception {
        TrainingTable table = synthetic(200, 1);
        TrainedPredictor p = new H2OTrainer(kind, ProgressListener.SILENT).train(table, QUICK, 3);
        assertThat(p.heldOut().spearman()).isGreaterThan(kind == PredictorKind.LINEAR ? 0.85 : 0.9);
        assertThat(p.reason()).contains(p.trainer(), "cross-validation", "Spearman");
        p.file("mbconv-tiny", DIGITS).save(folder, p.mojo());
        Predictor read = Predictor.of(PredictorFile.load(folder, "latencyMs").mojo(), "test");
        assertThat(PredictorFile.load(folder, "latencyMs").file().parameters()).containsEntry("reason", p.reason());
        double[][] rows = IntStream.range(0, 200).mapToObj(table::row).toArray(double[][]::new);
        int[] columns = read.featureNames().stream()
                .mapToInt(table.featureNames()::indexOf)
                .toArray();
        double[][] own = Arrays.stream(rows)
                .map(r -> Arrays.stream(columns).mapToDouble(c -> r[c]).toArray())
                .toArray(double[][]::new);
        double[] batch = read.predict(own);
        for (int i = 0; i < batch.length; i++) {
            assertThat(read.predict(own[i])).isEqualTo(batch[i]);
        }
        TrainedPredictor again = new H2OTrainer(kind, ProgressListener.SILENT).train(table, QUICK, 3);
        assertThat(Predictor.of(again.mojo(), "again").predict(own)).isEqualTo(batch);
    }

    /** Look-ups give what rows of columns give: the same bits, but where a dense network takes part. */
    @ParameterizedTest
    @EnumSource(
            value = PredictorKind.class,
            names = {"BOOSTED_TREES", "RANDOM_FOREST", "LINEAR", "DEEP_LEARNING", "STACKED"})
    void aPredictorOfChoicesIsScoredByLookUps(PredictorKind kind) {
        SearchSpace space = SearchSpaces.create("mbconv-tiny", DIGITS);
        FeatureSet features = new ChoiceFeatures(space);
        RandomGenerator random = Seeds.generator(3, "choices", 0);
        List<Architecture> known =
                Stream.generate(() -> space.random(random)).limit(200).toList();
        TrainingTable table = new TrainingTable(
                features.names(),
                known.stream().map(features::of).toArray(double[][]::new),
                "latencyMs",
                known.stream()
                        .mapToDouble(a -> 1 + a.choice(0) * a.choice(1) + 0.5 * a.choice(4) + 0.1 * a.choice(7))
                        .toArray());
        Predictor predictor = Predictor.of(
                new H2OTrainer(kind, ProgressListener.SILENT)
                        .train(table, QUICK, 3)
                        .mojo(),
                "test");
        assertThat(ChoiceFeatures.areOf(predictor)).isTrue();
        ChoicePredictor scored = ChoicePredictor.of(predictor, space, "latencyMs");
        int[] columns = predictor.featureNames().stream()
                .mapToInt(features.names()::indexOf)
                .toArray();
        List<Architecture> asked =
                Stream.generate(() -> space.random(random)).limit(5000).toList();
        int[][] choices = asked.stream().map(Architecture::choices).toArray(int[][]::new);
        double[] expected = predictor.predict(asked.stream()
                .map(features::of)
                .map(r -> Arrays.stream(columns).mapToDouble(c -> r[c]).toArray())
                .toArray(double[][]::new));
        double[] predicted = scored.predict(choices);
        double tolerance = kind == PredictorKind.DEEP_LEARNING || kind == PredictorKind.STACKED ? 1e-4 : 0;
        for (int i = 0; i < predicted.length; i++) {
            assertThat(Math.abs(predicted[i] - expected[i])).isLessThanOrEqualTo(tolerance);
            if (i < 300) {
                assertThat(scored.predict(new int[][] {choices[i]})[0]).isEqualTo(predicted[i]);
            }
        }
        if (predictor instanceof MojoPredictor m) {
            assertThat(m.isFlat()).isTrue();
        }
        assertThatThrownBy(() -> ChoicePredictor.of(predictor, SearchSpaces.create("vit-tiny", DIGITS), "latencyMs"))
                .isInstanceOf(InvalidInputException.class)
                .hasMessageContainingAll("latencyMs", "choice.", "vit-tiny");
    }

    /** A stack is chosen only where it is better on rows that it has no part in; asked for, it is made. */
    @Test
    void aStackSaysItsPartsAndIsTheirMean() {
        TrainingTable table = synthetic(150, 9);
        TrainedPredictor p = new H2OTrainer(PredictorKind.STACKED, ProgressListener.SILENT).train(table, QUICK, 3);
        assertThat(p.trainer()).isEqualTo("h2o-stacked");
        assertThat(p.candidates())
                .containsKeys("h2o-gbm", "h2o-random-forest", "h2o-deep-learning", "h2o-glm-ridge-0.01", "h2o-stacked");
        double stacked = p.candidates().get("h2o-stacked").rootMeanSquareError();
        assertThat(p.candidates().values())
                .allSatisfy(q -> assertThat(q.rootMeanSquareError()).isGreaterThan(0.98 * stacked));
        assertThat(p.reason()).contains(" + ", "as asked");
        byte[] bytes = p.mojo();
        for (int length = 0; length < bytes.length; length += 1 + bytes.length / 50) {
            byte[] cut = Arrays.copyOf(bytes, length);
            assertThatThrownBy(() -> Predictor.of(cut, "cut"))
                    .isInstanceOf(InvalidInputException.class)
                    .hasMessageContaining("cut is no usable")
                    .hasMessageNotContaining("\n");
        }
        byte[] one = new byte[] {1};
        for (double[] weights : new double[][] {{0.5}, {-0.5, 1.5}, {Double.NaN, 1}, {}}) {
            assertThatThrownBy(() -> StackedPredictor.pack(weights, List.of(one, one)))
                    .isInstanceOf(InvalidInputException.class)
                    .hasMessageContaining("weights");
        }
    }

    @Test
    void theSmallestTableStillGivesAPredictor() {
        TrainedPredictor p = new H2OTrainer().train(synthetic(TrainingTable.LEAST_ROWS, 6), QUICK, 1);
        assertThat(p.heldOut().rows()).isEqualTo(2);
        assertThat(p.trainingRows()).isEqualTo(10);
        // Nine rows alike and one that is not: some folds have nothing to learn from.
        double[][] rows = IntStream.range(0, 12)
                .mapToObj(i -> new double[] {i == 3 ? 1 : 0})
                .toArray(double[][]::new);
        double[] targets =
                IntStream.range(0, 12).mapToDouble(i -> i == 3 ? 2 : 1).toArray();
        TrainingTable odd = new TrainingTable(List.of("a"), rows, "latencyMs", targets);
        int fitted = 0;
        for (int seed = 0; seed < 6; seed++) {
            try {
                assertThat(new H2OTrainer().train(odd, QUICK, seed).trainingRows())
                        .isEqualTo(12);
                fitted++;
            } catch (InvalidInputException e) {
                assertThat(e.getMessage()).contains("latencyMs", "alike").doesNotContain("\n");
            }
        }
        assertThat(fitted).isPositive();
    }

    @Test
    void nothingIsPrinted() {
        PrintStream out = System.out;
        PrintStream err = System.err;
        ByteArrayOutputStream printed = new ByteArrayOutputStream();
        PrintStream caught = new PrintStream(printed, true, StandardCharsets.UTF_8);
        System.setOut(caught);
        System.setErr(caught);
        try {
            new H2OTrainer().train(synthetic(40, 8), QUICK, 1);
        } finally {
            System.setOut(out);
            System.setErr(err);
        }
        assertThat(printed.toString(StandardCharsets.UTF_8)).isEmpty();
    }
}

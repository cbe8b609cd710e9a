package dev.lathe.predict.train;

import dev.lathe.base.InvalidInputException;
import dev.lathe.base.ProgressListener;
import dev.lathe.base.Seeds;
import dev.lathe.predict.MojoPredictor;
import dev.lathe.predict.Predictor;
import dev.lathe.predict.RankMetrics;
import dev.lathe.predict.RankQuality;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.random.RandomGenerator;
import water.H2O;

/**
 * Fits predictors with H2O inside this process and says how good they are.
 *
 * <p>A seeded part of the rows is held out. On the others, k-fold cross-validation chooses among boosted trees (squared
 * error, and gamma deviance where every target is positive) and ridge regressions: of those that rank the pooled out-of-fold
 * rows best (Spearman's rho within 0.005 of the best), the one with the least absolute error, since budgets compare a
 * prediction with a number. Its agreement with the
 * held-out rows, which took no part in any of this, is what gets reported. The MOJO gives the target in its own unit,
 * whatever was chosen; nothing has to be undone by its reader.
 *
 * <p>Equal tables, settings and seeds give equal predictions (not equal archives, which carry a time and an id).
 *
 * @implNote one H2O node a process, started at the first training, without sockets. Its threads are no daemons: a program
 *     that has trained ends by {@code System.exit}. Trainings run one after the other.
 */
public final class H2OTrainer {
    private static final int MOST_THREADS = 2;
    /** Differences of Spearman's rho below this are chance at the sizes of table used here. */
    private static final double EQUALLY_GOOD = 0.005;

    private final ProgressListener progress;

    public H2OTrainer() {
        this(ProgressListener.SILENT);
    }

    /** @param progress hears of each model fitted */
    public H2OTrainer(ProgressListener progress) {
        this.progress = progress;
    }

    /**
     * Chooses, judges and fits a predictor.
     *
     * @throws InvalidInputException in one line, if the rows that remain for training are all alike
     */
    public TrainedPredictor train(TrainingTable table, TrainerSettings settings, long seed) {
        synchronized (H2OTrainer.class) {
            H2ONode.start(Math.min(MOST_THREADS, Runtime.getRuntime().availableProcessors()));
            return trainAlone(table, settings, seed);
        }
    }

    private TrainedPredictor trainAlone(TrainingTable table, TrainerSettings settings, long seed) {
        int n = table.size();
        int[] order = shuffled(n, Seeds.generator(seed, "held-out", 0));
        int held = Math.min(n - 2, Math.max(2, (int) Math.round(n * settings.heldOutShare())));
        int[] heldOut = Arrays.copyOf(order, held);
        // Sorted: the order of the rows then depends on which they are, not on the shuffle.
        Arrays.sort(heldOut);
        int[] training = Arrays.copyOfRange(order, held, n);
        Arrays.sort(training);
        checkTraining(table, training);

        boolean isPositive = Arrays.stream(targets(table, all(n))).allMatch(t -> t > 0);
        List<Candidate> candidates = Candidate.all(isPositive);
        int folds = Math.min(settings.folds(), training.length);
        Work work = new Work(table.target(), candidates.size() * folds + 1 + (settings.refitOnAll() ? 1 : 0));
        int[] foldOf = foldsOf(training.length, folds, Seeds.generator(seed, "folds", 0));
        Map<String, RankQuality> qualities = new LinkedHashMap<>();
        for (Candidate c : candidates) {
            qualities.put(c.name(), crossValidate(c, table, training, foldOf, folds, settings, seed, work));
        }
        Candidate best = best(candidates, qualities);

        byte[] mojo = fit(best, table, training, settings, seed);
        work.step(best.name());
        double[] predicted = predict(mojo, table, heldOut);
        double[] measured = targets(table, heldOut);
        List<TrainedPredictor.Point> scatter = new ArrayList<>(held);
        for (int i = 0; i < held; i++) {
            scatter.add(new TrainedPredictor.Point(heldOut[i], measured[i], predicted[i]));
        }
        if (settings.refitOnAll()) {
            mojo = fit(best, table, all(n), settings, seed);
            work.step(best.name());
        }
        return new TrainedPredictor(
                mojo,
                best.name(),
                table.target(),
                table.featureNames(),
                settings.refitOnAll() ? n : training.length,
                table.sha256(),
                settings,
                seed,
                qualities,
                RankMetrics.of(predicted, measured),
                scatter);
    }

    /** Version of the H2O that trains. */
    static String h2oVersion() {
        return H2O.ABV.projectVersion();
    }

    /** The least absolute error among those that rank as well as the best, up to chance. */
    private static Candidate best(List<Candidate> candidates, Map<String, RankQuality> qualities) {
        double most = qualities.values().stream()
                .mapToDouble(RankQuality::spearman)
                .max()
                .orElseThrow();
        Candidate best = null;
        double least = Double.POSITIVE_INFINITY;
        for (Candidate c : candidates) {
            RankQuality q = Objects.requireNonNull(qualities.get(c.name()));
            if (q.spearman() >= most - EQUALLY_GOOD && (best == null || q.meanAbsoluteError() < least)) {
                best = c;
                least = q.meanAbsoluteError();
            }
        }
        return Objects.requireNonNull(best);
    }

    private static RankQuality crossValidate(
            Candidate candidate,
            TrainingTable table,
            int[] rows,
            int[] foldOf,
            int folds,
            TrainerSettings settings,
            long seed,
            Work work) {
        double[] predicted = new double[rows.length];
        for (int f = 0; f < folds; f++) {
            int fold = f;
            int[] inside = all(rows.length);
            int[] in = Arrays.stream(inside)
                    .filter(i -> foldOf[i] != fold)
                    .map(i -> rows[i])
                    .toArray();
            int[] positions =
                    Arrays.stream(inside).filter(i -> foldOf[i] == fold).toArray();
            int[] out = Arrays.stream(positions).map(i -> rows[i]).toArray();
            double[] values;
            if (isAlike(table, in)) {
                // Only tiny tables come here: with nothing to learn, every model says the mean.
                values = new double[out.length];
                Arrays.fill(values, Arrays.stream(targets(table, in)).average().orElse(0));
            } else {
                values = predict(fit(candidate, table, in, settings, seed), table, out);
            }
            for (int i = 0; i < positions.length; i++) {
                predicted[positions[i]] = values[i];
            }
            work.step(candidate.name());
        }
        return RankMetrics.of(predicted, targets(table, rows));
    }

    private static byte[] fit(Candidate c, TrainingTable table, int[] rows, TrainerSettings settings, long seed) {
        return c.fit(table.featureNames(), features(table, rows), targets(table, rows), settings, seed, false)
                .mojo();
    }

    /** Predictions by the archive, the form in which the model will be used. */
    private static double[] predict(byte[] mojo, TrainingTable table, int[] rows) {
        Predictor predictor = MojoPredictor.of(mojo, table.target() + " predictor");
        int[] columns = predictor.featureNames().stream()
                .mapToInt(table.featureNames()::indexOf)
                .toArray();
        double[] values = new double[rows.length];
        for (int i = 0; i < rows.length; i++) {
            double[] row = table.row(rows[i]);
            values[i] = predictor.predict(
                    Arrays.stream(columns).mapToDouble(c -> row[c]).toArray());
        }
        return values;
    }

    private static void checkTraining(TrainingTable table, int[] training) {
        if (isAlike(table, training)) {
            throw new InvalidInputException(
                    "the %d rows that remain to fit %s are all alike; give more rows that differ, or another seed"
                            .formatted(training.length, table.target()));
        }
    }

    private static boolean isAlike(TrainingTable table, int[] rows) {
        return TrainingTable.isConstant(targets(table, rows)) || !TrainingTable.featuresVary(features(table, rows));
    }

    private static double[][] features(TrainingTable table, int[] rows) {
        return Arrays.stream(rows).mapToObj(table::row).toArray(double[][]::new);
    }

    private static double[] targets(TrainingTable table, int[] rows) {
        return Arrays.stream(rows).mapToDouble(table::targetOf).toArray();
    }

    private static int[] all(int n) {
        return java.util.stream.IntStream.range(0, n).toArray();
    }

    private static int[] foldsOf(int n, int folds, RandomGenerator random) {
        int[] order = shuffled(n, random);
        int[] foldOf = new int[n];
        for (int i = 0; i < n; i++) {
            foldOf[order[i]] = i % folds;
        }
        return foldOf;
    }

    private static int[] shuffled(int n, RandomGenerator random) {
        int[] order = all(n);
        for (int i = n - 1; i > 0; i--) {
            int j = random.nextInt(i + 1);
            int t = order[i];
            order[i] = order[j];
            order[j] = t;
        }
        return order;
    }

    /** Counts the models fitted. */
    private final class Work {
        private final String metric;
        private final int total;
        private int done;

        Work(String metric, int total) {
            this.metric = metric;
            this.total = total;
        }

        void step(String note) {
            done++;
            progress.report("fitting " + metric, done, total, note);
        }
    }
}

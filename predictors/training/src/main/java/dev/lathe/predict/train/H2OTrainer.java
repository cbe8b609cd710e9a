package dev.lathe.predict.train;

import dev.lathe.base.InvalidInputException;
import dev.lathe.base.ProgressListener;
import dev.lathe.base.Seeds;
import dev.lathe.predict.Predictor;
import dev.lathe.predict.RankMetrics;
import dev.lathe.predict.RankQuality;
import dev.lathe.predict.StackedPredictor;
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
 * error, and gamma deviance where every target is positive) and ridge regressions, or what {@link PredictorKind} says, which may
 * be a stack of several: of those that rank the pooled out-of-fold
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

    /** How reports name a stack. */
    static final String STACKED = "h2o-stacked";

    private final PredictorKind kind;
    private final ProgressListener progress;

    public H2OTrainer() {
        this(ProgressListener.SILENT);
    }

    /** @param progress hears of each model fitted */
    public H2OTrainer(ProgressListener progress) {
        this(PredictorKind.FAST, progress);
    }

    /**
     * @param kind what may be chosen
     * @param progress hears of each model fitted
     */
    public H2OTrainer(PredictorKind kind, ProgressListener progress) {
        this.kind = kind;
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
        List<Candidate> candidates = kind.candidates(isPositive);
        int folds = Math.min(settings.folds(), training.length);
        int lastFits = (kind.isStacking() ? candidates.size() : 1) * (settings.refitOnAll() ? 2 : 1);
        Work work = new Work(table.target(), candidates.size() * folds + lastFits);
        int[] foldOf = foldsOf(training.length, folds, Seeds.generator(seed, "folds", 0));
        Map<String, RankQuality> qualities = new LinkedHashMap<>();
        Map<String, double[]> outOfFold = new LinkedHashMap<>();
        double[] targets = targets(table, training);
        for (Candidate c : candidates) {
            double[] values = crossValidate(c, table, training, foldOf, folds, settings, seed, work);
            outOfFold.put(c.name(), values);
            qualities.put(c.name(), RankMetrics.of(values, targets));
        }
        Mix mix = mix(candidates, qualities, outOfFold, targets, foldOf, folds);

        byte[] mojo = fit(mix, table, training, settings, seed, work);
        double[] predicted = predict(mojo, table, heldOut);
        double[] measured = targets(table, heldOut);
        List<TrainedPredictor.Point> scatter = new ArrayList<>(held);
        for (int i = 0; i < held; i++) {
            scatter.add(new TrainedPredictor.Point(heldOut[i], measured[i], predicted[i]));
        }
        if (settings.refitOnAll()) {
            mojo = fit(mix, table, all(n), settings, seed, work);
        }
        return new TrainedPredictor(
                mojo,
                mix.name(),
                reason(mix, qualities, folds),
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

    /**
     * What is fitted in the end.
     *
     * @param name of the one model, or of the stack
     * @param parts the models
     * @param weights one each
     */
    @SuppressWarnings("ArrayRecordComponent") // within this class, never compared
    private record Mix(String name, List<Candidate> parts, double[] weights) {}

    /** Chooses a model, or a stack of the best of each family where that may be and is better on rows it has no part in. */
    private Mix mix(
            List<Candidate> candidates,
            Map<String, RankQuality> qualities,
            Map<String, double[]> outOfFold,
            double[] targets,
            int[] foldOf,
            int folds) {
        Candidate best = best(candidates, qualities);
        Mix alone = new Mix(best.name(), List.of(best), new double[] {1});
        if (!kind.isStacking()) {
            return alone;
        }
        Map<PredictorKind, List<Candidate>> families = new LinkedHashMap<>();
        candidates.forEach(c ->
                families.computeIfAbsent(c.family(), f -> new ArrayList<>()).add(c));
        List<Candidate> parts =
                families.values().stream().map(f -> best(f, qualities)).toList();
        double[][] predicted = parts.stream()
                .map(c -> Objects.requireNonNull(outOfFold.get(c.name())))
                .toArray(double[][]::new);
        double[] values = new double[targets.length];
        for (int f = 0; f < folds; f++) {
            int fold = f;
            int[] others = Arrays.stream(all(targets.length))
                    .filter(i -> foldOf[i] != fold)
                    .toArray();
            double[] w = Stacking.weights(predicted, targets, others);
            for (int i = 0; i < values.length; i++) {
                for (int m = 0; m < w.length; m++) {
                    values[i] += foldOf[i] == fold ? w[m] * predicted[m][i] : 0;
                }
            }
        }
        RankQuality quality = RankMetrics.of(values, targets);
        qualities.put(STACKED, quality);
        RankQuality ofBest = Objects.requireNonNull(qualities.get(best.name()));
        boolean isBetter = quality.spearman() >= ofBest.spearman() - EQUALLY_GOOD
                && quality.meanAbsoluteError() < ofBest.meanAbsoluteError();
        if (kind == PredictorKind.AUTO && !isBetter) {
            return alone;
        }
        double[] w = Stacking.weights(predicted, targets, all(targets.length));
        List<Candidate> used = new ArrayList<>();
        for (int m = 0; m < w.length; m++) {
            if (w[m] > 0) {
                used.add(parts.get(m));
            }
        }
        return new Mix(STACKED, used, Arrays.stream(w).filter(v -> v > 0).toArray());
    }

    /** Why this one, in a sentence. */
    private String reason(Mix mix, Map<String, RankQuality> qualities, int folds) {
        RankQuality q = Objects.requireNonNull(qualities.get(mix.name()));
        double most = qualities.values().stream()
                .mapToDouble(RankQuality::spearman)
                .max()
                .orElseThrow();
        StringBuilder parts = new StringBuilder();
        for (int i = 0; i < mix.parts.size() && mix.name.equals(STACKED); i++) {
            parts.append(i == 0 ? ", " : " + ")
                    .append("%.2f %s".formatted(mix.weights[i], mix.parts.get(i).name()));
        }
        String how = kind == PredictorKind.STACKED
                ? "as asked"
                : "the least absolute error of those that rank within %s of the best (%.3f)"
                        .formatted(EQUALLY_GOOD, most);
        return "%s of %d in %d-fold cross-validation%s: %s; Spearman %.3f, mean absolute error %.3g"
                .formatted(mix.name(), qualities.size(), folds, parts, how, q.spearman(), q.meanAbsoluteError());
    }

    /** The least absolute error among those that rank as well as the best, up to chance. */
    private static Candidate best(List<Candidate> candidates, Map<String, RankQuality> qualities) {
        double most = candidates.stream()
                .mapToDouble(
                        c -> Objects.requireNonNull(qualities.get(c.name())).spearman())
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

    /** Predictions of each row by a model that was not fitted to it. */
    private static double[] crossValidate(
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
        return predicted;
    }

    private static byte[] fit(
            Mix mix, TrainingTable table, int[] rows, TrainerSettings settings, long seed, Work work) {
        List<byte[]> mojos = new ArrayList<>();
        for (Candidate c : mix.parts) {
            mojos.add(fit(c, table, rows, settings, seed));
            work.step(c.name());
        }
        return mix.name.equals(STACKED) ? StackedPredictor.pack(mix.weights, mojos) : mojos.get(0);
    }

    private static byte[] fit(Candidate c, TrainingTable table, int[] rows, TrainerSettings settings, long seed) {
        return c.fit(table.featureNames(), features(table, rows), targets(table, rows), settings, seed, false)
                .mojo();
    }

    /** Predictions by the archive, the form in which the model will be used. */
    private static double[] predict(byte[] mojo, TrainingTable table, int[] rows) {
        Predictor predictor = Predictor.of(mojo, table.target() + " predictor");
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
        Seeds.shuffle(order, random);
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

package dev.lathe.predict.train;

import hex.Model;
import hex.ModelBuilder;
import hex.deeplearning.DeepLearning;
import hex.deeplearning.DeepLearningModel;
import hex.genmodel.utils.DistributionFamily;
import hex.glm.GLM;
import hex.glm.GLMModel;
import hex.tree.drf.DRF;
import hex.tree.drf.DRFModel;
import hex.tree.gbm.GBM;
import hex.tree.gbm.GBMModel;
import java.io.ByteArrayOutputStream;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import water.DKV;
import water.Key;
import water.Keyed;
import water.Scope;
import water.fvec.Frame;
import water.fvec.Vec;

/**
 * A kind of model with its settings, which fits a table. The frame, the model and its parts are
 * gone from H2O when it returns; a few small records of the job stay.
 *
 * @param name for files and reports, for example {@code h2o-gbm}
 * @param kind what is fitted
 * @param ridge penalty of a linear model, in units of standardized features; not used by trees
 */
record Candidate(String name, Kind kind, double ridge) {
    /** Kinds of models. */
    enum Kind {
        /** Boosted trees, squared error. */
        TREES,
        /** Boosted trees of the logarithm, gamma deviance: errors count relative to the value, which must be above 0. */
        LOG_TREES,
        /** Ridge regression. */
        LINEAR,
        /** Trees of random parts of rows and features, averaged. */
        FOREST,
        /** A dense network of one hidden layer. */
        DEEP
    }

    static final Candidate TREES = new Candidate("h2o-gbm", Kind.TREES, 0);
    static final Candidate LOG_TREES = new Candidate("h2o-gbm-gamma", Kind.LOG_TREES, 0);

    static final Candidate FOREST = new Candidate("h2o-random-forest", Kind.FOREST, 0);
    static final Candidate DEEP = new Candidate("h2o-deep-learning", Kind.DEEP, 0);

    private static final int FOREST_DEPTH = 20;
    /** One layer ranks better than two of 32 units: 0.974 against 0.965 from choices, 0.986 against 0.980 from graphs (eight tables). */
    private static final int[] HIDDEN = {64};

    private static final int EPOCHS = 100;

    private static final String RESPONSE = "lathe target";

    /**
     * All candidates for targets: the strongly penalized linear models are for few or noisy rows.
     *
     * @param isPositive whether every target is above 0
     */
    static List<Candidate> all(boolean isPositive) {
        List<Candidate> linear = List.of(linear(1e-4), linear(1e-2), linear(1));
        List<Candidate> all = new ArrayList<>();
        all.add(TREES);
        if (isPositive) {
            all.add(LOG_TREES);
        }
        all.addAll(linear);
        return List.copyOf(all);
    }

    static Candidate linear(double ridge) {
        return new Candidate("h2o-glm-ridge-" + ridge, Kind.LINEAR, ridge);
    }

    /** The choice of kinds that is about this one. */
    PredictorKind family() {
        return switch (kind) {
            case TREES, LOG_TREES -> PredictorKind.BOOSTED_TREES;
            case LINEAR -> PredictorKind.LINEAR;
            case FOREST -> PredictorKind.RANDOM_FOREST;
            case DEEP -> PredictorKind.DEEP_LEARNING;
        };
    }

    /**
     * What a fit gives.
     *
     * @param mojo the model's archive
     * @param fitted the predictions for the rows it was fitted to, computed inside H2O; null unless asked for
     */
    @SuppressWarnings("ArrayRecordComponent") // a parcel of two values, never compared
    record Fit(byte[] mojo, double @Nullable [] fitted) {}

    /** Fits the model; equal arguments give equal predictions. */
    Fit fit(
            List<String> names,
            double[][] rows,
            double[] targets,
            TrainerSettings settings,
            long seed,
            boolean wantsFitted) {
        Scope.enter();
        Frame frame = null;
        Model<?, ?, ?> model = null;
        try {
            frame = frame(names, rows, targets);
            model = builder(frame, rows.length, settings, seed).trainModel().get();
            double[] fitted = wantsFitted ? predictions(model, frame) : null;
            ByteArrayOutputStream mojo = new ByteArrayOutputStream();
            model.getMojo().writeTo(mojo);
            return new Fit(mojo.toByteArray(), fitted);
        } finally {
            if (model != null) {
                model.delete();
            }
            if (frame != null) {
                frame.delete();
            }
            Scope.exit();
        }
    }

    private ModelBuilder<?, ?, ?> builder(Frame frame, int rows, TrainerSettings settings, long seed) {
        return switch (kind) {
            case TREES, LOG_TREES -> {
                GBMModel.GBMParameters p = new GBMModel.GBMParameters();
                common(p, frame, seed);
                p._distribution = kind == Kind.TREES ? DistributionFamily.gaussian : DistributionFamily.gamma;
                p._ntrees = settings.trees();
                p._max_depth = settings.depth();
                p._learn_rate = settings.learnRate();
                // H2O wants at least two leaves' worth of rows.
                p._min_rows = Math.max(1, Math.min(settings.minRows(), rows / 2));
                p._sample_rate = settings.sampleRate();
                p._col_sample_rate_per_tree = settings.columnSampleRate();
                p._score_tree_interval = settings.trees();
                yield new GBM(p);
            }
            case LINEAR -> {
                GLMModel.GLMParameters p = new GLMModel.GLMParameters();
                common(p, frame, seed);
                p._family = GLMModel.GLMParameters.Family.gaussian;
                p._alpha = new double[] {0};
                p._lambda = new double[] {ridge};
                p._standardize = true;
                p._solver = GLMModel.GLMParameters.Solver.IRLSM;
                yield new GLM(p);
            }
            case FOREST -> {
                DRFModel.DRFParameters p = new DRFModel.DRFParameters();
                common(p, frame, seed);
                p._ntrees = settings.trees();
                p._max_depth = FOREST_DEPTH;
                p._min_rows = 1;
                p._score_tree_interval = settings.trees();
                yield new DRF(p);
            }
            case DEEP -> {
                DeepLearningModel.DeepLearningParameters p = new DeepLearningModel.DeepLearningParameters();
                common(p, frame, seed);
                p._distribution = DistributionFamily.gaussian;
                p._hidden = HIDDEN.clone();
                p._epochs = EPOCHS;
                // One thread, rows in order: the same weights again.
                p._reproducible = true;
                p._train_samples_per_iteration = (long) EPOCHS * rows;
                p._stopping_rounds = 0;
                p._overwrite_with_best_model = false;
                p._variable_importances = false;
                p._quiet_mode = true;
                yield new DeepLearning(p);
            }
        };
    }

    private static void common(Model.Parameters p, Frame frame, long seed) {
        p._train = frame._key;
        p._response_column = RESPONSE;
        p._seed = seed;
        // One chunk whatever the number of cores, so that sums are taken in one order.
        p._auto_rebalance = false;
    }

    private static Frame frame(List<String> names, double[][] rows, double[] targets) {
        int width = names.size();
        String[] columns = new String[width + 1];
        Vec[] vecs = new Vec[width + 1];
        // One group, so that H2O keeps one layout and not one a column.
        Key<Vec>[] keys = Vec.VectorGroup.VG_LEN1.addVecs(width + 1);
        for (int j = 0; j < width; j++) {
            double[] column = new double[rows.length];
            for (int i = 0; i < column.length; i++) {
                column[i] = rows[i][j];
            }
            columns[j] = names.get(j);
            vecs[j] = Vec.makeVec(column, keys[j]);
        }
        columns[width] = RESPONSE;
        vecs[width] = Vec.makeVec(targets.clone(), keys[width]);
        Frame frame = new Frame(Key.make(), columns, vecs);
        DKV.put(frame);
        return frame;
    }

    private static double[] predictions(Model<?, ?, ?> model, Frame frame) {
        Frame scored = model.score(frame);
        try {
            Vec vec = scored.anyVec();
            double[] values = new double[(int) vec.length()];
            for (int i = 0; i < values.length; i++) {
                values[i] = vec.at(i);
            }
            return values;
        } finally {
            Keyed.remove(scored._key);
        }
    }
}

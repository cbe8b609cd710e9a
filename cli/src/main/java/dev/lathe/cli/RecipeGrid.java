package dev.lathe.cli;

import dev.lathe.graph.Operator;
import dev.lathe.space.Decision;
import dev.lathe.supernet.TrainingConfig;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** The training recipes of a joint search. */
enum RecipeGrid {
    /**
     * Rates and decays around the experiment's own; label smoothing, mixup, erasing of images, and dropout where networks have no
     * batch normalization. FBNetV3's optimiser, moving average and stochastic depth are not there, for this training has none of them.
     */
    JOINT,
    /** The experiment's own recipe alone. */
    FIXED;

    private static final double[] FACTORS = {0.25, 0.5, 1, 2};
    private static final double[] DECAY_FACTORS = {0.1, 1, 4};

    String text() {
        return this == JOINT ? "joint" : "fixed-recipe";
    }

    List<Decision> decisions(Workbench w) {
        TrainingConfig own = w.trainingConfig();
        if (this == FIXED) {
            return List.of(Decision.of("learningRate", own.learningRate()));
        }
        List<Decision> all = new ArrayList<>();
        all.add(around("learningRate", own.learningRate(), FACTORS));
        if (own.weightDecay() > 0) {
            all.add(around("weightDecay", own.weightDecay(), DECAY_FACTORS));
        }
        all.add(Decision.of("labelSmoothing", 0, 0.05, 0.1, 0.2));
        all.add(Decision.of("mixup", 0, 0.1, 0.2, 0.4));
        if (!w.data().train().isTimeSeries()) {
            all.add(Decision.of("erase", 0, 0.25, 0.5));
        }
        boolean normalizesBatches = w.space().lower(w.space().largest()).nodes().stream()
                .anyMatch(n -> n.op() instanceof Operator.BatchNorm);
        if (!normalizesBatches) {
            all.add(Decision.of("dropout", 0, 0.1, 0.2));
        }
        return all;
    }

    /** At most 1, which is all that rates and decays may be. */
    private static Decision around(String name, double own, double[] factors) {
        return Decision.of(
                name,
                Arrays.stream(factors).map(f -> Math.min(1, own * f)).distinct().toArray());
    }
}

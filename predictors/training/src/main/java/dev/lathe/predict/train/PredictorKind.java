package dev.lathe.predict.train;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** Which kinds of models a training may choose from. */
public enum PredictorKind {
    /** Boosted trees and ridge regressions: what a few hundred networks want, in seconds. */
    FAST("fast", false),
    /** Every kind, and a stack of the best of each. */
    AUTO("auto", true),
    /** Boosted trees, of squared error or gamma deviance. */
    BOOSTED_TREES("gbm", false),
    /** A random forest. */
    RANDOM_FOREST("random-forest", false),
    /** A small dense network. */
    DEEP_LEARNING("deep-learning", false),
    /** Ridge regressions. */
    LINEAR("glm", false),
    /** A stack of the best of each kind, whatever cross-validation says of it. */
    STACKED("stacked", true),
    /** Latency by a look-up table of operators, which is not trained here; other metrics as {@link #FAST}. */
    LOOKUP("lut", false),
    /** Accuracy by a network pre-trained on costs, which is not trained here; other metrics as {@link #FAST}. */
    PRETRAINED("flops-pretrained", false);

    private final String text;
    private final boolean isStacking;

    PredictorKind(String text, boolean isStacking) {
        this.text = text;
        this.isStacking = isStacking;
    }

    /** Its name in experiments and files. */
    public String text() {
        return text;
    }

    /** Names of all. */
    public static List<String> names() {
        return Arrays.stream(values()).map(PredictorKind::text).toList();
    }

    boolean isStacking() {
        return isStacking;
    }

    /** @param isPositive whether every target is above 0 */
    List<Candidate> candidates(boolean isPositive) {
        List<Candidate> fast = Candidate.all(isPositive);
        List<Candidate> every = new ArrayList<>(fast);
        every.add(Candidate.FOREST);
        every.add(Candidate.DEEP);
        return switch (this) {
            case FAST, LOOKUP, PRETRAINED -> fast;
            case AUTO, STACKED -> every;
            default -> every.stream().filter(c -> c.family() == this).toList();
        };
    }
}

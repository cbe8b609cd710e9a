package dev.lathe.space.fbnetv3;

import dev.lathe.space.Architecture;
import dev.lathe.space.Decision;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;

/**
 * The training recipes of FBNetV3: learning rate, optimiser (0 RMSProp, 1 SGD), moving average of the weights (0 off, 1 on),
 * dropout, stochastic depth, mixup, weight decay.
 *
 * <p>The ranges are recalled from the literature and could not be checked against the paper; the steps are ours. There are
 * about 10^7 recipes, the paper's order of magnitude.
 */
final class FbnetV3Recipe {
    static final List<Decision> DECISIONS = List.of(
            steps("learningRate", 20, 30, 1e3),
            steps("optimiser", 0, 1, 1),
            steps("ema", 0, 1, 1),
            steps("dropout", 1, 31, 1e2),
            steps("stochasticDepth", 10, 31, 1e2),
            steps("mixup", 0, 41, 1e2),
            steps("weightDecay", 7, 21, 1e6));

    private static final String PREFIX = "recipe.";

    private FbnetV3Recipe() {}

    /** Whole numbers over a power of ten, so that 0.3 is 0.3 and not 0.30000000000000004. */
    private static Decision steps(String name, int from, int to, double divisor) {
        return Decision.of(
                "recipe." + name,
                IntStream.rangeClosed(from, to).mapToDouble(i -> i / divisor).toArray());
    }

    /**
     * The recipe of a point, its values by name without the prefix.
     *
     * @param first index of the first recipe decision
     */
    static Map<String, Double> of(Architecture a, int first) {
        Map<String, Double> recipe = new LinkedHashMap<>();
        for (int i = 0; i < DECISIONS.size(); i++) {
            Decision d = DECISIONS.get(i);
            recipe.put(d.name().substring(PREFIX.length()), d.value(a.choice(first + i)));
        }
        return Collections.unmodifiableMap(recipe);
    }
}

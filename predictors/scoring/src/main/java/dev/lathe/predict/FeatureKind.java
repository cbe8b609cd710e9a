package dev.lathe.predict;

import dev.lathe.space.SearchSpace;
import java.util.Arrays;
import java.util.List;
import java.util.function.Function;

/** What predictors may read of an architecture. */
public enum FeatureKind {
    /** Values of decisions and numbers of the graph: the best from few measurements. */
    GRAPH("graph", ArchitectureFeatures::new),
    /** Choices alone: scored without a graph. */
    CHOICES("choices", ChoiceFeatures::new);

    private final String text;
    private final Function<SearchSpace, FeatureSet> maker;

    FeatureKind(String text, Function<SearchSpace, FeatureSet> maker) {
        this.text = text;
        this.maker = maker;
    }

    /** Its name in experiments. */
    public String text() {
        return text;
    }

    /** Names of all. */
    public static List<String> names() {
        return Arrays.stream(values()).map(FeatureKind::text).toList();
    }

    /** The features of a space. */
    public FeatureSet of(SearchSpace space) {
        return maker.apply(space);
    }
}

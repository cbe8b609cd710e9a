package dev.lathe.predict;

import dev.lathe.space.Architecture;
import dev.lathe.space.Decision;
import dev.lathe.space.SearchSpace;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * The inputs of a predictor that sees an architecture's choices and nothing else: for each option of each decision of the
 * canonical architecture, 1 where it was taken and else 0. No graph is made, so a {@link ChoicePredictor} scores hundreds of
 * networks in the time that {@link ArchitectureFeatures} take for one; from few measurements those say more. Immutable and
 * thread-safe.
 */
public final class ChoiceFeatures implements FeatureSet {
    private static final String PREFIX = "choice.";

    private final SearchSpace space;
    private final List<String> names;
    private final OptionColumns columns;

    public ChoiceFeatures(SearchSpace space) {
        this.space = space;
        List<Decision> decisions = space.decisions();
        List<String> all = new ArrayList<>();
        int[] sizes = decisions.stream().mapToInt(Decision::size).toArray();
        List<int[]> options = new ArrayList<>();
        for (int d = 0; d < sizes.length; d++) {
            for (int o = 0; o < sizes[d]; o++) {
                all.add(PREFIX + decisions.get(d).name() + "." + o);
                options.add(new int[] {d, o});
            }
        }
        names = List.copyOf(all);
        columns = new OptionColumns(
                sizes,
                options.stream().mapToInt(o -> o[0]).toArray(),
                options.stream().mapToInt(o -> o[1]).toArray());
    }

    @Override
    public SearchSpace space() {
        return space;
    }

    /** Names of the features, in order: {@code choice.DECISION.OPTION}, options counted from 0. */
    @Override
    public List<String> names() {
        return names;
    }

    @Override
    public double[] of(Architecture architecture) {
        return columns.row(space.canonical(architecture).choices());
    }

    /** Whether a predictor was fitted to such features. */
    public static boolean areOf(Predictor predictor) {
        return !predictor.featureNames().isEmpty()
                && predictor.featureNames().stream().allMatch(n -> n.startsWith(PREFIX));
    }

    /**
     * What the features of a predictor stand for.
     *
     * @throws dev.lathe.base.InvalidInputException as {@link #placesOf} says
     */
    OptionColumns columnsOf(Predictor predictor, String what) {
        int[] places = placesOf(predictor, what);
        return new OptionColumns(
                columns.sizes(),
                Arrays.stream(places).map(columns::decision).toArray(),
                Arrays.stream(places).map(columns::option).toArray());
    }
}

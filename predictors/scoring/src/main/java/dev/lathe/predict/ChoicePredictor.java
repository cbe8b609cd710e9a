package dev.lathe.predict;

import dev.lathe.base.InvalidInputException;
import dev.lathe.space.SearchSpace;
import org.jspecify.annotations.Nullable;

/**
 * A predictor of {@link ChoiceFeatures} that reads choices, in batches: what a choice adds to a sum, or which way it goes in a
 * tree, is looked up, and no row of features is made. Immutable and thread-safe.
 *
 * <p>Trees, linear models and stacks of both give the bits that the predictor itself gives; dense networks agree to
 * single precision.
 */
public final class ChoicePredictor {
    private final Predictor predictor;
    private final OptionColumns options;
    private final FlatModel.@Nullable OfChoices model;

    private ChoicePredictor(Predictor predictor, OptionColumns options, FlatModel.@Nullable OfChoices model) {
        this.predictor = predictor;
        this.options = options;
        this.model = model;
    }

    /**
     * @param predictor fitted to features of this space's choices
     * @param what how messages name it
     * @throws InvalidInputException in one line, if it wants a feature that is no option of the space
     */
    public static ChoicePredictor of(Predictor predictor, SearchSpace space, String what) {
        OptionColumns options = new ChoiceFeatures(space).columnsOf(predictor, what);
        FlatModel.OfChoices model = null;
        if (predictor instanceof MojoPredictor m && m.flat() != null) {
            model = m.flat().of(options);
        } else if (predictor instanceof StackedPredictor s) {
            model = s.of(options);
        }
        return new ChoicePredictor(predictor, options, model);
    }

    /**
     * One prediction an architecture, in order, in the unit of the values it was fitted to.
     *
     * @param choices the chosen index of each decision of canonical architectures, one row each
     * @throws IllegalArgumentException if a row is not of this space
     */
    public double[] predict(int[][] choices) {
        if (model == null) {
            return predictor.predict(options.rows(choices));
        }
        double[] out = new double[choices.length];
        model.predict(choices, out);
        return out;
    }
}

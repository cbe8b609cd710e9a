package dev.lathe.predict;

import java.util.List;

/** A function from a row of features to one metric. Implementations are immutable and thread-safe. */
public interface Predictor {
    /** Names of the features, in the order in which {@link #predict(double[])} takes them. */
    List<String> featureNames();

    /**
     * The predicted metric, in the unit of the values it was fitted to.
     *
     * @param features one value per name of {@link #featureNames()}; left unchanged
     * @throws IllegalArgumentException if the length is another one
     */
    double predict(double[] features);

    /**
     * Reads a fitted model: a MOJO, or a stack of some.
     *
     * @param archive its bytes
     * @param what how messages name it, for example a file name
     * @throws dev.lathe.base.InvalidInputException in one line, if it is neither
     */
    static Predictor of(byte[] archive, String what) {
        return StackedPredictor.is(archive) ? StackedPredictor.of(archive, what) : MojoPredictor.of(archive, what);
    }

    /** One prediction per row, in order. */
    default double[] predict(double[][] rows) {
        double[] predictions = new double[rows.length];
        for (int i = 0; i < rows.length; i++) {
            predictions[i] = predict(rows[i]);
        }
        return predictions;
    }
}

package dev.lathe.predict;

import dev.lathe.predict.network.NetworkPredictor;
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
     * Reads a fitted model: a MOJO, a stack of some, or a dense network.
     *
     * @param archive its bytes
     * @param what how messages name it, for example a file name
     * @throws dev.lathe.base.InvalidInputException in one line, if it is none of these
     */
    static Predictor of(byte[] archive, String what) {
        if (NetworkPredictor.is(archive)) {
            return NetworkPredictor.of(archive, what);
        }
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

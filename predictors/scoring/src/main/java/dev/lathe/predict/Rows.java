package dev.lathe.predict;

/** Rows of features as predictors take them. */
final class Rows {
    private Rows() {}

    /** @throws IllegalArgumentException if a row has another number of features */
    static void requireWidth(double[][] rows, int features) {
        for (double[] row : rows) {
            if (row.length != features) {
                throw new IllegalArgumentException(
                        "The predictor takes %d features, but got %d".formatted(features, row.length));
            }
        }
    }
}

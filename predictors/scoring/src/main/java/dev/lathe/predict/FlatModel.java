package dev.lathe.predict;

import org.jspecify.annotations.Nullable;

/** A model read from an archive in a form of our own, for batches. Immutable and thread-safe. */
interface FlatModel {
    /**
     * @param rows values of the features
     * @param out written, one a row
     * @return false, and nothing useful written, where a value that matters is not finite: such rows are left to the archive's code
     */
    boolean predict(double[][] rows, double[] out);

    /** The same model where its features are options, or null where there is no such form. */
    @Nullable
    OfChoices of(OptionColumns options);

    /** A model that reads choices. Immutable and thread-safe. */
    interface OfChoices {
        /**
         * @param choices one row an architecture
         * @param out written, one a row
         * @throws IllegalArgumentException as {@link OptionColumns#check} says
         */
        void predict(int[][] choices, double[] out);
    }

    /** Whether no value is missing or infinite. */
    static boolean isFinite(double[][] rows, int from, int to) {
        boolean isFinite = true;
        for (int r = from; r < to; r++) {
            // A sum of zeros, or NaN where a value is NaN or infinite.
            double sum = 0;
            for (double v : rows[r]) {
                sum += v * 0;
            }
            isFinite &= sum == 0;
        }
        return isFinite;
    }
}

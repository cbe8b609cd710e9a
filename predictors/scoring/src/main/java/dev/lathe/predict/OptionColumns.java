package dev.lathe.predict;

import java.util.Arrays;

/**
 * What the features of a model of choices stand for: each is 1 where its decision took its option, and else 0.
 *
 * @param sizes options of each decision of the space
 * @param decision of each feature
 * @param option of each feature
 */
@SuppressWarnings("ArrayRecordComponent") // within the package, never compared
record OptionColumns(int[] sizes, int[] decision, int[] option) {
    int decisions() {
        return sizes.length;
    }

    int features() {
        return decision.length;
    }

    int decision(int feature) {
        return decision[feature];
    }

    int option(int feature) {
        return option[feature];
    }

    /** @throws IllegalArgumentException if a row has another length, or a choice that is none of its decision */
    void check(int[][] choices) {
        checkLengths(choices);
        for (int[] row : choices) {
            int wrong = 0;
            for (int d = 0; d < sizes.length; d++) {
                wrong |= row[d] | sizes[d] - 1 - row[d];
            }
            if (wrong < 0) {
                throw refused(row);
            }
        }
    }

    /** @throws IllegalArgumentException if a row has another length */
    void checkLengths(int[][] choices) {
        for (int[] row : choices) {
            checkLength(row);
        }
    }

    /** @throws IllegalArgumentException if a row has another length */
    void checkLength(int[] row) {
        if (row.length != sizes.length) {
            throw refused(row);
        }
    }

    private IllegalArgumentException refused(int[] row) {
        return new IllegalArgumentException("%s are no choices of %d decisions with %s options"
                .formatted(Arrays.toString(row), sizes.length, Arrays.toString(sizes)));
    }

    /** The row of features of some choices. */
    double[] row(int[] choices) {
        double[] row = new double[decision.length];
        for (int f = 0; f < row.length; f++) {
            row[f] = choices[decision[f]] == option[f] ? 1 : 0;
        }
        return row;
    }

    /** @throws IllegalArgumentException as {@link #check} says */
    double[][] rows(int[][] choices) {
        check(choices);
        double[][] rows = new double[choices.length][];
        for (int i = 0; i < rows.length; i++) {
            rows[i] = row(choices[i]);
        }
        return rows;
    }
}

package dev.lathe.predict.train;

/**
 * How predictors are fitted and judged. The defaults suit 100 to 400 measured networks.
 *
 * @param trees trees of a boosted model
 * @param depth largest depth of a tree
 * @param learnRate shrinkage of each tree, above 0 up to 1
 * @param minRows fewest rows in a leaf
 * @param sampleRate share of the rows that each tree sees
 * @param columnSampleRate share of the features that each tree sees
 * @param heldOutShare share of the rows that only judge
 * @param folds parts of the cross-validation that chooses among the models
 * @param refitOnAll whether the chosen model is fitted once more to all rows, held-out ones included, after it was judged
 */
public record TrainerSettings(
        int trees,
        int depth,
        double learnRate,
        int minRows,
        double sampleRate,
        double columnSampleRate,
        double heldOutShare,
        int folds,
        boolean refitOnAll) {
    public TrainerSettings {
        check(trees >= 1 && trees <= 2_000, "trees", trees, "1 to 2000");
        check(depth >= 1 && depth <= 12, "depth", depth, "1 to 12");
        check(learnRate > 0 && learnRate <= 1, "learnRate", learnRate, "above 0 up to 1");
        check(minRows >= 1 && minRows <= 1_000, "minRows", minRows, "1 to 1000");
        check(sampleRate > 0 && sampleRate <= 1, "sampleRate", sampleRate, "above 0 up to 1");
        check(columnSampleRate > 0 && columnSampleRate <= 1, "columnSampleRate", columnSampleRate, "above 0 up to 1");
        check(heldOutShare > 0 && heldOutShare <= 0.5, "heldOutShare", heldOutShare, "above 0 up to 0.5");
        check(folds >= 2 && folds <= 20, "folds", folds, "2 to 20");
    }

    public static TrainerSettings defaults() {
        return new TrainerSettings(100, 4, 0.1, 3, 0.8, 0.6, 0.2, 5, true);
    }

    private static void check(boolean isRight, String name, Number value, String range) {
        if (!isRight) {
            throw new IllegalArgumentException("Trainer setting %s is %s, but it is %s".formatted(name, value, range));
        }
    }
}

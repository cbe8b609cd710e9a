package dev.lathe.predict;

import hex.genmodel.algos.tree.SharedTreeMojoModel;
import org.jspecify.annotations.Nullable;

/** Boosted or bagged trees, and what the archive makes of their sum: the same bits as by its own code. Immutable and thread-safe. */
final class TreeModel implements FlatModel {
    /** Rows from which on making columns of them pays. */
    private static final int SLICED_FROM = 64;

    private final SharedTreeMojoModel archive;
    private final FlatTrees trees;
    /** The trees for batches, where they are small enough. */
    private final @Nullable SlicedTrees sliced;

    private TreeModel(SharedTreeMojoModel archive, FlatTrees trees) {
        this.archive = archive;
        this.trees = trees;
        this.sliced = SlicedTrees.of(trees);
    }

    /** @return null where trees are not of the plain kind */
    static @Nullable TreeModel of(SharedTreeMojoModel archive) {
        FlatTrees trees = FlatTrees.of(archive);
        return trees == null ? null : new TreeModel(archive, trees);
    }

    @Override
    public boolean predict(double[][] rows, double[] out) {
        if (sliced != null && rows.length >= SLICED_FROM) {
            if (!sliced.sum(rows, out)) {
                return false;
            }
        } else if (FlatModel.isFinite(rows, 0, rows.length)) {
            trees.sum(rows, out);
        } else {
            return false;
        }
        finish(out);
        return true;
    }

    /** From sums of leaves to predictions. */
    private void finish(double[] sums) {
        double[] none = {};
        double[] predictions = new double[archive.getPredsSize()];
        for (int i = 0; i < sums.length; i++) {
            predictions[0] = sums[i];
            sums[i] = archive.unifyPreds(none, 0, predictions)[0];
        }
    }

    @Override
    public OfChoices of(OptionColumns options) {
        OptionTrees forBatches = OptionTrees.of(trees, options);
        int fewest = forBatches == null ? 0 : Math.max(SLICED_FROM, forBatches.fewestRows());
        return (choices, out) -> {
            if (forBatches != null && choices.length >= fewest) {
                forBatches.sum(choices, out);
            } else {
                trees.sum(options.rows(choices), out);
            }
            finish(out);
        };
    }
}

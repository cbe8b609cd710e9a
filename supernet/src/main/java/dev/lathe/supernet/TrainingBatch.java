package dev.lathe.supernet;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import dev.lathe.space.SearchSpace;
import java.util.List;

/**
 * What the networks of one training step see and are to say. The output of a network counts as rows of scores of classes:
 * a row for each image, or for each token of each sentence.
 */
interface TrainingBatch {
    /** The space for this batch's extents; they share all parameters with those of other extents. */
    default SearchSpace sized(SearchSpace space) {
        return space;
    }

    /** The networks' inputs, the batch in front, owned by {@code step}. */
    List<NDArray> inputs(NDManager step);

    int rows();

    int classes();

    /**
     * Smoothed one-hot rows (rows, classes) times -1/n for the n rows that count, 0 in others, so that the mean loss is one
     * product with log-probabilities and one sum.
     *
     * @param smoothing share of a row that is uniform over the classes
     */
    NDArray target(NDManager step, double smoothing);

    /** -1/n for rows that count, 0 for others: (rows, 1), or (1) where all count. */
    NDArray rowWeights(NDManager step);

    /**
     * Weights (rows, classes) that carry the factor 1 / rows, as they are to be where only some rows count.
     *
     * @param weights may be changed
     */
    float[] ofCountingRows(float[] weights);
}

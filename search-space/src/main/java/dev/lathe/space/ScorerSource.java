package dev.lathe.space;

import java.io.Serializable;
import java.util.List;

/** All that scoring takes, as plain data: what a cluster sends to each worker process once, and makes a scorer of there once. */
public interface ScorerSource extends Serializable {
    /** SHA-256 of the whole content, in hexadecimal: two sources of one hash make scorers that give the same. */
    String sha256();

    /**
     * Makes the scorer, which the caller closes.
     *
     * @throws dev.lathe.base.InvalidInputException if the content is broken, or this process would give other values than the one that
     *     made the source
     */
    MetricScorer open();

    /** Whether one architecture takes so long that it is worth sending alone. */
    default boolean isSlow() {
        return false;
    }

    /** How the names of jar files begin that other processes need for it besides Lathe's and those of its predictors. */
    default List<String> libraries() {
        return List.of();
    }
}

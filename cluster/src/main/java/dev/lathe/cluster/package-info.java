/**
 * The same search on Apache Spark: a {@link SparkBatchEvaluator} scores a search's batches on a cluster, or on threads of
 * this process that Spark manages, and gives exactly the values that local threads give.
 *
 * <p>Genes go out, values come back; the predictors go out once, as a broadcast. Nothing outside this package knows Spark.
 */
@NullMarked
package dev.lathe.cluster;

import org.jspecify.annotations.NullMarked;

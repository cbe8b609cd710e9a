/** Small dense networks as predictors: what pre-training on free labels is for. */
@NullMarked
package dev.lathe.predict.network;

import org.jspecify.annotations.NullMarked;

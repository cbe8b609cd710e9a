/** Training of small dense networks, pre-trained on labels that cost nothing. */
@NullMarked
package dev.lathe.predict.train.network;

import org.jspecify.annotations.NullMarked;

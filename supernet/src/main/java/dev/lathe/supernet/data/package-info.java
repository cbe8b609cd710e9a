/**
 * Labelled images: the embedded digits, the UCI split, folders of image files; how they are split, standardized and
 * augmented.
 *
 * <p>An {@link dev.lathe.supernet.data.ImageDataset} holds pixels in 0..1; a {@link dev.lathe.supernet.data.DataSplit} is
 * three of them and the {@link dev.lathe.supernet.data.Normalization} of the training part. Plain Java: no tensor library.
 * Start with {@link dev.lathe.supernet.data.Datasets} and {@link dev.lathe.supernet.data.ImageFolder}.
 */
@NullMarked
package dev.lathe.supernet.data;

import org.jspecify.annotations.NullMarked;
